/** Webhooks: who is told when a job has ended, and what they were told. */
import { del, get, patch, post } from '../api.js';
import { confirm, openDialog } from '../dialog.js';
import { fill, h } from '../element.js';
import { field, form } from '../form.js';
import { format, text } from '../text.js';
import { toast } from '../toast.js';
import { actionButton, choices, list, section, showSecret } from './parts.js';

const EVENTS = /** @type {const} */ (['job.done', 'job.failed']);

/**
 * @typedef {object} Webhook
 * @property {string} id
 * @property {string} url
 * @property {(typeof EVENTS)[number][]} events
 * @property {string} [description]
 * @property {boolean} disabled
 * @property {'owner' | 'gone' | 'failing'} [disabled_reason]
 */

/**
 * @typedef {object} Delivery
 * @property {string} id
 * @property {string} type
 * @property {'pending' | 'delivered' | 'failed' | 'cancelled'} status
 * @property {number} tries
 * @property {string} created_at
 * @property {string} [tried_at]
 * @property {number} [response_status]
 * @property {string} [error]
 * @property {string} [next_try_at]
 */

class WebHooks extends HTMLElement {
  #list = h('div');

  connectedCallback() {
    fill(
      this,
      section(
        text.webhooks.title,
        h('p', { class: 'muted' }, text.webhooks.lead),
        this.#list,
        h(
          'div',
          { class: 'actions' },
          h('button', { type: 'button', class: 'button', onclick: () => this.#edit() }, text.webhooks.make),
        ),
      ),
    );
    this.#read();
  }

  #read = () =>
    list(
      this.#list,
      async () => (await get('/webhooks')).items.map((/** @type {Webhook} */ hook) => this.#row(hook)),
      text.webhooks.none,
    );

  /** @param {Webhook} hook */
  #row(hook) {
    const named = (/** @type {string} */ action) => ({ 'aria-label': `${action}: ${hook.url}` });
    const change = (/** @type {boolean} */ disabled) => async () => {
      await patch(`/webhooks/${hook.id}`, { disabled });
      await this.#read();
    };
    return h(
      'li',
      {},
      h(
        'div',
        { class: 'grow' },
        h('strong', { class: 'address' }, hook.url),
        hook.description && h('p', { dir: 'auto' }, hook.description),
        h(
          'p',
          { class: 'hint' },
          format.list(hook.events.map((event) => text.webhooks.events[event] ?? event)),
        ),
        hook.disabled && h('p', { class: 'warning' }, text.webhooks.disabled[hook.disabled_reason ?? 'owner']),
      ),
      h(
        'div',
        { class: 'actions' },
        actionButton(text.webhooks.deliveries, () => this.#deliveries(hook), named(text.webhooks.deliveries)),
        actionButton(text.webhooks.test, () => this.#test(hook), { disabled: hook.disabled, ...named(text.webhooks.test) }),
        actionButton(text.webhooks.edit, () => this.#edit(hook), named(text.webhooks.edit)),
        hook.disabled
          ? actionButton(text.webhooks.enable, change(false), named(text.webhooks.enable))
          : actionButton(text.webhooks.disable, change(true), named(text.webhooks.disable)),
        actionButton(text.webhooks.rotate, () => this.#rotate(hook), named(text.webhooks.rotate)),
        actionButton(text.webhooks.remove, () => this.#remove(hook), {
          class: 'button small danger',
          ...named(text.webhooks.remove),
        }),
      ),
    );
  }

  /** @param {Webhook} [hook] absent: a new one */
  async #edit(hook) {
    const url = h('input', {
      type: 'url',
      required: true,
      maxlength: 2000,
      value: hook?.url ?? '',
      placeholder: 'https://example.org/tomp3',
    });
    const description = h('input', { type: 'text', maxlength: 200, value: hook?.description ?? '', autocomplete: 'off' });
    const events = choices(
      text.webhooks.when,
      EVENTS.map((event) => [event, text.webhooks.events[event], hook?.events.includes(event) ?? true]),
    );
    const title = hook ? text.webhooks.edit : text.webhooks.make;
    const made = await openDialog(title, (close) => [
      form(
        {
          submit: hook ? text.save : text.webhooks.make,
          action: async () => {
            const fields = { url: url.value.trim(), description: description.value.trim(), events: events.chosen() };
            close(hook ? await patch(`/webhooks/${hook.id}`, fields) : await post('/webhooks', fields));
          },
        },
        field(text.webhooks.url, url, text.webhooks.urlHint),
        field(text.webhooks.description, description),
        events.element,
      ),
    ]);
    if (!made) return;
    if (made.secret) await showSecret(text.webhooks.secret, text.webhooks.once, made.secret);
    await this.#read();
  }

  /** @param {Webhook} hook */
  async #test(hook) {
    await post(`/webhooks/${hook.id}/test`);
    toast(text.webhooks.testing, { action: text.webhooks.deliveries, onaction: () => this.#deliveries(hook) });
  }

  /** @param {Webhook} hook */
  async #rotate(hook) {
    if (
      !(await confirm({
        title: text.webhooks.rotate,
        body: text.webhooks.rotateEffect,
        yes: text.webhooks.rotate,
      }))
    )
      return;
    const made = await post(`/webhooks/${hook.id}/rotate`);
    await showSecret(text.webhooks.secret, text.webhooks.once, made.secret);
  }

  /** @param {Webhook} hook */
  async #remove(hook) {
    const sure = await confirm({
      title: text.webhooks.remove,
      body: text.webhooks.removeEffect(hook.url),
      yes: text.webhooks.remove,
      danger: true,
    });
    if (!sure) return;
    await del(`/webhooks/${hook.id}`);
    await this.#read();
  }

  /** @param {Webhook} hook */
  async #deliveries(hook) {
    const box = h('div');
    const read = () =>
      list(
        box,
        async () =>
          (await get(`/webhooks/${hook.id}/deliveries`)).items.map((/** @type {Delivery} */ delivery) =>
            deliveryRow(hook, delivery, read),
          ),
        text.webhooks.noDeliveries,
      );
    await read();
    await openDialog(
      text.webhooks.deliveries,
      () => [
        h('p', { class: 'address' }, hook.url),
        box,
        h('div', { class: 'actions' }, actionButton(text.webhooks.reload, read, { class: 'button' })),
      ],
      { wide: true },
    );
  }
}
customElements.define('web-hooks', WebHooks);

/**
 * @param {Webhook} hook
 * @param {Delivery} delivery
 * @param {() => Promise<void>} read
 */
function deliveryRow(hook, delivery, read) {
  const answer = delivery.response_status ? text.webhooks.answered(delivery.response_status) : (delivery.error ?? '');
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'grow' },
      h(
        'strong',
        {},
        (/** @type {Record<string, string>} */ (text.webhooks.types))[delivery.type] ?? delivery.type,
        ' – ',
        text.webhooks.status[delivery.status],
      ),
      h('p', {}, format.time(delivery.tried_at ?? delivery.created_at), answer && ` · ${answer}`),
      h(
        'p',
        { class: 'hint' },
        text.webhooks.tries(delivery.tries),
        delivery.next_try_at && ` ${text.webhooks.next(format.time(delivery.next_try_at))}`,
      ),
    ),
    delivery.status !== 'pending' &&
      h(
        'div',
        { class: 'actions' },
        actionButton(
          text.webhooks.replay,
          async () => {
            await post(`/webhooks/${hook.id}/deliveries/${delivery.id}/replay`);
            await read();
          },
          { disabled: hook.disabled },
        ),
      ),
  );
}
