/**
 * What changes, as it changes. One tab of the browser reads the event stream for all, because over HTTP/1.1 a browser
 * has only six connections to a server. If the stream cannot be had, that tab asks for the list every few seconds.
 */
import { get } from './api.js';
import { session } from './session.js';
import { recall, remember } from './preferences.js';

const POLL_MS = 4000;
const REOPEN_MS = 20_000;
/** Without Web Locks (plain HTTP), the reading tab renews a lease in the storage. */
const LEASE_MS = 6000;

/**
 * Fires "jobs" with a list of jobs, "deleted" with an id, and "state" with "live", "polling" or "lost" as the detail.
 */
export const live = new EventTarget();

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('tomp3.events') : null;
const tab = crypto.getRandomValues(new Uint32Array(2)).join('');

/** @type {EventSource | null} */
let source = null;
/** @type {ReturnType<typeof setInterval> | undefined} */
let polling;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let reopening;
/** @type {(() => void) | null} ends the leadership */
let resign = null;

/**
 * @param {'jobs' | 'deleted' | 'state'} type
 * @param {unknown} detail
 */
function publish(type, detail) {
  live.dispatchEvent(new CustomEvent(type, { detail }));
  channel?.postMessage({ type, detail, owner: session.account?.id });
}

channel?.addEventListener('message', ({ data }) => {
  if (data.owner === session.account?.id) live.dispatchEvent(new CustomEvent(data.type, { detail: data.detail }));
});

function open() {
  source?.close();
  const stream = new EventSource('/events');
  source = stream;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let late;
  const lost = () => {
    clearTimeout(late);
    late = setTimeout(poll, POLL_MS);
  };
  lost();
  stream.onopen = () => {
    clearTimeout(late);
    stopPolling();
    publish('state', 'live');
  };
  stream.onerror = () => {
    if (stream !== source) return;
    // a browser opens a stream that broke again, but not one that was refused
    if (stream.readyState === EventSource.CLOSED) {
      poll();
      clearTimeout(reopening);
      reopening = setTimeout(open, REOPEN_MS);
    } else {
      lost();
    }
  };
  const on = (/** @type {string} */ type, /** @type {(data: any) => void} */ take) =>
    stream.addEventListener(type, (event) => take(JSON.parse(/** @type {MessageEvent} */ (event).data)));
  on('snapshot', (list) => publish('jobs', list.items));
  on('job', (job) => publish('jobs', [job]));
  on('deleted', ({ id }) => publish('deleted', id));
}

function poll() {
  if (polling !== undefined) return;
  const ask = async () => {
    try {
      publish('jobs', (await get('/jobs?limit=100')).items);
      publish('state', 'polling');
    } catch {
      publish('state', 'lost');
    }
  };
  polling = setInterval(ask, POLL_MS);
  void ask();
}

function stopPolling() {
  clearInterval(polling);
  polling = undefined;
}

function close() {
  source?.close();
  source = null;
  stopPolling();
  clearTimeout(reopening);
}

/** Waits until no other tab reads, and reads. */
export function startLive() {
  if (resign) return;
  const controller = new AbortController();
  if (navigator.locks) {
    navigator.locks
      .request('tomp3.events', { signal: controller.signal }, () => {
        open();
        return new Promise((resolve) => controller.signal.addEventListener('abort', resolve));
      })
      .catch(() => {}); // resigned while it waited
  } else {
    const lease = () => {
      const [holder, until] = (recall('events') ?? '').split(' ');
      const mine = holder === tab;
      if (!mine && Number(until) > Date.now()) return close();
      remember('events', `${tab} ${Date.now() + LEASE_MS}`);
      if (!source) open();
    };
    const renewal = setInterval(lease, LEASE_MS / 3);
    lease();
    controller.signal.addEventListener('abort', () => {
      clearInterval(renewal);
      if ((recall('events') ?? '').startsWith(tab)) remember('events', null);
    });
  }
  resign = () => {
    controller.abort();
    close();
  };
}

export function stopLive() {
  resign?.();
  resign = null;
}

window.addEventListener('pagehide', stopLive);
window.addEventListener('pageshow', (event) => {
  if (event.persisted && session.account) startLive();
});
