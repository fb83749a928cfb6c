/** One row of the list: the upload, the conversion and the MP3 of a file. */
import { del } from '../api.js';
import { fill, h, icon, iconButton, set, write } from '../element.js';
import { play } from '../player.js';
import { remove } from '../removal.js';
import { explain, format, text } from '../text.js';
import { toast } from '../toast.js';
import { continueUpload, isUploadedElsewhere, matches } from '../uploads.js';
import { editTags, shareLink } from './result-dialogs.js';

/** @typedef {import('../entries.js').Entry} Entry */
/** @typedef {import('../entries.js').Job} Job */

/** How sure it is that nobody sends the bytes of an upload: none came for so long. */
const IDLE_MS = 8000;

/** A failure or a warning as a sentence. @param {Record<string, string>} sentences @param {{code: string, message: string}} said */
function sentence(sentences, { code, message }) {
  return sentences[code] ?? message;
}

export class FileRow extends HTMLElement {
  /** @type {Entry} */
  entry;
  #box = h('input', { type: 'checkbox' });
  #name = h('p', { class: 'row-name', dir: 'auto' });
  #meta = h('p', { class: 'row-meta' });
  #bar = h('progress', { max: 100, hidden: true });
  #notes = h('div', { class: 'row-notes' });
  #status = h('span', { class: 'row-status' });
  #actions = h('div', { class: 'row-actions' });
  /** What the actions and notes were drawn for; they are left alone while it is the same, and keep the focus. */
  #drawn = '';
  /** The last count of bytes of an upload that is not of this tab, and when it came. */
  #received = -1;
  #receivedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #render = () => this.render();

  /** @param {Entry} entry */
  constructor(entry) {
    super();
    this.entry = entry;
    this.#box.addEventListener('change', () => {
      entry.selected = this.#box.checked;
      this.dispatchEvent(new Event('row-select', { bubbles: true }));
    });
  }

  connectedCallback() {
    this.setAttribute('role', 'listitem');
    if (this.childElementCount === 0)
      this.append(
        h('label', { class: 'row-select' }, this.#box),
        this.#status,
        h('div', { class: 'row-main' }, this.#name, this.#meta, this.#bar, this.#notes),
        this.#actions,
      );
    this.entry.addEventListener('change', this.#render);
    this.render();
  }

  disconnectedCallback() {
    this.entry.removeEventListener('change', this.#render);
    clearTimeout(this.#timer);
  }

  render() {
    const { entry } = this;
    const phase = this.#phase();
    write(this.#name, entry.name);
    if (this.#name.title !== entry.name) this.#name.title = entry.name;
    this.#box.checked = entry.selected;
    this.dataset['phase'] = phase;
    write(this.#meta, this.#describe(phase));
    this.#showProgress(phase);
    const said = JSON.stringify([phase, entry.name, entry.upload?.problem?.code, entry.job?.warnings, entry.job?.expires_at]);
    if (said === this.#drawn) return;
    this.#drawn = said;
    this.#box.setAttribute('aria-label', text.row.select(entry.name));
    this.#bar.setAttribute('aria-label', text.row.progress(entry.name));
    fill(this.#notes, ...this.#noted(phase));
    const names = { done: 'check', failed: 'alert' };
    fill(this.#status, icon(/** @type {any} */ (names)[phase] ?? (phase === 'gone' ? 'clock' : 'wave')));
    this.#drawActions(phase);
  }

  /** @returns {'waiting' | 'sending' | 'retrying' | 'paused' | 'unfinished' | 'elsewhere' | 'queued' | 'converting' | 'done' | 'failed' | 'gone'} */
  #phase() {
    const { job, upload } = this.entry;
    if (upload && this.entry.uploading) {
      if (upload.state === 'sent') return 'queued';
      return upload.state;
    }
    switch (job?.status) {
      case 'uploading':
        return this.#idle(job) ? 'unfinished' : 'elsewhere';
      case 'cancelled':
      case 'expired':
        return 'gone';
      default:
        return job?.status ?? 'waiting';
    }
  }

  /** Whether nobody sends the bytes of this upload any more. @param {Job} job */
  #idle(job) {
    if (isUploadedElsewhere(job.id)) return false;
    const received = job.received_bytes ?? 0;
    const now = Date.now();
    if (received !== this.#received) {
      this.#received = received;
      this.#receivedAt = now;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#render, IDLE_MS + 100);
    }
    return now - this.#receivedAt > IDLE_MS;
  }

  /** @param {string} phase */
  #describe(phase) {
    const { job, upload } = this.entry;
    const row = text.row;
    const size = upload?.file.size ?? job?.size_bytes ?? 0;
    /** @type {(string | null | undefined | false)[]} */
    let parts = [];
    switch (phase) {
      case 'waiting':
        parts = [
          format.bytes(size),
          row.waiting,
          upload && upload.seconds > 0 && row.expected((upload.seconds * upload.bitsPerSecond) / 8),
        ];
        break;
      case 'sending': {
        if (!upload) break;
        const { left } = upload;
        parts = [
          row.sent(upload.sent, size),
          format.percent(upload.sent / size),
          upload.speed > 0 && row.speed(upload.speed),
          left !== null && row.left(left),
        ];
        break;
      }
      case 'retrying':
        parts = [upload && row.sent(upload.sent, size), retryingText(upload?.problem?.code)];
        break;
      case 'paused':
        parts = [upload && row.sent(upload.sent, size), row.paused];
        break;
      case 'unfinished':
        parts = [row.sent(job?.received_bytes ?? 0, size), row.unfinished];
        break;
      case 'elsewhere':
        parts = [
          size > 0 ? row.sent(job?.received_bytes ?? 0, size) : format.bytes(job?.received_bytes ?? 0),
          row.elsewhere,
        ];
        break;
      case 'queued':
        parts = [format.bytes(size), row.queued(job?.position ?? 0)];
        break;
      case 'converting':
        parts = [format.bytes(size), row.converting, format.percent((job?.progress ?? 0) / 100)];
        break;
      case 'done': {
        const title = job?.tags?.['title'];
        parts = [
          title && !job?.filename.startsWith(title) && row.titled(title),
          job?.duration_ms ? format.duration(job.duration_ms / 1000) : null,
          format.bytes(job?.mp3_bytes ?? 0),
          job?.expires_at && row.goneOn(job.expires_at),
        ];
        break;
      }
      case 'failed':
        parts = [size > 0 && format.bytes(size), row.failed];
        break;
      default:
        parts = [job?.status === 'cancelled' ? row.cancelled : row.expired, job && format.day(job.finished_at ?? job.created_at)];
    }
    return parts.filter(Boolean).join(' · ');
  }

  /** @param {string} phase */
  #showProgress(phase) {
    const { job, upload } = this.entry;
    const size = upload?.file.size ?? job?.size_bytes ?? 0;
    const sent = upload?.sent ?? job?.received_bytes ?? 0;
    const uploading = ['sending', 'retrying', 'paused', 'unfinished'].includes(phase) || (phase === 'elsewhere' && size > 0);
    this.#bar.hidden = !(uploading || phase === 'converting');
    this.#bar.value = phase === 'converting' ? (job?.progress ?? 0) : size > 0 ? (sent / size) * 100 : 0;
  }

  /** @param {string} phase */
  #noted(phase) {
    const { job, upload } = this.entry;
    if (phase === 'failed') {
      const said = upload?.problem && this.entry.uploading ? explain(upload.problem) : job?.failure && sentence(text.failures, job.failure);
      const detail = job?.failure && ['no-such-track', 'unsupported-codec'].includes(job.failure.code) && job.failure.message;
      return [h('p', { class: 'note error' }, [said, detail].filter(Boolean).join(' '))];
    }
    if (phase === 'retrying' && upload?.problem && !['offline', 'unauthenticated'].includes(upload.problem.code))
      return [h('p', { class: 'note' }, explain(upload.problem))];
    if (phase === 'unfinished') return [h('p', { class: 'note' }, text.row.chooseAgain)];
    return (job?.status === 'done' ? (job.warnings ?? []) : []).map((warning) =>
      h(
        'p',
        { class: 'note warning' },
        sentence(text.warnings, warning),
        ' ',
        warning.code !== 'truncated' && warning.at_ms !== null && warning.at_ms > 0 && text.row.at(warning.at_ms / 1000),
      ),
    );
  }

  /** @param {string} phase */
  #drawActions(phase) {
    const { entry } = this;
    const { job, upload } = entry;
    const row = text.row;
    // the focus stays on a button of the same name
    const focused = this.#actions.contains(document.activeElement) ? document.activeElement?.getAttribute('data-action') : null;
    const action = (/** @type {string} */ name, /** @type {Element} */ button) => {
      set(button, 'data-action', name);
      return button;
    };
    const button = (/** @type {Parameters<typeof iconButton>[0]} */ name, /** @type {string} */ label, /** @type {() => void} */ onclick) =>
      action(name, iconButton(name, `${label}: ${entry.name}`, { title: label, onclick }));
    const cancel = () => button('close', row.cancel, () => this.#cancel());
    /** @type {(Element | false | null | undefined)[]} */
    let buttons = [];
    switch (phase) {
      case 'waiting':
      case 'retrying':
        buttons = [cancel()];
        break;
      case 'sending':
        buttons = [button('pause', row.pause, () => upload?.pause()), cancel()];
        break;
      case 'paused':
        buttons = [button('play', row.resume, () => upload?.resume()), cancel()];
        break;
      case 'unfinished':
        buttons = [
          action('choose', h('button', { type: 'button', class: 'button small', onclick: () => this.#chooseAgain() }, row.choose)),
          cancel(),
        ];
        break;
      case 'done':
        if (!job) break;
        buttons = [
          action(
            'play',
            h(
              'button',
              { type: 'button', class: 'button small', 'aria-label': `${row.play}: ${entry.name}`, onclick: () => play(job) },
              icon('play'),
              row.play,
            ),
          ),
          action(
            'download',
            h(
              'a',
              { class: 'button small', href: job.links.download, download: '', 'aria-label': `${row.download}: ${entry.name}` },
              icon('download'),
              row.download,
            ),
          ),
          button('link', row.link, () => shareLink(job)),
          button('edit', row.edit, () => editTags(job)),
          button('trash', row.delete, () => remove([entry])),
        ];
        break;
      case 'failed':
        buttons = [
          upload && entry.uploading && upload.problem?.code !== 'too-large' && button('retry', row.retry, () => upload.resume()),
          entry.uploading ? cancel() : button('trash', row.delete, () => remove([entry])),
        ];
        break;
      case 'gone':
        break;
      default:
        buttons = [cancel()];
    }
    fill(this.#actions, ...buttons);
    if (focused !== null && focused !== undefined) {
      const same = /** @type {HTMLElement | null} */ (
        this.#actions.querySelector(`[data-action="${focused}"]`) ?? this.#actions.querySelector('button, a')
      );
      same?.focus();
    }
  }

  async #cancel() {
    const { job, upload } = this.entry;
    try {
      if (upload && this.entry.uploading) await upload.cancel();
      else if (job) await del(`/jobs/${job.id}`);
    } catch (error) {
      toast(explain(error), { error: true });
    }
  }

  /** Asks for the file of an upload that an earlier visit has begun. */
  #chooseAgain() {
    const { job } = this.entry;
    if (!job) return;
    const input = h('input', { type: 'file' });
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (!file) return;
      if (matches(job, file)) continueUpload(this.entry, file);
      else toast(text.row.otherFile(job.filename, job.size_bytes), { error: true });
    });
    input.click();
  }
}
customElements.define('file-row', FileRow);

/** @param {string | undefined} code of what keeps an upload waiting */
function retryingText(code) {
  if (code === 'unauthenticated') return text.row.login;
  return code && code !== 'offline' ? text.row.busy : text.row.retrying;
}
