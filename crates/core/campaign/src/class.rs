//! What groups are compared with which, and what a group scores.

use std::collections::BTreeMap;
use std::fmt;

use evidence::two_digits;
use evidence::without_largest;
use serde::Deserialize;
use serde::Serialize;
use verdict::Family;
use verdict::ViewKind;

/// The score from which there is something to look into: twenty to one, as a decimal logarithm.
pub const STRUCTURE: f64 = 1.3;

/// More than any score, as a decimal logarithm: ratios are at most `1e300`.
const LARGEST_SCORE: f64 = 301.0;

/// How many customers a group has. Groups are compared with groups of like size: a large group's score is larger for the
/// same habits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeClass {
    /// Fewer than ten.
    Handful,
    /// Ten to twenty-nine.
    Dozens,
    /// Thirty to ninety-nine.
    Scores,
    /// A hundred and more.
    Hundreds,
}

impl SizeClass {
    /// All of them, ascending.
    pub const ALL: [Self; 4] = [Self::Handful, Self::Dozens, Self::Scores, Self::Hundreds];

    /// The class of a number of customers.
    #[must_use]
    pub const fn of(customers: usize) -> Self {
        match customers {
            0..=9 => Self::Handful,
            10..=29 => Self::Dozens,
            30..=99 => Self::Scores,
            _ => Self::Hundreds,
        }
    }

    /// A group's score over all families, and on top of it more than any score for each size class below its own: where sizes
    /// are ranked together, it ranks a group above all smaller ones. A group that scores less than twenty to one is not lifted.
    #[must_use]
    pub fn lifted(self, score: f64) -> f64 {
        let classes_below = Self::ALL.iter().filter(|class| **class < self).count();
        if score < STRUCTURE { score } else { score + LARGEST_SCORE * classes_below as f64 }
    }

    /// The fewest customers of a group, and the most.
    const fn bounds(self) -> (usize, Option<usize>) {
        match self {
            Self::Handful => (5, Some(9)),
            Self::Dozens => (10, Some(29)),
            Self::Scores => (30, Some(99)),
            Self::Hundreds => (100, None),
        }
    }
}

/// Neighbouring size classes that are ranked together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sizes {
    /// The smallest.
    pub least: SizeClass,
    /// The largest.
    pub most: SizeClass,
}

impl fmt::Display for Sizes {
    /// Customers, in words: `10 to 99`, `10 or more`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.least.bounds().0, self.most.bounds().1);
        match most {
            Some(most) => write!(f, "{least} to {most}"),
            None => write!(f, "{least} or more"),
        }
    }
}

/// What a group is: formed by which ties, how large, openly tied or not. Groups of one class are compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// The ties.
    pub ties: ViewKind,
    /// The size.
    pub size: SizeClass,
    /// Whether most of it is openly tied: by one organisation that is declared and not verified, one institution's domain, one address of registration, one referrer or one user
    /// agent. Firms, classes, events and the users of one product are, and are alike in everything else too; a pool that
    /// hides is not.
    pub open: bool,
}

/// What a group scores, as decimal logarithms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    /// All families together.
    pub all: f64,
    /// Each family that was seen.
    pub families: BTreeMap<Family, f64>,
}

impl Scores {
    /// What is left without the family that says most: the product of the other families' half-bets, as a decimal logarithm with
    /// two digits. Rhythm is left out too: it supports and never accuses.
    ///
    /// Honest groups often have one habit in common that is as plain as can be: a form that all of them fill in, a service that
    /// all of them use. A campaign shows in several ways, and each may be faint.
    #[must_use]
    pub fn without_strongest(&self) -> f64 {
        let others = self.families.iter().filter(|(family, _)| **family != Family::Rhythm);
        without_largest(&others.map(|(_, score)| *score).collect::<Vec<f64>>())
    }

    /// Those of a group that is so many times as large and shows the same: where evidence is spread evenly over accounts, the logarithm of
    /// a likelihood ratio grows with their number.
    #[must_use]
    pub fn times(self, by: f64) -> Self {
        let families = self.families.into_iter().map(|(family, score)| (family, two_digits(by * score))).collect();
        Self { all: two_digits(by * self.all), families }
    }

    /// These, none above another's: a family that the other was not seen in scores nothing.
    #[must_use]
    pub fn at_most(self, other: &Self) -> Self {
        let of_other = |family: &Family| other.families.get(family).copied().unwrap_or(0.0);
        let families =
            self.families.into_iter().map(|(family, score)| (family, score.min(of_other(&family)))).collect();
        Self { all: self.all.min(other.all), families }
    }
}
