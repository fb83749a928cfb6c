/** The player at the lower edge: one MP3 at a time, in all views. */
import { fill, h, iconButton } from './element.js';
import { text } from './text.js';
import { toast } from './toast.js';

const title = h('span', { class: 'player-title', dir: 'auto' });
const audio = h('audio', { controls: true, preload: 'metadata' });
const bar = h('section', { class: 'player', hidden: true, 'aria-label': text.player.label }, title, audio);
bar.append(iconButton('close', text.player.close, { onclick: () => stop() }));

/** The id of the job that is played. */
let playing = '';

audio.addEventListener('error', () => {
  if (playing === '') return;
  stop();
  toast(text.player.failed, { error: true });
});

export function mountPlayer() {
  document.body.append(bar);
}

/** @param {import('./entries.js').Job} job */
export function play(job) {
  if (playing !== job.id) {
    playing = job.id;
    fill(title, job.tags?.['title'] || job.filename);
    audio.src = `/download?fid=${job.id}`;
  }
  bar.hidden = false;
  document.body.classList.add('with-player');
  audio.play().catch(() => {}); // the reader presses the button, or "error" tells
}

/** @param {string} [id] stops only this job */
export function stop(id = playing) {
  if (id !== playing) return;
  playing = '';
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
  bar.hidden = true;
  document.body.classList.remove('with-player');
}
