//! An own pool that keeps people's hours: accounts come one by one, each with its small daily quota.

use std::collections::VecDeque;

use super::feedback::{Returns, Source, count};
use super::phase::Phase;
use super::phase::Plan;
use super::works::source_seed;
use crate::rhythm::waking_hour;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::segment::conversation_seed;
use crate::time::{DAY, HOUR, SECOND, Window};

/// A conversation that an account holds at a time.
struct Slot {
    at_us: i64,
    account: u32,
    cover: bool,
    turns: u32,
}

/// How far back an answer is looked at again.
const RECENT: usize = 400;

/// The plan by account, and when each account begins.
pub(super) fn plan(phase: &Phase<'_>, quotas: &[u32]) -> Plan {
    let mut slots = Vec::new();
    let mut joined = Vec::with_capacity(quotas.len());
    for (index, quota) in (0..).zip(quotas) {
        let mut rng = Rng::new(mix(sub(phase.seed, "careful"), u64::from(phase.first_account + index)));
        joined.push(account(phase, index, *quota, &mut rng, &mut slots));
    }
    slots.sort_unstable_by_key(|slot| (slot.at_us, slot.account));
    (deal(phase, quotas.len(), &slots), joined)
}

/// Lays one account's exchanges over its days and says when it begins.
fn account(phase: &Phase<'_>, index: u32, quota: u32, rng: &mut Rng, slots: &mut Vec<Slot>) -> i64 {
    let length = phase.stretch.to - phase.stretch.from;
    // The pool grows to its size over the ramp; whoever comes late has fewer days.
    let ramp = (i64::from(phase.spec.ramp_days) * DAY).min(length * 2 / 3);
    let begins = phase.stretch.from + (ramp.max(DAY.min(length / 3)) as f64 * rng.unit()) as i64;
    let offset = rng.below(19) as i64 - 8;
    // Days are those of the log; a home's hours only say when in them.
    let midnight = begins.div_euclid(DAY) * DAY;
    let days = ((phase.stretch.to - midnight) / DAY).max(1);
    let mut cover_due = rng.unit() - 0.5;
    for (day, mut left) in daily(phase, quota, days, offset, midnight, rng) {
        while left > 0 {
            let cover = phase.spec.cover > 0.0 && cover_due > 0.0;
            let turns = if cover { cover_turns(phase, rng).clamp(1, left) } else { 1 };
            cover_due += f64::from(turns) * (phase.spec.cover - f64::from(u8::from(cover)));
            left -= turns;
            let hour = (waking_hour(rng) - offset).rem_euclid(24) * HOUR + rng.below(HOUR as u64) as i64;
            let at = midnight + day * DAY + hour;
            let earliest = begins.max(midnight + day * DAY);
            let latest = (midnight + (day + 1) * DAY).min(phase.stretch.to - 600 * SECOND).max(earliest + 1);
            let at_us = if (earliest..latest).contains(&at) {
                at
            } else {
                earliest + rng.below((latest - earliest) as u64) as i64
            };
            slots.push(Slot { at_us, account: index, cover, turns });
        }
    }
    begins
}

fn cover_turns(phase: &Phase<'_>, rng: &mut Rng) -> u32 {
    phase.works.shares.get(1).map_or(1, |share| share.work.turns(rng)).min(4)
}

/// How many exchanges on which days.
fn daily(phase: &Phase<'_>, quota: u32, days: i64, offset: i64, midnight: i64, rng: &mut Rng) -> Vec<(i64, u32)> {
    if phase.spec.quota {
        let each = (f64::from(quota) / (0.75 * days as f64)).ceil().max(1.0) as u32;
        let mut order: Vec<i64> = (0..days).collect();
        rng.shuffle(&mut order);
        order.truncate(quota.div_ceil(each) as usize);
        let mut left = quota;
        return order
            .into_iter()
            .map(|day| {
                let today = each.min(left);
                left -= today;
                (day, today)
            })
            .collect();
    }
    let weights: Vec<f64> = (0..days)
        .map(|day| {
            let rest = if Window::weekend(midnight + day * DAY + DAY / 2, offset) { 0.6 } else { 1.0 };
            rest * rng.log_normal(1.0, 0.9)
        })
        .collect();
    let total: f64 = weights.iter().sum();
    let mut counts = vec![0_u32; weights.len()];
    for _ in 0..quota {
        let mut left = rng.unit() * total;
        let day = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        if let Some(count) = counts.get_mut(day.unwrap_or(0)) {
            *count += 1;
        }
    }
    (0..).zip(counts).filter(|(_, count)| *count > 0).collect()
}

/// Says what each conversation is, in order of time.
fn deal(phase: &Phase<'_>, accounts: usize, slots: &[Slot]) -> Vec<Vec<Segment>> {
    let mut plan = vec![Vec::new(); accounts];
    let mut returns = Returns::new(phase.works, phase.seed, phase.first_ordinal);
    let mut rng = Rng::new(mix(sub(phase.seed, "deal"), u64::from(phase.first_ordinal)));
    let mut recent: VecDeque<(u32, Source)> = VecDeque::new();
    let (mut ordinal, mut customer) = (phase.first_ordinal, phase.first_ordinal);
    let (mut collected, mut returned) = (0, 0);
    for slot in slots {
        let segment = if slot.cover {
            let work = 1 + rng.pick(&[0, 0, 1, 2]).copied().unwrap_or(0);
            let seed = conversation_seed(mix(phase.seed, u64::from(work)), u64::from(customer));
            customer += 1;
            Segment { seed, work, ordinal: customer - 1, ..blank(slot) }
        } else {
            collected += 1;
            let due = returned < count(phase.works, collected);
            let job =
                due.then(|| pick(&recent, slot, &mut rng)).flatten().and_then(|source| returns.job(source, slot.at_us));
            if let Some(job) = job {
                returned += 1;
                Segment { seed: job.seed, work: job.work, ordinal: job.ordinal, ..blank(slot) }
            } else {
                let seed = conversation_seed(source_seed(phase.spec.level, phase.seed), u64::from(ordinal));
                recent.push_back((slot.account, Source { ordinal, at_us: slot.at_us }));
                if recent.len() > RECENT {
                    recent.pop_front();
                }
                ordinal += 1;
                Segment { seed, ordinal: ordinal - 1, ..blank(slot) }
            }
        };
        if let Some(segments) = plan.get_mut(slot.account as usize) {
            segments.push(segment);
        }
    }
    plan
}

fn blank(slot: &Slot) -> Segment {
    Segment { seed: 0, start_us: slot.at_us, ordinal: 0, work: 0, first: 0, end: slot.turns as u16, refused: false }
}

/// A recent answer that another account was given.
fn pick(recent: &VecDeque<(u32, Source)>, slot: &Slot, rng: &mut Rng) -> Option<Source> {
    (0..8).find_map(|_| {
        let (account, source) = recent.get(rng.below(recent.len() as u64) as usize)?;
        (*account != slot.account && source.at_us + 180 * SECOND < slot.at_us).then_some(*source)
    })
}
