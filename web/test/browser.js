import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { findChromium } from './chromium.js';

/** @typedef {import('playwright-core').Page} Page */

const OPTIONS = [
  '--no-sandbox', // containers run as root
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** The rules of WCAG 2.2 AA, and what is good practice besides. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A directory with the files of the page, which are taken instead of those of the running system. */
const FILES = process.env.TEST_PAGE && resolve(process.env.TEST_PAGE);

/** One Chromium for all tests of a file; each test has contexts of its own, which share nothing. */
export class Browser {
  /** @type {import('playwright-core').Browser} */
  #chromium;
  #url;
  #accounts = 0;

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('./system.js').System} system
   */
  constructor(browser, system) {
    this.#chromium = browser;
    this.system = system;
    this.#url = system.url;
  }

  /** @param {import('./system.js').System} system */
  static async start(system) {
    const executablePath = findChromium();
    if (!executablePath) throw new Error('There is no Chromium; CHROMIUM names one');
    return new Browser(await chromium.launch({ executablePath, args: OPTIONS }), system);
  }

  async stop() {
    await this.#chromium.close();
  }

  /**
   * A visitor of the page, who is not logged in. At the end of the test, everything counts that no test may cause.
   *
   * @param {import('node:test').TestContext} test
   * @param {import('playwright-core').BrowserContextOptions & {expected?: RegExp[]}} [options] expected: messages of
   *     the console that the test provokes
   */
  async visit(test, { expected = [], ...options } = {}) {
    const context = await this.#chromium.newContext({
      baseURL: this.#url,
      locale: 'en-GB',
      viewport: { width: 1280, height: 800 },
      acceptDownloads: true,
      ...options,
    });
    context.setDefaultTimeout(30_000);
    const visitor = new Visitor(context, options.baseURL ?? this.#url, expected);
    await visitor.watch();
    test.after(async () => {
      const trouble = visitor.trouble;
      await context.close();
      assert.deepEqual(trouble, [], 'CSP violations, errors and foreign requests');
    });
    return visitor;
  }

  /**
   * A visitor with an account of its own, who has just logged in.
   *
   * @param {import('node:test').TestContext} test
   * @param {Parameters<Browser['visit']>[1] & {page?: string}} [options] page: where to
   */
  async loggedIn(test, options = {}) {
    const visitor = await this.visit(test, options);
    await visitor.enter(await this.account(), options.page);
    return visitor;
  }

  /** @param {import('node:test').TestContext} test @param {Parameters<Browser['loggedIn']>[1]} [options] */
  async administrator(test, options = {}) {
    const visitor = await this.visit(test, options);
    await visitor.enter(this.system.account, options.page ?? '#/admin');
    return visitor;
  }

  /** A new account. */
  async account() {
    const account = {
      email: `user-${process.pid}-${++this.#accounts}@example.org`,
      password: 'correct horse battery staple',
    };
    const token = await this.token();
    const answer = await fetch(`${this.#url}/users`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...account, roles: ['user'] }),
    });
    assert.equal(answer.status, 201, await answer.text());
    return account;
  }

  /** A token of an account, of the administrator's unless told otherwise. */
  async token(account = this.system.account) {
    const answer = await fetch(`${this.#url}/login`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${account.email}:${account.password}`).toString('base64')}`,
      },
    });
    assert.equal(answer.status, 200);
    return answer.text();
  }
}

/** A browser context, what went wrong in it, and what a person does in it. */
export class Visitor {
  /** @type {string[]} */
  trouble = [];
  account = { email: '', password: '' };
  url;
  /** Messages of the console that the test provokes. */
  expected;
  /** @type {Page | undefined} */
  #page;

  /**
   * @param {import('playwright-core').BrowserContext} context
   * @param {string} url
   * @param {RegExp[]} expected
   */
  constructor(context, url, expected) {
    this.context = context;
    this.url = url;
    this.expected = expected;
  }

  async watch() {
    await this.context.exposeBinding('tomp3Violation', (_source, text) => this.trouble.push(`CSP: ${text}`));
    await this.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const report = /** @type {any} */ (window)['tomp3Violation'];
        report(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    this.context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.url && !['blob:', 'data:'].includes(protocol))
        this.trouble.push(`foreign request: ${request.url()}`);
    });
    this.context.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      const text = `${message.text()} ${message.location().url}`;
      if (!this.expected.some((pattern) => pattern.test(text))) this.trouble.push(`console: ${text}`);
    });
    this.context.on('weberror', (error) => this.trouble.push(`error: ${error.error().stack}`));
    if (FILES) await this.#serveFiles(FILES);
  }

  /**
   * Answers with files of a directory, and with the headers of the running system.
   *
   * @param {string} directory
   */
  async #serveFiles(directory) {
    const policy = (await fetch(this.url)).headers.get('content-security-policy');
    await this.context.route(
      (url) => url.origin === this.url && (url.pathname === '/' || url.pathname.startsWith('/app/')),
      async (route) => {
        const name = new URL(route.request().url()).pathname.split('/').slice(3).join('/') || 'index.html';
        const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
        const suffix = /** @type {keyof typeof types} */ (name.split('.').at(-1));
        await route.fulfill({
          body: readFileSync(join(directory, name), 'utf8').replaceAll('@build@', 'test'),
          headers: { 'content-type': `${types[suffix]};charset=utf-8`, ...(policy && { 'content-security-policy': policy }) },
        });
      },
    );
  }

  get page() {
    if (!this.#page) throw new Error('no page is open');
    return this.#page;
  }

  /** Opens the page in a new tab. */
  async open(path = '/') {
    this.#page = await this.context.newPage();
    // from the first listener on, Chromium asks the test for files, and opens no window for them
    this.#page.on('filechooser', () => {});
    await this.#page.goto(path);
    return this.#page;
  }

  /**
   * Logs in by the form.
   *
   * @param {{email: string, password: string}} account
   * @param {string} [path]
   */
  async enter(account, path = '') {
    this.account = account;
    const page = await this.open(`/${path}`);
    await page.getByLabel('E-mail address').fill(account.email);
    await page.getByLabel('Password', { exact: true }).fill(account.password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).waitFor();
    return page;
  }

  /**
   * A request with the visitor's session, beside the page.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} [data]
   */
  async api(method, path, data) {
    const answer = await this.context.request.fetch(path, {
      method,
      headers: { Origin: this.url },
      ...(data !== undefined && { data }),
    });
    const body = await answer.text();
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${body}`);
    return body === '' ? null : JSON.parse(body);
  }

  /** Fails if the page, as it is, violates a rule of accessibility. */
  async assertAccessible(page = this.page) {
    await page.evaluate(axe.source);
    const result = await page.evaluate(
      (rules) => /** @type {any} */ (window).axe.run(document, { runOnly: rules, resultTypes: ['violations'] }),
      RULES,
    );
    const violations = result.violations.map((/** @type {any} */ { id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((/** @type {any} */ node) => `${node.html} ${node.failureSummary}`),
    }));
    assert.deepEqual(violations, []);
  }

  /** Fails if something is wider than the window. */
  async assertFits(page = this.page) {
    const [content, width] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    assert.ok(content <= width, `${content} px in a window of ${width} px`);
  }
}
