/** Short messages at the lower edge, which screen readers say without interrupting. */
import { h, iconButton, fill } from './element.js';
import { text } from './text.js';

const SHOWN_MS = 6000;

const region = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });

/** Puts the region into the page; a live region must be there before it speaks. */
export function mountToasts() {
  document.body.append(region);
}

/**
 * @param {string} message
 * @param {{action?: string, onaction?: () => void, onend?: () => void, milliseconds?: number, error?: boolean}} [options]
 *     an action such as undo; onend is called if the message goes without the action
 * @returns {() => void} ends the message
 */
export function toast(message, options = {}) {
  let ended = false;
  const element = h('div', { class: options.error ? 'toast error' : 'toast' });
  const end = (/** @type {boolean} */ acted) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    element.remove();
    if (acted) options.onaction?.();
    else options.onend?.();
  };
  const timer = setTimeout(() => end(false), options.milliseconds ?? SHOWN_MS);
  fill(
    element,
    h('span', {}, message),
    options.action && h('button', { type: 'button', class: 'link-button', onclick: () => end(true) }, options.action),
    iconButton('close', text.close, { onclick: () => end(false) }),
  );
  region.append(element);
  return () => end(false);
}
