//! A relay of real users: conversations stick to an account, and a share of them moves in the middle.

use super::job::Job;
use super::phase::Phase;
use super::phase::Plan;
use super::pool::Pool;
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::segment::conversation_seed;
use crate::time::{HOUR, SECOND};
use crate::work::gap_us;

/// Share of conversations that move, of those of two turns or more.
const MIGRATION: f64 = 0.12;

/// The plan by account, and when each account begins.
pub(super) fn plan(phase: &Phase<'_>, quotas: &[u32]) -> Plan {
    let mut rng = Rng::new(mix(sub(phase.seed, "moves"), u64::from(phase.first_ordinal)));
    let share = phase.spec.migration.unwrap_or(MIGRATION);
    let mut pool = Pool::new(phase, quotas);
    let (mut long, mut moved) = (0_u32, 0_u32);
    for job in &jobs(phase, quotas) {
        let Some(account) = pool.take(job.start_us, None) else { break };
        long += u32::from(job.turns > 1);
        let whole = job.whole();
        let due = job.turns > 1 && f64::from(moved) + 0.5 < share * f64::from(long);
        let (turn, at) = turn_of_move(phase, job, &mut rng);
        for _ in 0..if due { turn } else { job.turns } {
            pool.spend(account, job.start_us);
        }
        let next = if due { pool.take(at, Some(account)).filter(|next| *next != account) } else { None };
        let Some(next) = next else {
            pool.plan(account, whole);
            continue;
        };
        moved += 1;
        // Refused for its rate, the turn is tried here and again there; else the relay just goes elsewhere.
        let refused = rng.chance(0.4);
        let delay = if refused { rng.between(1, 6) as i64 * SECOND } else { 0 };
        pool.plan(account, Segment { end: (turn + u32::from(refused)) as u16, refused, ..whole });
        pool.plan(next, Segment { first: turn as u16, start_us: job.start_us + delay, ..whole });
        for _ in turn..job.turns {
            pool.spend(next, at);
        }
    }
    pool.into_plan()
}

/// The turn at which a conversation that has to move does, and when that is: the first after the sticky hour, if one
/// is, or any but the first.
fn turn_of_move(phase: &Phase<'_>, job: &Job, rng: &mut Rng) -> (u32, i64) {
    let pace = phase.works.shares.get(usize::from(job.work)).map(|share| share.work.pace());
    let chosen = rng.between(1, u64::from(job.turns.max(2) - 1)) as u32;
    let (mut at, mut at_chosen) = (job.start_us, job.start_us);
    for turn in 1..job.turns {
        at += pace.map_or(0, |pace| gap_us(pace, job.seed, turn));
        if at - job.start_us > HOUR {
            return (turn, at);
        }
        if turn == chosen {
            at_chosen = at;
        }
    }
    (chosen, at_chosen)
}

/// Conversations of real users that use up the quotas, in order of time.
fn jobs(phase: &Phase<'_>, quotas: &[u32]) -> Vec<Job> {
    let total: u32 = quotas.iter().sum();
    let mut rng = Rng::new(mix(sub(phase.seed, "sessions"), u64::from(phase.first_ordinal)));
    let weights: Vec<f64> = phase.works.shares.iter().map(|share| share.weight).collect();
    let mut jobs = Vec::new();
    let (mut made, mut ordinal) = (0, phase.first_ordinal);
    while made < total {
        let mut left = rng.unit() * weights.iter().sum::<f64>();
        let work = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        let work = work.unwrap_or(0);
        let turns = phase.works.shares.get(work).map_or(1, |share| share.work.turns(&mut rng)).clamp(1, total - made);
        let seed = conversation_seed(mix(phase.seed, work as u64), u64::from(ordinal));
        jobs.push(Job { seed, start_us: 0, ordinal, work: work as u16, turns });
        made += turns;
        ordinal += 1;
    }
    // Users come by day and by night, from everywhere.
    let seed = mix(sub(phase.seed, "visits"), u64::from(phase.first_ordinal));
    let (from, to) = (phase.stretch.from, phase.stretch.to);
    let starts = Rhythm::Flat { spread: 0.0 }.starts(phase.stage, seed, jobs.len(), from, to);
    for (job, start) in jobs.iter_mut().zip(starts) {
        job.start_us = start;
    }
    jobs
}
