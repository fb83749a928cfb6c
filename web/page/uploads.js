/** The uploads of this tab, three at a time, the others wait; and which uploads other tabs have. */
import { Problem } from './api.js';
import { Entry, entries } from './entries.js';
import { session } from './session.js';
import { Upload, changes } from './upload.js';

const AT_ONCE = 3;

/** @type {Upload[]} those that are not sent */
let queue = [];

/** The uploads of this tab that are not sent. @returns {readonly Upload[]} */
export function pending() {
  return queue;
}

function next() {
  queue = queue.filter((upload) => upload.state !== 'sent');
  if (queue.filter((upload) => upload.moving).length >= AT_ONCE) return;
  // which is a change, after which there may be room for another
  queue.find((upload) => upload.state === 'waiting')?.start();
}

changes.addEventListener('change', (event) => {
  announce(/** @type {CustomEvent} */ (event).detail);
  next();
});

/**
 * Queues files.
 *
 * @param {File[]} files
 * @param {Record<string, string>} options
 * @param {number} bitsPerSecond of the MP3s, about
 * @returns {Upload[]}
 */
export function uploadAll(files, options, bitsPerSecond) {
  const limit = session.account?.limits.max_upload_bytes ?? Infinity;
  const added = files.map((file) => {
    const entry = new Entry();
    const upload = new Upload(entry, file, options, bitsPerSecond);
    entry.upload = upload;
    if (file.size > limit) upload.problem = new Problem('too-large', { body: { size: file.size, limit } });
    else if (file.size === 0) upload.problem = new Problem('empty-file');
    if (upload.problem) upload.state = 'failed';
    return upload;
  });
  entries.add(added.map((upload) => upload.entry));
  queue.push(...added);
  next();
  return added;
}

/**
 * Goes on with an upload that an earlier visit has begun.
 *
 * @param {Entry} entry
 * @param {File} file
 */
export function continueUpload(entry, file) {
  if (!entry.job) return;
  const upload = new Upload(entry, file, {}, 0, entry.job.id);
  entry.upload = upload;
  queue.push(upload);
  upload.resume();
}

/** What the server takes out of a name. */
const CLEANED = /[\p{Cc}\p{Co}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Whether a file is the rest of an unfinished upload.
 *
 * @param {import('./entries.js').Job} job
 * @param {File} file
 */
export function matches(job, file) {
  return job.size_bytes === file.size && job.filename === file.name.replace(CLEANED, '').trim();
}

/** Forgets all, for another user. */
export function stopAll() {
  const stopped = queue;
  queue = [];
  for (const upload of stopped) if (upload.state !== 'failed') upload.pause();
}

window.addEventListener('online', () => {
  for (const upload of queue) upload.hurry();
});

window.addEventListener('offline', () => {
  for (const upload of queue) upload.interrupt();
});

window.addEventListener('beforeunload', (event) => {
  if (queue.some((upload) => upload.moving)) event.preventDefault();
});

// Other tabs of this browser may upload as well: an upload that is theirs needs no file from the reader.

/** @type {Set<string>} */
const elsewhere = new Set();
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('tomp3.uploads') : null;

/** @param {Upload} upload */
function announce(upload) {
  if (upload.id) channel?.postMessage({ id: upload.id, active: upload.state !== 'sent' });
}

/** @param {string} id of a job */
export function isUploadedElsewhere(id) {
  return elsewhere.has(id);
}

channel?.addEventListener('message', ({ data }) => {
  if (data.hello) return queue.forEach(announce);
  if (data.active) elsewhere.add(data.id);
  else elsewhere.delete(data.id);
  entries.find(data.id)?.changed();
});
channel?.postMessage({ hello: true });
window.addEventListener('pagehide', () => {
  for (const upload of queue) if (upload.id) channel?.postMessage({ id: upload.id, active: false });
});
