//! From what members of a group show to a score.

use std::time::Instant;

use cohort::Items;
use evidence::Counted;
use evidence::NullRate;
use evidence::average;
use evidence::count_e_value;
use verdict::Family;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Shown;
use crate::detector::TAILS;
use crate::detector::count_by_unit;
use crate::draw::null_rate;

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
    /// The members that show it, ascending.
    pub showing: Vec<u32>,
    /// The likelihood ratio of the count against its null: a score. See [`test_group`].
    pub score: f64,
    /// In words.
    pub what: String,
}

/// Correlation inside benign groups that the score assumes: a fifth of the variance of what members do is common to
/// their group. Where it is wrong the score is worth less; what is claimed of it comes from a bank of honest groups.
const CORRELATION: f64 = 0.2;

/// The least rate assumed of benign members, however rare the property is in random groups: a real group of benign
/// customers can always have its own reason to share something that random ones do not.
const MIN_RATE: f64 = 0.02;

/// The most units whose number tells. A score grows with every unit that shows a property, by its third power and more, and
/// honest groups may be larger than any that a bank holds: the users of one product are as many as it sells to. The
/// share that shows it is told by a hundred units as well. So a larger group is counted as if it were of a hundred.
const MOST_UNITS: u64 = 100;

/// Scores a group by one detector.
///
/// `units` gives each member's unit: members of one unit are one customer and count once, by majority. `items` are the
/// items that the detector may look at: of the family that formed the group, those that did not form it.
///
/// The score is the likelihood ratio of [`count_e_value`]: how many units show the property, against random groups of the
/// same size from the log and a fixed likeness inside benign groups. It is *no* e-value of the group: groups are the
/// densest blocks of a log and not random ones, and the likeness is assumed. Comparing it with the scores of honest
/// groups that were formed in the same way makes one of it.
#[must_use]
pub fn test_group(
    context: &Context<'_>,
    detector: &Detector,
    members: &[u32],
    units: &[u32],
    items: Items,
) -> Option<Finding> {
    let started = Instant::now();
    let finding = look_at(context, detector, members, units, items);
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
    items: Items,
) -> Option<Finding> {
    let shown = (detector.shows)(context, members, items);
    let (count, score) = match &shown {
        Shown::Property { members: shows, rate } => {
            let counted = count_by_unit(shows, units);
            if (counted.members as usize) < detector.least {
                return None;
            }
            let count =
                Count { tail: 0.0, counted, rate: rate.or_else(|| null_rate(context, detector, members, items))? };
            (count, count.score())
        }
        Shown::Ranks(_) => {
            let counts =
                TAILS.map(|tail| Count { tail, counted: count_by_unit(&shown.members(tail), units), rate: tail });
            if (counts.first()?.counted.members as usize) < detector.least {
                return None;
            }
            let scores = counts.map(Count::score);
            let plainest = counts.into_iter().max_by(|a, b| a.score().total_cmp(&b.score()))?;
            (plainest, average(&scores))
        }
    };
    let Count { tail, counted, .. } = count;
    let shows = shown.members(tail);
    let showing = members.iter().zip(&shows).filter(|(_, shows)| **shows == Some(true)).map(|(at, _)| *at).collect();
    let null = count.null();
    let what = format!(
        "{} of {} members {}; {:.1} % of comparable accounts do",
        counted.with,
        counted.members,
        detector.what,
        100.0 * null.rate
    );
    Some(Finding { detector: detector.name, family: detector.family, counted, null, showing, score, what })
}

/// How many of a group show a property, and how often others do.
#[derive(Debug, Clone, Copy)]
struct Count {
    /// The tail in which ranked members show it.
    tail: f64,
    counted: Counted,
    rate: f64,
}

impl Count {
    fn null(self) -> NullRate {
        NullRate { rate: self.rate.max(MIN_RATE), correlation: CORRELATION }
    }

    fn score(self) -> f64 {
        score_of(self.counted, self.null())
    }
}

/// What a count scores under a null: more than a hundred units count as a hundred with the same share.
#[must_use]
pub fn score_of(counted: Counted, null: NullRate) -> f64 {
    let Counted { with, members } = counted;
    let bounded = match members {
        0..=MOST_UNITS => counted,
        _ => Counted { with: with * MOST_UNITS / members, members: MOST_UNITS },
    };
    count_e_value(bounded, null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(with: u64, members: u64) -> f64 {
        Count { tail: 0.0, counted: Counted { with, members }, rate: 0.02 }.score()
    }

    #[test]
    fn more_than_a_hundred_count_as_a_hundred_with_the_same_share() {
        assert!(score(99, 99) < score(100, 100), "up to a hundred each member tells");
        for (with, members) in [(101, 101), (290, 290), (25_000, 25_000)] {
            assert!((score(with, members) - score(100, 100)).abs() < 1e-9 * score(100, 100), "{members}");
        }
        assert!((score(150, 300) - score(50, 100)).abs() < 1e-9);
        assert!(score(299, 300) < score(300, 300), "a share is rounded down");
    }
}
