//! Answers that come back: refined, judged, cleaned, on whichever account is next.

use std::collections::BTreeSet;

use super::job::Job;
use super::works::Works;
use super::works::refined_seed;
use crate::rng::{Rng, mix, sub};
use crate::segment::conversation_seed;
use crate::time::SECOND;

/// An answer that was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Number of the conversation.
    pub(super) ordinal: u32,
    /// When it was asked for.
    pub(super) at_us: i64,
}

/// Number of exchanges that look at an earlier answer, of so many of the collection.
pub(super) fn count(works: &Works, collected: u32) -> u32 {
    if works.loops.is_none() { 0 } else { (f64::from(collected) * works.feedback).round() as u32 }
}

/// Draws what is done with answers, given those there were and the time by which all is done.
pub(super) struct Returns<'a> {
    works: &'a Works,
    seed: u64,
    rng: Rng,
    /// Answers that were refined and not yet cleaned.
    refined: Vec<Source>,
    /// Seeds of all refinements.
    seen: BTreeSet<u64>,
    made: u32,
}

impl<'a> Returns<'a> {
    /// Begins with no answer refined; `first` tells phases of a campaign apart.
    pub(super) fn new(works: &'a Works, seed: u64, first: u32) -> Returns<'a> {
        let rng = Rng::new(mix(sub(seed, "returns"), u64::from(first)));
        Returns { works, seed, rng, refined: Vec::new(), seen: BTreeSet::new(), made: first }
    }

    /// Some minutes to some hours.
    pub(super) fn delay(&mut self) -> i64 {
        180 * SECOND + (self.rng.log_normal(2_400.0, 1.0).min(86_400.0) * SECOND as f64) as i64
    }

    /// What is done at that time with that answer, or with one refined before.
    pub(super) fn job(&mut self, source: Source, at_us: i64) -> Option<Job> {
        let [refine, judge, clean] = self.works.loops?;
        let ripe = self.refined.iter().position(|one| one.at_us + 120 * SECOND < at_us);
        // An answer is refined once: that refinement is found again by the answer's number.
        let refined = conversation_seed(refined_seed(self.seed), u64::from(source.ordinal));
        let (work, ordinal) = match self.rng.below(20) {
            0..3 if ripe.is_some() => (clean, ripe.map_or(source.ordinal, |place| self.refined.remove(place).ordinal)),
            0..11 if !self.seen.contains(&refined) => (refine, source.ordinal),
            _ => (judge, source.ordinal),
        };
        self.made += 1;
        let seed = if work == refine {
            self.seen.insert(refined);
            self.refined.push(Source { ordinal, at_us });
            refined
        } else {
            conversation_seed(mix(self.seed, 0x1009_0000 + u64::from(work)), u64::from(self.made))
        };
        Some(Job { seed, start_us: at_us, ordinal, work, turns: 1 })
    }

    /// So many of them, for answers given before `to`.
    pub(super) fn jobs(&mut self, sources: &[Source], count: u32, to: i64) -> Vec<Job> {
        let mut picks: Vec<Source> = (0..count).filter_map(|_| self.rng.pick(sources).copied()).collect();
        picks.sort_unstable_by_key(|source| (source.at_us, source.ordinal));
        // One after the other, so that what is cleaned was refined before.
        let mut timed: Vec<(i64, Source)> = picks
            .into_iter()
            .map(|source| {
                let latest = (to - SECOND).max(source.at_us + 60 * SECOND);
                ((source.at_us + self.delay()).min(latest), source)
            })
            .collect();
        timed.sort_unstable_by_key(|(at, source)| (*at, source.ordinal));
        timed.into_iter().filter_map(|(at, source)| self.job(source, at)).collect()
    }
}
