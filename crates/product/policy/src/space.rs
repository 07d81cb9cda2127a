//! The finite space of situations, as far as rules can tell them apart.

use std::collections::BTreeSet;

use crate::attribute::Attribute;
use crate::rule::Rule;
use crate::situation::Capabilities;
use crate::situation::MAX_CORROBORATION;
use crate::situation::Situation;
use crate::words::Capability;
use crate::words::Channel;
use crate::words::Held;
use crate::words::HeldTier;
use crate::words::Kind;
use crate::words::Network;
use crate::words::Programme;
use crate::words::Purpose;
use crate::words::Verification;
use crate::words::Volume;

/// The values between which rules cannot tell two apart.
#[derive(Debug, Clone, Default)]
pub struct Edges {
    /// Whole numbers in rules that read the ownership, 0 to 100.
    pub ownership: BTreeSet<u8>,
    /// Capabilities that are named.
    pub capabilities: Capabilities,
}

impl Edges {
    /// Those of some rules.
    pub fn of<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> Self {
        let mut edges = Self::default();
        for rule in rules {
            if rule.reads.contains(&Attribute::Ownership) {
                let numbers = rule.numbers.iter().filter_map(|number| u8::try_from(*number).ok());
                edges.ownership.extend(numbers.filter(|number| *number <= 100));
            }
            edges.capabilities = edges.capabilities.iter().chain(rule.capabilities.iter()).collect();
        }
        edges
    }
}

/// Every situation that differs from the usual one in these attributes, as far as rules with these edges can tell.
pub fn space(attributes: &BTreeSet<Attribute>, edges: &Edges) -> Vec<Situation> {
    let all = vec![Situation::default()];
    attributes
        .iter()
        .fold(all, |all, attribute| all.iter().flat_map(|situation| variants(*attribute, situation, edges)).collect())
}

/// The usual situation with these attributes of another.
pub fn of_attributes(attributes: &BTreeSet<Attribute>, from: &Situation) -> Situation {
    let mut to = Situation::default();
    for attribute in attributes {
        match attribute {
            Attribute::Verification => to.verification = from.verification,
            Attribute::Kind => to.kind = from.kind,
            Attribute::Programme => to.programme = from.programme,
            Attribute::Ownership => to.ownership = from.ownership,
            Attribute::FirstDay => to.is_first_day = from.is_first_day,
            Attribute::ForwardsEndUsers => to.forwards_end_users = from.forwards_end_users,
            Attribute::Volume => to.volume = from.volume,
            Attribute::Verdict => {
                (to.held, to.tier) = (from.held, from.tier);
                (to.corroboration, to.continuity) = (from.corroboration, from.continuity);
            }
            Attribute::Asks => to.asks = from.asks,
            Attribute::Purpose => to.purpose = from.purpose,
            Attribute::Channel => to.channel = from.channel,
            Attribute::Attested => to.is_attested = from.is_attested,
            Attribute::Place => to.network = from.network,
        }
    }
    to
}

/// How many situations [`space`] would give.
pub fn size(attributes: &BTreeSet<Attribute>, edges: &Edges) -> usize {
    let usual = Situation::default();
    let each = attributes.iter().map(|attribute| variants(*attribute, &usual, edges).len());
    each.fold(1, usize::saturating_mul)
}

/// The situation with each value that this attribute can have, all else equal. Of per cents and of sets only those
/// that the rules with these edges can tell apart.
pub fn variants(attribute: Attribute, situation: &Situation, edges: &Edges) -> Vec<Situation> {
    let one = *situation;
    let flags = [false, true].into_iter();
    match attribute {
        Attribute::Verification => of(Verification::ALL, |verification| Situation { verification, ..one }),
        Attribute::Kind => of(Kind::ALL, |kind| Situation { kind, ..one }),
        Attribute::Programme => of(Programme::ALL, |programme| Situation { programme, ..one }),
        Attribute::Ownership => {
            let near = |edge: &u8| [edge.saturating_sub(1), *edge, edge.saturating_add(1)];
            let mut values: Vec<u8> = edges.ownership.iter().flat_map(near).chain([0, 100]).collect();
            values.retain(|value| *value <= 100);
            values.sort_unstable();
            values.dedup();
            of(&values, |ownership| Situation { ownership, ..one })
        }
        Attribute::FirstDay => flags.map(|is_first_day| Situation { is_first_day, ..one }).collect(),
        Attribute::ForwardsEndUsers => {
            flags.map(|forwards_end_users| Situation { forwards_end_users, ..one }).collect()
        }
        Attribute::Volume => of(Volume::ALL, |volume| Situation { volume, ..one }),
        Attribute::Verdict => verdicts(one),
        Attribute::Asks => {
            // Of the capabilities that no rule names, one stands for all.
            let named = |capability: &Capability| edges.capabilities.contains(*capability);
            let unnamed = Capability::ALL.iter().find(|capability| !named(capability));
            let told: Capabilities = Capability::ALL.iter().filter(|one| named(one)).chain(unnamed).copied().collect();
            let sets = (0..1_u8 << Capability::ALL.len()).filter(|bits| bits & !told.bits() == 0);
            sets.map(|bits| Situation { asks: Capabilities::from_bits(bits), ..one }).collect()
        }
        Attribute::Purpose => of(Purpose::ALL, |purpose| Situation { purpose, ..one }),
        Attribute::Channel => of(Channel::ALL, |channel| Situation { channel, ..one }),
        Attribute::Attested => flags.map(|is_attested| Situation { is_attested, ..one }).collect(),
        Attribute::Place => of(Network::ALL, |network| Situation { network, ..one }),
    }
}

fn of<T: Copy>(values: &[T], with: impl Fn(T) -> Situation) -> Vec<Situation> {
    values.iter().map(|value| with(*value)).collect()
}

/// Everything that can be held of an account.
fn verdicts(one: Situation) -> Vec<Situation> {
    let mut all = vec![one.cleared()];
    let held = [
        (Held::Lead, HeldTier::Lead),
        (Held::Watch, HeldTier::Suspected),
        (Held::Watch, HeldTier::Discovered),
        (Held::Implicated, HeldTier::Discovered),
    ];
    for (held, tier) in held {
        for corroboration in 0..=MAX_CORROBORATION {
            all.push(Situation { held, tier, corroboration, continuity: false, ..one });
            // A lead has no evidence of an account's own.
            if held != Held::Lead {
                all.push(Situation { held, tier, corroboration, continuity: true, ..one });
            }
        }
    }
    all
}
