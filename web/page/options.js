/**
 * The options of an upload, drawn from the OpenAPI description of POST /upload: an option that the server learns appears
 * by itself, with the description as its hint. Those that text.options names have a better label, and a place.
 */
import { get } from './api.js';
import { fill, h, write } from './element.js';
import { field } from './form.js';
import { format, text } from './text.js';
import { recall, remember } from './preferences.js';

/**
 * @typedef {object} Schema
 * @property {string} [description]
 * @property {string} [pattern]
 * @property {string[]} [x-values] what can be chosen
 * @property {string[]} [x-excludes] options that cannot be given beside it
 * @property {Record<string, Record<string, string[]>>} [x-values-with] by another option and its value: what is left
 * @property {Record<string, Record<string, string>>} [x-presets]
 */

/** Where the known options are; the others are in the last group. @type {[keyof typeof text.groups, string[]][]} */
const GROUPS = [
  ['sound', ['bitrate', 'quality', 'mono', 'sample_rate', 'loudness']],
  ['cut', ['start', 'end', 'fade_in', 'fade_out', 'trim_silence']],
  ['tags', ['title', 'artist', 'album', 'album_artist', 'track_number', 'year', 'genre', 'comment', 'tags', 'cover']],
  ['other', ['track', 'damaged']],
];

/** They belong to one file, so the next visit begins without them. */
const OF_ONE_FILE = new Set(['start', 'end', 'title', 'artist', 'album', 'album_artist', 'track_number', 'year', 'comment', 'track']);

/** About kbit/s of the variable bit rates, in stereo. */
const VARIABLE = [245, 225, 190, 175, 165, 130, 115, 100, 85, 65];

/** @type {Promise<{form: Record<string, Schema>, tags: string[]}> | null} */
let described = null;

function describe() {
  described ??= get('/v3/api-docs').then(
    (api) => ({
      form: api.components.schemas.Form.properties,
      tags: Object.keys(api.components.schemas.Tags.properties),
    }),
    (error) => {
      described = null;
      throw error;
    },
  );
  return described;
}

/** The options with which the tags of a finished MP3 can be changed. @returns {Promise<string[]>} */
export async function tagNames() {
  return (await describe()).tags;
}

/** @param {string} name */
export function optionLabel(name) {
  const labels = /** @type {Record<string, string>} */ (text.options);
  const spaced = name.replaceAll('_', ' ');
  return labels[name] ?? spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** @param {string} name */
function hintOf(name) {
  return /** @type {Record<string, string>} */ (text.optionHints)[name];
}

/** @param {Schema} schema @returns {string[]} what can be chosen, if it is a choice */
function choicesOf(schema) {
  if (schema['x-values']) return schema['x-values'];
  const words = /^\(([a-z]+(?:\|[a-z]+)*)\)\?$/.exec(schema.pattern ?? '');
  return words?.[1]?.split('|') ?? [];
}

/** @param {string} name @param {string} value */
function choiceLabel(name, value) {
  const own = /** @type {Record<string, string | ((value: string) => string)>} */ (text.choices);
  const label = own[`${name}.${value}`] ?? own[name] ?? own[value];
  return typeof label === 'function' ? label(value) : label ?? value;
}

class UploadOptions extends HTMLElement {
  /** @type {Map<string, HTMLInputElement | HTMLSelectElement>} */
  #controls = new Map();
  /** @type {Record<string, Schema>} */
  #schemas = {};
  #estimate = h('p', { class: 'hint estimate' });
  #count = h('span', { class: 'count' });

  connectedCallback() {
    if (this.#controls.size > 0) return;
    describe().then(
      ({ form }) => this.#draw(form),
      () => fill(this, h('p', { class: 'hint' }, text.optionsMissing)),
    );
  }

  /** The options that are given, by their names. @returns {Record<string, string>} */
  get values() {
    /** @type {Record<string, string>} */
    const values = {};
    for (const [name, control] of this.#controls) {
      const value = control.value.trim();
      if (value !== '' && !control.disabled) values[name] = value;
    }
    return values;
  }

  /** Whether all values are legal; shows those that are not. */
  check() {
    for (const control of this.#controls.values()) {
      if (control.checkValidity()) continue;
      const details = control.closest('details');
      if (details) details.open = true;
      control.reportValidity();
      return false;
    }
    return true;
  }

  /** Bits in a second of the MP3, about. */
  get bitsPerSecond() {
    const values = this.#effective();
    const mono = values['mono'] === 'true' ? 0.6 : 1;
    if (values['quality']) return (VARIABLE[Number(values['quality'])] ?? 190) * 1000 * mono;
    return Number(values['bitrate'] ?? 192) * 1000;
  }

  /** The options with those of the preset. @returns {Record<string, string>} */
  #effective() {
    const own = this.values;
    const { bitrate, quality, ...others } = this.#presets()[own['preset'] ?? ''] ?? {};
    /** @type {Record<string, string>} */
    const encoding = {};
    if (!own['bitrate'] && !own['quality'] && bitrate) encoding['bitrate'] = bitrate;
    if (!own['bitrate'] && !own['quality'] && quality) encoding['quality'] = quality;
    return { ...others, ...encoding, ...own };
  }

  #presets() {
    return this.#schemas['preset']?.['x-presets'] ?? {};
  }

  /** @param {Record<string, Schema>} form */
  #draw(form) {
    this.#schemas = form;
    const names = Object.keys(form).filter((name) => form[name]?.description && name !== 'file' && name !== 'preset');
    const placed = new Set(GROUPS.flatMap(([, members]) => members));
    const rest = names.filter((name) => !placed.has(name));
    const preset = this.#preset(Object.keys(this.#presets()));
    fill(
      this,
      h('div', { class: 'options-head' }, field(text.options.preset, preset), this.#estimate),
      h(
        'details',
        { class: 'more-options' },
        h('summary', {}, h('span', {}, text.moreOptions), this.#count),
        h(
          'div',
          { class: 'option-groups' },
          ...GROUPS.map(([group, members]) => {
            const present = [...members.filter((name) => names.includes(name)), ...(group === 'other' ? rest : [])];
            return (
              present.length > 0 &&
              h(
                'fieldset',
                {},
                h('legend', {}, text.groups[group]),
                h('div', { class: 'option-fields' }, ...present.map((name) => this.#field(name, form[name] ?? {}))),
              )
            );
          }),
        ),
        h(
          'div',
          { class: 'actions' },
          h('button', { type: 'button', class: 'button small', onclick: () => this.#clear() }, text.clearOptions),
        ),
      ),
    );
    this.#restore();
    this.addEventListener('input', () => this.#changed());
    this.#changed();
  }

  /** @param {string[]} presets */
  #preset(presets) {
    const select = h(
      'select',
      {},
      h('option', { value: '' }, choiceLabel('preset', 'default')),
      ...presets.map((name) => h('option', { value: name }, choiceLabel('preset', name))),
    );
    this.#controls.set('preset', select);
    return select;
  }

  /** @param {string} name @param {Schema} schema */
  #field(name, schema) {
    const choices = choicesOf(schema);
    const control =
      choices.length > 0
        ? h(
            'select',
            {},
            h('option', { value: '' }, text.choices.default),
            ...choices.map((value) => h('option', { value }, choiceLabel(name, value))),
          )
        : h('input', { type: 'text', autocomplete: 'off', maxlength: 1024 });
    control.name = name;
    this.#controls.set(name, control);
    return field(optionLabel(name), control, hintOf(name) ?? (name in text.options ? undefined : schema.description));
  }

  #clear() {
    for (const control of this.#controls.values()) control.value = '';
    this.#changed();
  }

  #restore() {
    /** @type {Record<string, unknown>} */
    let kept = {};
    try {
      kept = JSON.parse(recall('options') ?? '{}') ?? {};
    } catch {
      // of an older version
    }
    for (const [name, control] of this.#controls) {
      control.value = String(kept[name] ?? '');
      // the choice is not there any more
      if (control instanceof HTMLSelectElement && control.selectedIndex < 0) control.value = '';
    }
  }

  #changed() {
    this.#exclude();
    for (const [name, control] of this.#controls) this.#validate(name, control);
    const values = this.values;
    const more = Object.keys(values).filter((name) => name !== 'preset').length;
    write(this.#count, more > 0 ? format.number(more) : '');
    write(this.#estimate, text.estimate((this.bitsPerSecond * 60) / 8));
    remember('options', JSON.stringify(Object.fromEntries(Object.entries(values).filter(([name]) => !OF_ONE_FILE.has(name)))));
  }

  /** What does not go together cannot be chosen. */
  #exclude() {
    for (const control of this.#controls.values()) control.disabled = false;
    for (const [name, control] of this.#controls)
      if (control.value !== '' && !control.disabled)
        for (const other of this.#schemas[name]?.['x-excludes'] ?? []) {
          const excluded = this.#controls.get(other);
          if (!excluded) continue;
          excluded.disabled = true;
          excluded.value = '';
        }
    const given = this.#effective();
    for (const [name, control] of this.#controls) {
      const limits = this.#schemas[name]?.['x-values-with'] ?? {};
      const allowed = Object.entries(limits)
        .map(([other, lists]) => lists[given[other] ?? ''])
        .filter((list) => list !== undefined);
      if (!(control instanceof HTMLSelectElement)) continue;
      for (const option of control.options)
        option.disabled = option.value !== '' && allowed.some((list) => !list.includes(option.value));
      if (control.selectedOptions[0]?.disabled) control.value = '';
    }
  }

  /** @param {string} name @param {HTMLInputElement | HTMLSelectElement} control */
  #validate(name, control) {
    const { pattern } = this.#schemas[name] ?? {};
    const legal =
      control instanceof HTMLSelectElement || !pattern || new RegExp(`^(?:${pattern})$`, 'u').test(control.value.trim());
    control.setCustomValidity(legal ? '' : `${optionLabel(name)}: ${hintOf(name) ?? this.#schemas[name]?.description ?? ''}`);
    control.setAttribute('aria-invalid', String(!legal));
  }
}
customElements.define('upload-options', UploadOptions);

export { UploadOptions };
