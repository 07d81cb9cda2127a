import { defineConfig } from '@playwright/test';

/** Debian's browser, or the one that is named. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'tests',
  outputDir: process.env['STILLWATCH_ARTEFACTS'] ?? 'test-results',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 860 },
    launchOptions: { executablePath, args: isRoot ? ['--no-sandbox'] : [] },
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Zurich',
    locale: 'en-GB',
    trace: 'retain-on-failure',
  },
});
