import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { dropped, file, row, slowNetwork, tone } from '../media.js';

const SAMPLE = resolve(import.meta.dirname, '../../../samples/test.mp4');

/** @param {() => import('../browser.js').Browser} browser */
export function fileJourneys(browser) {
  test('a newcomer logs in, drops a video, hears the MP3, and downloads it', async (t) => {
    const visitor = await browser().visit(t);
    const page = await visitor.open();
    const { email, password } = browser().system.account;
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('button', { name: 'Choose files' }).waitFor();
    await visitor.assertAccessible();
    await dropped(page, [{ name: 'test.mp4', mimeType: 'video/mp4', buffer: readFileSync(SAMPLE) }]);

    const done = row(page, 'test.mp4', 'done').first();
    await done.waitFor();
    await done.getByText(/gone on/i).waitFor();
    await visitor.assertAccessible();
    await done.getByRole('button', { name: /^Play/ }).click();
    await page.waitForFunction(() => (document.querySelector('audio')?.currentTime ?? 0) > 0.2);
    await visitor.assertAccessible();
    await page.locator('audio').evaluate((audio) => {
      const player = /** @type {HTMLAudioElement} */ (audio);
      player.currentTime = player.duration / 2;
    });
    await page.waitForFunction(() => {
      const audio = document.querySelector('audio');
      return audio && audio.currentTime >= audio.duration / 2;
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      done.getByRole('link', { name: /^Download/ }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'test.mp3');
    const mp3 = readFileSync(await download.path());
    const job = (await visitor.api('GET', '/jobs')).items[0];
    const told = await visitor.context.request.get(`/download?fid=${job.id}`);
    assert.equal(mp3.length, job.mp3_bytes);
    assert.ok(mp3.equals(await told.body()), 'the download is the MP3 of the job');
  });

  test('takes whole folders with what is in them, and counts what is no media', async (t) => {
    const { page } = await browser().loggedIn(t);
    const folder = mkdtempSync(join(tmpdir(), 'folder-'));
    t.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'inside', 'deeper'), { recursive: true });
    writeFileSync(join(folder, 'one.wav'), tone(0.5));
    writeFileSync(join(folder, 'inside', 'deeper', 'two.wav'), tone(0.5));
    writeFileSync(join(folder, 'inside', 'notes.txt'), 'no media');
    writeFileSync(join(folder, 'cover.jpg'), 'no media');
    await page.locator('input[webkitdirectory]').setInputFiles(folder);
    await page.getByText(/2 (?:other )?files .*(?:skipped|left out)|skipped 2/i).first().waitFor();
    await row(page, 'one.wav', 'done').waitFor();
    await row(page, 'two.wav', 'done').waitFor();
    assert.equal(await page.locator('file-row').count(), 2);
  });

  test('takes files from the clipboard', async (t) => {
    const { page } = await browser().loggedIn(t);
    await page.evaluate((bytes) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([new Uint8Array(bytes)], 'pasted.wav', { type: 'audio/wav' }));
      window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
    }, [...tone(0.3)]);
    await row(page, 'pasted.wav', 'done').waitFor();
  });

  test('asks once before it takes a file again', async (t) => {
    const visitor = await browser().loggedIn(t);
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    await choose(page, [file('same.wav'), file('other.wav')]);
    await row(page, 'same.wav', 'done').waitFor();
    await row(page, 'other.wav', 'done').waitFor();
    await choose(page, [file('same.wav'), file('other.wav')]);
    await dialog.waitFor();
    await visitor.assertAccessible();
    await dialog.locator('.actions .button').first().click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.locator('file-row').count(), 2);
    await choose(page, [file('same.wav')]);
    await dialog.locator('.actions .button').last().click();
    await page.waitForFunction(() => document.querySelectorAll('file-row').length === 3);
  });

  test('says what is wrong with a file, and what to do', async (t) => {
    const visitor = await browser().loggedIn(t, { expected: [/415/, /413/] });
    const { page } = visitor;
    const noise = Buffer.alloc(20_000, 'no media at all \u0001\u0002');
    noise.writeUInt32BE(0xdeadbeef, 0);
    await choose(page, [
      { name: 'noise.mp4', mimeType: 'video/mp4', buffer: noise },
      { name: 'text.mp4', mimeType: 'video/mp4', buffer: Buffer.from('It is only text. '.repeat(100)) },
      { name: 'empty.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(0) },
    ]);
    for (const name of ['noise.mp4', 'text.mp4', 'empty.mp4']) {
      const failed = row(page, name, 'failed');
      await failed.waitFor();
      const note = await failed.locator('.note').innerText();
      assert.match(note, /^[A-Z].+\. .+\.$/, `${name}: ${note}`);
    }
    await visitor.assertAccessible();
  });

  test('refuses a file that is too large before a byte is sent', async (t) => {
    const visitor = await browser().loggedIn(t);
    const { page } = visitor;
    const { limits } = await visitor.api('GET', '/me');
    await page.evaluate((size) => {
      const large = new File(['x'], 'large.mp4', { type: 'video/mp4' });
      // a file of this size would fill the disk of the tests
      Object.defineProperty(large, 'size', { value: size });
      const event = new Event('drop', { bubbles: true, cancelable: true });
      Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], items: [], files: [large] } });
      document.body.dispatchEvent(event);
    }, limits.max_upload_bytes * 2);
    await row(page, 'large.mp4', 'failed').getByText(/is more than the .* allowed here/).waitFor();
    assert.deepEqual((await visitor.api('GET', '/jobs')).items, []);
  });

  test('converts as the options say, offers only what goes together, and keeps the last choice', async (t) => {
    const visitor = await browser().loggedIn(t);
    const { page } = visitor;
    await page.locator('upload-options select').first().selectOption('podcast');
    await page.locator('upload-options summary').click();
    const bitrate = page.locator('upload-options [name=bitrate]');
    const quality = page.locator('upload-options [name=quality]');
    await quality.selectOption('4');
    assert.ok(await bitrate.isDisabled(), 'bit rate and quality exclude each other');
    await page.locator('upload-options [name=sample_rate]').selectOption('22050');
    await quality.selectOption('');
    assert.ok(await bitrate.isEnabled());
    assert.ok(await bitrate.locator('option[value="320"]').isDisabled(), '320 kbit/s is illegal at 22050 Hz');
    await bitrate.selectOption('64');
    await visitor.assertAccessible();
    await choose(page, [file('talk.wav')]);
    await row(page, 'talk.wav', 'done').waitFor();
    const [job] = (await visitor.api('GET', '/jobs')).items;
    assert.equal(job.options.bitrate, 64);
    assert.equal(job.options.sample_rate, 22050);
    await page.reload();
    await page.locator('upload-options select').first().waitFor();
    await page.waitForFunction(
      () => /** @type {HTMLSelectElement} */ (document.querySelector('upload-options select'))?.value === 'podcast',
    );
    assert.equal(await bitrate.inputValue(), '64');
  });

  test('filters, renames, links, packs and deletes, with undo', async (t) => {
    const visitor = await browser().loggedIn(t);
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    await choose(page, [file('first song.wav'), file('Zweite Übung.wav'), file('third.wav')]);
    for (const name of ['first song.wav', 'Zweite Übung.wav', 'third.wav']) await row(page, name, 'done').waitFor();
    const search = page.getByRole('searchbox');
    await search.fill('ubung');
    await page.waitForFunction(() => document.querySelectorAll('file-row').length === 1);
    await row(page, 'Zweite Übung.wav', 'done').waitFor();
    await search.fill('');
    const states = page.locator('.filters select');
    await states.selectOption('failed');
    await page.waitForFunction(() => document.querySelectorAll('file-row').length === 0);
    await states.selectOption('all');

    const first = row(page, 'first song.wav', 'done');
    await first.getByRole('button', { name: /^Copy a? ?link|^Link|^Share/i }).click();
    await visitor.assertAccessible();
    await dialog.locator('button[type=submit]').click();
    const link = await dialog.locator('input[readonly]').inputValue();
    await visitor.assertAccessible();
    await page.keyboard.press('Escape');
    const shared = await fetch(link);
    assert.equal(shared.status, 200);
    assert.equal(shared.headers.get('content-type'), 'audio/mpeg');

    await first.locator('[data-action=edit]').click();
    await visitor.assertAccessible();
    await dialog.locator('input[name=title]').fill('The <i>best</i> song');
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
    await first.getByText('The <i>best</i> song').waitFor();
    const renamed = (await visitor.api('GET', '/jobs')).items.find(
      (/** @type {any} */ job) => job.filename === 'first song.wav',
    );
    assert.equal(renamed.tags.title, 'The <i>best</i> song');

    await page.locator('.results-head input[type=checkbox]').check();
    await visitor.assertAccessible();
    const [zip] = await Promise.all([page.waitForEvent('download'), page.locator('.selection button').first().click()]);
    const bytes = readFileSync(await zip.path());
    for (const name of ['first song.mp3', 'Zweite Übung.mp3', 'third.mp3'])
      assert.ok(bytes.includes(Buffer.from(name)), `${name} is in the archive`);
    await page.locator('.results-head input[type=checkbox]').uncheck();

    await row(page, 'third.wav', 'done').locator('[data-action=trash]').click();
    await page.waitForFunction(() => document.querySelectorAll('file-row').length === 2);
    await visitor.assertAccessible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'third.wav', 'done').waitFor();
    await row(page, 'third.wav', 'done').locator('[data-action=trash]').click();
    await page.locator('.toast .icon-button').click();
    await page.waitForFunction(() => document.querySelectorAll('file-row').length === 2);
    await statusOf(visitor, 'third.wav', 'expired');
  });

  test('shows names as they are, whatever they hold', async (t) => {
    const visitor = await browser().loggedIn(t, { viewport: { width: 320, height: 640 } });
    const { page } = visitor;
    const names = [
      '<img src=x onerror=document.title=1>.wav',
      'مقطع صوتي من البرنامج.wav',
      `${'a very long name '.repeat(17).slice(0, 296)}.wav`,
      'unbroken'.repeat(15) + '.wav',
    ];
    page.on('dialog', () => assert.fail('a dialog'));
    await choose(page, names.map((name) => file(name, tone(0.2))));
    await page.waitForFunction(
      (count) => document.querySelectorAll('file-row[data-phase=done]').length === count,
      names.length,
    );
    for (const name of names.slice(0, 2)) await row(page, name, 'done').waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    await visitor.assertFits();
    await visitor.assertAccessible();
    await page.setViewportSize({ width: 1280, height: 800 });
    await visitor.assertFits();
    await row(page, names[0] ?? '', 'done').getByRole('button', { name: /^Play/ }).click();
    await page.waitForFunction(() => (document.querySelector('audio')?.currentTime ?? 0) > 0);
    assert.equal(await page.locator('.player img').count(), 0);
  });

  test('500 files do not stop the page', async (t) => {
    const { page, context } = await browser().loggedIn(t);
    // so slow that none of them is converted
    await slowNetwork(context, page, 500);
    await page.evaluate(() => {
      /** @type {any} */ (window).longest = 0;
      let last = performance.now();
      const watch = () => {
        const now = performance.now();
        /** @type {any} */ (window).longest = Math.max(/** @type {any} */ (window).longest, now - last);
        last = now;
        setTimeout(watch, 10);
      };
      watch();
      const data = new DataTransfer();
      for (let i = 1; i <= 500; i++)
        data.items.add(new File([new Uint8Array(5000)], `file ${i}.wav`, { type: 'audio/wav' }));
      const input = /** @type {HTMLInputElement} */ (document.querySelector('input[type=file]'));
      input.files = data.files;
      input.dispatchEvent(new Event('change'));
    });
    await page.locator('file-row').nth(10).waitFor();
    assert.ok((await page.locator('file-row').count()) <= 120, 'not all rows are drawn');
    await page.getByRole('searchbox').fill('file 499');
    await page.waitForFunction(() => document.querySelectorAll('file-row').length === 1);
    await page.getByRole('searchbox').fill('');
    await page.locator('file-row').nth(40).waitFor();
    await page.locator('file-row').last().scrollIntoViewIfNeeded();
    await page.locator('file-row').nth(60).waitFor();
    const longest = await page.evaluate(() => /** @type {any} */ (window).longest);
    t.diagnostic(`longest pause: ${Math.round(longest)} ms`);
    assert.ok(longest < 3000, `${longest} ms`);
  });

  test('is used with the keyboard alone', async (t) => {
    const visitor = await browser().visit(t);
    const page = await visitor.open();
    const { email, password } = await browser().account();
    const tabTo = async (/** @type {import('playwright-core').Locator} */ wanted) => {
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        if (await wanted.evaluate((element) => element === document.activeElement)) {
          const outlined = await wanted.evaluate((element) => {
            const { outlineStyle, outlineWidth } = getComputedStyle(element);
            return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
          });
          assert.ok(outlined, `the focus is not seen on ${wanted}`);
          return;
        }
      }
      assert.fail(`Tab does not reach ${wanted}`);
    };
    await tabTo(page.getByLabel('E-mail address'));
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    const chooseFiles = page.getByRole('button', { name: 'Choose files' });
    await chooseFiles.waitFor();
    await tabTo(chooseFiles);
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles([file('typed.wav')]);
    await row(page, 'typed.wav', 'done').waitFor();
    await tabTo(row(page, 'typed.wav', 'done').getByRole('button', { name: /^Play/ }));
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => (document.querySelector('audio')?.currentTime ?? 0) > 0);
    await page.keyboard.press('Tab');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    assert.equal(download.suggestedFilename(), 'typed.mp3');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.match(
      (await page.evaluate(() => document.activeElement?.getAttribute('data-action'))) ?? '',
      /link/,
      'the focus is back',
    );
  });
}

/** @param {import('playwright-core').Page} page @param {ReturnType<typeof file>[]} files */
export async function choose(page, files) {
  await page.locator('input[type=file]:not([webkitdirectory])').first().setInputFiles(files);
}

/**
 * Waits until the server says that.
 *
 * @param {import('../browser.js').Visitor} visitor
 * @param {string} name
 * @param {string} status
 */
async function statusOf(visitor, name, status) {
  for (let tries = 0; tries < 100; tries++) {
    const job = (await visitor.api('GET', '/jobs')).items.find((/** @type {any} */ each) => each.filename === name);
    if (job?.status === status) return;
    await visitor.page.waitForTimeout(100);
  }
  assert.fail(`${name} is not ${status}`);
}
