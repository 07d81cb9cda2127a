//! What comes on top of the work: the take-over after a ban, the sweep before scaling, the canaries.

use super::levels;
use super::phase::{Phase, Plan, Stretch};
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::segment::conversation_seed;
use crate::time::{DAY, HOUR, SECOND};

/// Plans the accounts in use up to a ban and the reserve after it.
pub(super) fn in_two_phases(phase: &Phase<'_>, quotas: &[u32], at: i64, active: u32) -> Plan {
    let (first, second) = quotas.split_at((active as usize).min(quotas.len()));
    let mut rng = Rng::of(phase.seed, "take over");
    let before = Phase { stretch: Stretch { to: at, ..phase.stretch }, ..*phase };
    let (mut plan, mut joined) = levels::plan(&before, first);
    if second.is_empty() {
        return (plan, joined);
    }
    let takes_over = at + rng.between(2, 6) as i64 * HOUR;
    let after = Phase {
        stretch: Stretch { from: takes_over.min(phase.stretch.to - HOUR), ..phase.stretch },
        first_ordinal: 1_000_000,
        first_account: active,
        ..*phase
    };
    let (reserve, later) = levels::plan(&after, second);
    attempts(phase, &reserve, at, &mut plan, &mut rng);
    plan.extend(reserve);
    joined.extend(later);
    (plan, joined)
}

/// What the banned accounts still try is what the reserve then does.
fn attempts(phase: &Phase<'_>, reserve: &[Vec<Segment>], at: i64, plan: &mut [Vec<Segment>], rng: &mut Rng) {
    let again = |one: &&Segment| one.first == 0 && (one.work == 0 || phase.works.is_cover(one.work));
    let mut next: Vec<Segment> = reserve.iter().flatten().filter(again).copied().collect();
    next.sort_unstable_by_key(|segment| (segment.start_us, segment.seed));
    next.truncate(plan.len().max(8));
    for segments in plan.iter_mut() {
        for _ in 0..rng.between(2, 6) {
            let start_us = at + rng.below(2 * HOUR as u64) as i64;
            if let Some(tried) = rng.pick(&next) {
                segments.push(Segment { start_us, end: 1, refused: false, ..*tried });
            }
        }
    }
}

/// Tries elicitation wordings on a few accounts, one after the other, before the work begins.
pub(super) fn sweep(phase: &Phase<'_>, from: i64, length: i64, active: u32, plan: &mut [Vec<Segment>]) {
    let Some(work) = phase.works.probe else { return };
    let mut rng = Rng::of(phase.seed, "sweep times");
    let accounts = (active / 20).clamp(1, 12);
    // A tenth of a day to the most of one.
    let span = (length as f64 * (0.2 + 0.6 * rng.unit())).max(60.0 * SECOND as f64);
    for number in 0..phase.spec.sweep {
        let at = from + (span * f64::from(number) / f64::from(phase.spec.sweep)) as i64 + rng.below(20) as i64 * SECOND;
        let seed = conversation_seed(sub(phase.seed, "probes"), u64::from(number));
        let segment = Segment { seed, start_us: at, ordinal: number, work, first: 0, end: 1, refused: false };
        if let Some(segments) = plan.get_mut(rng.below(u64::from(accounts)) as usize) {
            segments.push(segment);
        }
    }
}

/// Asks the fixed prompts day after day, each day on some of the accounts that are in use.
pub(super) fn canaries(phase: &Phase<'_>, joined: &[i64], banned: Option<i64>, plan: &mut [Vec<Segment>]) {
    let Some(work) = phase.works.canary else { return };
    let mut rng = Rng::of(phase.seed, "canary times");
    let ends: Vec<i64> = plan.iter().map(|all| all.iter().map(|one| one.start_us).max().unwrap_or(0)).collect();
    let days = (phase.stretch.to - phase.stretch.from) / DAY;
    let daily = (plan.len() as u64 / 12).clamp(2, 60);
    for day in 0..days.max(1) {
        let noon = phase.stretch.from + day * DAY + DAY / 2;
        // The accounts whose work has begun and not ended.
        let in_use: Vec<usize> = (0..plan.len())
            .filter(|index| {
                joined.get(*index).is_some_and(|at| *at < noon) && ends.get(*index).is_some_and(|at| *at > noon)
            })
            .collect();
        for turn in 0..daily {
            let Some(index) = rng.pick(&in_use) else { continue };
            let at = noon + rng.below(DAY as u64 / 3) as i64;
            if banned.is_some_and(|ban| noon < ban && at >= ban) || at >= phase.stretch.to {
                continue;
            }
            let prompt = rng.below(4) as u32;
            let seed = conversation_seed(mix(sub(phase.seed, "canary"), day as u64), turn);
            let segment = Segment { seed, start_us: at, ordinal: prompt, work, first: 0, end: 1, refused: false };
            if let Some(segments) = plan.get_mut(*index) {
                segments.push(segment);
            }
        }
    }
}
