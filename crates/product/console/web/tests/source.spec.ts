// What the sources of the page must not hold.

import { expect, test } from '@playwright/test';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = resolve(fileURLToPath(import.meta.url), '..', '..');

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

test('nothing is set as markup, styled inline or asked of others', () => {
  for (const file of files(join(here, 'src')).filter((name) => !name.endsWith('.d.ts'))) {
    const text = readFileSync(file, 'utf8');
    expect(text, file).not.toMatch(/\{@html|innerHTML|insertAdjacentHTML|document\.write|\beval\(| style="/);
    expect(text, file).not.toMatch(/https?:\/\//);
    expect(text.split('\n').length, file).toBeLessThanOrEqual(500);
  }
});

test('the page is small', () => {
  const built = files(join(here, 'build')).filter((name) => /\.(js|css)\.gz$/.test(name));
  const bytes = built.reduce((sum, name) => sum + statSync(name).size, 0);
  console.log(`scripts and styles, compressed with gzip: ${bytes} bytes in ${built.length} files`);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(200_000);
});
