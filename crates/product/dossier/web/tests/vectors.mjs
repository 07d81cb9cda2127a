// The test vectors, of which the program's own tests make the same: node vectors.mjs PAGE VECTORS.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { load } from './load.mjs';

const [page, file] = process.argv.slice(2);
load(page);
const vectors = JSON.parse(readFileSync(file, 'utf8'));
const bytes = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const attempt = async (make) => {
  try {
    return await make();
  } catch {
    return null;
  }
};

const kinds = {
  base64: async ({ text }) => hex(fromBase64(text, '')),
  root: async ({ entries }) => hex(await rootOf(await Promise.all(entries.map((entry) => leafHash(bytes(entry)))))),
  included: async ({ leaf, index, size, path, root }) => isIncluded(bytes(leaf), index, size, path.map(bytes), bytes(root)),
  entry: async ({ kind_number: kind, salt, record }) => hex(await entryOf({ kind, salt: bytes(salt), record: bytes(record) })),
  account: async (one) => {
    const [rows, input_tokens, output_tokens, first_us, last_us] = one.numbers.map(BigInt);
    return hex(await accountLeaf({ account: one.account, rows, input_tokens, output_tokens, first_us, last_us, salt: bytes(one.salt), root: bytes(one.root) }));
  },
  signed: async ({ note, key }) => isSignedBy(parseNote(new TextEncoder().encode(note), ''), await parseKey(key, '')),
  grouped: async ({ number }) => grouped(BigInt(number)),
  short: async ({ number }) => short(Number(number)),
  plain: async ({ number }) => plain(Number(number)),
  time: async ({ at_us }) => time(BigInt(at_us)),
  same_time: async ({ one, other }) => isSameTime(one, other),
  ranked: async ({ scores, groups, score }) => {
    const peers = ranking(scores, groups);
    return [peers.size, peers.above(score), peers.eValue(score), peers.familyEValue(score)];
  },
  values: async ({ row }) =>
    decodeValues(bytes(row), '').map((value) => (value instanceof Uint8Array ? hex(value) : Array.isArray(value) ? value.map(String) : typeof value === 'bigint' ? String(value) : value)),
  escaped: async ({ text }) => escaped(text),
};

let checked = 0;
for (const { kind, gives, ...given } of vectors) {
  assert.ok(kinds[kind], kind);
  assert.deepEqual(await attempt(() => kinds[kind](given)), gives, `${kind} ${JSON.stringify(given)}`);
  checked += 1;
}
process.stdout.write(`${checked}\n`);
