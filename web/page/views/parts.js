/** What the account and the administration have in common. */
import { get, Problem } from '../api.js';
import { openDialog } from '../dialog.js';
import { fill, h, uniqueId } from '../element.js';
import { field, form } from '../form.js';
import { session } from '../session.js';
import { explain, text } from '../text.js';
import { toast } from '../toast.js';

/**
 * A part of a view under its heading.
 *
 * @param {string} title
 * @param {...import('../element.js').Child} children
 */
export function section(title, ...children) {
  const id = uniqueId();
  return h('section', { class: 'card part', 'aria-labelledby': id }, h('h2', { id }, title), ...children);
}

/**
 * Names and values.
 *
 * @param {[string, import('../element.js').Child][]} pairs
 */
export function facts(pairs) {
  return h('dl', { class: 'facts' }, ...pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

/**
 * How much of a limit is used.
 *
 * @param {string} label
 * @param {number} value
 * @param {number | null} limit null: none
 * @param {(value: number) => string} write
 */
export function meter(label, value, limit, write) {
  const id = uniqueId();
  const told = limit === null ? write(value) : text.of(write(value), write(limit));
  return h(
    'div',
    { class: 'meter' },
    h('span', { id }, label),
    h('span', { class: 'muted' }, told),
    limit !== null && h('meter', { min: 0, max: limit, high: limit * 0.9, optimum: 0, value, 'aria-labelledby': id }, told),
  );
}

/**
 * A list that is read from the server, and read again after each change.
 *
 * @param {HTMLElement} box
 * @param {() => Promise<import('../element.js').Child[]>} read the rows
 * @param {string} empty what is said if there are none
 */
export async function list(box, read, empty) {
  try {
    const rows = await read();
    fill(box, ...(rows.length > 0 ? [h('ul', { class: 'list' }, ...rows)] : [h('p', { class: 'muted' }, empty)]));
  } catch (error) {
    fill(box, h('p', { class: 'form-error', role: 'alert' }, explain(error)));
  }
}

/**
 * A button that says it if its action fails.
 *
 * @param {string} label
 * @param {() => Promise<unknown>} action
 * @param {Record<string, unknown>} [attributes]
 */
export function actionButton(label, action, attributes = {}) {
  const button = h(
    'button',
    {
      type: 'button',
      class: 'button small',
      ...attributes,
      onclick: async () => {
        if (button.getAttribute('aria-busy') === 'true') return;
        button.setAttribute('aria-busy', 'true');
        try {
          await action();
        } catch (error) {
          if (!dismissed(error)) toast(explain(error), { error: true });
        } finally {
          button.removeAttribute('aria-busy');
        }
      },
    },
    label,
  );
  return button;
}

const DISMISSED = Symbol('dismissed');

/** @param {unknown} error */
const dismissed = (error) => error === DISMISSED;

/**
 * Does what needs a recent login; asks for the password if the login is older.
 *
 * @template T
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function recently(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'token-too-old') throw error;
    await askForPassword();
    return action();
  }
}

async function askForPassword() {
  const password = h('input', { type: 'password', autocomplete: 'current-password', required: true, maxlength: 128 });
  const email = session.account?.email ?? '';
  const answer = await openDialog(text.recent.title, (close) => [
    form(
      {
        submit: text.recent.submit,
        action: async () => {
          await session.logIn(email, password.value);
          close('in');
        },
      },
      h('p', {}, text.recent.why),
      field(text.login.password, password),
    ),
  ]);
  if (answer !== 'in') throw DISMISSED;
}

/**
 * Shows a secret that the server tells once.
 *
 * @param {string} title
 * @param {string} why
 * @param {string} secret
 */
export async function showSecret(title, why, secret) {
  const box = h('input', { type: 'text', readonly: true, value: secret, class: 'secret', onfocus: () => box.select() });
  await openDialog(
    title,
    (close) => [
      h('p', {}, why),
      h(
        'div',
        { class: 'with-button' },
        field(title, box),
        h(
          'button',
          {
            type: 'button',
            class: 'button',
            onclick: async () => {
              try {
                await navigator.clipboard.writeText(secret);
              } catch {
                // plain HTTP has no clipboard of its own
                box.select();
                document.execCommand('copy');
              }
              toast(text.copied);
            },
          },
          text.copy,
        ),
      ),
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', class: 'button primary', onclick: () => close(true) }, text.secret.kept),
      ),
    ],
    { dismissible: false },
  );
}

/**
 * All items of a list that comes in pages.
 *
 * @param {string} path with a query
 * @returns {AsyncGenerator<any[]>}
 */
export async function* pages(path) {
  for (let cursor = ''; ; ) {
    const page = await get(path + cursor);
    yield page.items;
    if (!page.next) return;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

/**
 * A group of boxes to tick.
 *
 * @param {string} label
 * @param {[string, string, boolean][]} choices value, label, ticked
 */
export function choices(label, choices) {
  const boxes = choices.map(([value, name, checked]) => {
    const box = h('input', { type: 'checkbox', value, checked });
    return { box, row: h('label', { class: 'check' }, box, name) };
  });
  return {
    element: h('fieldset', { class: 'choices' }, h('legend', {}, label), ...boxes.map(({ row }) => row)),
    chosen: () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value),
  };
}

/**
 * @param {[string, string][]} options value, label
 * @param {string} [selected]
 */
export function select(options, selected) {
  return h('select', {}, ...options.map(([value, name]) => h('option', { value, selected: value === selected }, name)));
}
