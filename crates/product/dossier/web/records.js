// The records of an archive: their JSON, their binary form, and the proofs that lead from one exchange to the ledger.

const OPENINGS = 'records/openings.jsonl.gz';
const ACCOUNTS = 'records/accounts.jsonl.gz';
const ROWS = 'records/rows.jsonl.gz';

/** Kinds of entries. */
const [EXCHANGES, EXCHANGES_GONE, VERDICT] = [1, 2, 3];

/** Proofs that are checked at a time. */
const AT_A_TIME = 512;

const asOpening = as.object({ index: as.place, kind: as.u8, salt: as.hash, record: as.base64, path: as.path }, true);

const asAccountProof = as.object(
  {
    entry: as.place,
    account: as.text,
    rows: as.u64,
    input_tokens: as.u64,
    output_tokens: as.u64,
    first_us: as.i64,
    last_us: as.i64,
    root: as.hash,
    salt: as.hash,
    place: as.place,
    path: as.path,
  },
  true,
);

/** A part of a row: shown with its salt, or its commitment alone. */
function asPart(value, place) {
  if (!(value instanceof Map) || value.size !== 1) refuse(place, 'a part of a row is shown or hidden');
  if (value.has('hidden')) return { hidden: as.hash(value.get('hidden'), place) };
  const { shown } = as.object({ shown: as.object({ salt: as.hash, values: as.base64 }, true) }, true)(value, place);
  return shown;
}

const asRowProof = as.object({ entry: as.place, account: as.text, parts: as.list(asPart), place: as.place, path: as.path }, true);

const asVerdict = as.object({
  document: as.text,
  version: as.u32,
  program: as.text,
  case: as.text,
  accounts_entry: as.u64,
  table_entries: as.u64,
  other_sources: as.u64,
  since_us: as.maybe(as.i64),
  until_us: as.maybe(as.i64),
  run: as.object({
    accounts: as.u64,
    exchanges: as.u64,
    fdr: as.number,
    fdr_suspected: as.number,
    hypotheses: as.u64,
    groups_tested: as.u64,
    calibration: as.text,
    cannot_see: as.list(as.text),
  }),
  campaign: as.object({
    status: as.text,
    accounts: as.u64,
    exchanges: as.u64,
    input_tokens: as.u64,
    output_tokens: as.u64,
    first_seen: as.text,
    last_seen: as.text,
    confidence: as.u32,
    corroboration: as.u64,
    looks: as.maybe(as.anything),
    impact: as.u32,
    e_value: as.number,
    fdr_at: as.number,
    bank: as.object({ size: as.u64, rank: as.u64 }),
    families: as.list(as.object({ family: as.text, e_value: as.number, what: as.text })),
    leak: as.object({ exchanges: as.u64, low: as.u64, high: as.u64 }),
    strengths: as.list(as.text),
    limitations: as.list(as.text),
    would_change: as.list(as.text),
  }),
  judgement: as.maybe(
    as.object({
      parts: as.list(
        as.object({
          formed_by: as.text,
          formed_on: as.text,
          accounts: as.place,
          customers: as.maybe(as.place),
          tells: as.flag,
          score: as.number,
          families: as.map(as.number),
          lowered: as.maybe(as.number),
          peers: as.maybe(as.place),
          rank: as.u64,
          e_value: as.number,
        }),
      ),
      strongest: as.place,
      peers: as.list(
        as.object({
          groups: as.place,
          scores: as.list(as.number),
          lifted: as.maybe(as.list(as.number)),
          without_strongest: as.maybe(as.list(as.number)),
          families: as.map(as.list(as.number)),
        }),
      ),
    }),
  ),
});

const asAccounts = as.object({
  document: as.text,
  version: as.u32,
  case: as.text,
  accounts: as.list(as.text),
  verdicts: as.list(
    as.object({
      account: as.text,
      verdict: as.text,
      evidence: as.list(as.object({ family: as.text, kind: as.text, item: as.text, exchanges: as.list(as.text) })),
    }),
  ),
});

/** Unpacks a file, and hands the value of each line to `each` in its turn. */
async function eachLine(packed, place, kind, each) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  let rest = new Uint8Array();
  const line = async (bytes) => {
    if (bytes.length > 0) await each(kind(parseJson(textOf(bytes, place), place), place));
  };
  for (;;) {
    let next;
    try {
      next = await reader.read();
    } catch {
      refuse(place, 'it cannot be unpacked');
    }
    if (next.done) break;
    let bytes = rest.length > 0 ? concat(rest, next.value) : next.value;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      await line(bytes.subarray(0, end));
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  await line(rest);
}

/** As `eachLine`, with some lines at a time side by side. */
async function eachLineFast(packed, place, kind, each) {
  let some = [];
  const settle = async () => {
    const all = some;
    some = [];
    await Promise.all(all.map(each));
  };
  await eachLine(packed, place, kind, async (value) => {
    some.push(value);
    if (some.length >= AT_A_TIME) await settle();
  });
  await settle();
}

/** The entry of a record: version, kind, and the salted commitment. */
async function entryOf(opening) {
  const commitment = await sha256(concat(bytesOf('stillwatch record 1'), opening.salt, opening.record));
  return concat(Uint8Array.of(1, Number(opening.kind)), commitment);
}

function versioned(bytes, place) {
  const reader = new Reader(bytes, place);
  if (reader.byte() !== 1) refuse(place, 'a record is of a later version of stillwatch (use that version)');
  return reader;
}

/** The document of a record. */
function documentOf(record, place) {
  versioned(record, place);
  return record.subarray(1);
}

/** The batches that the exchange table was made of: those of its first entries that did not go. */
function batchesOf(openings, tableEntries) {
  const [batches, gone] = [new Map(), []];
  for (const { index, kind, record } of openings) {
    if (BigInt(index) >= tableEntries) continue;
    if (kind === BigInt(EXCHANGES)) {
      const reader = versioned(record, OPENINGS);
      const batch = { file: reader.text(), rows: reader.u64(), accounts: Number(reader.u64()), columns: reader.text(), root: reader.take(32) };
      reader.end();
      batches.set(index, batch);
    } else if (kind === BigInt(EXCHANGES_GONE)) {
      const reader = versioned(record, OPENINGS);
      gone.push(Number(reader.u64()));
      reader.end();
    }
  }
  for (const entry of gone) batches.delete(entry);
  return batches;
}

/** The leaf of an account in the tree of its batch. */
function accountLeaf(proof) {
  const numbers = [proof.rows, proof.input_tokens, proof.output_tokens, proof.first_us, proof.last_us].map(eightBytes);
  return leafHash(concat(bytesOf('account 1'), proof.salt, lengthAndBytes(bytesOf(proof.account)), ...numbers, proof.root));
}

const IDENTIFIERS = ['key', 'conversation', 'end_user', 'ip', 'country', 'user_agent', 'ja4', 'headers'];

/** The part of a row that a column is in: facts, identifiers, text. */
function groupOf(column) {
  if (column === 'text') return 2;
  return IDENTIFIERS.includes(column) ? 1 : 0;
}

/** The values of a part of a row: texts, integers as `BigInt`, lists of hashes, numbers, flags, bytes. */
function decodeValues(bytes, place) {
  const reader = new Reader(bytes, place);
  const signed = (number) => BigInt.asIntN(64, number);
  const values = [];
  while (!reader.isAtEnd) {
    const kind = reader.byte();
    if (kind === 0) values.push(null);
    else if (kind === 1) values.push(reader.text());
    else if (kind === 2) values.push(signed(reader.u64()));
    else if (kind === 3) values.push(BigInt(reader.u32() | 0));
    else if (kind === 4) values.push(new DataView(Uint8Array.from(reader.take(8)).buffer).getFloat64(0, true));
    else if (kind === 5) {
      const flag = reader.byte();
      if (flag > 1) refuse(place, 'a row holds a flag that is none');
      values.push(flag === 1);
    } else if (kind === 6) values.push(reader.take(reader.u32()));
    else if (kind === 7) {
      const hashes = new Reader(reader.take(reader.u32() * 8), place);
      const list = [];
      while (!hashes.isAtEnd) list.push(signed(hashes.u64()));
      values.push(list);
    } else refuse(place, 'a row holds a value of a kind that is not known (use a later version)');
  }
  return values;
}

/** Checks a row against its account, and returns what it shows, by its columns. */
async function openRow(row, batch, account) {
  const place = `${ROWS}: row ${row.place} of account ${JSON.stringify(row.account)} in entry ${row.entry}`;
  if (row.parts.length !== 3) refuse(place, 'a row has three parts');
  const commitments = await Promise.all(row.parts.map((part) => part.hidden ?? sha256(concat(part.salt, part.values))));
  const leaf = await leafHash(concat(...commitments));
  if (!(await isIncluded(leaf, row.place, Number(account.rows), row.path, account.root))) refuse(place, 'it is not so there');
  const columns = batch.columns.split(' ').filter((column) => column.includes(':')).map((column) => column.slice(0, column.indexOf(':')));
  const shown = [];
  row.parts.forEach((part, group) => {
    if (part.hidden) return;
    const names = columns.filter((name) => groupOf(name) === group);
    const values = decodeValues(part.values, place);
    if (names.length !== values.length) refuse(place, 'it has not the columns of its batch');
    names.forEach((name, at) => shown.push([name, values[at]]));
  });
  if (shown.some(([name, value]) => name === 'account' && value !== row.account)) refuse(place, "it is another account's than it is under");
  return shown;
}

/** The columns in which a kind of item is; none where it is in no exchange. */
const COLUMNS = {
  ip: ['ip_hash'],
  frame: ['frames'],
  phrase: ['phrases'],
  conversation: ['root'],
  answer: ['quotes'],
  signature: ['minted', 'presented'],
};
const columnsOf = (kind) => (Object.hasOwn(COLUMNS, kind) ? COLUMNS[kind] : []);

/** Whether a row holds an item, which is a hash in hexadecimal digits. */
function holdsItem(shown, kind, item) {
  const digits = /^\+?([0-9a-fA-F]+)$/.exec(item);
  const hash = digits ? BigInt(`0x${digits[1]}`) : -1n;
  if (hash < 0n || hash > U64_MAX) return false;
  const is = (value) => typeof value === 'bigint' && BigInt.asUintN(64, value) === hash;
  return shown.some(([name, value]) => columnsOf(kind).includes(name) && (Array.isArray(value) ? value.some(is) : is(value)));
}
