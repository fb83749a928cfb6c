import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';

/** What the page may weigh, compressed, before a user has any file. */
const MAX_TRANSFER = 150_000;

/** @param {() => import('../browser.js').Browser} browser */
export function everyoneJourneys(browser) {
  for (const look of [
    { colorScheme: 'light', viewport: { width: 320, height: 640 }, hasTouch: true },
    { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
    { colorScheme: 'light', forcedColors: 'active', viewport: { width: 768, height: 1024 } },
    { colorScheme: 'light', locale: 'de-DE', reducedMotion: 'reduce', viewport: { width: 320, height: 640 } },
  ]) {
    const name = [look.colorScheme, look.forcedColors && 'forced colors', look.locale, `${look.viewport.width} px`];
    test(`every view is accessible and fits: ${name.filter(Boolean).join(', ')}`, async (t) => {
      const options = /** @type {import('playwright-core').BrowserContextOptions} */ (look);
      const german = look.locale === 'de-DE';
      const visitor = await browser().visit(t, options);
      const page = await visitor.open();
      const { email, password } = browser().system.account;
      await page.getByRole('heading', { name: german ? 'Anmelden' : 'Log in' }).waitFor();
      await visitor.assertAccessible();
      await visitor.assertFits();
      await page.getByLabel(german ? 'E-Mail-Adresse' : 'E-mail address').fill(email);
      await page.getByLabel(german ? 'Passwort' : 'Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: german ? 'Anmelden' : 'Log in', exact: true }).click();
      await page.getByRole('heading', { name: german ? 'Dateien' : 'Files', level: 1 }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), german ? 'de' : 'en');
      await visitor.assertAccessible();
      await visitor.assertFits();
      await page.getByRole('link', { name: german ? 'Konto' : 'Account' }).click();
      await page.getByText(german ? 'Sie haben keine Webhooks.' : 'You have no webhooks.').waitFor();
      await visitor.assertAccessible();
      await visitor.assertFits();
      await page.getByRole('link', { name: german ? 'Verwaltung' : 'Administration' }).click();
      await page.locator('all-users li').first().waitFor();
      await page.getByText(german ? 'Geltende Grenzen' : 'Limits and retention').waitFor();
      await visitor.assertAccessible();
      await visitor.assertFits();
    });
  }

  test('speaks the language that the reader chooses, and remembers it', async (t) => {
    const visitor = await browser().visit(t, { locale: 'de-AT' });
    const page = await visitor.open();
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    await page.getByLabel('Sprache').selectOption('English');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.getByLabel('Language').selectOption('Deutsch');
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  });

  test('says so without JavaScript', async (t) => {
    const visitor = await browser().visit(t, { javaScriptEnabled: false });
    const page = await visitor.open();
    // getByText passes over noscript
    const said = page.locator('noscript p').first();
    await said.waitFor();
    assert.match(await said.innerText(), /^This page needs JavaScript\./);
  });

  test('weighs little, and comes from this server alone', async (t) => {
    if (process.env.TEST_PAGE) {
      t.skip('files of TEST_PAGE are not compressed');
      return;
    }
    const { page, context } = await browser().loggedIn(t, { expected: [/401/] });
    const session = await context.newCDPSession(page);
    let bytes = 0;
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    session.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
    const description = page.waitForResponse(/api-docs/);
    await page.reload();
    await page.locator('.drop').waitFor();
    await (await description).finished();
    await page.waitForTimeout(500);
    t.diagnostic(`files: ${bytes} bytes`);
    assert.ok(bytes > 100_000 && bytes < MAX_TRANSFER, `files: ${bytes} bytes`);
    await context.clearCookies();
    bytes = 0;
    await page.goto('/');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.waitForLoadState('networkidle');
    t.diagnostic(`login: ${bytes} bytes`);
    assert.ok(bytes > 0 && bytes < MAX_TRANSFER, `login: ${bytes} bytes`);
  });

  test('forbids what it does not need, and lets no browser keep the document', async () => {
    const answer = await fetch(browser().system.url, { headers: { Accept: 'text/html' } });
    const policy = answer.headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"])
      assert.ok(policy.includes(rule), policy);
    assert.ok(!policy.includes('unsafe'), policy);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const [, script] = /src="([^"]+)"/.exec(await answer.text()) ?? [];
    const file = await fetch(new URL(script ?? '', browser().system.url));
    assert.match(file.headers.get('cache-control') ?? '', /immutable/);
    const swagger = await fetch(new URL('/swagger-ui/index.html', browser().system.url));
    assert.equal(swagger.status, 200);
    assert.notEqual(swagger.headers.get('content-security-policy'), policy);
  });
}
