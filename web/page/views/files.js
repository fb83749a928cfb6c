/** The first view: choose files, and see what becomes of them. */
import { get, post } from '../api.js';
import { fill, h, icon, write } from '../element.js';
import { entries } from '../entries.js';
import { live, startLive, stopLive } from '../live.js';
import { remove } from '../removal.js';
import { session } from '../session.js';
import { explain, format, text } from '../text.js';
import { toast } from '../toast.js';
import { changes } from '../upload.js';
import { pending, stopAll } from '../uploads.js';
import { FileChooser } from './chooser.js';
import { FileRow } from './row.js';

/** @typedef {import('../entries.js').Entry} Entry */

/** Rows that are drawn at first, and each time the reader comes to the end. */
const STEP = 50;

/** How often the place in the queue is asked for. */
const POSITION_MS = 8000;

class FilesView extends HTMLElement {
  #chooser = new FileChooser();
  #list = h('div', { class: 'rows', role: 'list', 'aria-label': text.files.list });
  #empty = h('p', { class: 'empty muted' });
  #more = h('button', { type: 'button', class: 'button', hidden: true, onclick: () => this.#showMore() }, text.files.more);
  #search = h('input', { type: 'search', 'aria-label': text.files.search, placeholder: text.files.search });
  #state = h(
    'select',
    { 'aria-label': text.files.state },
    ...Object.entries(text.files.states).map(([value, label]) => h('option', { value }, label)),
  );
  #all = h('input', { type: 'checkbox', 'aria-label': text.files.selectAll });
  #selection = h('div', { class: 'selection', hidden: true });
  #selected = h('span', {});
  #summary = h('p', { class: 'summary muted', role: 'status' });
  #connection = h('p', { class: 'banner', role: 'status', hidden: true });
  #announcer = h('p', { class: 'visually-hidden', role: 'status' });
  #limit = STEP;
  /** @type {Map<Entry, FileRow>} */
  #rows = new Map();
  #scheduled = false;
  /** @type {Entry[]} */
  #visible = [];
  /** @type {Entry[]} those of which nothing was said yet */
  #settled = [];
  #controller = new AbortController();

  connectedCallback() {
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    fill(
      this,
      h('h1', { class: 'visually-hidden', tabindex: '-1' }, text.nav.files),
      h('div', { class: 'stack' }, this.#connection, this.#chooser, this.#results()),
      this.#announcer,
    );
    const redraw = () => this.#schedule();
    entries.addEventListener('list', redraw, { signal });
    changes.addEventListener('change', redraw, { signal });
    entries.addEventListener('settled', (event) => this.#tell(/** @type {CustomEvent} */ (event).detail), { signal });
    this.#list.addEventListener('row-select', () => this.#showSelection(), { signal });
    const say = (/** @type {any} */ event) => write(this.#announcer, text.choose.added(event.detail));
    this.#chooser.addEventListener('added', say, { signal });
    window.addEventListener('offline', () => this.#showConnection('lost'), { signal });
    window.addEventListener('online', () => this.#showConnection('live'), { signal });
    live.addEventListener('state', (event) => this.#showConnection(/** @type {CustomEvent} */ (event).detail), { signal });
    const positions = setInterval(() => this.#askPositions(), POSITION_MS);
    signal.addEventListener('abort', () => clearInterval(positions));
    const observer = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.#showMore(), {
      rootMargin: '400px',
    });
    observer.observe(this.#more);
    signal.addEventListener('abort', () => observer.disconnect());
    this.#draw();
    if (entries.all.length === 0) void this.#load();
  }

  disconnectedCallback() {
    this.#controller.abort();
    this.#rows.clear();
  }

  #results() {
    this.#search.addEventListener('input', () => this.#refilter());
    this.#state.addEventListener('change', () => this.#refilter());
    this.#all.addEventListener('change', () => {
      for (const entry of this.#visible) entry.selected = this.#all.checked;
      for (const row of this.#rows.values()) row.render();
      this.#showSelection();
    });
    fill(
      this.#selection,
      this.#selected,
      h('button', { type: 'button', class: 'button small', onclick: () => this.#zip() }, icon('download'), text.files.zip),
      h('button', { type: 'button', class: 'button small danger', onclick: () => remove(this.#chosen()) }, text.files.delete),
    );
    return h(
      'section',
      { class: 'results', 'aria-label': text.files.list },
      h(
        'div',
        { class: 'results-head' },
        h('label', { class: 'row-select' }, this.#all),
        h('h2', {}, text.files.title),
        this.#summary,
        h('div', { class: 'filters' }, this.#search, this.#state),
      ),
      this.#selection,
      this.#list,
      this.#empty,
      h('div', { class: 'list-end' }, this.#more),
    );
  }

  async #load() {
    try {
      await entries.more();
    } catch (error) {
      toast(explain(error), { error: true });
    }
    this.#draw();
  }

  #refilter() {
    this.#limit = STEP;
    this.#draw();
  }

  #showMore() {
    if (this.#more.hidden) return;
    this.#limit += STEP;
    this.#draw();
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      if (this.isConnected) this.#draw();
    }, 30);
  }

  /** @param {Entry} entry */
  #matches(entry) {
    if (entry.leaving) return false;
    const wanted = this.#state.value;
    if (wanted === 'all' ? entry.state === 'gone' : entry.state !== wanted) return false;
    const searched = plain(this.#search.value);
    return searched === '' || plain(`${entry.name} ${entry.job?.tags?.['title'] ?? ''}`).includes(searched);
  }

  #draw() {
    const found = entries.all.filter((entry) => this.#matches(entry));
    this.#visible = found.slice(0, this.#limit);
    const shown = new Set(this.#visible);
    for (const [entry, row] of this.#rows) {
      if (shown.has(entry)) continue;
      row.remove();
      this.#rows.delete(entry);
    }
    let place = this.#list.firstElementChild;
    for (const entry of this.#visible) {
      let row = this.#rows.get(entry);
      if (!row) {
        row = new FileRow(entry);
        this.#rows.set(entry, row);
      }
      if (row === place) place = place.nextElementSibling;
      else this.#list.insertBefore(row, place);
    }
    const filtered = this.#search.value !== '' || this.#state.value !== 'all';
    this.#list.hidden = found.length === 0;
    this.#empty.hidden = found.length > 0 || !entries.complete;
    write(this.#empty, filtered ? text.files.nothingFound : text.files.nothing);
    this.#more.hidden = entries.complete && found.length <= this.#limit;
    this.#showSelection();
    this.#summarize();
    // the server does not filter: older jobs are read until there are enough
    if (found.length < this.#limit && !entries.complete && entries.all.length > 0) void this.#load();
  }

  #summarize() {
    const uploads = pending();
    const waiting = uploads.filter(({ state }) => state !== 'failed').length;
    write(this.#summary, waiting > 1 ? text.files.uploading(waiting) : '');
  }

  #chosen() {
    return this.#visible.filter((entry) => entry.selected);
  }

  #showSelection() {
    const chosen = this.#chosen();
    this.#selection.hidden = chosen.length === 0;
    this.#all.checked = chosen.length > 0 && chosen.length === this.#visible.length;
    this.#all.indeterminate = chosen.length > 0 && chosen.length < this.#visible.length;
    this.#all.disabled = this.#visible.length === 0;
    const bytes = chosen.reduce((sum, { job }) => sum + (job?.mp3_bytes ?? 0), 0);
    write(this.#selected, text.files.selected(chosen.length, bytes));
  }

  async #zip() {
    const done = this.#chosen().filter(({ state }) => state === 'done');
    if (done.length === 0) return toast(text.files.nothingDone);
    try {
      const archive = await post('/archives', { jobs: done.slice(0, 1000).map(({ job }) => job?.id) });
      h('a', { href: new URL(archive.url).pathname + new URL(archive.url).search, download: '' }).click();
    } catch (error) {
      toast(explain(error), { error: true });
    }
  }

  /** Says once what has ended within a moment. @param {Entry} entry */
  #tell(entry) {
    this.#settled.push(entry);
    if (this.#settled.length > 1) return;
    setTimeout(() => {
      const done = this.#settled.filter(({ state }) => state === 'done');
      const failed = this.#settled.filter(({ state }) => state === 'failed');
      this.#settled = [];
      write(
        this.#announcer,
        [
          done.length === 1 ? text.files.ready(done[0]?.name ?? '') : done.length > 1 && text.files.readyAll(done.length),
          failed.length === 1 ? text.files.failed(failed[0]?.name ?? '') : failed.length > 1 && text.files.failedAll(failed.length),
        ]
          .filter(Boolean)
          .join(' '),
      );
      session.refresh().catch(() => {}); // the account view reads it again
    }, 1500);
  }

  /** @param {string} state of the connection */
  #showConnection(state) {
    this.#connection.hidden = state !== 'lost';
    write(this.#connection, state === 'lost' ? text.files.lost : '');
  }

  async #askPositions() {
    if (document.hidden) return;
    const queued = this.#visible.filter(({ job }) => job?.status === 'queued').slice(-5);
    for (const { job } of queued)
      if (job) await get(`/jobs/${job.id}`).then((answer) => entries.apply([answer])).catch(() => {}); // the next time
  }
}

/** For a search: without case and accents. @param {string} value */
function plain(value) {
  return value.normalize('NFKD').replace(/\p{Mn}/gu, '').toLocaleLowerCase(format.locale).trim();
}

customElements.define('files-view', FilesView);

live.addEventListener('jobs', (event) => entries.apply(/** @type {CustomEvent} */ (event).detail));
live.addEventListener('deleted', (event) => {
  entries.forget(/** @type {CustomEvent} */ (event).detail);
});

/** For whom the list is. */
let owner = '';
session.addEventListener('change', () => {
  const id = session.account?.id ?? '';
  if (id === owner) return;
  owner = id;
  stopLive();
  stopAll();
  entries.clear();
  if (id) startLive();
});
