//! PRADA: the distances between a client's queries are normally distributed unless the queries are made to extract.
//!
//! Source: Juuti, Szyller, Marchal, Asokan, "PRADA: protecting against DNN model stealing attacks", arXiv 1805.02628,
//! Euro S&P 2019.
//!
//! Adapted: per account; a query's distance is to the nearest earlier query of the account; values farther than three
//! standard deviations from the mean are dropped, and the account is accused when Shapiro and Wilk's statistic of the
//! rest falls below delta, all as in the paper. There is no class label here, so that one set an account stands for
//! the paper's one a class. The paper begins at 100 queries; accounts here often have 30, so that the test begins at
//! 20, and is made again whenever the account has grown by a tenth, up to 2,000. Equal distances have no statistic:
//! an account whose distances are all equal is accused.
//!
//! Settings: delta of 0.70, 0.80, 0.85, 0.90 and 0.95 (the paper's is 0.90 to 0.96); first test at 20 and at 100.
//!
//! Cannot see: anything of several accounts. Distances of texts are not normal for honest people either.

use crate::method::Accusation;
use crate::method::Method;
use crate::method::Outcome;
use crate::stat::shapiro_wilk;
use crate::world::World;

const DELTAS: [f64; 5] = [0.70, 0.80, 0.85, 0.90, 0.95];
const FIRST: [usize; 2] = [20, 100];
const FOLLOWED: usize = 2_000;

pub(super) struct Prada;

impl Method for Prada {
    fn name(&self) -> &'static str {
        "prada"
    }

    fn source(&self) -> &'static str {
        "PRADA, arXiv 1805.02628"
    }

    fn grid(&self) -> &'static str {
        "delta 0.70, 0.80, 0.85, 0.90, 0.95; first test at 20, 100 queries"
    }

    fn accuse(&self, world: &World) -> Vec<Outcome> {
        let mut tests: Vec<(u32, usize, f64, i64)> = Vec::new();
        for account in 0..world.log.accounts.len() as u32 {
            tests.extend(statistics(world, account).into_iter().map(|(count, w, at_us)| (account, count, w, at_us)));
        }
        let mut outcomes = Vec::new();
        for first in FIRST {
            for delta in DELTAS {
                let mut accusations: Vec<Accusation> = Vec::new();
                for (account, _, _, at_us) in tests.iter().filter(|(_, count, w, _)| *count >= first && *w < delta) {
                    if accusations.last().is_none_or(|last| last.accounts != [*account]) {
                        accusations.push(Accusation::new(vec![*account], *at_us));
                    }
                }
                outcomes.push(Outcome { setting: format!("delta {delta}; from {first} queries"), accusations });
            }
        }
        outcomes
    }
}

/// The statistic after so many queries, and when.
fn statistics(world: &World, account: u32) -> Vec<(usize, f64, i64)> {
    let Some(owner) = world.log.accounts.get(account as usize) else { return Vec::new() };
    let own = owner.queries.get(..owner.queries.len().min(FOLLOWED)).unwrap_or_default();
    let mut next = FIRST.into_iter().min().unwrap_or(0);
    if own.len() < next {
        return Vec::new();
    }
    let mut distances: Vec<f64> = Vec::new();
    let mut found = Vec::new();
    for (number, index) in own.iter().enumerate() {
        let nearest = own
            .iter()
            .take(number)
            .map(|other| world.vectors.cosine(*index as usize, *other as usize))
            .fold(f32::NEG_INFINITY, f32::max);
        if number > 0 {
            distances.push(f64::from((2.0 - 2.0 * nearest).max(0.0)).sqrt());
        }
        if number + 1 >= next {
            next = (number + 1) + ((number + 1) / 10).max(1);
            let at_us = world.log.queries.get(*index as usize).map_or(i64::MAX, |query| query.at_us);
            found.push((number + 1, shapiro_wilk(&kept(&distances)).unwrap_or(0.0), at_us));
        }
    }
    found
}

/// The values within three standard deviations of their mean.
fn kept(values: &[f64]) -> Vec<f64> {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    values.iter().copied().filter(|value| (value - mean).abs() <= 3.0 * deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::chatter;
    use crate::testing::filled;
    use crate::testing::planted;
    use crate::testing::scores;
    use crate::testing::with;

    #[test]
    fn two_heaps_of_distances_are_found_and_chatter_is_not() {
        // Half of the queries repeat an earlier one and half are new: two heaps, nothing like a bell.
        let (world, truth) = planted(20, 3, 40, |rng, account, number| {
            let text = if number % 2 == 0 { chatter(rng, 12) } else { format!("the one fixed line of {account}") };
            (number as i64 * 600, text)
        });
        let scores = scores(&Prada, &world, &truth);
        let score = with(&scores, "delta 0.8; from 20");
        assert_eq!((score.reached, score.wronged), (3, 0));
    }

    #[test]
    fn a_template_with_random_slots_looks_normal() {
        // The documented failure.
        let (world, truth) = planted(5, 3, 40, |rng, _, number| (number as i64 * 600, filled(rng)));
        assert_eq!(with(&scores(&Prada, &world, &truth), "delta 0.7; from 100").reached, 0);
    }
}
