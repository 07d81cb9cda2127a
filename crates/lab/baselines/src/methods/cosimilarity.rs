//! Co-similarity in a time window: accounts that say nearly the same within seconds or minutes are coordinated.
//!
//! Source: coordination-network-toolkit's co-similarity (default window 60 s) and CooRTweet (10 s), made for posts.
//!
//! Adapted: a post is what the user says new in an exchange; texts are sets of words (the toolkit's own choice),
//! compared by Jaccard. Every two exchanges of different accounts inside the window are compared, as long as their
//! texts have at least four words. Two accounts are tied when they were alike often enough; groups are components of
//! at least three accounts. A tie holds from the comparison that made it often enough.
//!
//! Settings: windows of 60, 600 and 1,800 s; Jaccard of at least 0.5 and 0.7; alike once and twice.
//!
//! Cannot see: a paraphrase, or a slot that is longer than its template. A prompt that strangers share (a public
//! template, an assignment, something viral) is the same to it as a campaign's.

use std::collections::HashMap;

use crate::graph::components;
use crate::method::Method;
use crate::method::Outcome;
use crate::text::jaccard;
use crate::text::set;
use crate::text::words;
use crate::world::World;

const WINDOWS_S: [i64; 3] = [60, 600, 1800];
const ALIKE: [f64; 2] = [0.5, 0.7];
const TIMES: [u32; 2] = [1, 2];
/// Fewer words than this say nothing.
const MIN_WORDS: usize = 4;
const MIN_ACCOUNTS: u32 = 3;

pub(super) struct CoSimilarity;

/// Two accounts that were alike at some moment: how far apart, how alike, and when.
#[derive(Clone, Copy)]
struct Meeting {
    pair: (u32, u32),
    apart_us: i64,
    alike: f64,
    at_us: i64,
}

impl Method for CoSimilarity {
    fn name(&self) -> &'static str {
        "cosimilarity"
    }

    fn source(&self) -> &'static str {
        "coordination-network-toolkit (co-similarity); CooRTweet"
    }

    fn grid(&self) -> &'static str {
        "window 60, 600, 1800 s; Jaccard of words >= 0.5, 0.7; alike once, twice; at least 3 accounts"
    }

    fn accuse(&self, world: &World) -> Vec<Outcome> {
        let meetings = meetings(world);
        let mut outcomes = Vec::new();
        for window_s in WINDOWS_S {
            for alike in ALIKE {
                for times in TIMES {
                    let ties = ties(&meetings, window_s * 1_000_000, alike, times);
                    outcomes.push(Outcome {
                        setting: format!("{window_s} s; Jaccard >= {alike}; {times} times"),
                        accusations: components(world.log.accounts.len(), ties, MIN_ACCOUNTS),
                    });
                }
            }
        }
        outcomes
    }
}

/// All meetings that the widest setting counts, in the order of time.
fn meetings(world: &World) -> Vec<Meeting> {
    let widest_us = WINDOWS_S.into_iter().max().unwrap_or(0) * 1_000_000;
    let least = ALIKE.into_iter().fold(1.0, f64::min);
    let queries = &world.log.queries;
    let sets: Vec<Vec<u64>> = queries.iter().map(|query| set(words(&query.text))).collect();
    let mut found = Vec::new();
    for (index, (query, own)) in queries.iter().zip(&sets).enumerate() {
        if own.len() < MIN_WORDS {
            continue;
        }
        let before = queries.iter().zip(&sets).take(index).rev();
        for (other, theirs) in before.take_while(|(other, _)| query.at_us - other.at_us <= widest_us) {
            // Sets of very different size cannot be alike.
            let (small, large) = (own.len().min(theirs.len()), own.len().max(theirs.len()));
            if other.account == query.account || small < MIN_WORDS || (small as f64) < least * large as f64 {
                continue;
            }
            let alike = jaccard(own, theirs);
            if alike >= least {
                let pair = (query.account.min(other.account), query.account.max(other.account));
                found.push(Meeting { pair, apart_us: query.at_us - other.at_us, alike, at_us: query.at_us });
            }
        }
    }
    found
}

fn ties(meetings: &[Meeting], window_us: i64, alike: f64, times: u32) -> Vec<(u32, u32, i64)> {
    let mut counts: HashMap<(u32, u32), u32> = HashMap::new();
    let mut ties = Vec::new();
    for meeting in meetings.iter().filter(|one| one.apart_us <= window_us && one.alike >= alike) {
        let count = counts.entry(meeting.pair).or_default();
        *count += 1;
        if *count == times {
            ties.push((meeting.pair.0, meeting.pair.1, meeting.at_us));
        }
    }
    ties
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
    fn a_template_at_the_same_time_is_found() {
        let (world, truth) =
            planted(20, 12, 8, |rng, account, number| ((number * 600 + account * 3) as i64, filled(rng)));
        let scores = scores(&CoSimilarity, &world, &truth);
        assert!(with(&scores, "60 s; Jaccard >= 0.5; 2").campaigns[0].found);
        assert_eq!(with(&scores, "60 s; Jaccard >= 0.5; 2").wronged, 0);
    }

    #[test]
    fn other_words_at_the_same_time_are_not() {
        let (world, truth) =
            planted(20, 12, 8, |rng, account, number| ((number * 600 + account * 3) as i64, chatter(rng, 14)));
        assert_eq!(with(&scores(&CoSimilarity, &world, &truth), "60 s; Jaccard >= 0.7").reached, 0);
    }
}
