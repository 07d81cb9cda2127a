// The page in a case archive, opened from a file and without a network, must say what the program says.

import AxeBuilder from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { complaints, expect, picture, stillwatch, test as base } from './stand';
import type { Browser, Page } from '@playwright/test';

interface Case {
  folder: string;
  /** The page, apart from the archive. */
  page: string;
  archive: string;
  key: string;
}

const test = base.extend<object, { exported: Case }>({
  exported: [
    async ({ seeded }, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'stillwatch-dossier-'));
      const [page, archive] = [join(folder, 'verify.html'), join(folder, 'case.zip')];
      const data = join(seeded.folder, 'data');
      stillwatch(['verify', '--page', page]);
      stillwatch(['case', 'export', seeded.campaign, '--data-dir', data, '--out', archive, '--for', 'court', '--quiet']);
      await use({ folder, page, archive, key: readFileSync(join(data, 'ledger/key.pub'), 'utf8').trim() });
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

/** The page in a browser without a network; what it asks for is told. */
async function opened(browser: Browser, path: string): Promise<{ page: Page; asked: string[]; told: string[] }> {
  const context = await browser.newContext();
  await context.setOffline(true);
  const page = await context.newPage();
  const told = complaints(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  return { page, asked, told };
}

const verdict = (page: Page) => page.locator('#verdict');

function programHolds(file: string, ...more: string[]): boolean {
  try {
    stillwatch(['verify', file, '--json', ...more]);
    return true;
  } catch {
    return false;
  }
}

test('the good archive holds, and the page asks for nothing', async ({ browser, exported }) => {
  const { page, asked, told } = await opened(browser, exported.page);
  await page.getByLabel('The archive').setInputFiles(exported.archive);
  await expect(verdict(page)).toHaveText('This archive holds.');
  await expect(page.locator('#meaning')).toContainText('signed by the key inside it');
  expect(await page.locator('#lines li.refuted').count()).toBe(0);
  expect(await page.locator('#lines li.held').count()).toBeGreaterThan(15);
  await page.getByLabel('The key that you trust').fill(exported.key);
  await page.keyboard.press('Tab');
  await expect(page.locator('#meaning')).toContainText('signed by the key that you trust');
  await expect(verdict(page)).toHaveText('This archive holds.');
  expect(asked).toEqual([pathToFileURL(exported.page).href]);
  expect(told).toEqual([]);
  // The policy of the page, and not only its good will.
  const refused = await page.evaluate(() => fetch('http://127.0.0.1:9/').then(String, String));
  expect(refused).toContain('Failed to fetch');
  await expect.poll(() => told.join('\n')).toContain('Content Security Policy');
});

test('the page of the archive is the one that the program writes', async ({ exported }) => {
  const unpacked = execFileSync('python3', ['-c', 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("verify.html"))', exported.archive]);
  expect(unpacked.equals(readFileSync(exported.page))).toBe(true);
});

test('changed and cut archives are refused, as by the program', async ({ browser, exported }) => {
  const good = readFileSync(exported.archive);
  const { page } = await opened(browser, exported.page);
  for (let at = 40; at < good.length; at += Math.floor(good.length / 9)) {
    const changed = Buffer.from(good);
    changed[at] = (changed[at] ?? 0) ^ 4;
    for (const bytes of [changed, good.subarray(0, at)]) {
      const bad = join(exported.folder, `bad-${at}-${bytes.length}.zip`);
      writeFileSync(bad, bytes);
      await page.getByLabel('The archive').setInputFiles(bad);
      await expect(page.locator('#about')).toContainText(`bad-${at}-${bytes.length}.zip`);
      await expect(verdict(page), `at ${at}`).toHaveText('This archive does not hold.');
      expect(await page.locator('#lines li.refuted').count()).toBe(1);
      expect(programHolds(bad)).toBe(false);
    }
  }
});

test('an archive that another key signed is refused', async ({ browser, exported }) => {
  const { page } = await opened(browser, exported.page);
  // The key of another ledger.
  const [world, other] = [join(exported.folder, 'world'), join(exported.folder, 'other')];
  stillwatch(['range', 'generate', '--world', 'demo', '--seed', '8', '--scale', '0.02', '--out', world, '--quiet']);
  stillwatch(['ingest', join(world, 'exchanges.jsonl.zst'), '--data-dir', other, '--quiet']);
  const key = readFileSync(join(other, 'ledger/key.pub'), 'utf8').trim();
  await page.getByLabel('The key that you trust').fill(key);
  await page.getByLabel('The archive').setInputFiles(exported.archive);
  await expect(verdict(page)).toHaveText('This archive does not hold.');
  await expect(page.locator('#lines li.refuted')).toContainText('not by the key that you trust');
  expect(programHolds(exported.archive, '--trust', key)).toBe(false);
  await page.getByLabel('The key that you trust').fill('no key');
  await page.keyboard.press('Tab');
  await expect(page.locator('#lines li.refuted')).toContainText('NAME+ID+KEY');
});

test('an archive can be dropped, and its name is text', async ({ browser, exported }) => {
  const { page } = await opened(browser, exported.page);
  const bytes = Array.from(readFileSync(exported.archive));
  await page.evaluate((numbers) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(numbers)], '<img src=x onerror=hit=1>\u202egpj.zip'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, bytes);
  await expect(verdict(page)).toHaveText('This archive holds.');
  await expect(page.locator('#about')).toContainText('<img src=x onerror=hit=1>[U+202E]gpj.zip');
  expect(await page.evaluate(() => 'hit' in window || document.images.length > 0)).toBe(false);
});

test('a browser without Ed25519 is told so', async ({ browser, exported }) => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    crypto.subtle.importKey = () => Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
  });
  const page = await context.newPage();
  await page.goto(pathToFileURL(exported.page).href);
  await expect(page.locator('#meaning')).toContainText('no Ed25519');
  await page.getByLabel('The archive').setInputFiles(exported.archive);
  await expect(verdict(page)).toHaveText('Nothing was checked.');
  await expect(page.locator('#meaning')).toContainText('stillwatch verify FILE');
});

for (const [width, theme] of [
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const) {
  test(`the page at ${width} pixels, ${theme}`, async ({ browser, exported }) => {
    const { page } = await opened(browser, exported.page);
    await page.setViewportSize({ width, height: 860 });
    await page.emulateMedia({ colorScheme: theme });
    await page.getByLabel('The archive').setInputFiles(exported.archive);
    await expect(verdict(page)).toHaveText('This archive holds.');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await page.screenshot({ path: picture(`dossier-${width}-${theme}`), fullPage: true });
    const found = await new AxeBuilder({ page }).analyze();
    expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`)).toEqual([]);
  });
}
