//! The claims of a case: each a sentence with a number, and whether the records in the archive give that number again.

use std::collections::BTreeMap;

use evidence::RankedScores;
use evidence::without_largest;
use report::grouped;
use serde::Deserialize;
use serde::Serialize;

use crate::documents::Judgement;
use crate::documents::Part;
use crate::documents::columns_of;
use crate::facts::Counted;
use crate::facts::Facts;
use crate::facts::Item;
use crate::numbers::is_same;
use crate::numbers::is_same_time;
use crate::numbers::short;
use crate::numbers::time;

/// Shared items that are claimed one by one: those that most accounts hold.
const MAX_ITEMS: usize = 40;

/// What a number rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// It was computed again from the records in the archive, and is the same.
    Recomputed,
    /// The verdict states it. The records in the archive do not give it again.
    Stated,
    /// The records in the archive give another number.
    Refuted,
}

/// One sentence with a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// A name to link to.
    pub id: String,
    /// What is counted or measured.
    pub what: String,
    /// The number as the verdict states it.
    pub value: String,
    /// What it rests on.
    pub basis: Basis,
    /// How it was computed, or why it was not.
    pub how: String,
}

impl Claim {
    fn new(id: &str, what: &str, value: String, (basis, how): (Basis, String)) -> Self {
        Self { id: id.to_owned(), what: what.to_owned(), value, basis, how }
    }
}

/// All claims, from what is known. The same facts give the same claims.
pub fn claims(facts: &Facts) -> Vec<Claim> {
    let mut claims = counts(facts);
    claims.extend(e_values(facts));
    claims.extend(items(facts));
    let campaign = &facts.verdict.campaign;
    let stated = |why: &str| (Basis::Stated, why.to_owned());
    let own = "its rule is in the method; the parts of it that are not in this archive are not computed again";
    claims.push(Claim::new("confidence", "Confidence, 0 to 100", campaign.confidence.to_string(), stated(own)));
    claims.push(Claim::new("impact", "Impact, 1 to 10", campaign.impact.to_string(), stated(own)));
    claims.push(Claim::new(
        "fdr",
        "Smallest false discovery rate, of those tried, at which it is a discovery",
        campaign.fdr_at.to_string(),
        stated("it depends on all groups of the log, and this archive is about one"),
    ));
    let leak = &campaign.leak;
    let leaked = format!("{}, between {} and {}", grouped(leak.exchanges), grouped(leak.low), grouped(leak.high));
    let why = "it needs every exchange of the accounts, and this archive has their counts";
    claims.push(Claim::new("leak", "Exchanges that served the campaign's work", leaked, stated(why)));
    claims
}

/// What is counted over the accounts.
fn counts(facts: &Facts) -> Vec<Claim> {
    let campaign = &facts.verdict.campaign;
    let held = |stated: u64, found: &dyn Fn(&Counted) -> u64, how: &str| match comparable(facts) {
        Err(why) => (Basis::Stated, why),
        Ok(counted) => compare(stated, found(counted), how),
    };
    let sum = "the sum over the accounts' counts in each batch of the ledger";
    let number = |id: &str, what: &str, stated: u64, found: &dyn Fn(&Counted) -> u64, how: &str| {
        Claim::new(id, what, grouped(stated), held(stated, found, how))
    };
    let moment = |id: &str, what: &str, stated: &str, found: &dyn Fn(&Counted) -> Option<i64>| {
        let held = match comparable(facts) {
            Err(why) => (Basis::Stated, why),
            Ok(counted) => match found(counted).map(time) {
                Some(at) if is_same_time(&at, stated) => (
                    Basis::Recomputed,
                    "the first or last of the accounts' times in each batch of the ledger".to_owned(),
                ),
                Some(at) => (Basis::Refuted, format!("the ledger says {at}")),
                None => (Basis::Refuted, "the ledger has no exchange of the accounts".to_owned()),
            },
        };
        Claim::new(id, what, stated.to_owned(), held)
    };
    let accounts = "the accounts of the case that have exchanges in the ledger";
    vec![
        number("accounts", "Accounts", campaign.accounts, &|found| found.accounts.len() as u64, accounts),
        number("exchanges", "Exchanges of its accounts", campaign.exchanges, &|found| found.exchanges, sum),
        number(
            "input-tokens",
            "Tokens that its accounts sent",
            campaign.input_tokens,
            &|found| found.input_tokens,
            sum,
        ),
        number(
            "output-tokens",
            "Tokens that its accounts were served",
            campaign.output_tokens,
            &|found| found.output_tokens,
            sum,
        ),
        moment("first-seen", "First exchange", &campaign.first_seen, &|found| found.first_us),
        moment("last-seen", "Last exchange", &campaign.last_seen, &|found| found.last_us),
    ]
}

/// What was counted, where it can be compared with the verdict; else why not.
fn comparable(facts: &Facts) -> Result<&Counted, String> {
    let Some(counted) = &facts.counted else { return Err("the accounts are kept back in this archive".to_owned()) };
    let verdict = &facts.verdict;
    if verdict.since_us.is_some() || verdict.until_us.is_some() {
        return Err("the hunt looked at a window of time, and the ledger counts whole files".to_owned());
    }
    if verdict.other_sources > 0 {
        return Err("the hunt read other data directories too, which have ledgers of their own".to_owned());
    }
    Ok(counted)
}

fn compare(stated: u64, found: u64, how: &str) -> (Basis, String) {
    match found.cmp(&stated) {
        std::cmp::Ordering::Equal => (Basis::Recomputed, how.to_owned()),
        std::cmp::Ordering::Less => (
            Basis::Stated,
            format!("this archive proves {} of them; the rest was replaced in the table since", grouped(found)),
        ),
        std::cmp::Ordering::Greater => (Basis::Refuted, format!("the ledger has {}", grouped(found))),
    }
}

/// What a score is worth among others.
struct Worth {
    e_value: f64,
    rank: usize,
    size: usize,
    families: BTreeMap<String, f64>,
    corroboration: usize,
}

/// The e-value from which a family corroborates, and the family that never does.
const CORROBORATES: f64 = 20.0;
const NEVER_CORROBORATES: &str = "rhythm";
/// The families other than a group's strongest corroborate together where they say more than those of all but one in so many
/// honest groups.
const OTHERS_CORROBORATE_ONE_IN: usize = 160;

/// Decimal logarithms that are more than any score: a group's score is lifted by this for each size class below its own.
const LIFT: f64 = 301.0;
/// The score from which a group is lifted.
const LIFTED_FROM: f64 = 1.3;
/// The fewest customers of every size class but the smallest.
const SIZE_CLASSES: [usize; 3] = [10, 30, 100];

/// The rule of docs/method.md: the mean of the e-value of the whole score, of that of the family that formed the group, and of
/// that of the score lifted by the group's size. Verdicts of before have the first two.
fn worth(part: &Part, judgement: &Judgement) -> Worth {
    let level = part.lowered.unwrap_or(0.0);
    let peers = part.peers.and_then(|peers| judgement.peers.get(peers));
    let groups = peers.map_or(0, |peers| peers.groups);
    let ranked = |scores: Option<&Vec<f64>>| match scores {
        Some(scores) => RankedScores::new(scores.iter().copied(), groups),
        None => RankedScores::default(),
    };
    let all = ranked(peers.map(|peers| &peers.scores));
    let family = |name: &str| ranked(peers.and_then(|peers| peers.families.get(name)));
    let own = part.families.get(&part.formed_by).map_or(0.0, |score| family(&part.formed_by).e_value(score - level));
    let score = part.score - level;
    let whole = all.e_value(score);
    let classes_below = SIZE_CLASSES.iter().filter(|least| part.customers.is_some_and(|all| all >= **least)).count();
    let lift = if score < LIFTED_FROM { 0.0 } else { LIFT * classes_below as f64 };
    let families: BTreeMap<String, f64> =
        part.families.iter().map(|(name, score)| (name.clone(), family(name).family_e_value(score - level))).collect();
    let is_plain = |(name, e_value): &(&String, &f64)| *name != NEVER_CORROBORATES && **e_value >= CORROBORATES;
    let plain = families.iter().filter(is_plain).count();
    let others = ranked(peers.and_then(|peers| peers.without_strongest.as_ref()));
    let by_others =
        others.is_above_all_but_one_in(OTHERS_CORROBORATE_ONE_IN, without_strongest(&part.families) - level);
    Worth {
        corroboration: plain + usize::from(plain == 1 && by_others),
        e_value: match peers.and_then(|peers| peers.lifted.as_ref()) {
            Some(lifted) => 0.4 * whole + 0.4 * own + 0.2 * ranked(Some(lifted)).e_value(score + lift),
            None => f64::midpoint(whole, own),
        },
        rank: all.above(score),
        size: all.len(),
        families,
    }
}

/// A group's score without the family that says most, and without rhythm.
fn without_strongest(families: &BTreeMap<String, f64>) -> f64 {
    let others = families.iter().filter(|(name, _)| *name != NEVER_CORROBORATES);
    without_largest(&others.map(|(_, score)| *score).collect::<Vec<f64>>())
}

/// The mean over the halves of the items, and in each over the groups that tell, by their accounts.
fn mean(judgement: &Judgement, of_part: &dyn Fn(&Part) -> f64) -> f64 {
    let mut halves: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for part in judgement.parts.iter().filter(|part| part.tells) {
        let (sum, weight) = halves.entry(part.formed_on.as_str()).or_default();
        *sum += part.accounts as f64 * of_part(part);
        *weight += part.accounts as f64;
    }
    halves.values().filter(|(_, weight)| *weight > 0.0).map(|(sum, weight)| sum / weight).sum::<f64>() / 2.0
}

/// The e-values and the ranks, from the scores.
fn e_values(facts: &Facts) -> Vec<Claim> {
    let campaign = &facts.verdict.campaign;
    let rank = format!("{} of {}", campaign.bank.rank, grouped(campaign.bank.size as u64));
    let Some(judgement) = &facts.verdict.judgement else {
        let why = || (Basis::Stated, "the verdict has no scores to compute it from".to_owned());
        return vec![
            Claim::new("e-value", "E-value over families", short(campaign.e_value), why()),
            Claim::new("bank-rank", "Honest groups that score as much as its strongest group", rank, why()),
        ];
    };
    let held = |is_same: bool, found: &dyn Fn() -> String, how: &str| match is_same {
        true => (Basis::Recomputed, how.to_owned()),
        false => (Basis::Refuted, format!("the scores give {}", found())),
    };
    let mut claims = Vec::new();
    let found = mean(judgement, &|part| worth(part, judgement).e_value);
    let how = "from the scores of its groups and their ranks among the honest groups, whose scores are in the verdict";
    let basis = held(is_same(found, campaign.e_value), &|| short(found), how);
    claims.push(Claim::new("e-value", "E-value over families", short(campaign.e_value), basis));
    let strongest = judgement.parts.get(judgement.strongest).map(|part| worth(part, judgement));
    let ranked = strongest.map_or((0, 0), |worth| (worth.rank, worth.size));
    let is_ranked = ranked == (campaign.bank.rank, campaign.bank.size);
    let basis = held(is_ranked, &|| format!("{} of {}", ranked.0, ranked.1), how);
    claims.push(Claim::new("bank-rank", "Honest groups that score as much as its strongest group", rank, basis));
    // Archives of before have no such claim, and their verdicts not what it takes.
    if !judgement.peers.is_empty() && judgement.peers.iter().all(|peers| peers.without_strongest.is_some()) {
        let found = judgement.parts.iter().map(|part| worth(part, judgement).corroboration).max().unwrap_or(0);
        let basis = match campaign.looks {
            Some(_) if found < campaign.corroboration => {
                (Basis::Stated, format!("the scores give {found}; at an earlier look there were more"))
            }
            _ => held(found == campaign.corroboration, &|| found.to_string(), how),
        };
        claims.push(Claim::new(
            "corroboration",
            "Families that corroborate",
            campaign.corroboration.to_string(),
            basis,
        ));
    }
    for family in &campaign.families {
        let own = |part: &Part| worth(part, judgement).families.get(&family.family).copied().unwrap_or(0.0);
        let found = mean(judgement, &own);
        let basis = held(is_same(found, family.e_value), &|| short(found), how);
        let (id, what) = (format!("e-value-{}", family.family), format!("E-value of the family {}", family.family));
        claims.push(Claim::new(&id, &what, short(family.e_value), basis));
    }
    claims
}

/// Who holds the items that most accounts hold.
fn items(facts: &Facts) -> Vec<Claim> {
    let Some(accounts) = &facts.accounts else { return Vec::new() };
    let mut stated: BTreeMap<Item, u64> = BTreeMap::new();
    for evidence in accounts.verdicts.iter().flat_map(|verdict| &verdict.evidence) {
        *stated.entry((evidence.kind.clone(), evidence.item.clone())).or_default() += 1;
    }
    let mut stated: Vec<(Item, u64)> = stated.into_iter().collect();
    stated.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    let claim = |((kind, item), count): (Item, u64)| {
        let found = facts.holders.get(&(kind.clone(), item.clone())).map_or(0, |holders| holders.len() as u64);
        let held = if columns_of(&kind).is_empty() {
            (Basis::Stated, "it is in account records, which the ledger does not hold".to_owned())
        } else if found == count {
            (Basis::Recomputed, "each of these accounts has an exchange in this archive that holds it".to_owned())
        } else {
            (Basis::Stated, format!("this archive shows it in exchanges of {found} of them"))
        };
        let what = format!("Accounts that hold {kind} {item}");
        Claim::new(&format!("item-{kind}-{item}"), &what, grouped(count), held)
    };
    stated.into_iter().take(MAX_ITEMS).map(claim).collect()
}
