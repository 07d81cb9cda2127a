// A whole investigation by keyboard: from the queue to a measure that a second person approved, with the ledger checked.

import { code, expect, PASSWORD, picture, stillwatch, test } from './stand';
import type { Page } from '@playwright/test';

const type = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.type(text);
};
const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

async function enter(page: Page, url: string, who: string, otp: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByLabel('Name')).toBeFocused();
  await type(page, who);
  await press(page, 'Tab');
  await type(page, PASSWORD);
  await press(page, 'Tab');
  await type(page, otp);
  await press(page, 'Enter');
  await expect(page.getByRole('heading', { name: 'Posture' })).toBeVisible();
}

test('a measure goes from the queue to a second person by keyboard', async ({ browser, stand }) => {
  const ann = await (await browser.newContext()).newPage();
  await enter(ann, stand.url, 'ann@example.com', code(stand.totp));
  await press(ann, 'g', 'q');
  await expect(ann.getByRole('heading', { name: 'Queue' })).toBeVisible();
  // The first of the list is the campaign that was found; what is down there is not.
  await press(ann, 'j', 'k');
  const row = ann.locator('tr[aria-current]');
  await expect(row).toContainText(stand.campaign);
  await press(ann, 'a');
  await expect(row).toContainText('acknowledged');
  await expect(row).toContainText('ann@example.com');
  await press(ann, 'Enter');
  await expect(ann.getByRole('heading', { name: stand.campaign })).toBeVisible();
  await press(ann, '2');
  await expect(ann.getByRole('heading', { name: 'What else could explain it' })).toBeVisible();
  await press(ann, '3');
  await ann.getByRole('rowgroup', { name: /Accounts/ }).focus();
  await press(ann, 'ArrowDown', 'Enter');
  await expect(ann.getByRole('heading', { name: 'Evidence of its own' })).toBeVisible();
  await ann.goBack();
  await expect(ann.getByRole('heading', { name: stand.campaign })).toBeVisible();
  await ann.locator('main').focus();
  await press(ann, 'n');
  await type(ann, 'Nobody of the teachers knows them.');
  await expect(ann.getByLabel('Note', { exact: true })).toHaveValue('Nobody of the teachers knows them.');
  await press(ann, 'Tab', 'Enter');
  await expect(ann.getByText('you wrote a note')).toBeVisible();
  await press(ann, 'e');
  await expect(ann.getByRole('heading', { name: 'Propose a measure' })).toBeVisible();
  await press(ann, 'ArrowUp', 'Tab');
  await type(ann, 'Clause 4.2: one operation, and no answer to our letter.');
  await expect(ann.getByRole('radio', { name: 'deny' })).toBeChecked();
  await press(ann, 'Tab', 'Enter');
  await expect(ann.getByText('You proposed it: a second person has to approve.')).toBeVisible();
  // The palette finds the way out.
  await press(ann, 'Control+k');
  await type(ann, 'sign out');
  await press(ann, 'Enter');
  await expect(ann.getByRole('button', { name: 'Sign in' })).toBeVisible();

  const sue = await (await browser.newContext()).newPage();
  await enter(sue, stand.url, 'sue@example.com', '');
  await press(sue, 'Control+k');
  await type(sue, stand.campaign);
  await press(sue, 'Enter');
  await expect(sue.getByRole('heading', { name: stand.campaign })).toBeVisible();
  await sue.getByText('waits for a second person').waitFor();
  await press(sue, 'p');
  await type(sue, 'Read it all; I agree.');
  await press(sue, 'Tab', 'Enter');
  await expect(sue.getByText('approved by sue@example.com')).toBeVisible();
  await press(sue, '5');
  await expect(sue.getByRole('tabpanel')).toContainText('ann@example.com proposed the measure “deny”');
  await sue.screenshot({ path: picture('decided-1280-light') });
  await press(sue, 'g', 'e');
  const audit = sue.getByRole('table', { name: /The newest first/ });
  await expect(audit.getByRole('row').nth(1)).toContainText('approve');
  const acts = await audit.getByRole('row').locator('td:nth-child(4)').allTextContents();
  expect(acts.toReversed()).toEqual(['open', 'assign', 'note', 'propose', 'approve']);
  stillwatch(['ledger', 'verify', '--data-dir', stand.data, '--quiet', '--log-only']);
});
