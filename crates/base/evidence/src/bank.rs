//! From a score to an e-value, by its rank among the scores of honest groups.

/// Ranks that are paid for, and how the bet is spread over them.
///
/// All on the first rank would be lost to a single honest group that scores high by accident.
const BETS: [(usize, f64); 3] = [(1, 0.6), (3, 0.25), (10, 0.15)];

/// The share of honest groups above which a family of evidence stands apart, and how much of its bet is on that. With half of
/// the bet on one in forty, a family that is above all but one in forty is worth twenty.
const APART: usize = 40;
const ON_APART: f64 = 0.5;

/// Scores of honest groups of one class, and what a score's rank among them is worth.
///
/// *Null:* the tested group is exchangeable with the groups of the bank: honest, and formed and scored in the same way.
/// Its score is then among the `b` largest of `G + 1` with a probability of at most `b / (G + 1)`, so that
/// `(G + 1) / b` for being above the `b`-th largest of the bank has a mean of at most one, and so has every mixture of
/// these (hierarchical conformal prediction: Lee, Barber and Willett, arXiv 2306.06342; conformal e-values for groups:
/// Lee and Ren, arXiv 2501.02514). Nothing is assumed of how the score was made.
/// *What breaks it:* a kind of honest group that the bank does not hold, and groups of the bank that are copies of each
/// other, which make it seem larger than it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RankedScores {
    /// Scores above zero.
    descending: Vec<f64>,
    /// How many score zero: they are most of a bank, and not kept one by one.
    zeros: usize,
}

impl RankedScores {
    /// Ranks `groups` honest groups, of which these score above zero, and the others zero. What is no number is left out.
    pub fn new(scores: impl IntoIterator<Item = f64>, groups: usize) -> Self {
        let mut descending: Vec<f64> = scores.into_iter().filter(|score| *score > 0.0).collect();
        descending.sort_unstable_by(|a, b| b.total_cmp(a));
        let zeros = groups.saturating_sub(descending.len());
        Self { descending, zeros }
    }

    /// Number of honest groups.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.descending.len() + self.zeros
    }

    /// The scores above zero, the largest first.
    #[must_use]
    pub fn positive(&self) -> &[f64] {
        &self.descending
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many honest groups score as much or more: zero for a score above all of them.
    #[must_use]
    pub fn above(&self, score: f64) -> usize {
        if score <= 0.0 { self.len() } else { self.descending.partition_point(|honest| *honest >= score) }
    }

    /// The e-value of a score. A score that equals one of the bank is taken to be below it.
    #[must_use]
    pub fn e_value(&self, score: f64) -> f64 {
        self.at_rank(self.above(score))
    }

    /// The e-value of one family's score, with half of the bet on its being above all but one in forty.
    ///
    /// [`Self::e_value`] bets on the first ranks alone, which is what a discovery among many groups needs; whether a second
    /// family is unusual at all needs no such rank, and a larger bank must not make it harder to show.
    #[must_use]
    pub fn family_e_value(&self, score: f64) -> f64 {
        let all = self.len() + 1;
        let rank = (all / APART).max(1);
        let apart = if self.above(score) < rank { all as f64 / rank as f64 } else { 0.0 };
        (1.0 - ON_APART) * self.e_value(score) + ON_APART * apart
    }

    /// Whether a score is above those of all but one in so many honest groups. Where there are fewer than that it cannot be told,
    /// and is not.
    #[must_use]
    pub fn is_above_all_but_one_in(&self, so_many: usize, score: f64) -> bool {
        self.above(score) < (self.len() + 1) / so_many.max(1)
    }

    /// The largest e-value that any score can have: about 0.7 for each honest group.
    #[must_use]
    pub fn largest_e_value(&self) -> f64 {
        self.at_rank(0)
    }

    /// The share of honest groups at or below a score that is asked for, as a score: 0.5 is the median. `None` without
    /// honest groups.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.len().checked_sub(1)?;
        let place = ((1.0 - share.clamp(0.0, 1.0)) * last as f64).round() as usize;
        Some(self.descending.get(place).copied().unwrap_or(0.0))
    }

    fn at_rank(&self, above: usize) -> f64 {
        let all = (self.len() + 1) as f64;
        BETS.iter().filter(|(rank, _)| above < *rank).fold(0.0, |sum, (rank, share)| sum + share * all / *rank as f64)
    }
}
