/** Builds elements. A text is always a text node, so that no name of a file becomes HTML. */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [attributes] a function is a listener, false and null are left out; "class" and
 *     all others are attributes, except "value", "checked", "disabled", "hidden" and "indeterminate", which are properties
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  append(element, children);
  return element;
}

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'indeterminate', 'open']);

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
export function set(element, name, value) {
  if (typeof value === 'function' && name.startsWith('on'))
    element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else if (PROPERTIES.has(name)) Object.assign(element, { [name]: value });
  else if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/**
 * @param {Element | DocumentFragment} parent
 * @param {Child[]} children
 */
function append(parent, children) {
  for (const child of children)
    if (child !== null && child !== undefined && child !== false)
      parent.append(child instanceof Node ? child : String(child));
}

/**
 * Replaces the content of an element.
 *
 * @param {Element} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * Writes a text if it has changed, so that screen readers and the layout are left alone otherwise.
 *
 * @param {Element} element
 * @param {string} value
 */
export function write(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The paths of the icons, in a square of 24. */
const ICONS = {
  wave: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10v4',
  upload: 'M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3',
  download: 'M12 4v12m0 0 5-5m-5 5-5-5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3',
  play: 'M7 4.500v15l12-7.500z',
  pause: 'M8 5v14M16 5v14',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.500 10 17.500 19.500 7',
  alert: 'M12 8v5m0 3.500v.010M12 3 2.500 20h19z',
  more: 'M5 12h.010M12 12h.010M19 12h.010',
  link: 'M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-5.500-5.500L12 7.500M14 10a4 4 0 0 0-6-.500l-3 3A4 4 0 0 0 10.500 18l1.500-1.500',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  folder: 'M3 7a1 1 0 0 1 1-1h5l2 2h9a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z',
  clock: 'M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  retry: 'M4 12a8 8 0 0 1 14-5.300L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.300L4 15m0 5v-5h5',
};

/**
 * An icon, which screen readers skip.
 *
 * @param {keyof typeof ICONS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'icon' }))
    svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button with an icon only; its name is for screen readers and is its tooltip.
 *
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {Record<string, unknown>} [attributes]
 */
export function iconButton(name, label, attributes = {}) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, ...attributes }, icon(name));
}

let ids = 0;

/** An id for a label and its field. */
export function uniqueId() {
  return `e${++ids}`;
}
