// A rule as it is written, and a backtest on demand.

import { expect, PASSWORD, person, picture, stillwatch, test } from './stand';

test('a rule is read with its tests, and played through the recorded exchanges by whoever may', async ({ browser, stand }) => {
  const bob = await person(browser, stand.url, 'bob');
  await bob.goto(`${stand.url}/rules`);
  await expect(bob.getByRole('button', { name: 'Play the recorded exchanges' })).toBeDisabled();
  await bob.getByRole('link', { name: 'ladder.discovered' }).click();
  await expect(bob.getByRole('heading', { name: 'As it is written' })).toBeVisible();
  await expect(bob.getByRole('group', { name: 'The text of the rule' })).toContainText('principal.verdict.corroboration >= 3');
  await expect(bob.getByRole('region', { name: 'Tests that name it' }).getByRole('row').nth(1)).toContainText('yes');
  await expect(bob.getByRole('heading', { name: 'Whom it would match' })).toBeVisible();
  // The address is a place of its own, with its full stop.
  await bob.reload();
  await expect(bob.getByRole('heading', { name: 'As it is written' })).toBeVisible();

  stillwatch(['user', 'add', 'pat@example.com', '--data-dir', stand.data, '--role', 'policy', '--without-totp'], `${PASSWORD}\n`);
  const pat = await person(browser, stand.url, 'pat');
  await pat.goto(`${stand.url}/rules`);
  await pat.getByRole('button', { name: 'Play the recorded exchanges' }).click();
  const result = pat.getByRole('region', { name: 'What they would have done' });
  await expect(result.getByRole('table')).toContainText('exchanges, played', { timeout: 30_000 });
  await expect(result.getByRole('table')).toContainText('No account record says who pays');
  // What the page shows is what the command line finds.
  const told = JSON.parse(stillwatch(['policy', 'backtest', '--data-dir', stand.data, '--found', `${stand.folder}/found`, '--json'])) as { rule: string; accounts: number }[];
  for (const one of told) {
    const row = result.getByRole('row').filter({ has: pat.getByRole('link', { name: one.rule, exact: true }) });
    await expect(row.locator('td').nth(3)).toHaveText(one.accounts.toLocaleString('en'));
  }
  await pat.screenshot({ path: picture('rules-backtest-1280-light'), fullPage: true });
  const refused = await bob.evaluate(async () => {
    const { csrf } = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
    return (await fetch('/api/v1/backtest', { method: 'POST', headers: { 'x-csrf-token': csrf } })).status;
  });
  expect(refused).toBe(403);
  await bob.reload();
  await expect(bob.getByRole('heading', { name: 'In the last backtest' })).toBeVisible();
});
