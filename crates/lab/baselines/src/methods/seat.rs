//! SEAT: an account that asks many near duplicates is probing.
//!
//! Source: Zhang, Chen, Wagner, "SEAT: similarity encoder by adversarial training for detecting model extraction
//! attack queries", AISec at CCS 2021.
//!
//! Adapted: pairs of an account's queries above a similarity are counted, and the account is accused at the query
//! that makes them enough, as in the paper. The paper's encoder is trained by adversarial examples of images; here
//! the cosine of the built-in embedder takes its place. Trusted accounts are not spared: nothing is learned of them.
//! An account is followed for its first 2,000 exchanges.
//!
//! Settings: cosine of at least 0.8, 0.9 and 0.95; 5, 20, 50, 200 and 1,000 pairs.
//!
//! Cannot see: a campaign whose near duplicates lie on different accounts. Every pipeline with a template has as many.

use crate::method::Accusation;
use crate::method::Method;
use crate::method::Outcome;
use crate::world::World;

const SIMILAR: [f32; 3] = [0.8, 0.9, 0.95];
const PAIRS: [u32; 5] = [5, 20, 50, 200, 1000];
const FOLLOWED: usize = 2_000;

pub(super) struct Seat;

impl Method for Seat {
    fn name(&self) -> &'static str {
        "seat"
    }

    fn source(&self) -> &'static str {
        "SEAT, AISec at CCS 2021"
    }

    fn grid(&self) -> &'static str {
        "cosine >= 0.8, 0.9, 0.95; 5, 20, 50, 200, 1000 pairs an account"
    }

    fn accuse(&self, world: &World) -> Vec<Outcome> {
        let mut found: Vec<Vec<Accusation>> = vec![Vec::new(); SIMILAR.len() * PAIRS.len()];
        for account in 0..world.log.accounts.len() as u32 {
            for (place, at_us) in reached(world, account) {
                if let Some(list) = found.get_mut(place) {
                    list.push(Accusation::new(vec![account], at_us));
                }
            }
        }
        let settings = SIMILAR.iter().flat_map(|similar| PAIRS.iter().map(move |pairs| (similar, pairs)));
        settings
            .zip(found)
            .map(|((similar, pairs), accusations)| Outcome {
                setting: format!("cosine >= {similar}; {pairs} pairs"),
                accusations,
            })
            .collect()
    }
}

/// The settings that accuse the account, by number, and when.
fn reached(world: &World, account: u32) -> Vec<(usize, i64)> {
    let Some(owner) = world.log.accounts.get(account as usize) else { return Vec::new() };
    let own = owner.queries.get(..owner.queries.len().min(FOLLOWED)).unwrap_or_default();
    let mut counts = [0_u32; SIMILAR.len()];
    let mut reached = Vec::new();
    for (number, index) in own.iter().enumerate() {
        let before = counts;
        for other in own.iter().take(number) {
            let cosine = world.vectors.cosine(*index as usize, *other as usize);
            for (count, similar) in counts.iter_mut().zip(SIMILAR) {
                *count += u32::from(cosine >= similar);
            }
        }
        let at_us = world.log.queries.get(*index as usize).map_or(i64::MAX, |query| query.at_us);
        for (row, (now, before)) in counts.iter().zip(before).enumerate() {
            for (column, pairs) in PAIRS.iter().enumerate() {
                if now >= pairs && before < *pairs {
                    reached.push((row * PAIRS.len() + column, at_us));
                }
            }
        }
    }
    reached
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
    fn near_duplicates_are_counted_and_chatter_is_not() {
        let (world, truth) = planted(20, 3, 12, |rng, _, number| (number as i64 * 600, filled(rng)));
        let scores = scores(&Seat, &world, &truth);
        let score = with(&scores, "cosine >= 0.8; 20 pairs");
        assert_eq!((score.reached, score.wronged), (3, 0));
        // Accused one by one: no accusation is the campaign.
        assert!(!score.campaigns[0].found);
    }

    #[test]
    fn one_duplicate_an_account_is_not_seen() {
        // The documented failure: many accounts, one filling each.
        let (world, truth) = planted(5, 30, 2, |rng, _, number| {
            (number as i64 * 600, if number == 0 { filled(rng) } else { chatter(rng, 14) })
        });
        assert_eq!(with(&scores(&Seat, &world, &truth), "cosine >= 0.8; 5 pairs").reached, 0);
    }
}
