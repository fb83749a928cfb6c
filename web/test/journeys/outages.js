import assert from 'node:assert/strict';
import { test } from 'node:test';
import { file, row, slowJob, slowNetwork, tone } from '../media.js';
import { choose } from './files.js';
import { Line } from '../line.js';

/** Of 12 MB: the server tells after each 4 MB how many it has. */
const LONG = tone(750);
const MEGABYTE = 1_000_000;

/** Six seconds for a long file. */
const SLOW = 2 * MEGABYTE;

/** Chromium says on its console when the network is gone, or when an answer is an error. */
const OUTAGE = [/ERR_INTERNET_DISCONNECTED/, /ERR_CONNECTION/, /ERR_EMPTY_RESPONSE/, /ERR_INCOMPLETE/, /ERR_NETWORK/, /50[234]/];

/** @param {() => import('../browser.js').Browser} browser */
export function outageJourneys(browser) {
  test('pauses, and goes on where it stopped', async (t) => {
    const visitor = await browser().loggedIn(t);
    const { page, context } = visitor;
    const offsets = watchOffsets(page);
    await slowNetwork(context, page, SLOW);
    await choose(page, [file('paused.wav', LONG)]);
    await received(visitor);
    await row(page, 'paused.wav', 'sending').locator('[data-action=pause]').click();
    await row(page, 'paused.wav', 'paused').waitFor();
    await slowNetwork(context, page, Infinity);
    await row(page, 'paused.wav', 'paused').locator('[data-action=play]').click();
    await row(page, 'paused.wav', 'done').waitFor();
    assert.ok((offsets.at(-1) ?? 0) > 0, `sent again from ${offsets}`);
  });

  test('goes on by itself after the network was gone in mid-upload', async (t) => {
    const visitor = await browser().loggedIn(t, { expected: OUTAGE });
    const { page, context } = visitor;
    const offsets = watchOffsets(page);
    await slowNetwork(context, page, SLOW);
    await choose(page, [file('offline.wav', LONG)]);
    await received(visitor);
    await slowNetwork(context, page, 0);
    await row(page, 'offline.wav', 'retrying').waitFor();
    await page.getByText(/connection|network|does not answer/i).first().waitFor();
    await visitor.assertAccessible();
    await slowNetwork(context, page, Infinity);
    await row(page, 'offline.wav', 'done').waitFor();
    assert.ok((offsets.at(-1) ?? 0) > 0, `sent again from ${offsets}`);
    assert.equal((await visitor.api('GET', '/jobs')).items.length, 1);
  });

  test('finds an unfinished upload after a reload, asks for the file, and goes on', async (t) => {
    const visitor = await browser().loggedIn(t, { expected: OUTAGE });
    const { page, context } = visitor;
    const warnings = /** @type {string[]} */ ([]);
    page.on('dialog', (dialog) => {
      warnings.push(dialog.type());
      return dialog.accept();
    });
    await slowNetwork(context, page, SLOW);
    await choose(page, [file('reloaded.wav', LONG)]);
    await received(visitor);
    await page.reload();
    assert.deepEqual(warnings, ['beforeunload']);
    const unfinished = row(page, 'reloaded.wav', 'unfinished');
    await unfinished.waitFor();
    await visitor.assertAccessible();
    await slowNetwork(context, page, Infinity);
    const offsets = watchOffsets(page);
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      unfinished.locator('[data-action=choose]').click(),
    ]);
    await chooser.setFiles([file('reloaded.wav', LONG)]);
    await row(page, 'reloaded.wav', 'done').waitFor();
    assert.ok((offsets[0] ?? 0) > 0, `sent again from ${offsets}`);
    await page.reload();
    await row(page, 'reloaded.wav', 'done').waitFor();
    assert.deepEqual(warnings, ['beforeunload'], 'no warning while no byte moves');
  });

  test('two tabs share one event stream, and both see what happens', async (t) => {
    const visitor = await browser().loggedIn(t);
    const { context, page: first } = visitor;
    const streams = /** @type {string[]} */ ([]);
    context.on('request', (request) => {
      if (new URL(request.url()).pathname === '/events') streams.push(request.url());
    });
    // the stream of the first visit ends with it
    first.once('framenavigated', () => (streams.length = 0));
    await first.reload();
    await first.locator('.drop').waitFor();
    const second = await visitor.open();
    await second.locator('.drop').waitFor();
    const answer = await context.request.post('/upload', {
      headers: { Origin: visitor.url },
      multipart: { file: file('shared.wav') },
    });
    assert.equal(answer.status(), 202);
    await row(first, 'shared.wav', 'done').waitFor();
    await row(second, 'shared.wav', 'done').waitFor();
    assert.equal(streams.length, 1, 'one stream for both');
    await first.close();
    await context.request.post('/upload', {
      headers: { Origin: visitor.url },
      multipart: { file: file('later.wav') },
    });
    await row(second, 'later.wav', 'done').waitFor();
    assert.equal(streams.length, 2, 'the other tab goes on');
  });

  test('a session that ends in the middle is renewed, and nothing is lost', async (t) => {
    const visitor = await browser().loggedIn(t, { expected: [/401/, ...OUTAGE] });
    const { page, context, account } = visitor;
    await slowNetwork(context, page, 3 * MEGABYTE);
    await choose(page, [1, 2, 3, 4, 5].map((i) => file(`session ${i}.wav`, LONG.subarray(0, 3 * MEGABYTE))));
    await row(page, 'session 1.wav', 'sending').getByText(/\d ?%/).waitFor();
    await visitor.api('DELETE', '/sessions');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password').waitFor();
    await visitor.assertAccessible();
    await dialog.getByLabel('Password').fill(account.password);
    await slowNetwork(context, page, Infinity);
    await page.getByText('goes on after the login').first().waitFor();
    await dialog.getByRole('button', { name: 'Log in' }).click();
    for (let i = 1; i <= 5; i++) await row(page, `session ${i}.wav`, 'done').waitFor();
  });

  test('says it when the quota is reached in the middle, and goes on when there is room', async (t) => {
    const visitor = await browser().loggedIn(t, { expected: [/507/] });
    const { page, context } = visitor;
    const { limits } = await visitor.api('GET', '/me');
    if (limits.max_stored_bytes === null || limits.max_stored_bytes > 200 * MEGABYTE) {
      t.skip('the limit of this system is too high to be reached');
      return;
    }
    await choose(page, [file('fits.wav')]);
    await row(page, 'fits.wav', 'done').waitFor();
    // an upload that was begun counts with its declared length
    const reserved = await context.request.post('/files', {
      headers: {
        Origin: visitor.url,
        'Tus-Resumable': '1.0.0',
        'Upload-Length': String(limits.max_stored_bytes - 4 * MEGABYTE),
        'Upload-Metadata': `filename ${Buffer.from('reserved.wav').toString('base64')}`,
      },
    });
    assert.equal(reserved.status(), 201, await reserved.text());
    await choose(page, [file('does not fit.wav', LONG)]);
    const failed = row(page, 'does not fit.wav', 'failed');
    await failed.getByText('Your storage is full.').waitFor();
    await visitor.assertAccessible();
    await visitor.api('DELETE', new URL(reserved.headers()['location'] ?? '', visitor.url).pathname.replace('files', 'jobs'));
    await failed.locator('[data-action=retry]').click();
    await row(page, 'does not fit.wav', 'done').waitFor();
  });

  test('EventSource resumes with the id of its last event', async (t) => {
    // Chromium's own emulation does not interrupt a stream that is open
    const line = await Line.to(browser().system.url);
    t.after(() => line.close());
    const visitor = await browser().loggedIn(t, { baseURL: line.url, expected: OUTAGE });
    const { page, context } = visitor;
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    const sent = /** @type {string[]} */ ([]);
    session.on('Network.requestWillBeSentExtraInfo', ({ headers }) => {
      const id = headers['Last-Event-ID'] ?? headers['last-event-id'];
      if (id) sent.push(id);
    });
    await page.evaluate(() => {
      const seen = /** @type {string[]} */ ([]);
      const source = new EventSource('/events');
      for (const type of ['snapshot', 'job'])
        source.addEventListener(type, (event) => seen.push(`${type} ${/** @type {MessageEvent} */ (event).lastEventId}`));
      Object.assign(window, { seen });
    });
    const seen = () => page.evaluate(() => /** @type {any} */ (window).seen);
    await page.waitForFunction(() => /** @type {any} */ (window).seen.length === 1);
    await choose(page, [file('event.wav')]);
    await row(page, 'event.wav', 'done').waitFor();
    await page.waitForFunction(() => /** @type {any} */ (window).seen.some((/** @type {string} */ each) => each.startsWith('job ')));
    line.cut();
    const before = (await seen()).length;
    await uploadBeside(browser(), visitor.account, file('missed.wav'));
    line.mend();
    await page.waitForFunction((count) => /** @type {any} */ (window).seen.length > count, before);
    const after = /** @type {string[]} */ (await seen());
    assert.equal(after.filter((each) => each.startsWith('snapshot')).length, 1, 'the stream went on');
    assert.ok(sent.some((id) => after.some((each) => each.endsWith(` ${id}`))), `${sent} of ${after}`);
  });

  test('survives SIGKILL of the system in mid-upload and during a conversion', async (t) => {
    const { system } = browser();
    if (!system.isOwn) {
      t.skip('this system is not to be killed');
      return;
    }
    const visitor = await browser().loggedIn(t, { expected: OUTAGE });
    const { page, context } = visitor;
    await slowJob(visitor, 40);
    await row(page, 'slow.wav', 'converting').waitFor();
    await slowNetwork(context, page, SLOW);
    await choose(page, [file('killed.wav', LONG)]);
    await received(visitor);
    await system.kill();
    await row(page, 'killed.wav', 'retrying').waitFor();
    await visitor.assertAccessible();
    await slowNetwork(context, page, Infinity);
    await system.restart();
    await row(page, 'killed.wav', 'done').waitFor({ timeout: 60_000 });
    await row(page, 'slow.wav', 'done').waitFor({ timeout: 90_000 });
  });
}

/**
 * Waits until the server has some bytes of an upload.
 *
 * @param {import('../browser.js').Visitor} visitor
 */
async function received(visitor) {
  for (;;) {
    const { items } = await visitor.api('GET', '/jobs');
    if (items.some((/** @type {any} */ job) => job.received_bytes > 0)) return;
    await visitor.page.waitForTimeout(100);
  }
}

/**
 * The offsets from which the page has sent bytes.
 *
 * @param {import('playwright-core').Page} page
 */
function watchOffsets(page) {
  const offsets = /** @type {number[]} */ ([]);
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  return offsets;
}

/**
 * An upload of the same user that does not go through the page or its line.
 *
 * @param {import('../browser.js').Browser} browser
 * @param {{email: string, password: string}} account
 * @param {ReturnType<typeof file>} sent
 */
async function uploadBeside(browser, account, { name, mimeType, buffer }) {
  const token = await browser.token(account);
  const form = new FormData();
  form.set('file', new File([new Uint8Array(buffer)], name, { type: mimeType }));
  const answer = await fetch(new URL('/upload', browser.system.url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: form,
  });
  assert.equal(answer.status, 202);
}
