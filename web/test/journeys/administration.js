import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowJob } from '../media.js';

/** @param {() => import('../browser.js').Browser} browser */
export function administrationJourneys(browser) {
  test('makes a user, whose one-time password is replaced at the first login', async (t) => {
    const visitor = await browser().administrator(t);
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    const email = `made-${process.pid}@example.org`;
    await page.getByRole('button', { name: 'Make a user' }).click();
    await dialog.getByLabel('E-mail address').fill(email);
    await visitor.assertAccessible();
    await dialog.getByRole('button', { name: 'Make a user' }).click();
    const password = await dialog.locator('.secret').inputValue();
    assert.ok(password.length >= 8);
    await visitor.assertAccessible();
    await dialog.getByRole('button', { name: 'I have kept it' }).click();

    const made = await browser().visit(t, { expected: [/403/] });
    await made.open();
    await made.page.getByLabel('E-mail address').fill(email);
    await made.page.getByLabel('Password', { exact: true }).fill(password);
    await made.page.getByRole('button', { name: 'Log in', exact: true }).click();
    await made.page.getByLabel('New password').fill('chosen by myself');
    await made.assertAccessible();
    await made.page.getByRole('button', { name: 'Change password and log in' }).click();
    await made.page.getByRole('button', { name: 'Log out' }).waitFor();

    await page.getByLabel('Find by e-mail address').fill(email.toUpperCase());
    const row = page.locator('all-users').getByRole('listitem');
    await page.waitForFunction(() => document.querySelectorAll('all-users li').length === 1);
    await row.getByRole('button', { name: /^Make administrator/ }).click();
    await dialog.getByRole('button', { name: 'Make administrator' }).click();
    await row.getByText('administrator', { exact: false }).first().waitFor();
    await row.getByRole('button', { name: /^Make ordinary user/ }).click();
    await dialog.getByRole('button', { name: 'Make ordinary user' }).click();
    await row.getByRole('button', { name: /^Make administrator/ }).waitFor();
    await row.getByRole('button', { name: /^Disable/ }).click();
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await row.getByText('Disabled: cannot log in.').waitFor();
    await visitor.assertAccessible();
    await row.getByRole('button', { name: /^Enable/ }).click();
    await row.getByRole('button', { name: /^Disable/ }).waitFor();
    await row.getByRole('button', { name: /^Delete/ }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.waitForFunction(() => document.querySelectorAll('all-users li').length === 0);
    await page.getByLabel('Find by e-mail address').fill('nobody has this');
    await page.getByText('No user has such an address.').waitFor();
  });

  test('the last administrator cannot be removed, and the page says what to do', async (t) => {
    const visitor = await browser().administrator(t, { expected: [/409/] });
    const { page } = visitor;
    const { email } = browser().system.account;
    await page.getByLabel('Find by e-mail address').fill(email);
    await page.getByRole('button', { name: `Disable: ${email}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByText('This is the last administrator.').waitFor();
  });

  test('shows the queue by owner and the busy workers, and cancels a job', async (t) => {
    const owner = await browser().loggedIn(t);
    const visitor = await browser().administrator(t);
    const { page } = visitor;
    // the view is there before the job takes the processors
    await page.getByText('Limits and retention in force').waitFor();
    const id = await slowJob(owner);
    await page.getByText(`a file of ${owner.account.email}`).waitFor();
    await visitor.assertAccessible();
    await visitor.assertFits();
    await page.getByRole('button', { name: `Show files: ${owner.account.email}` }).click();
    const dialog = page.getByRole('dialog');
    const row = dialog.first().getByRole('listitem').filter({ hasText: 'slow' });
    await row.getByText('converting').waitFor();
    await visitor.assertAccessible();
    await row.getByRole('button', { name: /^Cancel conversion/ }).click();
    await dialog.last().getByRole('button', { name: 'Cancel conversion' }).click();
    await page.getByText('Nothing of this user is in the queue any more.').waitFor();
    assert.equal((await owner.api('GET', `/jobs/${id}`)).status, 'cancelled');
  });

  test('is not there for others', async (t) => {
    const { page } = await browser().loggedIn(t, { page: '#/admin' });
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Administration' }).count(), 0);
  });
}
