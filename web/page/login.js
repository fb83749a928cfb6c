/** Log in and register, as the first view and, when a session has expired, as a dialog over what is going on. */
import { get, post, request, Problem } from './api.js';
import { openDialog } from './dialog.js';
import { fill, h } from './element.js';
import { field, form } from './form.js';
import { session } from './session.js';
import { text } from './text.js';

/** @param {string} email @param {string} password */
function basic(email, password) {
  const bytes = new TextEncoder().encode(`${email}:${password}`);
  return `Basic ${btoa(String.fromCodePoint(...bytes))}`;
}

/**
 * @param {string} autocomplete
 * @param {Record<string, unknown>} [more]
 */
function passwordInput(autocomplete, more = {}) {
  return h('input', { type: 'password', autocomplete, required: true, maxlength: 128, ...more });
}

/**
 * The form, which becomes one for a new account or a new password when needed.
 *
 * @param {{email?: string, done: () => void, fixed?: boolean}} options fixed: for this account alone
 */
function loginForms({ email: known = '', done, fixed = false }) {
  const box = h('div', { class: 'login' });
  const email = h('input', { type: 'email', autocomplete: 'username', required: true, value: known, readonly: fixed, name: 'email' });
  const password = passwordInput('current-password', { name: 'password', autofocus: fixed });
  /** @type {boolean | null} whether anyone may register; null while it is not known */
  let open = null;

  const logIn = async () => {
    try {
      await session.logIn(email.value.trim(), password.value);
    } catch (error) {
      if (error instanceof Problem && error.code === 'password-change-required') return show(replaceForm);
      throw error;
    }
    done();
  };

  const hint = () =>
    open
      ? h(
          'p',
          { class: 'hint' },
          text.login.noAccount,
          ' ',
          h('button', { type: 'button', class: 'link-button', onclick: () => show(registerForm) }, text.login.register),
        )
      : h('p', { class: 'hint' }, text.login.closed);

  const loginForm = () => [
    form(
      { submit: text.login.submit, action: logIn },
      field(text.login.email, email),
      field(text.login.password, password),
    ),
    open !== null && hint(),
  ];

  const registerForm = () => {
    const chosen = passwordInput('new-password', { minlength: 8, name: 'password' });
    return [
      form(
        {
          submit: text.login.register,
          action: async () => {
            await post('/register', { email: email.value.trim(), password: chosen.value }, { anonymous: true });
            password.value = chosen.value;
            await logIn();
          },
        },
        field(text.login.email, email),
        field(text.login.password, chosen, text.login.passwordRule),
      ),
      h('p', { class: 'hint' }, h('button', { type: 'button', class: 'link-button', onclick: () => show(loginForm) }, text.login.back)),
    ];
  };

  /** The only use of a one-time password is to replace it. */
  const replaceForm = () => {
    const chosen = passwordInput('new-password', { minlength: 8, name: 'password' });
    return [
      h('p', {}, text.login.replace),
      form(
        {
          submit: text.login.replaceSubmit,
          action: async () => {
            await request('POST', '/password', {
              json: { new: chosen.value },
              headers: { Authorization: basic(email.value.trim(), password.value) },
              anonymous: true,
            });
            password.value = chosen.value;
            await logIn();
          },
        },
        field(text.login.newPassword, chosen, text.login.passwordRule),
      ),
    ];
  };

  const show = (/** @type {() => import('./element.js').Child[]} */ forms) => {
    fill(box, ...forms());
    /** @type {HTMLElement | null} */ (box.querySelector('input:not([readonly])'))?.focus();
  };

  fill(box, ...loginForm());
  if (!fixed)
    void get('/register', { anonymous: true }).then(
      (answer) => {
        open = answer.open;
        if (box.contains(password)) box.append(hint());
      },
      () => {}, // the form is there without it
    );
  return box;
}

/** The first view of a reader who is not logged in. */
class LoginView extends HTMLElement {
  connectedCallback() {
    fill(
      this,
      h(
        'div',
        { class: 'card narrow' },
        h('h1', { tabindex: '-1' }, text.login.title),
        h('p', { class: 'muted' }, text.login.lead),
        loginForms({ done: () => {} }),
      ),
    );
  }
}
customElements.define('login-view', LoginView);

/**
 * Logs a user in again whose session has expired.
 *
 * @param {string} email
 * @returns {Promise<void>} rejects if the reader logs out instead
 */
export async function logInAgain(email) {
  const answer = await openDialog(
    text.login.expiredTitle,
    (close) => [
      h('p', {}, text.login.expired),
      loginForms({ email, fixed: true, done: () => close('in') }),
      h('p', {}, h('button', { type: 'button', class: 'link-button', onclick: () => close('out') }, text.nav.logOut)),
    ],
    { dismissible: false },
  );
  if (answer === 'in') return;
  session.forget();
  throw new Problem('unauthenticated', { status: 401 });
}
