/** The account: how much of the limits is used, the password, API keys, webhooks. */
import { del, post } from '../api.js';
import { confirm } from '../dialog.js';
import { fill, h } from '../element.js';
import { field, form } from '../form.js';
import { session } from '../session.js';
import { explain, format, text } from '../text.js';
import { toast } from '../toast.js';
import { facts, meter, section } from './parts.js';
import './keys.js';
import './webhooks.js';

class AccountView extends HTMLElement {
  #usage = h('div', { class: 'stack' });

  connectedCallback() {
    fill(
      this,
      h(
        'div',
        { class: 'stack' },
        h('h1', { tabindex: '-1' }, text.nav.account),
        section(text.account.usage, this.#usage),
        section(text.account.access, passwordForm(), everywhere()),
        document.createElement('api-keys'),
        document.createElement('web-hooks'),
      ),
    );
    this.#render();
    session.addEventListener('change', this.#render);
    // what another view has changed meanwhile
    session.refresh().catch((error) => toast(explain(error), { error: true }));
  }

  disconnectedCallback() {
    session.removeEventListener('change', this.#render);
  }

  #render = () => {
    const account = session.account;
    if (!account) return;
    const { usage, limits } = account;
    fill(
      this.#usage,
      meter(text.account.stored, usage.stored_bytes, limits.max_stored_bytes, format.bytes),
      meter(text.account.waiting, usage.waiting_jobs, limits.max_waiting_jobs, format.number),
      facts([
        [text.account.email, account.email],
        [text.account.mail, mail(account)],
        [text.account.maxUpload, format.bytes(limits.max_upload_bytes)],
        [text.account.maxDuration, format.duration(limits.max_duration_seconds)],
        [text.account.keepMp3, format.duration(limits.keep_mp3_seconds)],
        [text.account.keepVideo, format.duration(limits.keep_video_seconds)],
      ]),
    );
  };
}
customElements.define('account-view', AccountView);

/** @param {import('../session.js').Account} account */
function mail(account) {
  if (!account.features.mail) return text.account.mailOff;
  return account.confirmed ? text.account.mailOn : text.account.mailUnconfirmed;
}

function passwordForm() {
  const old = h('input', { type: 'password', autocomplete: 'current-password', required: true, maxlength: 128 });
  const chosen = h('input', {
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    minlength: 8,
    maxlength: 128,
  });
  const email = session.account?.email ?? '';
  return form(
    {
      submit: text.account.changePassword,
      action: async () => {
        await post('/password', { old: old.value, new: chosen.value });
        // this session has ended with all others
        await session.logIn(email, chosen.value);
        old.value = '';
        chosen.value = '';
        toast(text.account.passwordChanged);
      },
    },
    // for password managers
    h('input', { type: 'email', autocomplete: 'username', value: email, hidden: true, readonly: true, 'aria-hidden': 'true' }),
    h('p', { class: 'muted' }, text.account.passwordEffect),
    h(
      'div',
      { class: 'columns' },
      field(text.account.oldPassword, old),
      field(text.login.newPassword, chosen, text.login.passwordRule),
    ),
  );
}

function everywhere() {
  return h(
    'div',
    { class: 'aside' },
    h('p', { class: 'muted' }, text.account.everywhereEffect),
    h(
      'button',
      {
        type: 'button',
        class: 'button',
        onclick: async () => {
          if (
            !(await confirm({
              title: text.account.everywhere,
              body: text.account.everywhereEffect,
              yes: text.account.everywhere,
            }))
          )
            return;
          try {
            await del('/sessions');
            session.forget();
          } catch (error) {
            toast(explain(error), { error: true });
          }
        },
      },
      text.account.everywhere,
    ),
  );
}
