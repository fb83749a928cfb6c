/**
 * One upload, with tus. A connection that breaks is tried again until it works, from the byte that the server has; an
 * expired session is renewed first.
 */
import './vendor/tus-4.3.1.min.js';
import { Problem, del, get, renewSession } from './api.js';
import { entries } from './entries.js';
import { session } from './session.js';

/** Proxies limit the size of a request; 100 MB is a common limit. */
const CHUNK = 64 * 1024 * 1024;

/** Without a byte for so long, the connection is taken for lost. */
const STALL_MS = 30_000;

const DELAYS_MS = [1000, 2000, 4000, 8000, 15_000];

/** Answers after which the same request may succeed. */
const AGAIN = new Set(['offline', 'unavailable', 'internal', 'too-many-requests', 'offset-mismatch']);

/** Fires "change" with an upload of this tab that has another state, or got its id. */
export const changes = new EventTarget();

/**
 * A transfer. Its entry fires "change".
 *
 * - waiting: for its turn
 * - sending: bytes move, or begin to
 * - retrying: the connection was lost, it goes on by itself
 * - paused: by the user
 * - failed: see `problem`
 * - sent: the server has all bytes
 */
export class Upload {
  /** @type {'waiting' | 'sending' | 'retrying' | 'paused' | 'failed' | 'sent'} */
  state = 'waiting';
  sent = 0;
  /** Bytes in a second, 0 while it is not known. */
  speed = 0;
  /** @type {Problem | null} */
  problem = null;
  /** The id of the job, once the server has given one. */
  id = '';
  /** Of the media, if the browser can tell. */
  seconds = 0;

  /** @type {any} */
  #tus = null;
  #key = crypto.getRandomValues(new Uint32Array(4)).join('-');
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #lastByte = 0;
  #measuredAt = 0;
  #measured = 0;

  /**
   * @param {import('./entries.js').Entry} entry
   * @param {File} file
   * @param {Record<string, string>} options
   * @param {number} bitsPerSecond of the MP3, about; 0 if it is not known
   * @param {string} [id] of an upload that was begun before
   */
  constructor(entry, file, options, bitsPerSecond, id = '') {
    this.entry = entry;
    this.file = file;
    this.options = options;
    this.bitsPerSecond = bitsPerSecond;
    this.id = id;
  }

  get failed() {
    return this.state === 'failed';
  }

  /** Whether leaving the page would stop it. */
  get moving() {
    return this.state === 'sending' || this.state === 'retrying';
  }

  /** Seconds until the last byte, or null if it is not known. */
  get left() {
    return this.speed > 0 ? (this.file.size - this.sent) / this.speed : null;
  }

  start() {
    this.problem = null;
    this.#set('sending');
    this.#lastByte = Date.now();
    this.#measuredAt = 0;
    this.speed = 0;
    this.#tus ??= this.#create();
    this.#tus.start();
    this.#watch();
  }

  pause() {
    this.#stop();
    this.#set('paused');
  }

  /** Takes its turn again. */
  resume() {
    this.#failures = 0;
    this.problem = null;
    this.#set('waiting');
  }

  /** Ends it for good; what the server has of it is deleted. */
  async cancel() {
    this.#stop();
    entries.remove(this.entry);
    this.#set('sent');
    if (this.id) await del(`/jobs/${this.id}`);
  }

  /** The connection is back: it does not wait any longer. */
  hurry() {
    if (this.state === 'retrying') this.start();
  }

  /** The connection is lost: it does not wait for an answer. */
  interrupt() {
    if (this.state === 'sending') void this.#fail({});
  }

  #create() {
    const { tus } = /** @type {any} */ (window);
    return new tus.Upload(this.file, {
      endpoint: this.id ? null : '/files',
      uploadUrl: this.id ? `/files/${this.id}` : null,
      metadata: { filename: this.file.name, filetype: this.file.type, ...this.options },
      chunkSize: CHUNK,
      retryDelays: null,
      storeFingerprintForResuming: false,
      onBeforeRequest: (/** @type {any} */ request) => {
        // an answer that was lost is asked for again, and makes no second upload
        if (request.getMethod() === 'POST') request.setHeader('Idempotency-Key', this.#key);
      },
      onUploadUrlAvailable: () => {
        this.id = String(this.#tus.url).split('/').pop() ?? '';
        // an upload that the server does not have any more is not begun again
        this.#tus.options.endpoint = null;
        entries.bind(this.entry, this.id);
        this.#tell();
      },
      onProgress: (/** @type {number} */ sent) => this.#progress(sent),
      onSuccess: () => this.#succeed(),
      onError: (/** @type {any} */ error) => this.#fail(error),
    });
  }

  /** @param {number} sent */
  #progress(sent) {
    const now = Date.now();
    this.#lastByte = now;
    this.#failures = 0;
    if (this.#measuredAt === 0) {
      this.#measuredAt = now;
      this.#measured = sent;
    } else if (now - this.#measuredAt >= 1000) {
      const current = ((sent - this.#measured) * 1000) / (now - this.#measuredAt);
      this.speed = this.speed > 0 ? this.speed * 0.7 + current * 0.3 : current;
      this.#measuredAt = now;
      this.#measured = sent;
    }
    this.sent = sent;
    if (this.state === 'retrying') this.state = 'sending';
    this.entry.changed();
  }

  async #succeed() {
    this.#stop();
    this.sent = this.file.size;
    this.#set('sent');
    try {
      entries.apply([await get(`/jobs/${this.id}`)]);
    } catch {
      // an event will tell
    }
  }

  /** @param {any} error */
  async #fail(error) {
    // before the request is aborted, which empties its answer
    const problem = this.#problem(error);
    this.#stop();
    if (problem.code === 'unauthenticated' && session.account) {
      this.problem = problem;
      this.#set('retrying');
      try {
        await renewSession();
        if (/** @type {string} */ (this.state) === 'retrying') this.start();
      } catch {
        this.#set('paused');
      }
    } else if (AGAIN.has(problem.code)) {
      const delay = DELAYS_MS[Math.min(this.#failures++, DELAYS_MS.length - 1)] ?? 0;
      this.problem = problem;
      this.#set('retrying');
      this.#timer = setTimeout(() => this.hurry(), Math.max(delay, problem.retryAfter * 1000));
    } else {
      this.problem = problem;
      this.#set('failed');
    }
  }

  /** @param {any} error of tus */
  #problem(error) {
    const response = error.originalResponse;
    if (!response) return new Problem('offline');
    const problem = Problem.parse(response.getStatus(), response.getBody() ?? '', response.getHeader('Retry-After'));
    // HEAD has no body
    if (problem.code === 'internal') problem.code = BY_STATUS[problem.status] ?? 'internal';
    Object.assign(problem.body, { size: this.file.size, limit: session.account?.limits.max_upload_bytes });
    return problem;
  }

  #watch() {
    this.#timer = setTimeout(() => {
      if (this.state !== 'sending') return;
      if (Date.now() - this.#lastByte > STALL_MS) void this.#fail({});
      else this.#watch();
    }, 5000);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.speed = 0;
    this.#tus?.abort(false)?.catch?.(() => {});
  }

  /** @param {Upload['state']} state */
  #set(state) {
    this.state = state;
    this.entry.changed();
    this.#tell();
  }

  #tell() {
    changes.dispatchEvent(new CustomEvent('change', { detail: this }));
  }
}

/** @type {Record<number, string>} */
const BY_STATUS = { 401: 'unauthenticated', 404: 'upload-gone', 409: 'offset-mismatch', 410: 'upload-gone', 429: 'too-many-requests' };
