// What people save for themselves, and rules made of questions.

import AxeBuilder from '@axe-core/playwright';
import { complaints, expect, HOSTILE, PASSWORD, person, picture, Stand, stillwatch, test } from './stand';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

let own: Stand;
test.beforeAll(async ({ seeded }) => {
  const folder = join(seeded.folder, 'saved');
  for (const name of ['data', 'found']) cpSync(join(seeded.folder, name), join(folder, name), { recursive: true });
  const rules = join(folder, 'rules');
  stillwatch(['policy', 'init', rules]);
  own = new Stand(folder, seeded.campaign, seeded.totp);
  stillwatch(['user', 'add', 'pat@example.com', '--data-dir', own.data, '--role', 'policy', '--without-totp'], `${PASSWORD}\n`);
  await own.start(['--policies', rules]);
});
test.afterAll(async () => {
  await own.kill();
});

test('questions and views are saved by each for themselves', async ({ browser }) => {
  const bob = await person(browser, own.url, 'bob');
  const told = complaints(bob);
  await bob.goto(`${own.url}/explore?q=${encodeURIComponent('status:>=400')}&top=model`);
  const box = bob.getByRole('group').filter({ hasText: 'Saved by you' });
  await bob.getByText('Saved by you').click();
  const hostile = `${HOSTILE[0]} ${HOSTILE[2]}`;
  await bob.getByLabel('Save this question as').fill(hostile);
  await box.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(box.getByRole('link')).toHaveText('<script>window.hit=1</script> \\u{202e}gnp.exe');
  await box.getByRole('button', { name: /^Rename/ }).click();
  await box.getByLabel(/^New name of/).fill('Refused requests');
  await box.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(box.getByRole('link')).toHaveText('Refused requests');
  // It leads back to the question, wherever it is asked from, and is there the next time.
  await bob.goto(`${own.url}/explore`);
  await bob.getByText('Saved by you: 1').click();
  await bob.getByRole('link', { name: 'Refused requests' }).click();
  await expect(bob).toHaveURL(/q=status%3A%3E%3D400&top=model/);
  await expect(bob.getByLabel('What exchanges must show')).toHaveValue('status:>=400');
  // A view of the queue is apart, and has no place in it.
  await bob.goto(`${own.url}/queue?state=all`);
  await bob.keyboard.press('j');
  await bob.getByText('Saved by you').click();
  await expect(bob.getByText('Nothing yet. What you save is for you alone')).toBeVisible();
  await bob.getByLabel('Save this view as').fill('All of it');
  await box.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(box.getByRole('link', { name: 'All of it' })).toHaveAttribute('href', '/queue?state=all');
  // Others see nothing of it; what is deleted comes back where that is wanted.
  const rita = await person(browser, own.url, 'rita');
  await rita.goto(`${own.url}/explore`);
  await rita.getByText('Saved by you').click();
  await expect(rita.getByText('Nothing yet.')).toBeVisible();
  await box.getByRole('button', { name: 'Delete All of it' }).click();
  await expect(box.getByRole('link', { name: 'All of it' })).toHaveCount(0);
  await bob.getByRole('button', { name: 'Undo' }).click();
  await expect(box.getByRole('link', { name: 'All of it' })).toBeVisible();
  expect(await bob.evaluate(() => 'hit' in window)).toBe(false);
  for (const [width, theme] of [[1280, 'light'], [1280, 'dark'], [390, 'light'], [390, 'dark']] as const) {
    await bob.setViewportSize({ width, height: 860 });
    await bob.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await bob.screenshot({ path: picture(`saved-${width}-${theme}`) });
    expect(await bob.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    expect((await new AxeBuilder({ page: bob }).analyze()).violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
  }
  expect(told).toEqual([]);
});

test('a question becomes a rule in shadow where the policy has words for it', async ({ browser }) => {
  const pat = await person(browser, own.url, 'pat');
  await pat.goto(`${own.url}/explore?q=${encodeURIComponent('logprobs:true user_agent:python*')}`);
  await pat.getByRole('button', { name: 'Make a rule of this' }).click();
  const dialog = pat.getByRole('dialog');
  await expect(dialog.getByRole('listitem').filter({ hasText: 'user_agent:python*' })).toContainText('has no counterpart');
  await expect(dialog.getByRole('button', { name: 'Put it into the draft' })).toBeDisabled();
  for (const [width, theme] of [[1280, 'light'], [390, 'dark']] as const) {
    await pat.setViewportSize({ width, height: 860 });
    await pat.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await pat.screenshot({ path: picture(`make-rule-${width}-${theme}`) });
    expect((await new AxeBuilder({ page: pat }).include('dialog[open]').analyze()).violations.map((one) => one.id)).toEqual([]);
  }
  await pat.keyboard.press('Escape');
  await pat.goto(`${own.url}/explore?q=${encodeURIComponent('logprobs:true -country:none')}`);
  await pat.getByRole('button', { name: 'Make a rule of this' }).click();
  await expect(dialog.locator('pre')).toContainText('@mode("shadow")');
  await dialog.getByRole('button', { name: 'Put it into the draft' }).click();
  await expect(pat.getByRole('textbox', { name: 'questions.cedar' })).toHaveValue(/context\.asks\.contains\(Capability::"logprobs"\)/);
  // It can be loaded, and waits for its test.
  await expect(pat.getByText(/no test expects question\./)).toBeVisible();
});
