/** What can be done with an MP3 in a dialog: a link to it, and other tags. */
import { patch, post } from '../api.js';
import { openDialog } from '../dialog.js';
import { fill, h } from '../element.js';
import { entries } from '../entries.js';
import { field, form } from '../form.js';
import { optionLabel, tagNames } from '../options.js';
import { explain, text } from '../text.js';
import { toast } from '../toast.js';

/** @typedef {import('../entries.js').Job} Job */

const DAY = 86_400;
const LIFETIMES = [3600, DAY, 7 * DAY, 30 * DAY];

/**
 * A text to copy, with its button.
 *
 * @param {string} label
 * @param {string} value
 */
export function copyField(label, value) {
  const input = h('input', { type: 'text', readonly: true, value, onfocus: () => input.select() });
  const button = h(
    'button',
    {
      type: 'button',
      class: 'button primary',
      onclick: async () => {
        if (await copy(input)) {
          button.textContent = text.copied;
          setTimeout(() => (button.textContent = text.copy), 2000);
        }
      },
    },
    text.copy,
  );
  return h('div', { class: 'copy' }, field(label, input), button);
}

/** @param {HTMLInputElement} input */
async function copy(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    // the clipboard is for pages over HTTPS
    input.select();
    return document.execCommand('copy');
  }
}

/** @param {Job} job */
export function shareLink(job) {
  return openDialog(text.link.title, () => {
    const lifetime = h('select', {}, ...LIFETIMES.map((seconds) => h('option', { value: seconds }, text.link.lifetime(seconds))));
    lifetime.value = String(7 * DAY);
    const inline = h('input', { type: 'checkbox' });
    const box = h('div', {});
    fill(
      box,
      h('p', { class: 'muted', dir: 'auto' }, job.filename),
      form(
        {
          submit: text.link.make,
          action: async () => {
            const link = await post(`/jobs/${job.id}/links`, {
              expires_in: Number(lifetime.value),
              disposition: inline.checked ? 'inline' : 'attachment',
            });
            fill(box, copyField(text.link.address, link.url), h('p', { class: 'hint' }, text.link.until(link.expires_at)));
            box.querySelector('input')?.focus();
          },
        },
        field(text.link.expiry, lifetime, text.link.hint),
        h('label', { class: 'check' }, inline, text.link.inline),
      ),
    );
    return [box];
  });
}

/** @param {Job} job */
export async function editTags(job) {
  /** @type {string[]} */
  let names;
  try {
    // the others are no texts
    names = (await tagNames()).filter((name) => name !== 'cover' && name !== 'tags');
  } catch (error) {
    toast(explain(error), { error: true });
    return;
  }
  await openDialog(text.tags.title, (close) => {
    const inputs = names.map((name) => ({
      name,
      input: h('input', { type: 'text', name, autocomplete: 'off', maxlength: 1024, value: job.tags?.[name] ?? '' }),
    }));
    return [
      h('p', { class: 'muted', dir: 'auto' }, job.filename),
      form(
        {
          submit: text.save,
          action: async () => {
            const changed = inputs.filter(({ name, input }) => input.value.trim() !== (job.tags?.[name] ?? ''));
            if (changed.length > 0) {
              const tags = Object.fromEntries(changed.map(({ name, input }) => [name, input.value.trim()]));
              entries.apply([await patch(`/jobs/${job.id}/tags`, tags)]);
            }
            close('saved');
          },
        },
        h('div', { class: 'option-fields' }, ...inputs.map(({ name, input }) => field(optionLabel(name), input))),
      ),
    ];
  }, { wide: true });
}
