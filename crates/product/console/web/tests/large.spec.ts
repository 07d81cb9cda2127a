// Twenty-five thousand members: opened, searched, sorted, saved.

import { expect, LARGE, MEMBERS, person, test } from './stand';
import { readFileSync } from 'node:fs';

test('a campaign of 25,000 accounts is worked with', async ({ browser, stand }) => {
  const page = await person(browser, stand.url, 'rita');
  await page.goto(`${stand.url}/queue`);
  // From the press of a key to the first rows, as the reader waits for it; the median of five.
  const times: number[] = [];
  for (let at = 0; at < 5; at++) {
    await page.goto(`${stand.url}/queue`);
    const link = page.getByRole('link', { name: LARGE });
    await expect(link).toBeVisible();
    times.push(
      await page.evaluate(async (id) => {
        const began = performance.now();
        document.querySelector<HTMLAnchorElement>(`a[href="/campaigns/${id}"]`)?.click();
        const seen = (find: () => Element | null | undefined): Promise<void> =>
          new Promise((done) => {
            const look = (): void => (find() ? done() : void requestAnimationFrame(look));
            look();
          });
        await seen(() => document.querySelector('#tab-members'));
        document.querySelector<HTMLElement>('#tab-members')?.click();
        await seen(() => document.querySelector('[role="rowgroup"] [role="row"] a'));
        return performance.now() - began;
      }, LARGE),
    );
  }
  const median = times.toSorted((a, b) => a - b)[2] ?? 0;
  test.info().annotations.push({ type: 'open', description: `${Math.round(median)} ms` });
  console.log(`open a campaign of ${MEMBERS} accounts, to its first rows: ${Math.round(median)} ms (${times.map(Math.round).join(', ')})`);

  const list = page.getByRole('rowgroup', { name: /Accounts/ });
  const table = page.getByRole('table', { name: `Accounts of ${LARGE}` });
  await expect(table).toHaveAttribute('aria-rowcount', String(MEMBERS + 1));
  expect(await list.getByRole('row').count()).toBeLessThan(80);
  await table.getByRole('button', { name: 'Account', exact: true }).click();
  await list.focus();
  await page.keyboard.press('End');
  await expect(list.getByRole('row').last()).toContainText('\\u{202e}gnp.exe');
  await page.keyboard.press('x');
  await expect(page.getByText('1 chosen')).toBeVisible();
  await page.getByLabel('Filter accounts by name').fill('acct_0012');
  await expect(page.getByText(`10 of 25,000 accounts, 1 chosen`)).toBeVisible();
  await page.getByLabel('Filter accounts by name').fill('');
  await page.getByLabel('Choose all that are listed').check();
  await expect(page.getByText('25,000 chosen')).toBeVisible();
  expect(page.url()).toContain('sort=account');

  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^CSV/ }).click()]);
  const text = readFileSync(await saved.path(), 'utf8');
  // A quoted cell may hold line ends, so that records are counted and not lines.
  const records = text.match(/"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*\r\n/g) ?? [];
  expect(records).toHaveLength(MEMBERS + 1);
  expect(text).toContain(`"'=cmd|' /C calc'!A0"`);
  expect(text).not.toMatch(/(^|,)"[=+@-]/m);
});
