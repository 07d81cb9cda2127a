// Checks an archive, with nothing but the archive.

/** Versions of the form of an archive that are read here. */
const VERSIONS = [1n, 2n];
/** The file that holds this page, from version 2 on. */
const PAGE = 'verify.html';

const asManifest = as.object(
  {
    dossier: as.u32,
    program: as.text,
    case: as.text,
    verdict_entry: as.place,
    audience: as.oneOf('court', 'regulator', 'peer', 'public'),
    text: as.oneOf('none', 'claims', 'all'),
    files: as.map(as.text),
  },
  true,
);

/** The manifest in the one form in which it is written. */
function manifestText(manifest) {
  const names = Array.from(manifest.files.keys()).sort(compareTexts);
  const line = (name, value, indent) => `${indent}${JSON.stringify(name)}: ${value}`;
  const files = names.map((name) => line(name, JSON.stringify(manifest.files.get(name)), '    ')).join(',\n');
  const whole = [
    line('dossier', manifest.dossier, '  '),
    line('program', JSON.stringify(manifest.program), '  '),
    line('case', JSON.stringify(manifest.case), '  '),
    line('verdict_entry', manifest.verdict_entry, '  '),
    line('audience', JSON.stringify(manifest.audience), '  '),
    line('text', JSON.stringify(manifest.text), '  '),
    line('files', names.length > 0 ? `{\n${files}\n  }` : '{}', '  '),
  ];
  return `{\n${whole.join(',\n')}\n}\n`;
}

/** Whom an archive shows the accounts to. */
const showsAccounts = (audience) => audience === 'court' || audience === 'regulator';

class Check {
  constructor(files, told) {
    this.files = files;
    this.told = told;
  }

  hold(text) {
    this.told.lines.push({ state: 'held', text });
  }

  state(text) {
    this.told.lines.push({ state: 'stated', text });
  }

  file(name) {
    return this.files.get(name) ?? refuse(name, 'it is missing from the archive');
  }

  /** The files are those of the manifest, and the ledger's key signed it. */
  async seal(trusted) {
    const bytes = this.file('manifest.json');
    const place = 'manifest.json';
    const read = parseJson(textOf(bytes, place), place);
    const version = read instanceof Map ? as.u32(read.get('dossier'), place) : 0n;
    if (!VERSIONS.includes(version)) refuse(place, 'the archive is of a later version of stillwatch (use a page of that version)');
    const manifest = asManifest(read, place);
    this.told.case = manifest.case;
    if (this.files.size !== manifest.files.size + 2 || textOf(bytes, place) !== manifestText(manifest)) {
      refuse(place, 'it does not name the files that are there');
    }
    for (const [name, hash] of manifest.files) {
      if (hex(await sha256(this.file(name))) !== hash) refuse(name, 'its bytes are not those that the manifest names');
    }
    if (version >= 2n) this.file(PAGE);
    this.hold(`${manifest.files.size} files are those that the manifest names`);
    const key = await parseKey(textOf(this.file('key.pub'), 'key.pub'), 'key.pub');
    const sealed = this.file('seal');
    const note = parseNote(sealed, 'seal');
    const text = `stillwatch dossier ${version}\nsha256 ${hex(await sha256(bytes))}\n`;
    if (note.text !== text || !(await isSignedBy(note, key))) refuse('seal', 'the manifest is not signed by the key of the ledger');
    if (note.signatures.some((line) => line.name !== key.name || line.id !== key.id)) {
      refuse('seal', 'it has a signature of which no key is known');
    }
    if (!trusted) this.state(`signed by ${key.name}, whose key is in the archive: compare it with one from elsewhere`);
    else if (trusted.text === key.text) this.hold(`signed by the key that you trust, ${key.name}`);
    else refuse('key.pub', `it is signed by ${key.name}, and not by the key that you trust, ${trusted.name}`);
    return { manifest, key };
  }

  /** The entries are those that the ledger's head was signed over. */
  async ledger(key) {
    const head = await openCheckpoint(this.file('checkpoint'), key);
    const bytes = this.file('entries');
    const entries = Array.from({ length: Math.floor(bytes.length / ENTRY_BYTES) }, (_, at) =>
      bytes.subarray(at * ENTRY_BYTES, (at + 1) * ENTRY_BYTES),
    );
    const root = await rootOf(await Promise.all(entries.map(leafHash)));
    if (bytes.length % ENTRY_BYTES !== 0 || entries.length !== head.size || !isSame(root, head.root)) {
      refuse('entries', 'they are not those that the checkpoint of the ledger signs');
    }
    this.hold(`${grouped(head.size)} entries are those of the signed checkpoint`);
    return entries;
  }

  /** Heads that an authority stamped are beginnings of the ledger, and each answer is of its head. Who signed it is not checked here. */
  async stamps(entries, key) {
    for (const [name, bytes] of this.files) {
      const found = /^timestamps\/([^]*)\/([^/]*)$/.exec(name);
      if (!found) {
        if (name.startsWith('timestamps/')) refuse(name, 'its head is missing');
        continue;
      }
      const [, size, file] = found;
      const head = this.files.get(`timestamps/${size}/head`) ?? refuse(name, 'its head is missing');
      if (file === 'head') {
        const stamped = await openCheckpoint(bytes, key);
        const root = stamped.size <= entries.length ? await rootOf(await Promise.all(entries.slice(0, stamped.size).map(leafHash))) : null;
        if (String(stamped.size) !== size || !root || !isSame(root, stamped.root)) refuse(name, 'it is no beginning of the ledger');
      } else if (!hex(bytes).includes(`0420${hex(await sha256(head))}`)) {
        refuse(name, 'the authority saw another head');
      } else {
        this.state(`an authority stamped the time of the first ${grouped(size)} entries; who and when, and whether its signature is right, stillwatch verify says`);
      }
    }
  }

  /** Every record is the one that its entry commits to. */
  async openings(entries) {
    const openings = new Map();
    await eachLine(this.file(OPENINGS), OPENINGS, asOpening, async (opening) => {
      const { index, path } = opening;
      const entry = entries[index];
      if (!entry || path.length > 0 || !isSame(await entryOf(opening), entry)) {
        refuse(OPENINGS, `the record of entry ${index} is not the one in the ledger`);
      }
      if (openings.has(index)) refuse(OPENINGS, `entry ${index} is there twice`);
      openings.set(index, opening);
    });
    this.hold(`${grouped(openings.size)} records are those that the ledger holds`);
    return openings;
  }

  document(openings, entry, place) {
    const opening = openings.get(Number(entry));
    if (!opening || opening.kind !== BigInt(VERDICT)) refuse(place, `entry ${entry} is not shown`);
    return documentOf(opening.record, place);
  }

  verdict(manifest, entries, openings) {
    const place = 'verdict.json';
    const bytes = this.document(openings, manifest.verdict_entry, place);
    const verdict = asVerdict(parseJson(textOf(bytes, place), place), place);
    if (!isSame(this.file(place), bytes) || verdict.case !== manifest.case) {
      refuse(place, 'it is not the verdict on the case that the ledger holds');
    }
    this.hold(`the verdict on ${verdict.case} is entry ${manifest.verdict_entry} of the ledger`);
    // Whatever went from the table before the verdict must be shown, so that nothing is counted that went.
    entries.forEach((entry, index) => {
      if (BigInt(index) >= verdict.table_entries) return;
      if (entry[0] !== 1) refuse('entries', 'an entry of the log is of a later version of stillwatch (use that version)');
      if (entry[1] === EXCHANGES_GONE && !openings.has(index)) refuse(OPENINGS, `entry ${index}, of a batch that went, is not shown`);
    });
    return verdict;
  }

  /** Each account's counts, once, under the root of a batch of the table. */
  async count(batches, accounts) {
    const known = new Set(accounts.accounts);
    const proofs = new Map();
    const counted = { accounts: new Set(), exchanges: 0n, inputTokens: 0n, outputTokens: 0n, firstUs: null, lastUs: null };
    const sum = (one, other) => (one + other > U64_MAX ? U64_MAX : one + other);
    await eachLineFast(this.file(ACCOUNTS), ACCOUNTS, asAccountProof, async (proof) => {
      const place = `${ACCOUNTS}: account ${JSON.stringify(proof.account)} in entry ${proof.entry}`;
      const batch = batches.get(proof.entry) ?? refuse(place, 'it is no batch of the table');
      if (!known.has(proof.account)) refuse(place, 'it is no account of the case');
      const name = JSON.stringify([proof.entry, proof.account]);
      if (proofs.has(name)) refuse(place, 'it is there twice');
      proofs.set(name, { rows: proof.rows, root: proof.root });
      const leaf = await accountLeaf(proof);
      if (!(await isIncluded(leaf, proof.place, batch.accounts, proof.path, batch.root))) refuse(place, 'it is not so there');
      counted.accounts.add(proof.account);
      counted.exchanges = sum(counted.exchanges, proof.rows);
      counted.inputTokens = sum(counted.inputTokens, proof.input_tokens);
      counted.outputTokens = sum(counted.outputTokens, proof.output_tokens);
      if (counted.firstUs === null || proof.first_us < counted.firstUs) counted.firstUs = proof.first_us;
      if (counted.lastUs === null || proof.last_us > counted.lastUs) counted.lastUs = proof.last_us;
    });
    this.hold(`${grouped(proofs.size)} counts of accounts are those that the ledger holds`);
    return { counted, proofs };
  }

  /** Each exchange is its account's, and who holds which item of the evidence. */
  async holders(batches, accounts, proofs) {
    const wanted = new Map();
    for (const verdict of accounts.verdicts) wanted.set(verdict.account, [...(wanted.get(verdict.account) ?? []), ...verdict.evidence]);
    const holders = new Map();
    let rows = 0;
    await eachLineFast(this.file(ROWS), ROWS, asRowProof, async (row) => {
      rows += 1;
      const batch = batches.get(row.entry);
      const account = proofs.get(JSON.stringify([row.entry, row.account]));
      if (!batch || !account) refuse(ROWS, `row ${row.place} of ${JSON.stringify(row.account)}: its account is not shown there`);
      const shown = await openRow(row, batch, account);
      for (const { kind, item } of wanted.get(row.account) ?? []) {
        if (!holdsItem(shown, kind, item)) continue;
        const key = itemKey(kind, item);
        if (!holders.has(key)) holders.set(key, new Set());
        holders.get(key).add(row.account);
      }
    });
    this.hold(`${grouped(rows)} exchanges are those that the ledger holds`);
    return holders;
  }

  async facts(manifest, entries, openings) {
    const verdict = this.verdict(manifest, entries, openings);
    const batches = batchesOf(openings.values(), verdict.table_entries);
    const facts = { verdict, accounts: null, counted: null, holders: new Map() };
    const isShown = openings.has(Number(verdict.accounts_entry));
    if (isShown !== showsAccounts(manifest.audience)) refuse('manifest.json', 'it says something else of the accounts than is there');
    if (!isShown) {
      const none = (name) => eachLine(this.file(name), name, (value) => value, () => refuse(name, "accounts are shown, and the case's list of them is not"));
      await none(ACCOUNTS);
      await none(ROWS);
      return facts;
    }
    const place = 'the accounts of the case';
    const document = this.document(openings, verdict.accounts_entry, place);
    const accounts = asAccounts(parseJson(textOf(document, place), place), place);
    if (accounts.case !== verdict.case) refuse(place, 'they are those of another case');
    if (accounts.accounts.some((name, at) => at > 0 && compareTexts(accounts.accounts[at - 1], name) >= 0)) refuse(place, 'they are not sorted');
    const { counted, proofs } = await this.count(batches, accounts);
    facts.holders = await this.holders(batches, accounts, proofs);
    return { ...facts, accounts, counted };
  }

  /** The claims of the archive are those that the records give, and the report's numbers are those of the claims. */
  derived(claims) {
    if (textOf(this.file('claims.json'), 'claims.json') !== `${JSON.stringify(claims, null, 2)}\n`) {
      refuse('claims.json', 'they are not those that the records give');
    }
    this.hold('the claims of the archive are those that the records give');
    const report = textOf(this.file('report.html'), 'report.html');
    const row = ({ id, what, value, basis, how }) =>
      `<tr id="${escaped(id)}"><td>${escaped(what)}</td><td>${escaped(value)}</td><td class="${basis}">${escaped(`${basis}: ${how}`)}</td>\n</tr>\n`;
    const table = claims.map(row).join('');
    const links = Array.from(report.matchAll(/<a href="#([^"]*)">([^<]*)<\/a>/g));
    const known = new Map(claims.map(({ id, value }) => [escaped(id), escaped(value)]));
    if (!report.includes(table) || links.some(([, id, value]) => known.get(id) !== value)) {
      refuse('report.html', 'its numbers are not those of the claims');
    }
    this.hold('the numbers of the report are those of the claims');
    this.state('the sentences of the report, its figures and the texts on method are signed, and not made again by this page (stillwatch verify does)');
  }
}

/** A text as the report writes it: at most 600 characters, without markup, and without what hides. */
function escaped(text) {
  const all = Array.from(text);
  const names = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '\n': ' ', '\t': ' ' };
  const code = (character) => `[U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`;
  const one = (character) => names[character] ?? (HIDDEN.test(character) ? code(character) : character);
  const rest = all.length - 600;
  return all.slice(0, 600).map(one).join('') + (rest > 0 ? `… (${rest} more characters)` : '');
}
const HIDDEN =
  /[\p{Cc}\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u;

async function check(bytes, trustedText, told) {
  const trusted = trustedText.trim() ? await parseKey(trustedText.trim(), 'the key that you trust') : null;
  const own = new Check(readArchive(bytes), told);
  const { manifest, key } = await own.seal(trusted);
  const entries = await own.ledger(key);
  await own.stamps(entries, key);
  const openings = await own.openings(entries);
  const facts = await own.facts(manifest, entries, openings);
  told.claims = claimsOf(facts);
  own.derived(told.claims);
  const [held, stated] = ['computed again', 'stated, and not computed again'];
  for (const { what, value, basis, how } of told.claims) {
    const [state, words] = { recomputed: ['held', held], stated: ['stated', stated], refuted: ['refuted', 'refuted'] }[basis];
    told.lines.push({ state, text: `${what}: ${value} (${words}: ${how})` });
  }
}

/**
 * Checks an archive. `trusted` is the public key of the ledger, from elsewhere, or an empty text.
 * Of what could not be read to its end, the last line says why.
 */
async function verifyArchive(bytes, trusted = '') {
  const told = { case: '', lines: [], claims: [] };
  try {
    await check(bytes, trusted, told);
  } catch (error) {
    // Whatever an archive makes this page stumble over, it is refused.
    const text = error instanceof Refused ? error.message : `the archive cannot be read (${error})`;
    told.lines.push({ state: 'refuted', text });
  }
  told.holds = told.lines.length > 0 && told.lines.every((line) => line.state !== 'refuted');
  return told;
}
