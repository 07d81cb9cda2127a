// The real program with a seeded store, and people who sign in.

import { test as base, expect, type Browser, type Page } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = resolve(fileURLToPath(import.meta.url), '..', '..');
const root = resolve(here, '..', '..', '..', '..');
const target = process.env['CARGO_TARGET_DIR'] ?? join(root, 'target');
const binary = process.env['STILLWATCH_BINARY'] ?? join(target, 'debug', 'stillwatch');
export const build = process.env['STILLWATCH_CONSOLE'] ?? join(here, 'build');
export const artefacts = resolve(process.env['STILLWATCH_ARTEFACTS'] ?? join(here, 'test-results'));

export const PASSWORD = 'a sentence that is long';
export const MEMBERS = 25_000;
export const LARGE = 'C-large000';
/** Names that an adversary chose: markup, marks of direction, controls, a formula, a path, a long one. */
export const HOSTILE = [
  '<script>window.hit=1</script>',
  '<img src=x onerror="window.hit=1">',
  '\u202egnp.exe',
  'a\u001b[31m\u0000\n\r',
  '../../etc/passwd',
  "=cmd|' /C calc'!A0",
  'zero\u200bwidth\u2066',
  `long-${'x'.repeat(900)}`,
];

export const SECRET = join(root, 'crates/app/stillwatch/tests/secret');
const environment = {
  ...process.env,
  STILLWATCH_SECRET: SECRET,
  XDG_STATE_HOME: join(tmpdir(), 'stillwatch-console-tests'),
};

export function stillwatch(args: string[], input = ''): string {
  return execFileSync(binary, args, { env: environment, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 64 << 20 });
}

type Json = Record<string, unknown>;
const json = (path: string): Json[] => JSON.parse(readFileSync(path, 'utf8')) as Json[];
const lines = (path: string): Json[] =>
  readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Json);

/** A hunted world. Its results get a campaign of 25,000 accounts and hostile names; its data directory stays as it is. */
function seed(): { folder: string; campaign: string; totp: string } {
  const folder = mkdtempSync(join(tmpdir(), 'stillwatch-console-'));
  const [world, data, found] = [join(folder, 'world'), join(folder, 'data'), join(folder, 'found')];
  stillwatch(['range', 'generate', '--world', 'demo', '--seed', '7', '--scale', '0.3', '--out', world, '--quiet']);
  stillwatch(['hunt', join(world, 'exchanges.jsonl.zst'), '--accounts', join(world, 'accounts.jsonl'), '--data-dir', data, '--out', found, '--quiet']);
  // Exchanges of hostile names, the newest of the table. They came after the hunt, and change none of its results.
  const hostileLog = HOSTILE.map((name, at) => ({
    id: name, at: `2026-05-07T00:00:0${at}Z`, account: name, channel: name, client: { user_agent: name, country: name },
    request: { model: name, endpoint: name, messages: [{ role: 'user', content: name }] }, response: { status: 200, stop_reason: name },
  }));
  writeFileSync(join(folder, 'hostile.jsonl'), hostileLog.map((one) => JSON.stringify(one)).join('\n'));
  stillwatch(['ingest', join(folder, 'hostile.jsonl'), '--data-dir', data, '--quiet']);
  const campaigns = json(join(found, 'campaigns.json'));
  const first = campaigns[0];
  if (!first) throw new Error('the world has no campaign');
  const accounts = lines(join(found, 'accounts.jsonl'));
  const like = accounts.filter((one) => (one['evidence'] as unknown[]).length > 0);
  const names = [...HOSTILE, ...Array.from({ length: MEMBERS - HOSTILE.length }, (_, at) => `acct_${String(at).padStart(5, '0')}`)];
  const known = new Set(accounts.map((one) => one['account']));
  names.forEach((name, at) => {
    if (known.has(name)) return;
    const of = like[at % like.length] ?? {};
    const evidence = (of['evidence'] as unknown[]).slice(at % 3);
    const account = { ...of, account: name, verdict: 'watch', campaign: LARGE, campaigns: [LARGE], evidence };
    accounts.push(at < HOSTILE.length ? { ...account, reasons: [name, ...HOSTILE.slice(0, 4)] } : account);
  });
  const hostile = HOSTILE[0];
  const limitations = [...(first['limitations'] as string[]), ...HOSTILE.slice(0, 4)];
  const families = (first['families'] as Json[]).map((family) => ({ ...family, what: `${String(family['what'])} ${HOSTILE[1]} ${HOSTILE[2]}` }));
  campaigns.push({ ...first, id: LARGE, accounts: names, pools: [], confidence: 70, corroboration: 1, status: 'suspected', limitations, families, would_change: HOSTILE.slice(0, 4) });
  writeFileSync(join(found, 'campaigns.json'), JSON.stringify(campaigns));
  writeFileSync(join(found, 'accounts.jsonl'), accounts.map((one) => JSON.stringify(one)).join('\n'));
  const charts = json(join(found, 'charts.json'));
  const shared = (charts[0]?.['shared'] as Json[]).map((item) => ({ ...item, item: HOSTILE[2], kind: hostile }));
  charts.push({ ...charts[0], campaign: LARGE, shared });
  writeFileSync(join(found, 'charts.json'), JSON.stringify(charts));
  const leads = json(join(found, 'leads.json'));
  const lead = { ...(leads[0] ?? { score: 3.2, e_value: 4, exchanges_at_stake: 10, families: { content: 4 }, parts: [] }) };
  leads.push({ ...lead, id: 'L-hostile', accounts: HOSTILE.slice(0, 7), set_aside_by: 'one_family', what_would_assert: `${hostile} ${HOSTILE[3]}` });
  writeFileSync(join(found, 'leads.json'), JSON.stringify(leads));
  const summary = JSON.parse(readFileSync(join(found, 'summary.json'), 'utf8')) as Json;
  summary['notes'] = [...(summary['notes'] as string[]), `${HOSTILE[1]} ${HOSTILE[2]}`];
  writeFileSync(join(found, 'summary.json'), JSON.stringify(summary));
  const add = (who: string, ...more: string[]): string => stillwatch(['user', 'add', who, '--data-dir', data, ...more], `${PASSWORD}\n`);
  const told = add('ann@example.com', '--role', 'analyst');
  add('bob@example.com', '--role', 'analyst', '--without-totp');
  add('sue@example.com', '--role', 'second', '--without-totp');
  add('rita@example.com', '--role', 'reader', '--without-totp');
  const totp = /secret=([A-Z2-7]+)/.exec(told)?.[1] ?? '';
  return { folder, campaign: String(first['id']), totp };
}

/** A running server on a copy of the store. */
export class Stand {
  url = '';
  #child: ChildProcess | undefined;

  constructor(
    readonly folder: string,
    readonly campaign: string,
    readonly totp: string,
  ) {}

  get data(): string {
    return join(this.folder, 'data');
  }

  async start(more: string[] = []): Promise<void> {
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const found = join(this.folder, 'found');
    const child = spawn(binary, ['serve', '--data-dir', this.data, '--found', found, '--listen', listen, '--console', build, ...more], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.url = await new Promise<string>((done, failed) => {
      child.once('exit', (code) => failed(new Error(`the server ended with status ${code}`)));
      createInterface({ input: child.stdout }).once('line', (line) => done(line.replace('listening on ', '').trim()));
    });
  }

  /** Starts gate, engine and API together; where the gate is. The configuration says where its parts listen. */
  async startUp(config: string): Promise<string> {
    const child = spawn(binary, ['up', '--config', config], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    return new Promise<string>((done, failed) => {
      let gate = '';
      child.once('exit', (code) => failed(new Error(`the program ended with status ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [, part, place] = /^(gate|API) listens at (.+)$/.exec(line) ?? [];
        if (part === 'gate') gate = `http://${place}`;
        if (part !== 'API') return;
        this.url = `http://${place}`;
        done(gate);
      });
    });
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }
}

/** The one-time password of a time, as an authenticator has it. */
export function code(secret: string, step = Math.floor(Date.now() / 30_000)): string {
  let bits = '';
  for (const letter of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export async function signIn(page: Page, url: string, who: string, otp = ''): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Name').fill(`${who}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  if (otp) await page.getByLabel('One-time password').fill(otp);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Posture' })).toBeVisible();
}

/** A person in a browser of their own, which must complain of nothing. */
export async function person(browser: Browser, url: string, who: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, url, who);
  return page;
}

/** What the browser complains of: errors, and what the policy of the page refused. */
export function complaints(page: Page): string[] {
  const told: string[] = [];
  page.on('pageerror', (error) => told.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') told.push(message.text());
  });
  return told;
}

export function picture(name: string): string {
  const folder = join(artefacts, 'pictures');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}

export const test = base.extend<object, { seeded: ReturnType<typeof seed>; stand: Stand }>({
  seeded: [
    async ({}, use) => {
      if (!existsSync(join(build, 'index.html'))) throw new Error(`${build} has no page (build it: cargo xtask console)`);
      const made = seed();
      await use(made);
      rmSync(made.folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  // One server for all: each test acts on what is its own, or only looks.
  stand: [
    async ({ seeded }, use) => {
      const folder = join(seeded.folder, 'stand');
      for (const name of ['data', 'found']) cpSync(join(seeded.folder, name), join(folder, name), { recursive: true });
      const stand = new Stand(folder, seeded.campaign, seeded.totp);
      await stand.start();
      await use(stand);
      await stand.kill();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});
export { expect };
