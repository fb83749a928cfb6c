/** API keys: make one, which is shown once, and list, rotate and revoke those there are. */
import { del, get, post } from '../api.js';
import { confirm, openDialog } from '../dialog.js';
import { fill, h } from '../element.js';
import { field, form } from '../form.js';
import { format, text } from '../text.js';
import { actionButton, choices, list, recently, section, select, showSecret } from './parts.js';

const SCOPES = /** @type {const} */ (['jobs:read', 'jobs:write', 'download', 'webhooks']);
const DAY = 86_400;

/**
 * @typedef {object} Key
 * @property {string} id
 * @property {string} name
 * @property {string} prefix
 * @property {(typeof SCOPES)[number][]} scopes
 * @property {string} created_at
 * @property {string | null} [expires_at]
 * @property {string | null} [last_used_at]
 */

class ApiKeys extends HTMLElement {
  #list = h('div');

  connectedCallback() {
    fill(
      this,
      section(
        text.keys.title,
        h('p', { class: 'muted' }, text.keys.lead),
        this.#list,
        h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button', onclick: this.#make }, text.keys.make)),
      ),
    );
    this.#read();
  }

  #read = () =>
    list(
      this.#list,
      async () => (await get('/keys')).items.map((/** @type {Key} */ key) => this.#row(key)),
      text.keys.none,
    );

  /** @param {Key} key */
  #row(key) {
    const ended = key.expires_at && new Date(key.expires_at) <= new Date();
    const expiry = !key.expires_at
      ? text.keys.never
      : ended
        ? text.keys.ended(format.time(key.expires_at))
        : text.keys.ends(format.time(key.expires_at));
    return h(
      'li',
      {},
      h(
        'div',
        { class: 'grow' },
        h('strong', { dir: 'auto' }, key.name),
        h('p', {}, h('code', {}, `${key.prefix}…`), ' ', format.list(key.scopes.map((scope) => text.keys.scopes[scope] ?? scope))),
        h(
          'p',
          { class: 'hint' },
          expiry,
          ' ',
          key.last_used_at ? text.keys.used(format.time(key.last_used_at)) : text.keys.unused,
        ),
      ),
      h(
        'div',
        { class: 'actions' },
        !ended && actionButton(text.keys.rotate, () => this.#rotate(key), { 'aria-label': text.keys.rotateOf(key.name) }),
        actionButton(text.keys.revoke, () => this.#revoke(key), {
          class: 'button small danger',
          'aria-label': text.keys.revokeOf(key.name),
        }),
      ),
    );
  }

  #make = async () => {
    const name = h('input', { type: 'text', required: true, maxlength: 100, autocomplete: 'off' });
    const scopes = choices(
      text.keys.allowed,
      SCOPES.map((scope) => [scope, text.keys.scopeHelp[scope], scope !== 'webhooks']),
    );
    const expiry = select(
      [30, 90, 365, 0].map((days) => [String(days), days === 0 ? text.keys.never : format.duration(days * DAY)]),
      '90',
    );
    const made = await openDialog(text.keys.make, (close) => [
      form(
        {
          submit: text.keys.make,
          action: async () => {
            const days = Number(expiry.value);
            close(
              await recently(() =>
                post('/keys', {
                  name: name.value.trim(),
                  scopes: scopes.chosen(),
                  ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY * 1000).toISOString() }),
                }),
              ),
            );
          },
        },
        field(text.keys.name, name, text.keys.nameHint),
        scopes.element,
        field(text.keys.lifetime, expiry),
      ),
    ]);
    if (made) await this.#show(made);
  };

  /** @param {Key} key */
  async #rotate(key) {
    const overlap = select(
      [0, 3600, DAY, 7 * DAY].map((seconds) => [
        String(seconds),
        seconds === 0 ? text.keys.atOnce : text.keys.after(format.duration(seconds)),
      ]),
      '3600',
    );
    const made = await openDialog(text.keys.rotateOf(key.name), (close) => [
      form(
        {
          submit: text.keys.rotate,
          action: async () =>
            close(
              await recently(() => post(`/keys/${key.id}/rotate`, { overlap_seconds: Number(overlap.value) })),
            ),
        },
        h('p', {}, text.keys.rotateEffect),
        field(text.keys.overlap, overlap),
      ),
    ]);
    if (made) await this.#show(made);
  }

  /** @param {Key & {key: string}} made */
  async #show(made) {
    await showSecret(text.keys.made(made.name), text.keys.once, made.key);
    await this.#read();
  }

  /** @param {Key} key */
  async #revoke(key) {
    const sure = await confirm({
      title: text.keys.revokeOf(key.name),
      body: text.keys.revokeEffect,
      yes: text.keys.revoke,
      danger: true,
    });
    if (!sure) return;
    await del(`/keys/${key.id}`);
    await this.#read();
  }
}
customElements.define('api-keys', ApiKeys);
