//! Conformal p-values against a stratified reference.

use std::collections::BTreeMap;

/// Scores of reference accounts, by stratum.
///
/// *Null:* the tested account's score is exchangeable with the scores of the reference accounts of its stratum.
/// *Reference:* accounts that are trusted, or for want of them the bulk of the same log; with the bulk, hostile
/// accounts in it make p-values larger than they should be, never smaller, as long as higher scores are theirs.
/// *Limit:* a p-value is never below `1 / (n + 1)` for a stratum of `n` accounts.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// Ascending finite scores of each stratum.
    strata: BTreeMap<u32, Vec<f64>>,
}

impl Reference {
    /// Builds the reference. Scores that are not finite are left out.
    pub fn new(scores: impl IntoIterator<Item = (u32, f64)>) -> Self {
        let mut strata: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (stratum, score) in scores.into_iter().filter(|(_, score)| score.is_finite()) {
            strata.entry(stratum).or_default().push(score);
        }
        for scores in strata.values_mut() {
            scores.sort_unstable_by(f64::total_cmp);
        }
        Self { strata }
    }

    /// Number of reference scores in a stratum.
    #[must_use]
    pub fn len(&self, stratum: u32) -> usize {
        self.strata.get(&stratum).map_or(0, Vec::len)
    }

    /// Whether no stratum has a score.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.strata.is_empty()
    }

    /// The conformal p-value of a score that is *not* in the reference: `(1 + #{reference ≥ score}) / (n + 1)`
    /// (Vovk, Gammerman and Shafer 2005). One where the stratum is empty.
    #[must_use]
    pub fn p_value(&self, stratum: u32, score: f64) -> f64 {
        let Some(scores) = self.strata.get(&stratum) else { return 1.0 };
        let below = scores.partition_point(|reference| *reference < score);
        (1 + scores.len() - below) as f64 / (scores.len() + 1) as f64
    }

    /// The conformal p-value against the reference *less* some of its scores: those of the group that is being
    /// tested, which would otherwise be compared with itself. `left_out` holds their scores in this stratum,
    /// ascending; `score` may be one of them.
    #[must_use]
    pub fn p_value_without(&self, stratum: u32, score: f64, left_out: &[f64]) -> f64 {
        let Some(scores) = self.strata.get(&stratum) else { return 1.0 };
        let above = |scores: &[f64]| scores.len() - scores.partition_point(|other| *other < score);
        let rest = scores.len().saturating_sub(left_out.len());
        (1 + above(scores).saturating_sub(above(left_out))) as f64 / (rest + 1) as f64
    }
}
