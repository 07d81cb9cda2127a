// A question to the table of exchanges: asked by keyboard, answered at once, and told where it cannot be read.

import { expect, HOSTILE, person, test } from './stand';

interface Told {
  rows: number;
  accounts: number;
  before: { rows: number } | null;
}

test('a question is asked, narrowed and taken back by keyboard', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  await rita.keyboard.press('g');
  await rita.keyboard.press('x');
  await expect(rita.getByRole('heading', { level: 1, name: 'Explore' })).toBeVisible();
  const box = rita.getByRole('combobox', { name: 'What exchanges must show' });
  const told = (q: string): Promise<Told> => rita.evaluate(async (question) => (await fetch(`/api/v1/explore?q=${encodeURIComponent(question)}`)).json() as Promise<Told>, q);
  const number = (value: number): string => value.toLocaleString('en');
  const tile = rita.locator('dl.tiles div').first();
  await expect(tile).toContainText(number((await told('')).rows));
  // Names of fields are completed, and so are their words.
  await rita.keyboard.press('/');
  await expect(box).toBeFocused();
  await rita.keyboard.type('capa');
  await rita.keyboard.press('ArrowDown');
  await expect(rita.getByRole('listbox').getByRole('option', { selected: true })).toContainText('capability:');
  await rita.keyboard.press('Enter');
  await rita.keyboard.type('reas');
  await rita.keyboard.press('ArrowDown');
  await rita.keyboard.press('Enter');
  await expect(box).toHaveValue('capability:reasoning ');
  await rita.keyboard.press('Enter');
  await expect(rita).toHaveURL(/q=capability%3Areasoning$/);
  await expect(tile).toContainText(number((await told('capability:reasoning')).rows));
  // The newest days, with those before.
  await rita.getByRole('button', { name: 'newest 7 days' }).press('Enter');
  await expect(rita).toHaveURL(/from%3A20/);
  const question = new URL(rita.url()).searchParams.get('q') ?? '';
  const days = await told(question);
  expect(days.before).not.toBeNull();
  await expect(tile).toContainText(`${number(days.rows)}`);
  await expect(rita.getByRole('columnheader', { name: 'Before' })).toBeVisible();
  // Of the most frequent values, all but the first.
  await rita.getByLabel('Values of').selectOption('model');
  const top = rita.getByRole('region', { name: 'Most frequent' });
  // Accounts are links, and models are none.
  await expect(top.getByRole('link')).toHaveCount(0);
  const first = top.getByRole('row').nth(1);
  const model = (await first.locator('td').first().innerText()).trim();
  await first.getByRole('button', { name: `Without ${model}` }).press('Enter');
  await expect(rita.getByRole('button', { name: `Leave out -model:${model}` })).toBeVisible();
  const rest = await told(new URL(rita.url()).searchParams.get('q') ?? '');
  await expect(tile).toContainText(number(rest.rows));
  await rita.goBack();
  await expect(tile).toContainText(number(days.rows));
  await rita.reload();
  await expect(tile).toContainText(number(days.rows));
  await expect(box).toHaveValue(question);
});

test('an exchange leads to its account and to who shares its address', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  await rita.goto(`${stand.url}/explore?q=${encodeURIComponent('-ip:none')}`);
  const newest = rita.getByRole('region', { name: 'Newest exchanges' });
  const row = newest.getByRole('row').nth(1);
  const [account, ip] = [row.locator('td').nth(1), row.locator('td').nth(7)];
  const address = await ip.innerText();
  expect(address).toMatch(/^[0-9a-f]{16}$/);
  await expect(ip.getByRole('link')).toHaveAttribute('href', `/entities/ip/${address}`);
  await row.getByRole('button', { name: /^All of exchange/ }).press('Enter');
  await newest.getByRole('button', { name: `Only ip ${address}` }).press('Enter');
  await expect(rita.getByRole('button', { name: `Leave out ip:${address}` })).toBeVisible();
  await account.getByRole('link').first().click();
  await rita.getByRole('link', { name: 'Explore its exchanges' }).click();
  await expect(rita.getByText(/^Loading/)).toHaveCount(0);
  await expect(rita.getByRole('region', { name: 'Most frequent' }).getByRole('row')).toHaveCount(2);
});

test('what cannot be read is marked, and names the fix', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  await rita.goto(`${stand.url}/explore?q=${encodeURIComponent('status:200 modle:x')}`);
  const alert = rita.getByRole('alert');
  await expect(alert.locator('mark')).toHaveText('modle');
  await expect(alert).toContainText('did you mean model?');
  const box = rita.getByRole('combobox', { name: 'What exchanges must show' });
  await expect(box).toHaveAttribute('aria-invalid', 'true');
  await box.fill('status:200 model:nobody');
  await box.press('Enter');
  await expect(alert).toHaveCount(0);
  await expect(rita.getByText('No exchange matches. Leave a term out')).toBeVisible();
  // Places count characters, not halves of them.
  await rita.goto(`${stand.url}/explore?q=${encodeURIComponent('model:"\u{1f600}" ip:10.0.0.1')}`);
  await expect(alert.locator('mark')).toHaveText('10.0.0.1');
});

test('hostile values are text, and their terms ask for them', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  for (const name of HOSTILE.slice(0, 7)) {
    const told = await rita.evaluate(async (model) => {
      const top = (await (await fetch('/api/v1/explore?top=model&values=100')).json()) as { top: { values: { value: string; term: string }[] } };
      return top.top.values.find((one) => one.value === model)?.term;
    }, name);
    await rita.goto(`${stand.url}/explore?q=${encodeURIComponent(told ?? '')}`);
    await expect(rita.getByRole('region', { name: 'Newest exchanges' }).getByRole('row')).toHaveCount(2);
    expect(await rita.evaluate(() => 'hit' in window)).toBe(false);
    await rita.getByRole('button', { name: /^All of exchange/ }).click();
    expect(await rita.evaluate(() => 'hit' in window)).toBe(false);
    // The page writes the same question of an account that the server reads.
    await rita.goto(`${stand.url}/account?id=${encodeURIComponent(name)}`);
    await rita.getByRole('link', { name: 'Explore its exchanges' }).click();
    await expect(rita.getByRole('region', { name: 'Newest exchanges' }).getByRole('row')).toHaveCount(2);
  }
});

test('a part of an answer and a busy server are told', async ({ browser, stand }) => {
  const rita = await person(browser, stand.url, 'rita');
  await rita.route('**/api/v1/explore?*', async (route) => {
    const answer = await route.fetch();
    const told = (await answer.json()) as { is_complete: boolean; read: object };
    await route.fulfill({ response: answer, json: { ...told, is_complete: false, read: { ...told.read, stopped: 'time', unread_rows: 41_000 } } });
  });
  await rita.goto(`${stand.url}/explore`);
  await expect(rita.getByText('A part of the answer.')).toBeVisible();
  await expect(rita.getByText('41,000 at most are left')).toBeVisible();
  await rita.unroute('**/api/v1/explore?*');
  const busy = { type: 'about:blank', title: 'Too Many Requests', status: 429, code: 'busy', detail: 'two questions are being answered already (ask again in a few seconds)' };
  await rita.route('**/api/v1/explore?*', (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', json: busy }));
  await rita.getByRole('button', { name: 'Ask' }).click();
  await expect(rita.getByRole('alert')).toContainText('two questions are being answered already');
  await rita.unroute('**/api/v1/explore?*');
  await rita.getByRole('button', { name: 'Try again' }).click();
  await expect(rita.getByRole('alert')).toHaveCount(0);
});
