/** The users: find, make, disable and enable, roles, one-time password, delete. */
import { del, get, patch, post } from '../api.js';
import { confirm, openDialog } from '../dialog.js';
import { fill, h } from '../element.js';
import { field, form } from '../form.js';
import { session } from '../session.js';
import { explain, format, text } from '../text.js';
import { actionButton, choices, recently, section, showSecret } from './parts.js';

const PAGE = 20;
/** While somebody types. */
const PAUSE_MS = 250;

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} email
 * @property {string[]} roles
 * @property {boolean} disabled
 * @property {boolean} confirmed
 * @property {string} created_at
 */

class AllUsers extends HTMLElement {
  #search = h('input', { type: 'search', autocomplete: 'off', oninput: () => this.#searchSoon() });
  #rows = h('ul', { class: 'list' });
  #message = h('p', { class: 'muted', role: 'status' });
  #more = actionButton(text.users.more, () => this.#readMore(), { class: 'button', hidden: true });
  /** @type {string | null} */
  #next = null;
  #timer = 0;
  /** The number of the newest search: answers to older ones are late. */
  #asked = 0;

  connectedCallback() {
    fill(
      this,
      section(
        text.users.title,
        h(
          'div',
          { class: 'with-button' },
          field(text.users.find, this.#search),
          h('button', { type: 'button', class: 'button', onclick: this.#make }, text.users.make),
        ),
        this.#message,
        this.#rows,
        this.#more,
      ),
    );
    this.#read();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #searchSoon() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#read(), PAUSE_MS);
  }

  /** @param {string} [cursor] */
  async #page(cursor) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    const wanted = this.#search.value.trim();
    if (wanted) query.set('email', wanted);
    if (cursor) query.set('cursor', cursor);
    return get(`/users?${query}`);
  }

  async #read() {
    const asked = ++this.#asked;
    try {
      const page = await this.#page();
      if (asked !== this.#asked) return;
      fill(this.#rows);
      this.#append(page);
      fill(this.#message, page.items.length === 0 ? text.users.none : '');
    } catch (error) {
      fill(this.#message, explain(error));
    }
  }

  async #readMore() {
    const asked = this.#asked;
    const page = await this.#page(this.#next ?? '');
    if (asked === this.#asked) this.#append(page);
  }

  /** @param {{items: User[], next: string | null}} page */
  #append({ items, next }) {
    this.#rows.append(...items.map((user) => this.#row(user)));
    this.#next = next;
    this.#more.hidden = next === null;
  }

  /** @param {User} user */
  #row(user) {
    const admin = user.roles.includes('admin');
    const self = user.id === session.account?.id;
    const row = h('li');
    const named = (/** @type {string} */ action) => ({ 'aria-label': `${action}: ${user.email}` });
    const change = (/** @type {object} */ fields) => async () => {
      const changed = await recently(() => patch(`/users/${user.id}`, fields));
      const next = this.#row(changed);
      row.replaceWith(next);
      next.querySelector('button')?.focus();
    };
    /** @param {string} title @param {string} body @param {() => Promise<unknown>} action */
    const asking = (title, body, action) => async () => {
      if (await confirm({ title, body, yes: title, danger: true })) await action();
    };
    fill(
      row,
      h(
        'div',
        { class: 'grow' },
        h('strong', { class: 'address' }, user.email),
        h(
          'p',
          { class: 'hint' },
          text.users.since(format.day(user.created_at)),
          self && ` · ${text.users.you}`,
          admin && ` · ${text.users.admin}`,
          !user.confirmed && ` · ${text.users.unconfirmed}`,
        ),
        user.disabled && h('p', { class: 'warning' }, text.users.disabled),
      ),
      h(
        'div',
        { class: 'actions' },
        user.disabled
          ? actionButton(text.users.enable, change({ disabled: false }), named(text.users.enable))
          : actionButton(
              text.users.disable,
              asking(text.users.disable, text.users.disableEffect(user.email), change({ disabled: true })),
              named(text.users.disable),
            ),
        admin
          ? actionButton(
              text.users.demote,
              asking(text.users.demote, text.users.demoteEffect(user.email), change({ roles: ['user'] })),
              named(text.users.demote),
            )
          : actionButton(
              text.users.promote,
              asking(text.users.promote, text.users.promoteEffect(user.email), change({ roles: ['user', 'admin'] })),
              named(text.users.promote),
            ),
        actionButton(
          text.users.oneTime,
          asking(text.users.oneTime, text.users.oneTimeEffect(user.email), () => this.#oneTimePassword(user)),
          named(text.users.oneTime),
        ),
        actionButton(
          text.users.remove,
          asking(text.users.remove, text.users.removeEffect(user.email), async () => {
            await recently(() => del(`/users/${user.id}`));
            row.remove();
          }),
          { class: 'button small danger', ...named(text.users.remove) },
        ),
      ),
    );
    return row;
  }

  /** @param {User} user */
  async #oneTimePassword(user) {
    const { password } = await recently(() => post(`/users/${user.id}/one-time-password`));
    await showSecret(text.users.oneTime, text.users.oneTimeShown(user.email), password);
  }

  #make = async () => {
    const email = h('input', { type: 'email', required: true, maxlength: 254, autocomplete: 'off' });
    const roles = choices(text.users.roles, [['admin', text.users.admin, false]]);
    /** @type {User | undefined} */
    const user = await openDialog(text.users.make, (close) => [
      form(
        {
          submit: text.users.make,
          action: async () =>
            close(
              await recently(() =>
                post('/users', { email: email.value.trim(), password: random(), roles: ['user', ...roles.chosen()] }),
              ),
            ),
        },
        h('p', {}, text.users.makeEffect),
        field(text.login.email, email),
        roles.element,
      ),
    ]);
    if (!user) return;
    this.#rows.prepend(this.#row(user));
    fill(this.#message);
    await this.#oneTimePassword(user);
  };
}
customElements.define('all-users', AllUsers);

/** A password that nobody learns: a one-time password replaces it at once. */
function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
