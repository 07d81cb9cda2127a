// Each screen in both themes and at both widths: nothing of an adversary acts, nothing overflows, axe finds nothing.

import AxeBuilder from '@axe-core/playwright';
import { complaints, expect, HOSTILE, LARGE, person, picture, test } from './stand';
import type { Page } from '@playwright/test';

interface Known {
  /** An appeal with a hostile text. */
  appeal: string;
  /** The place of an item that accounts share. */
  item: string;
}

const screens = (campaign: string, { appeal, item }: Known): [string, string][] => [
  ['posture', '/'],
  ['queue', '/queue?state=all'],
  ['queue-empty', '/queue?state=closed'],
  ['campaign', `/campaigns/${campaign}`],
  ['campaign-why', `/campaigns/${campaign}?tab=why`],
  ['campaign-members', `/campaigns/${campaign}?tab=members`],
  ['campaign-shared', `/campaigns/${campaign}?tab=shared`],
  ['campaign-timeline', `/campaigns/${campaign}?tab=timeline`],
  ['hostile', `/campaigns/${LARGE}`],
  ['hostile-why', `/campaigns/${LARGE}?tab=why`],
  ['hostile-members', `/campaigns/${LARGE}?tab=members&sort=account&dir=up`],
  ['hostile-shared', `/campaigns/${LARGE}?tab=shared`],
  ...HOSTILE.slice(0, 7).map((name, at): [string, string] => [`hostile-account-${at}`, `/account?id=${encodeURIComponent(name)}`]),
  ['campaign-unknown', '/campaigns/C-none'],
  ['appeals', '/appeals?state=all'],
  ['appeals-empty', '/appeals?state=overturned'],
  ['appeal-hostile', `/appeals/${appeal}`],
  ['entity', item],
  ['entity-hostile', `/entities/${HOSTILE.slice(0, 3).filter((_, at) => at !== 1).map(encodeURIComponent).join('/')}`],
  ['entity-unknown', '/entities/device/none'],
  ['leads', '/leads'],
  ['explore', '/explore?top=model'],
  ['explore-compared', `/explore?q=${encodeURIComponent('-country:none from:2026-04-29')}`],
  ['explore-none', '/explore?q=model%3Anobody'],
  ['explore-wrong', `/explore?q=${encodeURIComponent('status:>=400 modle:x')}`],
  ['explore-hostile', `/explore?q=${encodeURIComponent('from:2026-05-07')}&top=user_agent`],
  ['budgets-no-gate', '/budgets'],
  ['rules', '/rules'],
  ['rule', '/rules/ladder.watch'],
  ['rule-unknown', '/rules/%3Cscript%3Ewindow.hit%3D1%3C%2Fscript%3E'],
  ['draft-no-folder', '/draft'],
  ['ledger', '/ledger'],
  ['health', '/health'],
  ['nowhere', '/nowhere'],
];

/** What hides or turns text, as it must not be in a page. */
const HIDDEN = /[\u202a-\u202e\u2066-\u2069\u200b\u0000-\u0008\u001b]/;

async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText(/^Loading/)).toHaveCount(0);
}

/** Writes down an appeal with a hostile text, once, and finds an item. */
async function prepared(page: Page, campaign: string): Promise<Known> {
  return page.evaluate(
    async ([id, text]) => {
      const read = async <T>(path: string): Promise<T> => (await (await fetch(`/api/v1/${path}`)).json()) as T;
      const { csrf } = await read<{ csrf: string }>('session');
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
      const known = await read<{ items: { account: string; evidence: { kind: string; item: string }[] }[] }>(`campaigns/${id}/accounts`);
      const [one] = known.items.filter((account) => account.evidence.length > 0);
      const item = `/entities/${one?.evidence[0]?.kind}/${one?.evidence[0]?.item}`;
      const [filed] = (await read<{ items: { id: string }[] }>('appeals')).items;
      if (filed) return { appeal: filed.id, item };
      // Where the case is open already, this changes nothing.
      await fetch(`/api/v1/cases/${id}/acts`, { method: 'POST', headers, body: JSON.stringify({ act: 'open' }) });
      const body = JSON.stringify({ case: id, account: one?.account, text });
      const answer = await fetch('/api/v1/appeals', { method: 'POST', headers, body });
      return { appeal: ((await answer.json()) as { id: string }).id, item };
    },
    [campaign, HOSTILE.join(' ')] as const,
  );
}

test('nothing of an adversary acts or hides, on any screen', async ({ browser, stand }) => {
  const page = await person(browser, stand.url, 'bob');
  const told = complaints(page);
  // What people type is kept too, and shown to others.
  await page.evaluate(
    async ([id, hostile]) => {
      const { csrf } = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
      const file = await fetch(`/api/v1/cases/${id}`);
      const version = file.ok ? ((await file.json()) as { version: number }).version : 0;
      const headers: Record<string, string> = { 'content-type': 'application/json', 'x-csrf-token': csrf, 'if-match': `"${version}"` };
      if (!version) {
        await fetch(`/api/v1/cases/${id}/acts`, { method: 'POST', headers, body: JSON.stringify({ act: 'open' }) });
        headers['if-match'] = '"1"';
      }
      const text = (hostile as string[]).join(' ').slice(0, 60_000);
      await fetch(`/api/v1/cases/${id}/acts`, { method: 'POST', headers, body: JSON.stringify({ act: 'note', text }) });
    },
    [stand.campaign, HOSTILE] as const,
  );
  const known = await prepared(page, stand.campaign);
  told.length = 0;
  for (const [name, path] of screens(stand.campaign, known)) {
    await page.goto(stand.url + path);
    await settled(page);
    const seen = await page.evaluate(() => ({
      hit: 'hit' in window,
      text: document.body.innerText,
      images: document.querySelectorAll('main img, main script, main iframe').length,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    expect(seen.hit, name).toBe(false);
    expect(seen.images, name).toBe(0);
    expect(seen.wide, `${name} is wider than the window`).toBeLessThanOrEqual(0);
    expect(HIDDEN.test(seen.text), `${name} has hidden characters`).toBe(false);
    if (name.startsWith('hostile-account-2')) expect(seen.text).toContain('\\u{202e}gnp.exe');
  }
  // What is not there is asked for, and told in words.
  const unexpected = told.filter((text) => !/404|400 \(Bad Request\)|503 \(Service Unavailable\)|Not found: \/nowhere/.test(text));
  expect(unexpected).toEqual([]);
});

for (const [width, height] of [
  [1280, 860],
  [390, 844],
] as const) {
  for (const theme of ['light', 'dark'] as const) {
    test(`screens at ${width} pixels, ${theme}`, async ({ browser, stand }) => {
      test.setTimeout(240_000);
      const checked = width > 1000 ? 'light' : 'dark';
      const page = await person(browser, stand.url, 'bob');
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      const known = await prepared(page, stand.campaign);
      const looked = screens(stand.campaign, known).filter(([name]) => !/^hostile$|hostile-shared|account-[1-6]/.test(name));
      for (const [name, path] of looked) {
        await page.goto(stand.url + path);
        await settled(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(wide, `${name} at ${width} is wider than the window`).toBeLessThanOrEqual(0);
        await page.screenshot({ path: picture(`${name}-${width}-${theme}`) });
        // Colours depend on the theme and the order on the width: two of the four show all of both.
        if (theme !== checked) continue;
        const found = await new AxeBuilder({ page }).analyze();
        const said = found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
        expect.soft(said, `${name} at ${width}, ${theme}`).toEqual([]);
      }
      for (const [name, open] of [
        ['palette', 'Control+k'],
        ['keys', '?'],
      ] as const) {
        await page.goto(`${stand.url}/queue?state=all`);
        await settled(page);
        await page.keyboard.press(open);
        await expect(page.getByRole('dialog')).toBeVisible();
        await page.screenshot({ path: picture(`${name}-${width}-${theme}`) });
        if (theme !== checked) continue;
        const found = await new AxeBuilder({ page }).include('dialog[open]').analyze();
        expect.soft(found.violations.map((one) => `${one.id} ${one.nodes[0]?.html.slice(0, 200)}`), name).toEqual([]);
      }
      await page.goto(`${stand.url}/campaigns/${stand.campaign}`);
      await settled(page);
      const open = page.getByRole('button', { name: /Open a case/ });
      if (await open.isVisible()) await open.click();
      await page.getByRole('button', { name: /^Note/ }).click();
      await page.screenshot({ path: picture(`note-${width}-${theme}`) });
      await page.keyboard.press('Escape');
      await page.context().clearCookies();
      await page.goto(`${stand.url}/sign-in`);
      await expect(page.getByLabel('Name')).toBeVisible();
      await page.screenshot({ path: picture(`sign-in-${width}-${theme}`) });
      if (theme === checked) expect((await new AxeBuilder({ page }).analyze()).violations.map((one) => one.id)).toEqual([]);
    });
  }
}
