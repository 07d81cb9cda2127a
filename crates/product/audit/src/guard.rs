//! Checks of the design that look at everything but the suspect.
//!
//! Where served and held-back answers can be told apart without the suspect, a test that tells them apart with it shows
//! nothing: attacks that never look at a model did better than published membership inference, because what was in the training
//! and what was not came from different places (Das, Zhang and Tramèr 2024). So the design is refused where *our* texts
//! alone tell the labels, or where a comparison model does in the place of the suspect.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::design::Layout;
use crate::input::Ours;
use crate::permute::Contrast;
use crate::permute::p_value;
use crate::score::Row;
use crate::score::mean;
use crate::shingle::runs;
use crate::shingle::words;

/// How often a design that is in order is refused, all checks together (Bonferroni).
pub const LEVEL: f64 = 0.05;
/// Draws of labels of a check.
const DRAWS: usize = 1_999;
/// Features that words and pairs of words are hashed to.
const FEATURES: usize = 4_096;

/// A check of the design.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guard {
    /// What was looked at.
    pub name: String,
    /// How often labels drawn at random are told apart as well.
    pub p_value: f64,
    /// Below this the design is refused.
    pub level: f64,
    /// Whether the design passes.
    pub holds: bool,
}

/// All checks.
pub fn guards(ours: &[Ours], rows: &[Row], layout: &Layout, names: &[String]) -> Vec<Guard> {
    let texts: Vec<&Ours> = rows.iter().filter_map(|row| ours.get(row.ours)).collect();
    let mut found = vec![("the words of our answers".to_owned(), wording(&texts, layout))];
    let length = |row: &&Ours| (1.0 + row.answer.len() as f64).ln();
    let lengths: Vec<Option<f64>> = texts.iter().map(|row| Some(length(row))).collect();
    found.push(("the length of our answers".to_owned(), two_sided(&lengths, layout)));
    for (model, name) in names.iter().enumerate() {
        let scores: Vec<Option<f64>> = rows.iter().map(|row| row.control(model)).collect();
        if scores.iter().any(Option::is_some) {
            found.push((format!("{name} in the place of the suspect"), two_sided(&scores, layout)));
        }
    }
    let level = LEVEL / found.len() as f64;
    found.into_iter().map(|(name, p_value)| Guard { name, p_value, level, holds: p_value > level }).collect()
}

/// The scores of units: the means of those of their answers. What is not known counts as the mean of all.
pub fn by_unit(scores: &[Option<f64>], layout: &Layout) -> Vec<f64> {
    let all = mean(scores.iter().flatten().copied()).unwrap_or(0.0);
    let of = |unit: &Vec<usize>| mean(unit.iter().filter_map(|row| *scores.get(*row)?)).unwrap_or(all);
    layout.units.iter().map(of).collect()
}

fn two_sided(scores: &[Option<f64>], layout: &Layout) -> f64 {
    let contrast = Contrast::new(&by_unit(scores, layout), &layout.strata);
    p_value(&layout.strata, DRAWS, &mut |served| contrast.standardised(served).abs())
}

/// Can the labels be told from the words? The distance between the mean word vectors of served and held-back units, stratum by
/// stratum: a kernel two-sample test (Gretton and others 2012) with a linear kernel on words and pairs of words.
fn wording(texts: &[&Ours], layout: &Layout) -> f64 {
    let documents: Vec<BTreeMap<usize, f64>> = texts.iter().map(|row| features(&row.answer)).collect();
    let mut texts_with = vec![0.0; FEATURES];
    for slot in documents.iter().flat_map(BTreeMap::keys) {
        texts_with.get_mut(*slot).into_iter().for_each(|count| *count += 1.0);
    }
    let count = documents.len() as f64;
    let weighted = |document: &BTreeMap<usize, f64>| -> Vec<(usize, f64)> {
        let weight = |slot: &usize| ((1.0 + count) / (1.0 + texts_with.get(*slot).copied().unwrap_or(0.0))).ln();
        let values: Vec<(usize, f64)> = document.iter().map(|(slot, times)| (*slot, times * weight(slot))).collect();
        let norm = values.iter().map(|(_, value)| value * value).sum::<f64>().sqrt().max(1e-12);
        values.into_iter().map(|(slot, value)| (slot, value / norm)).collect()
    };
    let documents: Vec<Vec<(usize, f64)>> = documents.iter().map(weighted).collect();
    let unit = |members: &Vec<usize>| -> Vec<(usize, f64)> {
        let share = 1.0 / members.len() as f64;
        let all = members.iter().filter_map(|row| documents.get(*row)).flatten();
        all.map(|(slot, value)| (*slot, value * share)).collect()
    };
    let units: Vec<Vec<(usize, f64)>> = layout.units.iter().map(unit).collect();
    // The sum over served units less what it would be on average.
    let mut expected = vec![0.0; FEATURES];
    for stratum in &layout.strata {
        let share = stratum.served as f64 / stratum.units.len() as f64;
        for (slot, value) in stratum.units.iter().filter_map(|unit| units.get(*unit)).flatten() {
            expected.get_mut(*slot).into_iter().for_each(|sum| *sum -= value * share);
        }
    }
    p_value(&layout.strata, DRAWS, &mut |served| {
        let mut sum = expected.clone();
        for (slot, value) in served.iter().filter_map(|unit| units.get(*unit)).flatten() {
            sum.get_mut(*slot).into_iter().for_each(|sum| *sum += value);
        }
        sum.iter().map(|value| value * value).sum()
    })
}

/// How often each hashed word and pair of words is in a text.
fn features(text: &str) -> BTreeMap<usize, f64> {
    let words = words(text);
    let mut features = BTreeMap::new();
    for hash in words.iter().copied().chain(runs(&words, 2)) {
        *features.entry(usize::try_from(hash % FEATURES as u64).unwrap_or(0)).or_insert(0.0) += 1.0;
    }
    features
}
