/**
 * Pictures of the main states, for a person to look at: node web/test/screenshots.js DIRECTORY
 *
 * With "readme" as a second argument, it makes only the picture of the README, page.png.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { Browser } from './browser.js';
import { file, row, slowJob, slowNetwork, tone } from './media.js';
import { System } from './system.js';

/** @typedef {import('./browser.js').Visitor} Visitor */

const SAMPLE = readFileSync(resolve(import.meta.dirname, '../../samples/test.mp4'));
const SIZES = [
  { width: 320, height: 640 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
];
const [directory, only] = process.argv.slice(2);
if (!directory) {
  console.error('usage: node web/test/screenshots.js DIRECTORY [readme]');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });

const system = await System.start();
const browser = await Browser.start(system);
/** @type {(() => Promise<void>)[]} */
const ends = [];
/** What the harness needs of a test. */
const run = /** @type {any} */ ({ after: (/** @type {() => Promise<void>} */ end) => ends.push(end) });

/**
 * @param {Visitor} visitor
 * @param {string} name
 * @param {{fullPage?: boolean}} [options]
 */
async function shoot({ page }, name, { fullPage = true } = {}) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      // until the colours have changed
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map((each) => each.finished)));
      await page.screenshot({ path: join(directory ?? '', `${name}-${size.width}-${colorScheme}.png`), fullPage });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** @param {Visitor} visitor */
async function files({ page }) {
  const input = page.locator('input[type=file]:not([webkitdirectory])').first();
  await input.setInputFiles([
    file('Interview with Ada, part 1.wav', tone(95, { hertz: 330 })),
    file('Field recording.wav', tone(40, { hertz: 250 })),
    { name: 'Holiday.mp4', mimeType: 'video/mp4', buffer: SAMPLE },
    { name: 'Screen capture.mkv', mimeType: 'video/x-matroska', buffer: Buffer.alloc(30_000, '\u0001\u0002no media') },
  ]);
  await row(page, 'Interview with Ada, part 1.wav', 'done').waitFor();
  await row(page, 'Field recording.wav', 'done').waitFor();
  await row(page, 'Holiday.mp4', 'done').waitFor();
  await row(page, 'Screen capture.mkv', 'failed').waitFor();
}

/** @param {Visitor} visitor */
async function moving(visitor) {
  const { page, context } = visitor;
  await slowJob(visitor);
  await slowNetwork(context, page, 250_000);
  const input = page.locator('input[type=file]:not([webkitdirectory])').first();
  await input.setInputFiles(
    ['Concert, first half.wav', 'Concert, second half.wav', 'Lecture 12.wav', 'Lecture 13.wav'].map((name) => file(name, tone(200))),
  );
  await page.waitForTimeout(3000);
}

async function readme() {
  const visitor = await browser.loggedIn(run, { viewport: { width: 1120, height: 960 } });
  const { page, context } = visitor;
  await files(visitor);
  await slowNetwork(context, page, 700_000);
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .first()
    .setInputFiles([file('Lecture 12.wav', tone(300))]);
  await row(page, 'Lecture 12.wav', 'sending').getByText(/left/).waitFor();
  await page.waitForTimeout(2500);
  await page.screenshot({ path: join(directory ?? '', 'page.png') });
}

async function all() {
  const stranger = await browser.visit(run);
  await stranger.open();
  await stranger.page.getByRole('heading', { name: 'Log in' }).waitFor();
  await shoot(stranger, 'login');

  const visitor = await browser.loggedIn(run);
  const { page } = visitor;
  await page.locator('upload-options select').first().waitFor();
  await shoot(visitor, 'empty');
  await files(visitor);
  await shoot(visitor, 'files');
  await page.locator('upload-options summary').click();
  await shoot(visitor, 'options');
  await page.locator('upload-options summary').click();
  await page.locator('.results-head input[type=checkbox]').check();
  await row(page, 'Holiday.mp4', 'done').locator('[data-action=play]').click();
  await shoot(visitor, 'selected-and-playing', { fullPage: false });
  await page.locator('.results-head input[type=checkbox]').uncheck();
  await row(page, 'Holiday.mp4', 'done').locator('[data-action=link]').click();
  await page.getByRole('dialog').locator('button[type=submit]').click();
  await page.getByRole('dialog').locator('input[readonly]').waitFor();
  await shoot(visitor, 'link', { fullPage: false });
  await page.keyboard.press('Escape');
  await row(page, 'Field recording.wav', 'done').locator('[data-action=trash]').click();
  await shoot(visitor, 'undo', { fullPage: false });
  await page.locator('.player .icon-button').click();
  await moving(visitor);
  await shoot(visitor, 'moving');

  const owner = await browser.loggedIn(run, { page: '#/account' });
  await owner.api('POST', '/keys', { name: 'backup script', scopes: ['jobs:read', 'download'], expires_at: '2099-01-01T00:00:00Z' });
  await owner.api('POST', '/webhooks', { url: 'https://receiver.example.org/tomp3', description: 'my receiver' });
  await owner.page.reload();
  await owner.page.locator('web-hooks li').waitFor();
  await shoot(owner, 'account');
  await owner.page.getByRole('button', { name: 'Make a key' }).click();
  await shoot(owner, 'key', { fullPage: false });
  const administrator = await browser.administrator(run);
  await administrator.page.locator('all-users li').nth(2).waitFor();
  await administrator.page.getByText('a file of').first().waitFor();
  await shoot(administrator, 'administration');
  const german = await browser.visit(run, { locale: 'de-DE' });
  await german.open();
  await german.page.getByLabel('E-Mail-Adresse').fill(visitor.account.email);
  await german.page.getByLabel('Passwort').fill(visitor.account.password);
  await german.page.getByRole('button', { name: 'Anmelden' }).click();
  await row(german.page, 'Holiday.mp4', 'done').waitFor();
  await german.page.locator('upload-options summary').click();
  await shoot(german, 'german');
  await german.page.getByRole('link', { name: 'Konto' }).click();
  await german.page.getByText('Sie haben keine Webhooks.').waitFor();
  await shoot(german, 'german-account');
}

try {
  await (only === 'readme' ? readme() : all());
} finally {
  await browser.stop();
  await system.stop();
}
