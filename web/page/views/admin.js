/** Administration: the queue, workers, disk, retention and limits in force, and the users. */
import { del, get } from '../api.js';
import { confirm, openDialog } from '../dialog.js';
import { fill, h, write } from '../element.js';
import { explain, format, text } from '../text.js';
import { actionButton, facts, list, meter, pages, section } from './parts.js';
import './users.js';

const REFRESH_MS = 5000;

/**
 * @typedef {object} Status as GET /status tells it
 * @property {{uploading: number, queued: number, converting: number, oldest_queued_at: string | null}} jobs
 * @property {{id: string, email: string, uploading: number, queued: number, converting: number}[]} owners
 * @property {{id: string, job: string, owner: string, progress: number, started_at: string | null}[]} workers
 * @property {{free_bytes: number | null, total_bytes: number | null}} disk
 * @property {{upload_seconds: number, video_seconds: number, mp3_seconds: number, job_seconds: number}} retention
 * @property {{upload_bytes: number, duration_seconds: number, stored_bytes_per_user: number | null,
 *     waiting_jobs_per_user: number | null, converting_jobs_per_user: number | null,
 *     open_uploads_per_user: number | null, transfers_per_user: number | null,
 *     requests_per_minute_per_user: number | null}} limits
 */

class AdminView extends HTMLElement {
  #queue = h('div', { class: 'part-body' });
  #workers = h('div');
  #disk = h('div');
  #rules = h('div');
  #error = h('p', { class: 'form-error', role: 'alert' });
  #timer = 0;
  /** What is shown: the focus stays where it is while nothing changes. */
  #shown = '';

  connectedCallback() {
    fill(
      this,
      h(
        'div',
        { class: 'stack' },
        h('h1', { tabindex: '-1' }, text.nav.admin),
        this.#error,
        section(text.admin.queue, this.#queue),
        section(text.admin.workers, this.#workers),
        section(text.admin.disk, this.#disk),
        document.createElement('all-users'),
        section(text.admin.rules, this.#rules),
      ),
    );
    this.#refresh();
    this.#timer = window.setInterval(() => {
      if (!document.hidden) this.#refresh();
    }, REFRESH_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #refresh = async () => {
    try {
      /** @type {Status} */
      const status = await get('/status');
      write(this.#error, '');
      const now = JSON.stringify(status);
      if (now === this.#shown) return;
      this.#shown = now;
      this.#render(status);
    } catch (error) {
      write(this.#error, explain(error));
    }
  };

  /** @param {Status} status */
  #render({ jobs, owners, workers, disk, retention, limits }) {
    const focused = document.activeElement?.getAttribute('aria-label');
    fill(
      this.#queue,
      facts([
        [text.admin.uploading, format.number(jobs.uploading)],
        [text.admin.queued, format.number(jobs.queued)],
        [text.admin.converting, format.number(jobs.converting)],
        [text.admin.oldest, jobs.oldest_queued_at ? format.time(jobs.oldest_queued_at) : text.admin.nothingWaits],
      ]),
      owners.length > 0 && h('h3', {}, text.admin.owners),
      owners.length > 0 && h('ul', { class: 'list' }, ...owners.map((owner) => this.#owner(owner))),
    );
    fill(
      this.#workers,
      workers.length === 0
        ? h('p', { class: 'muted' }, text.admin.idle)
        : h(
            'ul',
            { class: 'list' },
            ...workers.map((worker) =>
              h(
                'li',
                {},
                h(
                  'div',
                  { class: 'grow' },
                  h('strong', { class: 'address' }, worker.id),
                  h('p', { class: 'hint' }, text.admin.works(worker.owner, format.percent(worker.progress / 100))),
                ),
              ),
            ),
          ),
    );
    fill(
      this.#disk,
      disk.free_bytes === null || disk.total_bytes === null
        ? h('p', { class: 'muted' }, text.admin.diskUnknown)
        : meter(text.admin.diskUsed, disk.total_bytes - disk.free_bytes, disk.total_bytes, format.bytes),
    );
    const number = (/** @type {number | null} */ value) => (value === null ? text.admin.unlimited : format.number(value));
    fill(
      this.#rules,
      facts([
        [text.account.maxUpload, format.bytes(limits.upload_bytes)],
        [text.account.maxDuration, format.duration(limits.duration_seconds)],
        [
          text.admin.maxStored,
          limits.stored_bytes_per_user === null ? text.admin.unlimited : format.bytes(limits.stored_bytes_per_user),
        ],
        [text.admin.maxWaiting, number(limits.waiting_jobs_per_user)],
        [text.admin.maxConverting, number(limits.converting_jobs_per_user)],
        [text.admin.maxOpen, number(limits.open_uploads_per_user)],
        [text.admin.maxTransfers, number(limits.transfers_per_user)],
        [text.admin.maxRequests, number(limits.requests_per_minute_per_user)],
        [text.admin.keepUpload, format.duration(retention.upload_seconds)],
        [text.account.keepVideo, format.duration(retention.video_seconds)],
        [text.account.keepMp3, format.duration(retention.mp3_seconds)],
        [text.admin.keepJob, format.duration(retention.job_seconds)],
      ]),
    );
    if (focused && !this.contains(document.activeElement))
      for (const button of this.querySelectorAll('button'))
        if (button.getAttribute('aria-label') === focused) button.focus();
  }

  /** @param {Status['owners'][number]} owner */
  #owner(owner) {
    return h(
      'li',
      {},
      h(
        'div',
        { class: 'grow' },
        h('strong', { class: 'address' }, owner.email),
        h('p', { class: 'hint' }, text.admin.share(owner.uploading, owner.queued, owner.converting)),
      ),
      h(
        'div',
        { class: 'actions' },
        actionButton(text.admin.jobs, () => this.#jobs(owner), { 'aria-label': `${text.admin.jobs}: ${owner.email}` }),
      ),
    );
  }

  /**
   * The unsettled jobs of an owner, each with a button that cancels it.
   *
   * @param {Status['owners'][number]} owner
   */
  async #jobs(owner) {
    const box = h('div');
    const read = () =>
      list(
        box,
        async () => {
          const rows = [];
          let unsettled = owner.uploading + owner.queued + owner.converting;
          for await (const page of pages(`/jobs?owner=${owner.id}&limit=100`)) {
            for (const job of page)
              if (['uploading', 'queued', 'converting'].includes(job.status)) {
                rows.push(jobRow(job, read));
                unsettled--;
              }
            if (unsettled <= 0) break;
          }
          return rows;
        },
        text.admin.noJobs,
      );
    await read();
    await openDialog(text.admin.jobsOf(owner.email), () => [box], { wide: true });
    await this.#refresh();
  }
}
customElements.define('admin-view', AdminView);

/**
 * @param {{id: string, filename: string, status: 'uploading' | 'queued' | 'converting', progress: number, created_at: string}} job
 * @param {() => Promise<void>} read
 */
function jobRow(job, read) {
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'grow' },
      h('strong', { dir: 'auto', class: 'address' }, job.filename),
      h('p', { class: 'hint' }, `${text.admin.status[job.status]} · ${format.time(job.created_at)}`),
    ),
    h(
      'div',
      { class: 'actions' },
      actionButton(
        text.admin.cancelJob,
        async () => {
          const sure = await confirm({
            title: text.admin.cancelJob,
            body: text.admin.cancelEffect(job.filename),
            yes: text.admin.cancelJob,
            no: text.admin.keepJobRunning,
            danger: true,
          });
          if (!sure) return;
          await del(`/jobs/${job.id}`);
          await read();
        },
        { class: 'button small danger', 'aria-label': `${text.admin.cancelJob}: ${job.filename}` },
      ),
    ),
  );
}
