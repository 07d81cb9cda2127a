// An item leads to all that share it, from the account's page and from the campaign's.

import { expect, HOSTILE, LARGE, person, test } from './stand';

test('an item leads from an account to those that share it, and back', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  await rita.goto(`${stand.url}/campaigns/${stand.campaign}?tab=members`);
  await rita.getByRole('rowgroup', { name: /Accounts/ }).getByRole('link').first().click();
  const evidence = rita.getByRole('region', { name: 'Evidence of its own' });
  const item = evidence.getByRole('row').nth(1).getByRole('link');
  const name = (await item.textContent()) ?? '';
  await item.click();
  await expect(rita.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(rita).toHaveURL(/\/entities\/[a-z_]+\/[0-9a-f]+$/);
  await expect(rita.getByRole('region', { name: 'Campaigns with it' })).toContainText(stand.campaign);
  const sharers = rita.getByRole('region', { name: 'Accounts with it as evidence of their own' });
  await expect(sharers.getByRole('button', { name: 'The next 100' })).toBeVisible();
  await sharers.getByRole('row').nth(1).getByRole('link').first().click();
  await expect(evidence.getByRole('link', { name })).toBeVisible();
});

test('an item of many accounts comes in pages, and each account once', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  const told = await rita.evaluate(async (id) => {
    const read = async (path: string) => (await (await fetch(path)).json()) as { items: { account: string; evidence: { kind: string; item: string }[] }[]; next?: string };
    const first = await read(`/api/v1/campaigns/${id}/accounts?limit=1000`);
    const one = first.items.flatMap((account) => account.evidence)[0];
    const accounts: string[] = [];
    let after = '';
    let pages = 0;
    do {
      const page: { items: { account: string }[]; next?: string } = await read(`/api/v1/entities/${one?.kind}/${one?.item}/accounts?limit=1000${after && `&after=${after}`}`);
      accounts.push(...page.items.map((each) => each.account));
      after = page.next ?? '';
      pages++;
    } while (after);
    const whole = (await (await fetch(`/api/v1/entities/${one?.kind}/${one?.item}`)).json()) as { account_count: number };
    return { pages, accounts: accounts.length, different: new Set(accounts).size, said: whole.account_count };
  }, LARGE);
  expect(told.pages).toBeGreaterThan(1);
  expect(told.accounts).toBe(told.said);
  expect(told.different).toBe(told.said);
});

test('an item with a hostile name is text, and one that nobody shares is told', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  await rita.goto(`${stand.url}/campaigns/${LARGE}?tab=shared`);
  await rita.getByRole('link', { name: '\\u{202e}gnp.exe' }).first().click();
  await expect(rita.getByRole('heading', { level: 1 })).toHaveText('\\u{202e}gnp.exe');
  await expect(rita.getByText(`Shared item: ${HOSTILE[0]}`)).toBeVisible();
  expect(await rita.evaluate(() => 'hit' in window)).toBe(false);
  await rita.goto(`${stand.url}/entities/device/0123456789abcdef`);
  await expect(rita.getByRole('alert')).toContainText('no account of the results that are served shares the device');
});
