// The ledger: the tree of RFC 6962, signed notes and checkpoints (C2SP), and the archive's own form.

const ENTRY_BYTES = 34;
const MAX_FILES = 256;
const MAX_SIGNATURES = 64;

const leafHash = (entry) => sha256(concat(Uint8Array.of(0), entry));

/** Hashes of two hashes that were computed. Paths of one tree share their upper parts, and each call of the browser costs much. */
const computed = new Map();
const MAX_COMPUTED = 1 << 17;

function nodeHash(left, right) {
  const key = String.fromCharCode(...left, ...right);
  let hash = computed.get(key);
  if (!hash) {
    if (computed.size >= MAX_COMPUTED) computed.clear();
    hash = sha256(concat(Uint8Array.of(1), left, right));
    computed.set(key, hash);
  }
  return hash;
}

/** The root over the hashes of entries (RFC 6962, section 2.1). */
async function rootOf(hashes) {
  if (hashes.length === 0) return sha256(new Uint8Array());
  let level = hashes;
  // Pairs level by level: an odd one at the end goes up as it is, which gives the same tree.
  while (level.length > 1) {
    const pairs = [];
    for (let at = 0; at < level.length; at += 2) {
      pairs.push(at + 1 < level.length ? nodeHash(level[at], level[at + 1]) : level[at]);
    }
    level = await Promise.all(pairs);
  }
  return level[0];
}

/** Whether a path leads from a leaf at an index to the root of a tree of a size (RFC 9162, section 2.1.3.2). */
async function isIncluded(leaf, index, size, path, root) {
  if (index >= size) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = await nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && isSame(hash, root);
}

const isKeyName = (name) => name !== '' && !/[\p{White_Space}\p{Cc}+]/u.test(name);

/** The key of a log, `NAME+ID+KEY`. */
async function parseKey(text, place) {
  const bad = () => refuse(place, 'this is no public key of a ledger (it must be NAME+ID+KEY on one line)');
  const line = text.replace(/\n+$/, '');
  const parts = line.split('+');
  const [name, id] = parts;
  if (parts.length < 3 || !isKeyName(name)) bad();
  const bytes = fromBase64(parts.slice(2).join('+'), place);
  if (bytes.length !== 33 || bytes[0] !== 1 || hasSmallOrder(bytes.subarray(1))) bad();
  const whole = await sha256(concat(bytesOf(`${name}\n`), bytes));
  if (id !== hex(whole.subarray(0, 4))) bad();
  return { name, id, key: bytes.subarray(1), text: line };
}

/** A signed note: a text, an empty line, and who signed it. */
function parseNote(bytes, place) {
  const bad = () => refuse(place, 'this is no signed note (a text, an empty line, and lines that begin with a dash)');
  const whole = textOf(bytes, place);
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) bad();
  const middle = whole.lastIndexOf('\n\n');
  if (middle < 0 || !whole.endsWith('\n') || middle + 2 >= whole.length) bad();
  const lines = whole.slice(middle + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) bad();
  const signatures = lines.map((line) => {
    const found = /^\u2014 ([^ ]+) (.*)$/su.exec(line);
    if (!found || !isKeyName(found[1])) return bad();
    const signed = fromBase64(found[2], place);
    return signed.length < 4 ? bad() : { name: found[1], id: hex(signed.subarray(0, 4)), signature: signed.subarray(4) };
  });
  return { text: whole.slice(0, middle + 1), signatures };
}

/** Whether the key signed the note: there is a signature that says so, and each that says so is right. */
async function isSignedBy(note, key) {
  const own = note.signatures.filter((line) => line.name === key.name && line.id === key.id);
  const right = await Promise.all(own.map((line) => verifiesEd25519(key.key, line.signature, bytesOf(note.text))));
  return own.length > 0 && right.every(Boolean);
}

/** The signed head of a log. */
async function openCheckpoint(bytes, key) {
  const place = 'checkpoint';
  const note = parseNote(bytes, place);
  const found = /^([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n$/u.exec(note.text);
  const root = found ? fromBase64(found[3], place) : new Uint8Array();
  if (!found || root.length !== 32 || BigInt(found[2]) > U64_MAX) refuse(place, 'this is no checkpoint (a name, a number and a hash, each on its line)');
  if (!(await isSignedBy(note, key))) refuse(place, 'it is not signed by the key of the ledger');
  if (found[1] !== key.name) refuse(place, 'it is of another log');
  return { size: Number(found[2]), root };
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) crc = CRC[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers of 16 (`s`) or 32 (`l`) bits, the least byte first. */
function fields(pattern, ...numbers) {
  const bytes = [];
  numbers.forEach((number, at) => {
    const width = pattern[at] === 's' ? 2 : 4;
    for (let byte = 0; byte < width; byte += 1) bytes.push((number >>> (8 * byte)) & 0xff);
  });
  return Uint8Array.from(bytes);
}

const [FILE, LISTED, END] = [0x04034b50, 0x02014b50, 0x06054b50];

/** The files of an archive: a zip of stored files in the one form in which it is written. */
function readArchive(bytes) {
  const bad = () => refuse('the archive', 'it is damaged: it is not in the form in which it was written');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [files, listed] = [new Map(), []];
  let at = 0;
  const same = (expected) => {
    if (!isSame(bytes.subarray(at, at + expected.length), expected)) bad();
    at += expected.length;
  };
  while (at + 30 <= bytes.length && view.getUint32(at, true) === FILE) {
    const [offset, length, nameLength] = [at, view.getUint32(at + 18, true), view.getUint16(at + 26, true)];
    if (at + 30 + nameLength + length > bytes.length) bad();
    const name = bytes.subarray(at + 30, at + 30 + nameLength);
    const data = bytes.subarray(at + 30 + nameLength, at + 30 + nameLength + length);
    // Version 2.0, no flags, stored, 1 January 1980.
    const common = fields('ssssslllss', 20, 0, 0, 0, 0x21, crc32(data), length, length, nameLength, 0);
    same(fields('l', FILE));
    same(common);
    at += nameLength + length;
    const text = textOf(name, 'the archive');
    if (files.has(text) || files.size >= MAX_FILES) bad();
    files.set(text, data);
    listed.push(concat(fields('ls', LISTED, 20), common, new Uint8Array(10), fields('l', offset), name));
  }
  const start = at;
  for (const line of listed) same(line);
  same(concat(fields('lss', END, 0, 0), fields('ssll', files.size, files.size, at - start, start), new Uint8Array(2)));
  if (files.size === 0 || at !== bytes.length) bad();
  return files;
}
