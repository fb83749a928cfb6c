import assert from 'node:assert/strict';
import { test } from 'node:test';

/** @param {() => import('../browser.js').Browser} browser */
export function accountJourneys(browser) {
  test('changes the password, stays logged in, and logs in with it', async (t) => {
    const visitor = await browser().loggedIn(t, { page: '#/account' });
    const { page, account } = visitor;
    await page.getByLabel('Present password').fill('not it at all');
    await page.getByLabel('New password').fill('another good password');
    visitor.expected.push(/401/);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The address or the password is wrong').waitFor();
    await page.getByLabel('Present password').fill(account.password);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The password is changed.').waitFor();
    assert.equal((await visitor.api('GET', '/me')).email, account.email);
    const again = await browser().visit(t);
    await again.enter({ email: account.email, password: 'another good password' });
  });

  test('logs out everywhere', async (t) => {
    const { page } = await browser().loggedIn(t, { page: '#/account' });
    await page.getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });

  test('makes an API key that works, rotates and revokes it', async (t) => {
    const visitor = await browser().loggedIn(t, { page: '#/account' });
    const { page } = visitor;
    const { url } = browser().system;
    const jobs = async (/** @type {string} */ key) =>
      (await fetch(`${url}/jobs`, { headers: { Authorization: `Bearer ${key}` } })).status;
    await page.getByText('You have no keys.').waitFor();
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('backup <b>script</b>');
    await dialog.getByLabel('Download MP3s and make links').uncheck();
    await visitor.assertAccessible();
    await dialog.getByRole('button', { name: 'Make a key' }).click();
    const secret = dialog.locator('.secret');
    const key = await secret.inputValue();
    assert.match(key, /^tomp3_[0-9A-Za-z]{38}$/);
    await visitor.assertAccessible();
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    assert.equal(await jobs(key), 200);

    const row = page.getByRole('listitem').filter({ hasText: 'backup <b>script</b>' });
    await row.getByText('see files and upload and delete').waitFor();
    await row.getByText(/Last used|Never used/).waitFor();
    assert.ok(!(await page.content()).includes(key), 'the key is shown once');

    await row.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByLabel('The old key ends').selectOption({ label: 'at once' });
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    const rotated = await secret.inputValue();
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    assert.equal(await jobs(rotated), 200);

    for (;;) {
      const revoke = page.getByRole('button', { name: /^Revoke the key/ });
      const count = await revoke.count();
      if (count === 0) break;
      await revoke.first().click();
      await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
      await page.waitForFunction(
        (before) => document.querySelectorAll('api-keys li').length < before,
        count,
      );
    }
    await page.getByText('You have no keys.').waitFor();
    assert.deepEqual((await visitor.api('GET', '/keys')).items, []);
  });

  test('makes a webhook, tests it, sees its delivery, sends it again, and deletes it', async (t) => {
    const visitor = await browser().loggedIn(t, { page: '#/account' });
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Make a webhook' }).click();
    await dialog.getByLabel('Address').fill('https://receiver.invalid/tomp3');
    await dialog.getByLabel('Description').fill('my receiver');
    await visitor.assertAccessible();
    await dialog.getByRole('button', { name: 'Make a webhook' }).click();
    assert.match(await dialog.locator('.secret').inputValue(), /^whsec_/);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();

    const row = page.getByRole('listitem').filter({ hasText: 'receiver.invalid' });
    await row.getByRole('button', { name: /^Test/ }).click();
    await page.getByText('A test message is on its way.').waitFor();
    await row.getByRole('button', { name: /^Deliveries/ }).click();
    const delivery = dialog.getByRole('listitem').filter({ hasText: 'Test' });
    await delivery.waitFor();
    for (let tries = 0; !(await delivery.getByText(/failed/).isVisible()); tries++) {
      assert.ok(tries < 60, 'the delivery does not end');
      await page.waitForTimeout(250);
      await dialog.getByRole('button', { name: 'Reload' }).click();
    }
    await visitor.assertAccessible();
    await delivery.getByRole('button', { name: 'Send again' }).click();
    await delivery.getByText(/waits|2 attempts/).first().waitFor();
    await page.keyboard.press('Escape');

    await row.getByRole('button', { name: /^Disable/ }).click();
    await row.getByText('You have disabled it.').waitFor();
    await row.getByRole('button', { name: /^Enable/ }).click();
    await row.getByRole('button', { name: /^Disable/ }).waitFor();
    await row.getByRole('button', { name: /^Edit/ }).click();
    await dialog.getByLabel('Description').fill('the other one');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('the other one').waitFor();
    const old = (await visitor.api('GET', '/webhooks')).items[0];
    assert.equal(old.description, 'the other one');
    await row.getByRole('button', { name: /^New secret/ }).click();
    await dialog.getByRole('button', { name: 'New secret' }).click();
    await dialog.locator('.secret').waitFor();
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    await row.getByRole('button', { name: /^Delete/ }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('You have no webhooks.').waitFor();
  });

  test('tells why a webhook is refused, and keeps what was typed', async (t) => {
    const { page } = await browser().loggedIn(t, { page: '#/account', expected: [/400/] });
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Make a webhook' }).click();
    await dialog.getByLabel('Address').fill('ftp://example.org/');
    await dialog.getByRole('button', { name: 'Make a webhook' }).click();
    await dialog.getByText('The webhook cannot be used.').waitFor();
    assert.equal(await dialog.getByLabel('Address').inputValue(), 'ftp://example.org/');
  });
}
