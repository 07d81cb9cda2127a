// The claims, computed again from what the records show. `docs/dossier.md` has the rules.

const MAX_ITEMS = 40;

/** Digits in groups of three. */
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

/** What a number is, exactly: a whole number over a power of two. */
function exactly(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const [mantissa, power] = exponent === 0 ? [fraction, -1074] : [fraction | (1n << 52n), exponent - 1075];
  return power >= 0 ? [mantissa << BigInt(power), 1n] : [mantissa, 1n << BigInt(-power)];
}

/** A quotient as a whole number; what is just between two of them goes to the even one. */
function rounded(over, under) {
  const [whole, rest] = [over / under, (over % under) * 2n];
  return rest > under || (rest === under && whole % 2n === 1n) ? whole + 1n : whole;
}

/** An e-value with four digits after the point; a large one with three and a power of ten. */
function short(value) {
  const [over, under] = exactly(Math.abs(value));
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value >= 1e5) {
    let power = BigInt((over / under).toString().length - 1);
    let digits = rounded(over * 1000n, under * 10n ** power);
    if (digits === 10000n) [digits, power] = [1000n, power + 1n];
    return `${digits / 1000n}.${String(digits % 1000n).padStart(3, '0')}e${power}`;
  }
  const digits = rounded(over * 10000n, under);
  return `${sign}${digits / 10000n}.${String(digits % 10000n).padStart(4, '0')}`;
}

/** A number with as many digits as tell it from others, and without a power of ten. */
function plain(value) {
  if (Object.is(value, -0)) return '-0';
  const [, sign, first, rest = '', power] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (power === undefined) return String(value);
  const [digits, point] = [first + rest, first.length + Number(power)];
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return point >= digits.length ? sign + digits.padEnd(point, '0') : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Microseconds since 1970 as RFC 3339, without zeros at the end of the fraction. */
function time(atUs) {
  const micros = ((atUs % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (atUs - micros) / 1_000_000n;
  if (seconds < -62_167_219_200n || seconds > 253_402_207_200n) return 'out of range';
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = String(micros).padStart(6, '0').replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}Z` : `${whole}Z`;
}

/** Whether two texts are one moment: the fraction may have zeros at its end. */
function isSameTime(one, other) {
  const short = (text) => {
    const found = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/.exec(text);
    return found ? `${found[1]}.${(found[2] ?? '').replace(/0+$/, '')}` : text;
  };
  return short(one) === short(other);
}

/** Whether two numbers are one, but for what decimal digits lose. */
const isSameNumber = (one, other) => Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other), 1);

const claim = (id, what, value, [basis, how]) => ({ id, what, value, basis, how });

/** Why the counts cannot be compared with the verdict's; nothing where they can. */
function whyStated({ counted, verdict }) {
  if (!counted) return 'the accounts are kept back in this archive';
  if (verdict.since_us !== null || verdict.until_us !== null) {
    return 'the hunt looked at a window of time, and the ledger counts whole files';
  }
  if (verdict.other_sources > 0n) return 'the hunt read other data directories too, which have ledgers of their own';
  return '';
}

function counts(facts) {
  const { campaign } = facts.verdict;
  const why = whyStated(facts);
  const counted = facts.counted;
  const compared = (stated, found, how) => {
    if (found === stated) return ['recomputed', how];
    if (found > stated) return ['refuted', `the ledger has ${grouped(found)}`];
    return ['stated', `this archive proves ${grouped(found)} of them; the rest was replaced in the table since`];
  };
  const number = (id, what, stated, found, how) => claim(id, what, grouped(stated), why ? ['stated', why] : compared(stated, found(), how));
  const moment = (id, what, stated, found) => {
    const held = () => {
      const at = found();
      if (at === null) return ['refuted', 'the ledger has no exchange of the accounts'];
      if (!isSameTime(time(at), stated)) return ['refuted', `the ledger says ${time(at)}`];
      return ['recomputed', "the first or last of the accounts' times in each batch of the ledger"];
    };
    return claim(id, what, stated, why ? ['stated', why] : held());
  };
  const sum = "the sum over the accounts' counts in each batch of the ledger";
  const accounts = 'the accounts of the case that have exchanges in the ledger';
  return [
    number('accounts', 'Accounts', campaign.accounts, () => BigInt(counted.accounts.size), accounts),
    number('exchanges', 'Exchanges of its accounts', campaign.exchanges, () => counted.exchanges, sum),
    number('input-tokens', 'Tokens that its accounts sent', campaign.input_tokens, () => counted.inputTokens, sum),
    number('output-tokens', 'Tokens that its accounts were served', campaign.output_tokens, () => counted.outputTokens, sum),
    moment('first-seen', 'First exchange', campaign.first_seen, () => counted.firstUs),
    moment('last-seen', 'Last exchange', campaign.last_seen, () => counted.lastUs),
  ];
}

/** Ranks that are paid for, and how the bet is spread over them; and the share of honest groups that a family is to stand above. */
const BETS = [
  [1, 0.6],
  [3, 0.25],
  [10, 0.15],
];
const APART = 40;
/** How scores are lifted by the sizes of groups: by how much a class, from which score, and the fewest customers of all classes but the smallest. */
const LIFT = 301;
const LIFTED_FROM = 1.3;
const SIZE_CLASSES = [10, 30, 100];
/** The e-value from which a family corroborates, the family that never does, and above how many honest groups the others together are to stand. */
const CORROBORATES = 20;
const NEVER_CORROBORATES = 'rhythm';
const OTHERS_CORROBORATE_ONE_IN = 160;

/** What a score is worth among honest groups, of which these score above zero. */
function ranking(scores, groups) {
  const above0 = scores.filter((score) => score > 0);
  const size = Math.max(groups, above0.length);
  const above = (score) => (score <= 0 ? size : above0.filter((honest) => honest >= score).length);
  const eValue = (score) => {
    const own = above(score);
    return BETS.reduce((sum, [rank, share]) => (own < rank ? sum + (share * (size + 1)) / rank : sum), 0);
  };
  const familyEValue = (score) => {
    const rank = Math.max(1, Math.floor((size + 1) / APART));
    return 0.5 * eValue(score) + 0.5 * (above(score) < rank ? (size + 1) / rank : 0);
  };
  const isAboveAllButOneIn = (soMany, score) => above(score) < Math.floor((size + 1) / soMany);
  return { size, above, eValue, familyEValue, isAboveAllButOneIn };
}

/** A group's score without the family that says most, and without rhythm: the product of the others' half-bets, as a decimal logarithm with two digits. */
function withoutStrongest(part) {
  const others = [...part.families].filter(([name]) => name !== NEVER_CORROBORATES);
  const halfBets = others.map(([, score]) => Math.log10((1 + 10 ** score) / 2));
  const rest = halfBets.reduce((sum, one) => sum + one, 0) - Math.max(0, ...halfBets);
  return Math.round(Math.max(0, rest) * 100) / 100;
}

function worth(part, judgement) {
  const level = part.lowered ?? 0;
  const peers = part.peers === null ? undefined : judgement.peers[part.peers];
  const ranked = (scores) => (scores ? ranking(scores, peers.groups) : ranking([], 0));
  const all = ranked(peers?.scores);
  const family = (name) => ranked(peers?.families.get(name));
  const own = part.families.has(part.formed_by) ? family(part.formed_by).eValue(part.families.get(part.formed_by) - level) : 0;
  const score = part.score - level;
  const lift = score < LIFTED_FROM ? 0 : LIFT * SIZE_CLASSES.filter((least) => part.customers >= least).length;
  const lifted = peers?.lifted ? ranked(peers.lifted).eValue(score + lift) : undefined;
  const familyEValue = (name) => (part.families.has(name) ? family(name).familyEValue(part.families.get(name) - level) : 0);
  const isPlain = (name) => name !== NEVER_CORROBORATES && familyEValue(name) >= CORROBORATES;
  const plain = [...part.families.keys()].filter(isPlain).length;
  const byOthers = () => ranked(peers?.without_strongest).isAboveAllButOneIn(OTHERS_CORROBORATE_ONE_IN, withoutStrongest(part) - level);
  return {
    corroboration: plain === 1 && byOthers() ? 2 : plain,
    eValue: lifted === undefined ? (all.eValue(score) + own) / 2 : 0.4 * all.eValue(score) + 0.4 * own + 0.2 * lifted,
    rank: all.above(score),
    size: all.size,
    family: familyEValue,
  };
}

/** The mean over the halves of the items, and in each over the groups that tell, by their accounts. */
function meanOver(judgement, ofPart) {
  const halves = new Map();
  for (const part of judgement.parts.filter((one) => one.tells)) {
    const [sum, weight] = halves.get(part.formed_on) ?? [0, 0];
    halves.set(part.formed_on, [sum + part.accounts * ofPart(part), weight + part.accounts]);
  }
  return Array.from(halves.values()).reduce((sum, [own, weight]) => (weight > 0 ? sum + own / weight : sum), 0) / 2;
}

function eValues({ verdict }) {
  const { campaign, judgement } = verdict;
  const rank = `${campaign.bank.rank} of ${grouped(campaign.bank.size)}`;
  const names = ['E-value over families', 'Honest groups that score as much as its strongest group', 'Families that corroborate'];
  const stated = String(campaign.corroboration);
  if (!judgement) {
    const why = ['stated', 'the verdict has no scores to compute it from'];
    return [claim('e-value', names[0], short(campaign.e_value), why), claim('bank-rank', names[1], rank, why)];
  }
  const how = 'from the scores of its groups and their ranks among the honest groups, whose scores are in the verdict';
  const held = (holds, found) => (holds ? ['recomputed', how] : ['refuted', `the scores give ${found}`]);
  const compared = (stated, found) => held(isSameNumber(found, stated), short(found));
  const whole = meanOver(judgement, (part) => worth(part, judgement).eValue);
  const strongest = judgement.parts[judgement.strongest];
  const ranked = strongest ? worth(strongest, judgement) : { rank: 0, size: 0 };
  const isRanked = BigInt(ranked.rank) === campaign.bank.rank && BigInt(ranked.size) === campaign.bank.size;
  const most = judgement.parts.reduce((found, part) => Math.max(found, worth(part, judgement).corroboration), 0);
  const corroborated = () =>
    campaign.looks !== null && BigInt(most) < campaign.corroboration
      ? ['stated', `the scores give ${most}; at an earlier look there were more`]
      : held(BigInt(most) === campaign.corroboration, String(most));
  // Archives of before have no such claim, and their verdicts not what it takes.
  const isTold = judgement.peers.length > 0 && judgement.peers.every((peers) => peers.without_strongest !== null);
  return [
    claim('e-value', names[0], short(campaign.e_value), compared(campaign.e_value, whole)),
    claim('bank-rank', names[1], rank, held(isRanked, `${ranked.rank} of ${ranked.size}`)),
    ...(isTold ? [claim('corroboration', names[2], stated, corroborated())] : []),
    ...campaign.families.map(({ family, e_value: stated }) => {
      const found = meanOver(judgement, (part) => worth(part, judgement).family(family));
      return claim(`e-value-${family}`, `E-value of the family ${family}`, short(stated), compared(stated, found));
    }),
  ];
}

const itemKey = (kind, item) => JSON.stringify([kind, item]);

/** Who holds the items that most accounts hold. */
function items({ accounts, holders }) {
  if (!accounts) return [];
  const stated = new Map();
  for (const { kind, item } of accounts.verdicts.flatMap((verdict) => verdict.evidence)) {
    const key = itemKey(kind, item);
    stated.set(key, { kind, item, count: (stated.get(key)?.count ?? 0) + 1 });
  }
  const order = (a, b) => b.count - a.count || compareTexts(a.kind, b.kind) || compareTexts(a.item, b.item);
  return Array.from(stated.values()).sort(order).slice(0, MAX_ITEMS).map(({ kind, item, count }) => {
    const found = holders.get(itemKey(kind, item))?.size ?? 0;
    const held = () => {
      if (columnsOf(kind).length === 0) return ['stated', 'it is in account records, which the ledger does not hold'];
      if (found === count) return ['recomputed', 'each of these accounts has an exchange in this archive that holds it'];
      return ['stated', `this archive shows it in exchanges of ${found} of them`];
    };
    return claim(`item-${kind}-${item}`, `Accounts that hold ${kind} ${item}`, grouped(count), held());
  });
}

/** All claims, from what is known. */
function claimsOf(facts) {
  const { confidence, impact, fdr_at: fdrAt, leak } = facts.verdict.campaign;
  const stated = (why) => ['stated', why];
  const own = 'its rule is in the method; the parts of it that are not in this archive are not computed again';
  const leaked = `${grouped(leak.exchanges)}, between ${grouped(leak.low)} and ${grouped(leak.high)}`;
  return [
    ...counts(facts),
    ...eValues(facts),
    ...items(facts),
    claim('confidence', 'Confidence, 0 to 100', String(confidence), stated(own)),
    claim('impact', 'Impact, 1 to 10', String(impact), stated(own)),
    claim(
      'fdr',
      'Smallest false discovery rate, of those tried, at which it is a discovery',
      plain(fdrAt),
      stated('it depends on all groups of the log, and this archive is about one'),
    ),
    claim('leak', "Exchanges that served the campaign's work", leaked, stated('it needs every exchange of the accounts, and this archive has their counts')),
  ];
}
