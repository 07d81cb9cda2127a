// Budgets of a gate that runs beside the API: accounts of a campaign, and names of an adversary, draw on them.

import AxeBuilder from '@axe-core/playwright';
import { build, complaints, expect, HOSTILE, PASSWORD, person, picture, SECRET, Stand, stillwatch, test } from './stand';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/** Requests that a campaign may send in a day, all its accounts together. */
const LIMIT = 6;
const said = JSON.stringify({
  id: 'c1', object: 'chat.completion', created: 1, model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'the answer' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
});

let own: Stand;
let gate = '';
let model: Server;
let campaign = '';
let accounts: string[] = [];

/** Asks the gate, as an account that a trusted proxy names or with a key; the status of its answer. */
async function ask(who: Record<string, string>, tokens = 200): Promise<number> {
  const body = JSON.stringify({ model: 'm', max_tokens: tokens, messages: [{ role: 'user', content: 'hello' }] });
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7', ...who };
  return (await fetch(`${gate}/v1/chat/completions`, { method: 'POST', headers, body })).status;
}

/** The rules that cap act; the others stay in shadow. A campaign has few requests. */
function makeRules(folder: string): void {
  stillwatch(['policy', 'init', folder]);
  const change = (file: string, from: RegExp, to: string): void => {
    const before = readFileSync(join(folder, file), 'utf8');
    if (!from.test(before)) throw new Error(`${file} has no ${from}`);
    writeFileSync(join(folder, file), before.replace(from, to));
  };
  change('caps.cedar', /@mode\("shadow"\)/g, '@mode("live")');
  change('caps.cedar', /2027-05-31/g, '2099-12-31');
  change('settings.toml', /requests = 500\ntokens = 1_000_000\nprivacy/, `requests = ${LIMIT}\ntokens = 1_000_000\nprivacy`);
}

/** Keys of accounts whose names an adversary chose. */
function makeKeys(folder: string): void {
  const config = join(folder, 'key-line.toml');
  writeFileSync(config, `listen = '127.0.0.1:0'\nmode = 'shadow'\nsecret = '${SECRET}'\n[spool]\nfolder = 'unused'\n[[routes]]\npath = '/'\nupstream = 'http://127.0.0.1:1'\nfailure = 'open'\n`);
  const line = (name: string, at: number): string => {
    const told = JSON.parse(stillwatch(['gate', '--config', config, '--key-line', 'x'], `sk-hostile-${at}`)) as Record<string, string>;
    return JSON.stringify({ ...told, account: name });
  };
  writeFileSync(join(folder, 'keys.jsonl'), HOSTILE.map(line).join('\n'));
}

/** Asks until the budget of the campaign is drawn on: until the gate has read the verdicts, nothing is held of anybody. */
async function drawOn(page: Page): Promise<void> {
  const drawn = async (): Promise<number> => {
    await ask({ 'x-account': accounts[0] ?? '' });
    return page.evaluate(async () => ((await (await fetch('/api/v1/budgets?kind=campaign')).json()) as { items: unknown[] }).items.length);
  };
  await expect.poll(drawn).toBe(1);
}

test.beforeAll(async ({ seeded }) => {
  test.setTimeout(180_000);
  const folder = join(seeded.folder, 'budgets');
  mkdirSync(folder);
  // A world of which a campaign is discovered, so that its accounts can be capped.
  const [world, data] = [join(folder, 'world'), join(folder, 'data')];
  stillwatch(['range', 'generate', '--world', 'demo', '--seed', '3', '--scale', '0.3', '--out', world, '--quiet']);
  stillwatch(['ingest', join(world, 'exchanges.jsonl.zst'), '--data-dir', data, '--quiet']);
  for (const [who, role] of [['bob', 'analyst'], ['rita', 'reader']]) {
    stillwatch(['user', 'add', `${who}@example.com`, '--data-dir', data, '--role', role ?? '', '--without-totp'], `${PASSWORD}\n`);
  }
  makeRules(join(folder, 'rules'));
  makeKeys(folder);
  model = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(said));
  });
  await new Promise<void>((done) => model.listen(0, '127.0.0.1', done));
  const records = join(world, 'accounts.jsonl');
  const config = join(folder, 'up.toml');
  writeFileSync(config, `
[watch.sweep]
every_s = 86400
window_days = 3660
accounts = ['${records}']
[gate]
listen = '127.0.0.1:0'
mode = 'enforce'
[gate.accounts]
header = 'x-account'
keys = 'keys.jsonl'
records = '${records}'
[gate.hops]
trusted = ['127.0.0.0/8']
address_header = 'x-forwarded-for'
[gate.policy]
folder = 'rules'
[[gate.routes]]
path = '/'
upstream = 'http://127.0.0.1:${(model.address() as AddressInfo).port}'
failure = 'open'
[api]
listen = '127.0.0.1:0'
console = '${build}'
`);
  own = new Stand(folder, seeded.campaign, seeded.totp);
  gate = await own.startUp(config);
  const token = stillwatch(['token', 'create', '--data-dir', own.data, '--as', 'test', '--role', 'analyst']).trim();
  const headers = { authorization: `Bearer ${token}` };
  const read = async <T>(path: string): Promise<T> => (await (await fetch(`${own.url}/api/v1/${path}`, { headers })).json()) as T;
  // What the sweep finds is what the gate decides by.
  await fetch(`${own.url}/api/v1/sweeps`, { method: 'POST', headers });
  await expect.poll(async () => (await read<{ items: unknown[] }>('campaigns')).items.length, { timeout: 120_000 }).toBeGreaterThan(0);
  campaign = (await read<{ items: { id: string }[] }>('campaigns')).items[0]?.id ?? '';
  const members = await read<{ items: { account: string; verdict: string }[] }>(`campaigns/${campaign}/accounts?limit=1000`);
  accounts = members.items.filter((one) => one.verdict === 'implicated').map((one) => one.account);
  expect(accounts.length).toBeGreaterThan(LIMIT);
});
test.afterAll(async () => {
  await own.kill();
  model.close();
});

test('accounts of a campaign draw on one budget, and the page shows it', async ({ browser }) => {
  const page = await person(browser, own.url, 'bob');
  const told = complaints(page);
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await expect(page.getByRole('heading', { name: 'Budgets' })).toBeVisible();
  await expect(page.getByText('Nothing is drawn on a budget of this kind')).toBeVisible();
  await page.screenshot({ path: picture('budgets-empty-1280-light') });
  await drawOn(page);
  // Another account for each request, and the budget is spent all the same.
  const answered = await Promise.all(accounts.slice(1, LIMIT + 3).map((account) => ask({ 'x-account': account })));
  expect(answered.filter((status) => status === 200).length).toBe(LIMIT - 1);
  expect(answered.filter((status) => status === 429).length).toBe(answered.length - LIMIT + 1);
  const row = page.getByRole('row').nth(1);
  await expect(row).toContainText(campaign);
  await expect(row).toContainText(`${LIMIT} of ${LIMIT} requests`);
  await expect(row).toContainText(`${answered.length - LIMIT + 1} requests`);
  await expect(row).toContainText('0 left');
  await expect(row).toContainText(`${LIMIT * 12} of 1,000,000 tokens`);
  await expect(row).toContainText(/in \d+ (hour|minute|second)/);
  await page.keyboard.press('j');
  await expect(page.locator('tr[aria-current]')).toContainText(campaign);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: campaign })).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toContainText(`${LIMIT} of ${LIMIT} requests`);
  await page.screenshot({ path: picture('budget-1280-light') });
  await page.getByRole('link', { name: 'Look at the campaign' }).click();
  await expect(page.getByRole('tab', { name: /Overview/ })).toBeVisible();
  await page.getByRole('link', { name: 'Budgets that it draws on' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText(`${LIMIT} of ${LIMIT} requests`);
  await page.goto(`${own.url}/budgets/campaign/C-none`);
  await expect(page.getByText('Nothing here.')).toBeVisible();
  expect(told.filter((text) => !/404/.test(text))).toEqual([]);
});

test('names of an adversary are text in the list of budgets', async ({ browser }) => {
  test.setTimeout(240_000);
  const answered = await Promise.all(HOSTILE.map((_, at) => ask({ authorization: `Bearer sk-hostile-${at}` })));
  expect(answered).toEqual(HOSTILE.map(() => 200));
  for (const [width, height] of [[1280, 860], [390, 844]] as const) {
    for (const theme of ['light', 'dark'] as const) {
      const page = await person(browser, own.url, 'rita');
      const told = complaints(page);
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await drawOn(page);
      for (const [name, path] of [
        ['budgets', '/budgets?kind=all'],
        ['budgets-campaigns', '/budgets'],
        ['budget-hostile', `/budgets/account/${encodeURIComponent(HOSTILE[0] ?? '')}`],
        ['budget-hidden', `/budgets/account/${encodeURIComponent(HOSTILE[2] ?? '')}`],
        ['budget', `/budgets/campaign/${campaign}`],
      ] as const) {
        await page.goto(own.url + path);
        await expect(page.getByRole('row').nth(1)).toBeVisible();
        const seen = await page.evaluate(() => ({
          hit: 'hit' in window,
          text: document.body.innerText,
          images: document.querySelectorAll('main img, main script, main iframe').length,
          wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        }));
        expect(seen.hit || seen.images > 0, name).toBe(false);
        expect.soft(seen.wide, `${name} at ${width} is wider than the window`).toBeLessThanOrEqual(0);
        expect(/[\u202a-\u202e\u2066-\u2069\u200b\u0000-\u0008\u001b]/.test(seen.text), name).toBe(false);
        if (name === 'budgets') {
          expect(seen.text).toContain('\\u{202e}gnp.exe');
          expect(seen.text).toContain('<script>window.hit=1</script>');
        }
        await page.screenshot({ path: picture(`${name}-${width}-${theme}`), fullPage: true });
        // Colours depend on the theme and the order on the width: two of the four show all of both.
        if ((theme === 'light') !== (width > 1000)) continue;
        const found = await new AxeBuilder({ page }).analyze();
        const violations = found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
        expect.soft(violations, `${name} at ${width}, ${theme}`).toEqual([]);
      }
      expect(told).toEqual([]);
      await page.context().close();
    }
  }
});

test('where the program ends, what came last stays', async ({ browser }) => {
  const page = await person(browser, own.url, 'bob');
  await drawOn(page);
  await page.goto(`${own.url}/budgets`);
  await expect(page.getByRole('row').nth(1)).toContainText(campaign);
  await own.kill();
  await expect(page.getByText('The server does not answer').first()).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toContainText(campaign);
});
