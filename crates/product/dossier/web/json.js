// JSON, read strictly: numbers keep their digits, and a name that is there twice is refused, since readers differ about it.

const MAX_DEPTH = 128;

/** A number as it is written. */
class Digits {
  constructor(text) {
    this.text = text;
  }
}

class JsonReader {
  constructor(text, place) {
    this.text = text;
    this.place = place;
    this.at = 0;
  }

  bad() {
    return refuse(this.place, `it is not JSON at character ${this.at}`);
  }

  space() {
    while (' \n\r\t'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  expect(character) {
    if (this.text[this.at] !== character) this.bad();
    this.at += 1;
  }

  whole() {
    const value = this.value(0);
    this.space();
    if (this.at !== this.text.length) this.bad();
    return value;
  }

  value(depth) {
    if (depth >= MAX_DEPTH) refuse(this.place, 'it is nested too deeply');
    this.space();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  word(word, value) {
    if (!this.text.startsWith(word, this.at)) this.bad();
    this.at += word.length;
    return value;
  }

  number() {
    const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    number.lastIndex = this.at;
    const found = number.exec(this.text);
    if (!found) return this.bad();
    this.at = number.lastIndex;
    return new Digits(found[0]);
  }

  string() {
    this.expect('"');
    let out = '';
    for (;;) {
      const plain = /[^"\\\u0000-\u001f]*/y;
      plain.lastIndex = this.at;
      out += plain.exec(this.text)[0];
      this.at = plain.lastIndex;
      const character = this.text[this.at];
      this.at += 1;
      if (character === '"') break;
      if (character !== '\\') this.bad();
      out += this.escaped();
    }
    // One half of a character is no text.
    if (/[\ud800-\udfff]/u.test(out)) this.bad();
    return out;
  }

  escaped() {
    const letter = this.text[this.at];
    this.at += 1;
    const simple = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[letter];
    if (simple !== undefined) return simple;
    const digits = this.text.slice(this.at, this.at + 4);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) this.bad();
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  array(depth) {
    this.expect('[');
    const values = [];
    this.space();
    if (this.text[this.at] === ']') {
      this.at += 1;
      return values;
    }
    for (;;) {
      values.push(this.value(depth + 1));
      this.space();
      if (this.text[this.at] !== ',') break;
      this.at += 1;
    }
    this.expect(']');
    return values;
  }

  object(depth) {
    this.expect('{');
    const fields = new Map();
    this.space();
    if (this.text[this.at] === '}') {
      this.at += 1;
      return fields;
    }
    for (;;) {
      this.space();
      const name = this.string();
      if (fields.has(name)) refuse(this.place, `${JSON.stringify(name)} is there twice`);
      this.space();
      this.expect(':');
      fields.set(name, this.value(depth + 1));
      this.space();
      if (this.text[this.at] !== ',') break;
      this.at += 1;
    }
    this.expect('}');
    return fields;
  }
}

/** Objects become `Map`, numbers become `Digits`. */
function parseJson(text, place) {
  return new JsonReader(text, place).whole();
}

/** What kinds of values there are: each takes what was read and the place, and gives the value or refuses. */
const as = {
  text: (value, place) => (typeof value === 'string' ? value : refuse(place, 'a text is expected')),
  flag: (value, place) => (typeof value === 'boolean' ? value : refuse(place, 'true or false is expected')),
  anything: (value) => value,
  base64: (value, place) => fromBase64(as.text(value, place), place),

  whole(low, high) {
    return (value, place) => {
      if (!(value instanceof Digits) || !/^(?:0|-?[1-9][0-9]*)$/.test(value.text)) refuse(place, 'a whole number is expected');
      const number = BigInt(value.text);
      return number < low || number > high ? refuse(place, 'a number is out of its range') : number;
    };
  },

  /** A number that counts things of which no archive has more than can be counted exactly here. */
  place(value, place) {
    return Number(as.whole(0n, BigInt(Number.MAX_SAFE_INTEGER))(value, place));
  },

  number(value, place) {
    const number = value instanceof Digits ? Number(value.text) : NaN;
    return Number.isFinite(number) ? number : refuse(place, 'a number is expected');
  },

  hash(value, place) {
    const bytes = as.base64(value, place);
    return bytes.length === 32 ? bytes : refuse(place, '32 bytes are expected');
  },

  path(value, place) {
    const bytes = as.base64(value, place);
    if (bytes.length % 32 !== 0 || bytes.length > 64 * 32) refuse(place, 'it is no path of hashes');
    return Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(32 * at, 32 * at + 32));
  },

  list: (kind) => (value, place) =>
    Array.isArray(value) ? value.map((one) => kind(one, place)) : refuse(place, 'a list is expected'),

  map: (kind) => (value, place) =>
    value instanceof Map
      ? new Map(Array.from(value, ([name, one]) => [name, kind(one, place)]))
      : refuse(place, 'an object is expected'),

  maybe: (kind) => (value, place) => (value === null || value === undefined ? null : kind(value, place)),

  oneOf: (...words) => (value, place) => (words.includes(value) ? value : refuse(place, `it must be one of ${words.join(', ')}`)),

  /** An object with these fields; others are left out, or refused where it is `closed`. */
  object:
    (fields, closed = false) =>
    (value, place) => {
      if (!(value instanceof Map)) refuse(place, 'an object is expected');
      const unknown = closed ? Array.from(value.keys()).find((name) => !Object.hasOwn(fields, name)) : undefined;
      if (unknown !== undefined) refuse(place, `${JSON.stringify(unknown)} is not known`);
      const out = {};
      for (const [name, kind] of Object.entries(fields)) {
        try {
          out[name] = kind(value.get(name), place);
        } catch (error) {
          if (!value.has(name) && error instanceof Refused) refuse(place, `${name} is missing`);
          throw error;
        }
      }
      return out;
    },
};
as.u64 = as.whole(0n, U64_MAX);
as.i64 = as.whole(-(1n << 63n), (1n << 63n) - 1n);
as.u32 = as.whole(0n, (1n << 32n) - 1n);
as.u8 = as.whole(0n, 255n);
