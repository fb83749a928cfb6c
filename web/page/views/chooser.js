/** Takes files: from buttons, dropped or pasted anywhere, with the options for them. */
import { confirm } from '../dialog.js';
import { fill, h, icon } from '../element.js';
import { entries } from '../entries.js';
import { UploadOptions } from '../options.js';
import { mediaIn, mediaOf, secondsOf } from '../pick.js';
import { session } from '../session.js';
import { text } from '../text.js';
import { toast } from '../toast.js';
import { continueUpload, isUploadedElsewhere, matches, uploadAll } from '../uploads.js';

/** Files whose length is looked up in advance. */
const PROBED = 20;

/** Fires "added" with the number of files whose upload began. */
export class FileChooser extends HTMLElement {
  #options = new UploadOptions();
  #controller = new AbortController();

  connectedCallback() {
    this.#controller = new AbortController();
    fill(this, this.#card());
    this.#listen(this.#controller.signal);
  }

  disconnectedCallback() {
    this.#controller.abort();
  }

  #card() {
    const files = h('input', { type: 'file', multiple: true, accept: 'audio/*,video/*,.mkv,.flv,.ts,.m2ts,.wv,.ape,.tta,.mpc,.caf,.amr' });
    const folder = h('input', { type: 'file', multiple: true, webkitdirectory: true });
    for (const input of [files, folder])
      input.addEventListener('change', () => {
        this.#take(mediaOf(input.files ?? [], input === files));
        input.value = '';
      });
    return h(
      'section',
      { class: 'card chooser', 'aria-label': text.choose.label },
      h(
        'div',
        { class: 'drop' },
        h('span', { class: 'drop-icon' }, icon('upload')),
        h('p', { class: 'drop-title' }, text.choose.drop),
        h(
          'div',
          { class: 'drop-buttons' },
          h('button', { type: 'button', class: 'button primary', onclick: () => files.click() }, text.choose.files),
          h('button', { type: 'button', class: 'button', onclick: () => folder.click() }, icon('folder'), text.choose.folder),
        ),
        h('p', { class: 'hint' }, text.choose.hint(session.account?.limits.max_upload_bytes ?? 0)),
        files,
        folder,
      ),
      this.#options,
    );
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    let depth = 0;
    const over = (/** @type {boolean} */ shown) => document.body.classList.toggle('dropping', shown);
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
    signal.addEventListener('abort', () => over(false));
    window.addEventListener(
      'dragenter',
      (event) => {
        if (!hasFiles(event)) return;
        depth++;
        over(true);
      },
      { signal },
    );
    window.addEventListener(
      'dragleave',
      (event) => {
        if (hasFiles(event) && --depth <= 0) over(false);
      },
      { signal },
    );
    window.addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault(), { signal });
    window.addEventListener(
      'drop',
      (event) => {
        depth = 0;
        over(false);
        if (!hasFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        this.#takeFrom(event.dataTransfer);
      },
      { signal },
    );
    window.addEventListener(
      'paste',
      (event) => {
        if (event.clipboardData && event.clipboardData.files.length > 0) this.#takeFrom(event.clipboardData);
      },
      { signal },
    );
  }

  /** @param {DataTransfer} data */
  async #takeFrom(data) {
    try {
      await this.#take(await mediaIn(data));
    } catch {
      toast(text.choose.unreadable, { error: true });
    }
  }

  /** @param {import('../pick.js').Picked} picked */
  async #take({ files, skipped }) {
    if (skipped > 0) toast(text.choose.skipped(skipped, files.length));
    const fresh = this.#continue(files);
    if (fresh.length === 0 || !this.#options.check()) return;
    const again = fresh.filter((file) => this.#known(file));
    const wanted =
      again.length === 0 ||
      (await confirm({
        title: text.choose.againTitle,
        body: again.length === 1 ? text.choose.againOne(again[0]?.name ?? '') : text.choose.again(again.length),
        yes: text.choose.againYes,
        no: text.choose.againNo,
      }))
        ? fresh
        : fresh.filter((file) => !again.includes(file));
    if (wanted.length === 0) return;
    const added = uploadAll(wanted, this.#options.values, this.#options.bitsPerSecond);
    this.dispatchEvent(new CustomEvent('added', { detail: wanted.length }));
    for (const upload of added.slice(0, PROBED)) {
      if (upload.state !== 'waiting') continue;
      upload.seconds = await secondsOf(upload.file);
      upload.entry.changed();
    }
  }

  /** Goes on with the unfinished uploads among the files. @param {File[]} files @returns {File[]} the others */
  #continue(files) {
    return files.filter((file) => {
      const entry = entries.all.find(
        ({ job, upload }) => job?.status === 'uploading' && !upload && !isUploadedElsewhere(job.id) && matches(job, file),
      );
      if (entry) continueUpload(entry, file);
      return !entry;
    });
  }

  /** Whether a file is in the list. @param {File} file */
  #known(file) {
    return entries.all.some(({ job, upload, state, leaving }) => {
      if (state === 'failed' || state === 'gone' || leaving) return false;
      if (upload) return upload.file.name === file.name && upload.file.size === file.size;
      return job !== null && matches(job, file);
    });
  }
}

customElements.define('file-chooser', FileChooser);
