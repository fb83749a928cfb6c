/** Starts the page: finds the session, and shows the view that the address names. */
import { fill, h, icon } from './element.js';
import { explain, changeLanguage, language, languages, text } from './text.js';
import { logInAgain } from './login.js';
import { session, renewWith } from './session.js';
import { mountPlayer } from './player.js';
import { mountToasts, toast } from './toast.js';
import './views/files.js';
import './views/account.js';
import './views/admin.js';

/** The views by their addresses. */
const VIEWS = {
  '#/': { element: 'files-view', title: text.nav.files, admin: false },
  '#/account': { element: 'account-view', title: text.nav.account, admin: false },
  '#/admin': { element: 'admin-view', title: text.nav.admin, admin: true },
};

const main = h('main', { id: 'main', tabindex: '-1' });
const navigation = h('nav', { 'aria-label': text.nav.label });
const person = h('div', { class: 'person' });
/** The view that is shown, and for whom. */
let shown = '';

function route() {
  return location.hash in VIEWS ? /** @type {keyof typeof VIEWS} */ (location.hash) : '#/';
}

function allowed(/** @type {keyof typeof VIEWS} */ path) {
  return !VIEWS[path].admin || session.admin;
}

async function logOut() {
  try {
    await session.logOut();
  } catch (error) {
    toast(explain(error), { error: true });
  }
}

/** What the header was drawn for; it is left alone while it is the same, and keeps the focus. */
let drawn = '';

function renderHeader() {
  const account = session.account;
  const current = route();
  const next = [account?.id, session.admin, current].join(' ');
  if (next === drawn) return;
  drawn = next;
  fill(
    navigation,
    ...(account ? Object.entries(VIEWS) : [])
      .filter(([path]) => allowed(/** @type {keyof typeof VIEWS} */ (path)))
      .map(([path, view]) => h('a', { href: path, 'aria-current': path === current ? 'page' : null }, view.title)),
  );
  navigation.hidden = !account;
  fill(
    person,
    account && h('span', { class: 'email', title: account.email }, account.email),
    account && h('button', { type: 'button', class: 'button quiet', onclick: logOut }, text.nav.logOut),
  );
}

/** Shows the view of the address, unless it is there already. */
function render() {
  renderHeader();
  const path = allowed(route()) ? route() : '#/';
  const element = session.account ? VIEWS[path].element : 'login-view';
  const next = `${element} ${session.account?.id ?? ''}`;
  if (next === shown) return;
  const first = shown === '';
  shown = next;
  document.title = session.account ? `${VIEWS[path].title} – tomp3` : `${text.login.title} – tomp3`;
  fill(main, document.createElement(element));
  window.scrollTo(0, 0);
  // a screen reader starts reading the new view; the first one is read anyway
  if (!first) /** @type {HTMLElement | null} */ (main.querySelector('h1'))?.focus();
}

function footer() {
  const choice = h(
    'select',
    { 'aria-label': text.nav.language, onchange: () => changeLanguage(choice.value) },
    ...languages.map(({ code, name }) => h('option', { value: code, lang: code, selected: code === language }, name)),
  );
  return h(
    'footer',
    {},
    h('a', { href: '/swagger-ui.html' }, text.nav.api),
    languages.length > 1 && choice,
  );
}

function skipLink() {
  return h(
    'a',
    {
      class: 'skip',
      href: '#main',
      onclick: (/** @type {Event} */ event) => {
        event.preventDefault(); // the hash is the address of a view
        main.focus();
      },
    },
    text.nav.skip,
  );
}

async function start() {
  document.body.append(
    skipLink(),
    h('header', { class: 'top' }, h('a', { class: 'brand', href: '#/' }, icon('wave'), 'tomp3'), navigation, person),
    main,
    footer(),
  );
  mountPlayer();
  mountToasts();
  renewWith(logInAgain);
  try {
    await session.resume();
  } catch (error) {
    fill(
      main,
      h(
        'div',
        { class: 'card narrow', role: 'alert' },
        h('h1', {}, text.unreachable),
        h('p', {}, explain(error)),
        h('button', { type: 'button', class: 'button primary', onclick: () => location.reload() }, text.tryAgain),
      ),
    );
    return;
  }
  session.addEventListener('change', render);
  window.addEventListener('hashchange', render);
  render();
}

await start();
