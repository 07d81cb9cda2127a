// A change of the rules: edited, tried, proposed by one person, approved by another, and taken back.

import AxeBuilder from '@axe-core/playwright';
import { complaints, expect, HOSTILE, PASSWORD, person, picture, Stand, stillwatch, test } from './stand';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';

let own: Stand;
let rules: string;
test.beforeAll(async ({ seeded }) => {
  const folder = join(seeded.folder, 'draft');
  for (const name of ['data', 'found']) cpSync(join(seeded.folder, name), join(folder, name), { recursive: true });
  rules = join(folder, 'rules');
  stillwatch(['policy', 'init', rules]);
  own = new Stand(folder, seeded.campaign, seeded.totp);
  for (const who of ['pat', 'quin']) stillwatch(['user', 'add', `${who}@example.com`, '--data-dir', own.data, '--role', 'policy', '--without-totp'], `${PASSWORD}\n`);
  await own.start(['--policies', rules]);
});
test.afterAll(async () => {
  await own.kill();
});

const shown = (name: string): string => readFileSync(join(rules, name), 'utf8');
const editor = (page: Page) => page.getByRole('textbox', { name: 'ladder.cedar' });

async function opened(browser: Browser, who: string, path: string): Promise<Page> {
  const page = await person(browser, own.url, who);
  await page.goto(own.url + path);
  return page;
}
/** Takes the draft away, as whoever may. */
async function discard(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { csrf } = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
    const etag = (await fetch('/api/v1/draft')).headers.get('etag') ?? '';
    await fetch('/api/v1/draft', { method: 'DELETE', headers: { 'x-csrf-token': csrf, 'if-match': etag } });
  });
}

test('two people change the rules, and take it back', async ({ browser }) => {
  const before = shown('ladder.cedar');
  const pat = await opened(browser, 'pat', '/rules');
  const told = complaints(pat);
  await pat.getByRole('link', { name: 'Change the rules' }).click();
  await pat.getByRole('button', { name: 'Make a draft' }).click();
  await pat.getByRole('link', { name: 'ladder.cedar' }).click();
  await expect(editor(pat)).toHaveValue(before);
  // A mistake is told at its line, and cannot be proposed.
  const line = before.split('\n').findIndex((text) => text.includes('corroboration >= 3')) + 1;
  await editor(pat).fill(before.replace('corroboration >= 3', 'corroborations >= 3'));
  await editor(pat).press('Control+s');
  await expect(pat.locator('.numbers .marked')).toHaveText(String(line));
  await expect(pat.getByRole('button', { name: 'Propose' })).toBeDisabled();
  await pat.getByRole('button', { name: new RegExp(`line ${line},`) }).click();
  const caret = await editor(pat).evaluate((field: HTMLTextAreaElement) => field.value.slice(0, field.selectionStart).split('\n').length);
  expect(caret).toBe(line);
  await pat.screenshot({ path: picture('draft-fault-1280-light'), fullPage: true });
  // Rules that no longer act are tried and compared.
  const quiet = before.replaceAll('@mode("live")', '@mode("shadow")');
  await editor(pat).fill(quiet);
  await editor(pat).press('Control+s');
  await expect(pat.getByText('It can be deployed')).toBeVisible();
  const changes = pat.getByRole('region', { name: 'What it changes' });
  await expect(changes.getByRole('table').first()).toContainText('ladder.watch');
  await expect(changes.getByRole('group', { name: 'Changes of ladder.cedar' })).toContainText('@mode("shadow")');
  await pat.getByRole('button', { name: 'Play the recorded exchanges' }).click();
  await expect(pat.getByRole('region', { name: 'What the draft would have done' }).getByRole('table')).toContainText('exchanges, played', { timeout: 30_000 });
  expect(shown('ladder.cedar'), 'nothing is in use yet').toBe(before);
  await pat.getByRole('heading', { level: 1 }).click();
  await pat.keyboard.press('p');
  await pat.keyboard.type('The ladder is due.');
  await pat.keyboard.press('Tab');
  await pat.keyboard.press('Enter');
  await expect(pat.getByText('Approving needs the role second.')).toBeVisible();
  await expect(editor(pat)).toHaveAttribute('readonly');

  const sue = await opened(browser, 'sue', '/rules');
  await sue.getByRole('link', { name: 'Look at the draft' }).click();
  await expect(sue.getByText('“The ladder is due.”').first()).toBeVisible();
  await expect(sue.getByText('It can be deployed')).toBeVisible();
  await sue.keyboard.press('a');
  await sue.keyboard.type('Read it; I agree.');
  await sue.keyboard.press('Tab');
  await sue.keyboard.press('Enter');
  await expect(sue.getByText(/Deployed, and recorded as entry/)).toBeVisible();
  expect(shown('ladder.cedar')).toBe(quiet);
  await sue.goto(`${own.url}/rules/ladder.watch`);
  await expect(sue.getByText('shadow', { exact: true }).first()).toBeVisible();
  await sue.goto(`${own.url}/ledger`);
  await expect(sue.getByRole('table', { name: /The newest first/ }).getByRole('row').nth(1)).toContainText('deploy rules');
  stillwatch(['ledger', 'verify', '--data-dir', own.data, '--quiet', '--log-only']);

  // The way back needs two people too. This time it is refused first.
  await pat.goto(`${own.url}/rules`);
  await pat.getByRole('button', { name: 'Undo it with a draft' }).click();
  await pat.getByRole('button', { name: 'Propose' }).click();
  await pat.getByLabel('Why').fill('Too many were asked.');
  await pat.getByRole('button', { name: 'Propose the draft' }).click();
  await sue.goto(`${own.url}/draft`);
  await sue.getByRole('button', { name: 'Reject' }).click();
  await sue.getByLabel('Why').fill('Say how many.');
  await sue.getByRole('button', { name: 'Reject the draft' }).click();
  await expect(pat.getByText('“Say how many.”').first()).toBeVisible({ timeout: 10_000 });
  await pat.getByRole('button', { name: 'Propose' }).click();
  await pat.getByLabel('Why').fill('Forty were asked.');
  await pat.getByRole('button', { name: 'Propose the draft' }).click();
  await expect(sue.getByText('“Forty were asked.”').first()).toBeVisible({ timeout: 10_000 });
  await sue.getByRole('button', { name: 'Approve and deploy' }).click();
  await sue.getByLabel('Why').fill('Agreed.');
  await sue.getByRole('button', { name: 'Approve and deploy the draft' }).click();
  await expect(sue.getByText(/Deployed, and recorded as entry/)).toBeVisible();
  expect(shown('ladder.cedar')).toBe(before);
  expect(told.filter((text) => !/404/.test(text))).toEqual([]);
});

test('who types while somebody else saves loses nothing', async ({ browser }) => {
  const pat = await opened(browser, 'pat', '/draft');
  await pat.getByRole('button', { name: 'Make a draft' }).click();
  await pat.getByRole('link', { name: 'ladder.cedar' }).click();
  const quin = await opened(browser, 'quin', '/draft?file=ladder.cedar');
  await expect(editor(quin)).toHaveValue(/forbid/);
  const text = await editor(pat).inputValue();
  await editor(pat).fill(`// Pat's line.\n${text}`);
  await editor(quin).fill(`// Quin's line.\n${text}`);
  await quin.getByRole('button', { name: /^Save/ }).click();
  await expect(quin.getByText('Saved in the draft')).toBeVisible();
  await pat.getByRole('button', { name: /^Save/ }).click();
  await expect(pat.getByRole('alert')).toContainText('Nothing of yours was saved');
  await expect(editor(pat)).toHaveValue(/Pat's line/);
  await pat.getByText('The file as they left it').click();
  await expect(pat.getByRole('alert')).toContainText("Quin's line");
  await pat.getByRole('button', { name: 'Save all the same' }).click();
  await expect(editor(quin)).toHaveValue(/Pat's line/, { timeout: 10_000 });
  await discard(pat);
});

test('nothing in a draft acts or hides', async ({ browser }) => {
  const pat = await opened(browser, 'pat', '/draft');
  await pat.getByRole('button', { name: 'Make a draft' }).click();
  await expect(pat.getByRole('link', { name: 'ladder.cedar' })).toBeVisible();
  const hostile = HOSTILE.slice(0, 7).join(' ');
  await pat.evaluate(async (text) => {
    const { csrf } = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
    const send = async (path: string, method: string, body: unknown): Promise<number> => {
      const etag = (await fetch('/api/v1/draft')).headers.get('etag') ?? '';
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf, 'if-match': etag };
      return (await fetch(`/api/v1/draft${path}`, { method, headers, body: JSON.stringify(body) })).status;
    };
    await send('/files/README.md', 'PUT', { text: `${text}\n` });
    await send('/acts', 'POST', { act: 'propose', why: text });
  }, hostile);
  const told = complaints(pat);
  for (const [width, height] of [[1280, 860], [390, 844]] as const) {
    for (const theme of ['light', 'dark'] as const) {
      await pat.setViewportSize({ width, height });
      await pat.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await pat.goto(`${own.url}/draft?file=README.md`);
      const field = pat.getByRole('textbox', { name: 'README.md' });
      await expect(field).toHaveValue(/\\u\{202e\}gnp\.exe/);
      await expect(pat.getByText(/Proposed by/)).toBeVisible();
      await expect(pat.getByRole('group', { name: 'Changes of README.md' })).toBeVisible();
      const seen = await pat.evaluate(() => ({
        hit: 'hit' in window,
        text: document.body.innerText + (document.querySelector('textarea')?.value ?? ''),
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }));
      expect(seen.hit).toBe(false);
      expect(seen.wide, `wider than ${width}`).toBeLessThanOrEqual(0);
      expect(/[\u202a-\u202e\u2066-\u2069\u200b\u0000-\u0008\u001b]/.test(seen.text)).toBe(false);
      await pat.screenshot({ path: picture(`draft-hostile-${width}-${theme}`), fullPage: width > 1000 });
      if ((width > 1000) !== (theme === 'light')) continue;
      const found = await new AxeBuilder({ page: pat }).analyze();
      expect.soft(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
    }
  }
  expect(told.filter((text) => !/404/.test(text))).toEqual([]);
  await discard(pat);
});
