/** Deletes files with time to undo: the server is told when that time is over, or when the page goes. */
import { del } from './api.js';
import { explain, text } from './text.js';
import { toast } from './toast.js';
import { stop } from './player.js';
import { entries } from './entries.js';

const UNDO_MS = 8000;

/** @type {Set<{finish: (leaving: boolean) => void}>} */
const waiting = new Set();

/** @param {import('./entries.js').Entry[]} removed */
export function remove(removed) {
  // an upload of this tab stops at once; there is nothing to undo while it is not complete
  const uploads = removed.filter((entry) => entry.upload && entry.uploading);
  for (const entry of uploads)
    entry.upload?.cancel().catch((error) => toast(explain(error), { error: true }));
  const jobs = removed.filter((entry) => entry.job && !uploads.includes(entry));
  if (jobs.length === 0) return;
  for (const entry of jobs) {
    entry.leaving = true;
    entry.selected = false;
    stop(entry.job?.id);
  }
  entries.dispatchEvent(new Event('list'));

  const settle = (/** @type {import('./entries.js').Entry} */ entry) => {
    entry.leaving = false;
    entry.changed();
  };
  const removal = {
    finish(/** @type {boolean} */ leaving) {
      waiting.delete(removal);
      for (const entry of jobs) {
        const { job } = entry;
        if (!job) continue;
        del(`/jobs/${job.id}`, { keepalive: leaving }).then(
          () => {
            entry.job = { ...job, status: job.status === 'done' || job.status === 'failed' ? 'expired' : 'cancelled' };
            settle(entry);
            entries.dispatchEvent(new Event('list'));
          },
          (error) => {
            settle(entry);
            entries.dispatchEvent(new Event('list'));
            toast(explain(error), { error: true });
          },
        );
      }
    },
  };
  waiting.add(removal);
  toast(jobs.length === 1 ? text.files.deletedOne(jobs[0]?.name ?? '') : text.files.deleted(jobs.length), {
    action: text.undo,
    milliseconds: UNDO_MS,
    onaction() {
      waiting.delete(removal);
      jobs.forEach(settle);
      entries.dispatchEvent(new Event('list'));
    },
    onend: () => removal.finish(false),
  });
}

window.addEventListener('pagehide', () => {
  for (const removal of [...waiting]) removal.finish(true);
});
