/** Parts of forms: a labelled field, and a form that says what went wrong. */
import { h, uniqueId, write } from './element.js';
import { explain } from './text.js';

/**
 * A field under its label.
 *
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function field(label, control, hint) {
  const id = control.id || uniqueId();
  control.id = id;
  const hintId = uniqueId();
  if (hint) control.setAttribute('aria-describedby', hintId);
  return h('div', { class: 'field' }, h('label', { for: id }, label), control, hint && h('p', { class: 'hint', id: hintId }, hint));
}

/**
 * A form. While its action runs the button is busy; if the action fails, the form says why and keeps what was typed.
 *
 * @param {{submit: string, action: () => Promise<unknown>, danger?: boolean, cancel?: HTMLElement}} options
 * @param {...import('./element.js').Child} children
 */
export function form(options, ...children) {
  const error = h('p', { class: 'form-error', role: 'alert' });
  const button = h('button', { type: 'submit', class: options.danger ? 'button danger' : 'button primary' }, options.submit);
  return h(
    'form',
    {
      class: 'form',
      onsubmit: async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        if (button.getAttribute('aria-busy') === 'true') return;
        write(error, '');
        button.setAttribute('aria-busy', 'true');
        try {
          await options.action();
        } catch (e) {
          write(error, explain(e));
        } finally {
          button.removeAttribute('aria-busy');
        }
      },
    },
    ...children,
    error,
    h('div', { class: 'actions' }, options.cancel, button),
  );
}
