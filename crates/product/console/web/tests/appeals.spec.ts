// An appeal from the account's page to the decision of a second reader, by two people.

import { expect, HOSTILE, person, picture, Stand, stillwatch, test } from './stand';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

let own: Stand;
test.beforeAll(async ({ seeded }) => {
  const folder = join(seeded.folder, 'appeals');
  for (const name of ['data', 'found']) cpSync(join(seeded.folder, name), join(folder, name), { recursive: true });
  own = new Stand(folder, seeded.campaign, seeded.totp);
  await own.start();
  // What is appealed against: bob proposed it, sue approved it.
  const act = (who: string, ...args: string[]): string => stillwatch(['case', ...args, '--data-dir', own.data, '--as', `${who}@example.com`]);
  act('bob', 'open', own.campaign);
  act('bob', 'enforce', own.campaign, 'deny', '--why', 'terms');
  act('sue', 'approve', own.campaign, '--why', 'seen');
  stillwatch(['user', 'add', 'cleo@example.com', '--data-dir', own.data, '--role', 'second', '--role', 'analyst', '--without-totp'], 'a sentence that is long\n');
});
test.afterAll(async () => {
  await own.kill();
});

test('an appeal is opened, read by a second person, and overturned', async ({ browser }) => {
  const bob = await person(browser, own.url, 'bob');
  await bob.goto(`${own.url}/campaigns/${own.campaign}?tab=members`);
  await bob.getByRole('rowgroup', { name: /Accounts/ }).getByRole('link').first().click();
  await expect(bob.getByRole('heading', { name: 'Evidence of its own' })).toBeVisible();
  await bob.getByRole('button', { name: 'Write down an appeal' }).click();
  await bob.getByLabel('What they say').fill(`We are a class. ${HOSTILE[0]} ${HOSTILE[2]}`);
  await bob.getByRole('button', { name: 'Write it down' }).click();
  await expect(bob.getByRole('heading', { name: 'What the holder says' })).toBeVisible();
  await expect(bob.locator('blockquote')).toContainText('<script>window.hit=1</script> \\u{202e}gnp.exe');
  expect(await bob.evaluate(() => 'hit' in window)).toBe(false);
  // Whoever proposed the measure reads no appeal against it, nor does whoever approved it.
  await expect(bob.getByText('You had a part in the decision')).toBeVisible();
  await expect(bob.getByRole('button', { name: /Overturn/ })).toBeDisabled();
  await bob.getByRole('button', { name: /Give to/ }).click();
  await bob.getByLabel('To', { exact: true }).fill('Sue@example.com');
  await expect(bob.getByText('an appeal is read by somebody else')).toBeVisible();
  await expect(bob.getByRole('button', { name: 'Give the appeal to somebody' })).toBeDisabled();
  await bob.keyboard.press('Escape');

  const cleo = await person(browser, own.url, 'cleo');
  await cleo.keyboard.press('g');
  await cleo.keyboard.press('a');
  await expect(cleo.getByRole('heading', { name: 'Appeals' })).toBeVisible();
  await expect(cleo.locator('tr[aria-current]')).toContainText('filed');
  await cleo.keyboard.press('Enter');
  await expect(cleo.getByRole('heading', { name: 'What was seen of the account' })).toBeVisible();
  await expect(cleo.getByText('proposed the measure “deny”')).toBeVisible();
  await cleo.keyboard.press('m');
  await expect(cleo.getByText('cleo@example.com reads it')).toBeVisible();
  await cleo.keyboard.press('o');
  await cleo.getByLabel('Why', { exact: true }).fill('The school confirmed it.');
  // Somebody attaches something meanwhile: it is shown, and what was typed stays.
  await bob.reload();
  await bob.getByRole('button', { name: /Attach/ }).click();
  await bob.getByLabel('Text', { exact: true }).fill('The syllabus of the class.');
  await bob.getByRole('button', { name: 'Attach what the holder sent' }).click();
  await expect(bob.getByText('it is attached')).toBeVisible();
  const dialog = cleo.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Overturn the decision for this account' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Somebody else wrote while you did');
  await expect(dialog.getByRole('alert')).toContainText('The syllabus of the class.');
  await expect(cleo.getByLabel('Why', { exact: true })).toHaveValue('The school confirmed it.');
  await cleo.screenshot({ path: picture('appeal-conflict-1280-light') });
  await dialog.getByRole('button', { name: 'Do it all the same' }).click();
  const decision = cleo.getByRole('complementary', { name: 'Decision' });
  await expect(decision).toContainText('overturned');
  await expect(decision).toContainText('The school confirmed it.');
  await cleo.goto(`${own.url}/appeals?state=overturned`);
  await expect(cleo.getByRole('row').nth(1)).toContainText('overturned');
  stillwatch(['ledger', 'verify', '--data-dir', own.data, '--quiet', '--log-only']);
});

test('an undecided appeal is reached from the queue, and a reader only looks', async ({ browser }) => {
  const rita = await person(browser, own.url, 'rita');
  const accounts = JSON.parse(stillwatch(['case', 'show', own.campaign, '--data-dir', own.data, '--json'])) as { accounts?: string[] };
  const told = await rita.evaluate(async (id) => {
    const page = (await (await fetch(`/api/v1/campaigns/${id}/accounts?limit=5`)).json()) as { items: { account: string }[] };
    return page.items.map((one) => one.account);
  }, own.campaign);
  const account = (accounts.accounts ?? told)[3] ?? '';
  stillwatch(['appeal', 'open', own.campaign, '--account', account, '--text', 'Please look again.', '--data-dir', own.data, '--as', 'support@example.com']);
  await rita.goto(`${own.url}/queue?state=appealed`);
  await rita.getByRole('link', { name: '1 appeal' }).click();
  await expect(rita.getByRole('row').nth(1)).toContainText(account);
  await rita.getByRole('row').nth(1).getByRole('link').first().click();
  await expect(rita.getByText('Please look again.')).toBeVisible();
  for (const name of [/Take it/, /Give to/, /Attach/, /Overturn/, /Uphold/]) await expect(rita.getByRole('button', { name })).toBeDisabled();
  await expect(rita.getByText('Deciding needs the role second.')).toBeVisible();
  // The address is a place of its own, with its full stop.
  await rita.reload();
  await expect(rita.getByText('Please look again.')).toBeVisible();
});
