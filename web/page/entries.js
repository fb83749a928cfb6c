/** The files of the user: jobs of the server, and uploads of this tab that become jobs. */
import { get } from './api.js';

/**
 * A job as the API shows it.
 *
 * @typedef {object} Job
 * @property {string} id
 * @property {'uploading' | 'queued' | 'converting' | 'done' | 'failed' | 'cancelled' | 'expired'} status
 * @property {number} progress
 * @property {string} filename
 * @property {number} size_bytes
 * @property {number} [received_bytes]
 * @property {Record<string, unknown>} options
 * @property {string} created_at
 * @property {string | null} finished_at
 * @property {number | null} duration_ms
 * @property {number | null} mp3_bytes
 * @property {{code: string, message: string}} [failure]
 * @property {{code: string, message: string, at_ms: number | null}[]} [warnings]
 * @property {Record<string, string>} [tags]
 * @property {string} [expires_at]
 * @property {number} [position]
 * @property {{self: string, download?: string}} links
 */

const PAGE = 50;
const SETTLED = new Set(['done', 'failed', 'cancelled', 'expired']);
let keys = 0;

/** One file: an upload, a job, or both. Fires "change". */
export class Entry extends EventTarget {
  key = `entry-${++keys}`;
  /** @type {Job | null} */
  job = null;
  /** The transfer, if it is of this tab. @type {import('./upload.js').Upload | null} */
  upload = null;
  /** Newest first. */
  order = 0;
  selected = false;
  /** Its deletion can still be undone. */
  leaving = false;

  get name() {
    return this.job?.filename ?? this.upload?.file.name ?? '';
  }

  /** Whether the bytes are still coming, or are to come. */
  get uploading() {
    return this.job ? this.job.status === 'uploading' : this.upload !== null;
  }

  /** The state by which the list is filtered. @returns {'working' | 'done' | 'failed' | 'gone'} */
  get state() {
    if (this.upload?.failed && this.uploading) return 'failed';
    switch (this.job?.status) {
      case 'done':
        return 'done';
      case 'failed':
        return 'failed';
      case 'cancelled':
      case 'expired':
        return 'gone';
      default:
        return 'working';
    }
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * All entries that are known, newest first. Fires "list" when entries come, go or move, and "settled" with the entry as
 * detail when a job that was under way has ended.
 */
class Entries extends EventTarget {
  /** @type {Entry[]} */
  all = [];
  /** @type {Map<string, Entry>} */
  #byJob = new Map();
  /** @type {string | null} */
  #next = null;
  /** Whether there are no older jobs on the server. */
  complete = false;
  /** @type {Promise<void> | null} */
  #loading = null;
  #generation = 0;

  /** @param {string} id of a job */
  find(id) {
    return this.#byJob.get(id);
  }

  clear() {
    this.all = [];
    this.#byJob.clear();
    this.#next = null;
    this.complete = false;
    this.#loading = null;
    this.#generation++;
    this.#listed();
  }

  /** Reads the next page of older jobs. */
  async more() {
    if (this.complete) return;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    await this.#loading;
  }

  async #load() {
    const generation = this.#generation;
    const cursor = this.#next ? `&cursor=${this.#next}` : '';
    /** @type {{items: Job[], next: string | null}} */
    const page = await get(`/jobs?limit=${PAGE}${cursor}`);
    if (generation !== this.#generation) return;
    this.#next = page.next;
    this.complete = page.next === null;
    this.apply(page.items);
  }

  /**
   * Takes over what the server says of some jobs.
   *
   * @param {Job[]} jobs
   */
  apply(jobs) {
    let listed = false;
    for (const job of jobs) {
      const known = this.#byJob.get(job.id);
      if (known) {
        const before = known.job?.status;
        // an answer may be older than an event
        if (before && SETTLED.has(before) && !SETTLED.has(job.status)) continue;
        known.job = job;
        if (before !== job.status) listed = true;
        known.changed();
        if (before && !SETTLED.has(before) && SETTLED.has(job.status))
          this.dispatchEvent(new CustomEvent('settled', { detail: known }));
      } else {
        const entry = new Entry();
        entry.job = job;
        entry.order = Date.parse(job.created_at);
        this.#byJob.set(job.id, entry);
        this.all.push(entry);
        listed = true;
      }
    }
    if (listed) this.#listed();
  }

  /**
   * Adds uploads of this tab, the first on top.
   *
   * @param {Entry[]} entries
   */
  add(entries) {
    const now = Date.now();
    entries.forEach((entry, index) => {
      entry.order = now + 1 - index / entries.length;
    });
    this.all.push(...entries);
    this.#listed();
  }

  /**
   * The server has given an upload its id. An event may have told of the job before.
   *
   * @param {Entry} entry
   * @param {string} id
   */
  bind(entry, id) {
    const other = this.#byJob.get(id);
    if (other === entry) return;
    if (other) {
      entry.job = other.job;
      this.all = this.all.filter((each) => each !== other);
    }
    this.#byJob.set(id, entry);
    entry.changed();
    this.#listed();
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.all = this.all.filter((each) => each !== entry);
    if (entry.job) this.#byJob.delete(entry.job.id);
    this.#listed();
  }

  /**
   * The server does not have this job any more. A row of an upload that it refused stays, because it says why.
   *
   * @param {string} id
   */
  forget(id) {
    const entry = this.#byJob.get(id);
    if (!entry) return;
    if (!entry.upload || !entry.uploading) return this.remove(entry);
    this.#byJob.delete(id);
    entry.job = null;
    entry.changed();
  }

  #listed() {
    this.all.sort((a, b) => b.order - a.order);
    this.dispatchEvent(new Event('list'));
  }
}

export const entries = new Entries();
