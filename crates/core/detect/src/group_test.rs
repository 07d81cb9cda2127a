//! The pooled test: from what members show to an e-value.

use std::time::Instant;

use evidence::Counted;
use evidence::NullRate;
use evidence::Prior;
use evidence::correlation;
use evidence::count_e_value;
use verdict::Family;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::count_by_unit;
use crate::draw::null_rate;

/// Where the null's correlation came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullSource {
    /// Estimated on groups of the trusted reference that were formed in the same way.
    ReferenceGroups(usize),
    /// Assumed, for want of a trusted reference.
    Assumed,
}

/// A detector's result on a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The detector.
    pub detector: &'static str,
    /// Its family.
    pub family: Family,
    /// Customers that show it, of those on whom it could be told.
    pub counted: Counted,
    /// The null it was compared with.
    pub null: NullRate,
    /// Where the null's correlation came from.
    pub source: NullSource,
    /// The members that show it, ascending.
    pub showing: Vec<u32>,
    /// The e-value.
    pub e_value: f64,
    /// In words.
    pub what: String,
}

/// Correlation inside benign groups that is assumed without a trusted reference: a fifth of the variance of what
/// members do is common to their group. An assumption, not a measurement; `docs/method.md` shows what it costs.
const ASSUMED_CORRELATION: f64 = 0.2;

/// Reference groups that outweigh that assumption by half.
const PRIOR_GROUPS: f64 = 5.0;

/// The least rate assumed of benign members, however rare the property is in random groups: a real group of benign
/// customers can always have its own reason to share something that random ones do not.
const MIN_RATE: f64 = 0.02;

/// Tests a group.
///
/// `units` gives each member's unit: members of one unit are one customer and count once, by majority.
/// `alike` are the counts ([`count_group`]) of groups of the trusted reference that were formed in the same way; empty
/// without one.
///
/// *Null:* the group's units show the property as often as those of random groups of the same size from the
/// reference, with the correlation of `alike` groups. *Limits:* see [`count_e_value`].
#[must_use]
pub fn test_group(
    context: &Context<'_>,
    detector: &Detector,
    members: &[u32],
    units: &[u32],
    alike: &[Counted],
) -> Option<Finding> {
    let started = Instant::now();
    let finding = look_at(context, detector, members, units, alike);
    if let Ok(mut spent) = context.spent.lock() {
        *spent.entry(detector.name).or_default() += started.elapsed();
    }
    finding
}

fn look_at(
    context: &Context<'_>,
    detector: &Detector,
    members: &[u32],
    units: &[u32],
    alike: &[Counted],
) -> Option<Finding> {
    let shown = (detector.shows)(context, members);
    let counted = count_by_unit(&shown.members, units);
    if (counted.members as usize) < detector.least {
        return None;
    }
    let mut rate = shown.rate.or_else(|| null_rate(context, detector, members))?.max(MIN_RATE);
    let prior = Prior { correlation: ASSUMED_CORRELATION, groups: PRIOR_GROUPS };
    if !alike.is_empty() {
        let shares = alike.iter().map(|group| group.with as f64 / group.members as f64);
        rate = rate.max(shares.sum::<f64>() / alike.len() as f64);
    }
    let null = NullRate { rate, correlation: correlation(alike, rate, prior) };
    let source =
        if context.population.is_trusted() { NullSource::ReferenceGroups(alike.len()) } else { NullSource::Assumed };
    let showing =
        members.iter().zip(&shown.members).filter(|(_, shows)| **shows == Some(true)).map(|(at, _)| *at).collect();
    let what = format!(
        "{} of {} members {}; {:.1} % of comparable accounts do",
        counted.with,
        counted.members,
        detector.what,
        100.0 * rate
    );
    Some(Finding {
        detector: detector.name,
        family: detector.family,
        counted,
        null,
        source,
        showing,
        e_value: count_e_value(counted, null),
        what,
    })
}

/// Counts the customers of a benign group that show a detector's property; `None` for fewer than two.
#[must_use]
pub fn count_group(context: &Context<'_>, detector: &Detector, group: &[u32], units: &[u32]) -> Option<Counted> {
    let counted = count_by_unit(&(detector.shows)(context, group).members, units);
    (counted.members >= 2).then_some(counted)
}
