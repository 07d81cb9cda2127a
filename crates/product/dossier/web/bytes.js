// Bytes: texts, base64, hexadecimal digits, SHA-256, and a reader of the records' binary form.

/** What is wrong with an archive, in words for whoever checks it. */
class Refused extends Error {}

function refuse(place, what) {
  throw new Refused(`${place}: ${what}`);
}

const U64_MAX = (1n << 64n) - 1n;

/** The text of bytes; what is no UTF-8 is refused. */
function textOf(bytes, place) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(place, 'it is not text in UTF-8');
  }
}

function bytesOf(text) {
  return new TextEncoder().encode(text);
}

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function isSame(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Int8Array(128).fill(-1);
for (let at = 0; at < DIGITS.length; at += 1) VALUES[DIGITS.charCodeAt(at)] = at;

/** The bytes of a text in base64 with its padding. Of several texts for the same bytes only the usual one is accepted. */
function fromBase64(text, place) {
  const bad = () => refuse(place, 'it holds a text that is not base64');
  if (text.length % 4 !== 0) bad();
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let [bits, held, to] = [0, 0, 0];
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    const value = code < 128 ? VALUES[code] : -1;
    if (value < 0) bad();
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[to] = (bits >> held) & 0xff;
      to += 1;
    }
  }
  // The bits that the padding leaves over are zero.
  if ((bits & ((1 << held) - 1)) !== 0) bad();
  return bytes;
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** Whether an Ed25519 key or point has a small order. Every text has a signature by such a key, so that it says nothing. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

function hasSmallOrder(point) {
  const unsigned = Uint8Array.from(point);
  unsigned[31] &= 0x7f;
  return SMALL_ORDER.includes(hex(unsigned));
}

async function verifiesEd25519(key, signature, message) {
  if (signature.length !== 64 || hasSmallOrder(signature.subarray(0, 32)) || hasSmallOrder(key)) return false;
  const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', imported, signature, message);
}

/** Why this browser cannot check an archive; nothing where it can. */
async function whyUnable() {
  const fix = 'Use a browser of 2025 or later (Chrome or Edge 137, Firefox 130, Safari 17), or run: stillwatch verify FILE';
  if (!globalThis.crypto?.subtle) {
    return `This browser gives this page no WebCrypto: it does so for a page that is opened from a file or over HTTPS. ${fix}`;
  }
  if (typeof DecompressionStream !== 'function') return `This browser cannot unpack gzip (it has no DecompressionStream). ${fix}`;
  try {
    // The base point: a key that every implementation takes.
    const key = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 0x58 : 0x66));
    await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return '';
  } catch {
    return `This browser has no Ed25519 in its WebCrypto, so that it can check no signature. ${fix}`;
  }
}

/** Reads the binary form of records: numbers have their least byte first, texts come after their length in 32 bits. */
class Reader {
  constructor(bytes, place) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.place = place;
  }

  get isAtEnd() {
    return this.at === this.bytes.length;
  }

  take(length) {
    if (length > this.bytes.length - this.at) refuse(this.place, 'a record ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  byte() {
    return this.take(1)[0];
  }

  u32() {
    this.take(4);
    return this.view.getUint32(this.at - 4, true);
  }

  u64() {
    this.take(8);
    return this.view.getBigUint64(this.at - 8, true);
  }

  text() {
    return textOf(this.take(this.u32()), this.place);
  }

  end() {
    if (!this.isAtEnd) refuse(this.place, 'a record is longer than it may be');
  }
}

/** A number with 64 bits as eight bytes. */
function eightBytes(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, number), true);
  return bytes;
}

function lengthAndBytes(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return concat(length, bytes);
}

/** The order of texts by their code points, which is that of their bytes. */
function compareTexts(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    if (a[at] !== b[at]) return a[at].codePointAt(0) - b[at].codePointAt(0);
  }
  return a.length - b.length;
}
