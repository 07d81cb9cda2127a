// Signing in, roles, and two people at once.

import { code, expect, PASSWORD, person, picture, Stand, stillwatch, test } from './stand';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

let own: Stand;
test.beforeAll(async ({ seeded }) => {
  const folder = join(seeded.folder, 'people');
  for (const name of ['data', 'found']) cpSync(join(seeded.folder, name), join(folder, name), { recursive: true });
  own = new Stand(folder, seeded.campaign, seeded.totp);
  await own.start();
});
test.afterAll(async () => {
  await own.kill();
});

test('who is not signed in comes back to where they wanted to go', async ({ page }) => {
  await page.goto(`${own.url}/campaigns/${own.campaign}?tab=why`);
  await page.getByLabel('Name').fill('Bob@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'What would overturn it' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'What would overturn it' })).toBeVisible();
  // Another site's address is no place in this page.
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto(`${own.url}/sign-in?next=//example.net/`);
  await page.getByLabel('Name').fill('bob@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Posture' })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(own.url);
});

test('a guesser is told little, and waits', async ({ page }) => {
  await page.goto(`${own.url}/sign-in`);
  const attempt = async (who: string, password: string, otp: string): Promise<string> => {
    await page.getByLabel('Name').fill(who);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel('One-time password').fill(otp);
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/sessions'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await answered;
    return (await page.getByRole('alert').textContent()) ?? '';
  };
  const unknown = await attempt('nobody@example.com', PASSWORD, '000000');
  expect(unknown).toContain('is wrong');
  expect(await attempt('ann@example.com', 'another sentence', code(own.totp))).toBe(unknown);
  const wrong = String((Number(code(own.totp)) + 1) % 1_000_000).padStart(6, '0');
  expect(await attempt('ann@example.com', PASSWORD, wrong)).toBe(unknown);
  for (let at = 0; at < 3; at++) await attempt('ann@example.com', 'another sentence', '');
  expect(await attempt('ann@example.com', PASSWORD, code(own.totp))).toContain('Too many attempts');
});

test('a reader looks, and the server holds to it', async ({ browser }) => {
  const rita = await person(browser, own.url, 'rita');
  await rita.goto(`${own.url}/campaigns/${own.campaign}`);
  await expect(rita.getByText('Your role may look and not act.')).toBeVisible();
  await expect(rita.getByRole('button', { name: /Open a case/ })).toBeDisabled();
  // Neither a page that takes no notice of that, nor one that does not know the header.
  const answers = await rita.evaluate(async (id) => {
    const session = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
    const send = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`/api/v1/cases/${id}/acts`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"act":"open"}' })).status;
    return [await send({}), await send({ 'x-csrf-token': 'guessed' }), await send({ 'x-csrf-token': session.csrf })];
  }, own.campaign);
  expect(answers).toEqual([403, 403, 403]);
  const cookies = await rita.context().cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
});

test('of two analysts at once one is told what the other did, and loses no word', async ({ browser }) => {
  const bob = await person(browser, own.url, 'bob');
  const other = await person(browser, own.url, 'bob');
  for (const page of [bob, other]) await page.goto(`${own.url}/campaigns/${own.campaign}`);
  await bob.getByRole('button', { name: /Open a case/ }).click();
  await expect(bob.getByText('you opened the case')).toBeVisible();
  await expect(other.getByRole('button', { name: /Acknowledge/ })).toBeVisible();
  await other.getByRole('button', { name: /Clear/ }).click();
  await other.getByLabel('Why').fill('A class; their teacher wrote to us.');
  await bob.getByRole('button', { name: /^Note/ }).click();
  await bob.getByLabel('Note', { exact: true }).fill('Their teacher denies it.');
  await bob.getByRole('button', { name: 'Write a note' }).click();
  await expect(bob.getByText('you wrote a note')).toBeVisible();
  const dialog = other.getByRole('dialog', { name: 'Clear it' });
  await dialog.getByRole('button', { name: 'Clear it' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Somebody else wrote while you did');
  await expect(dialog.getByRole('alert')).toContainText('Their teacher denies it.');
  await expect(other.getByLabel('Why')).toHaveValue('A class; their teacher wrote to us.');
  await other.screenshot({ path: picture('conflict-1280-light') });
  await dialog.getByRole('button', { name: 'Do it all the same' }).click();
  await expect(other.getByText('you cleared it')).toBeVisible();
  await other.getByRole('button', { name: 'Undo' }).click();
  await expect(other.getByRole('region', { name: 'Case' }).getByText('reopened')).toBeVisible();
  // A proposal cannot be approved by whoever made it, whatever their role.
  await other.getByRole('button', { name: /Propose/ }).click();
  await other.getByLabel('Why').fill('Clause 4.2');
  await other.getByRole('dialog').getByRole('button', { name: 'Propose a measure' }).click();
  await expect(other.getByText('You proposed it: a second person has to approve.')).toBeVisible();
});

test('who is removed is led out, and comes back no more', async ({ browser }) => {
  stillwatch(['user', 'add', 'eve@example.com', '--data-dir', own.data, '--role', 'admin', '--without-totp'], `${PASSWORD}\n`);
  const eve = await person(browser, own.url, 'eve');
  await eve.goto(`${own.url}/campaigns/${own.campaign}`);
  await expect(eve.getByRole('heading', { name: own.campaign })).toBeVisible();
  stillwatch(['user', 'remove', 'eve@example.com', '--data-dir', own.data]);
  await expect(eve.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('the server is killed and comes back, and nobody loses their place', async ({ browser }) => {
  const bob = await person(browser, own.url, 'bob');
  await bob.goto(`${own.url}/campaigns/C-large000?tab=members`);
  const list = bob.getByRole('rowgroup', { name: /Accounts/ });
  await expect(list.getByRole('row').first()).toBeVisible();
  await list.evaluate((box) => (box.scrollTop = 20_000));
  await own.kill();
  await expect(bob.getByText('no connection')).toBeVisible();
  await expect(bob.getByText('What you see is what it told last')).toBeVisible();
  await expect(list.getByRole('row').first()).toBeVisible();
  await bob.screenshot({ path: picture('away-1280-light') });
  await own.start();
  await expect(bob.getByText('no connection')).toHaveCount(0);
  await expect(bob.getByText(/^live/)).toBeVisible();
  expect(await list.evaluate((box) => box.scrollTop)).toBe(20_000);
  expect(bob.url()).toContain('tab=members');
});
