/** Dialogs. The browser keeps the focus inside, closes them with Escape, and gives the focus back. */
import { h, uniqueId, iconButton } from './element.js';
import { text } from './text.js';

/**
 * Shows a dialog until it is closed.
 *
 * @param {string} title
 * @param {(close: (value: any) => void) => (Node | string)[]} content
 * @param {{dismissible?: boolean, wide?: boolean}} [options]
 * @returns {Promise<any>} what it was closed with; undefined if it was dismissed
 */
export function openDialog(title, content, options = {}) {
  const { dismissible = true, wide = false } = options;
  return new Promise((resolve) => {
    const id = uniqueId();
    /** @type {any} */
    let result;
    const dialog = h('dialog', { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': id });
    const close = (/** @type {any} */ value) => {
      result = value;
      dialog.close();
    };
    dialog.append(
      h(
        'div',
        { class: 'dialog-head' },
        h('h2', { id }, title),
        dismissible && iconButton('close', text.close, { onclick: () => close(undefined) }),
      ),
      ...content(close),
    );
    dialog.addEventListener('cancel', (event) => {
      if (!dismissible) event.preventDefault();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * Asks a question with two answers.
 *
 * @param {{title: string, body: string, yes: string, no?: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export async function confirm({ title, body, yes, no = text.cancel, danger = false }) {
  return (
    (await openDialog(title, (close) => [
      h('p', {}, body),
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', class: 'button', onclick: () => close(false) }, no),
        h('button', { type: 'button', class: danger ? 'button danger' : 'button primary', onclick: () => close(true) }, yes),
      ),
    ])) === true
  );
}
