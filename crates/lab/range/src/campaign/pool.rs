//! How work is laid over a campaign's accounts.

use std::collections::BTreeSet;

use super::feedback::{self, Returns, Source};
use super::job::Job;
use super::phase::Phase;
use super::phase::Plan;
use super::works::source_seed;
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::segment::conversation_seed;
use crate::time::{HOUR, SECOND};
use crate::work::gap_us;

/// How long a relay keeps a conversation on its account.
const STICKY: i64 = HOUR;
/// Share of a relay's requests that are refused for their rate.
const REFUSED: f64 = 0.015;

/// Scripts: each account works through its part of the task set by itself, and answers come back to any of them.
pub(super) fn scripts(phase: &Phase<'_>, quotas: &[u32], rhythm: Rhythm) -> Plan {
    let Phase { stage, works, stretch, .. } = *phase;
    let mut ordinal = phase.first_ordinal;
    let mut joined = Vec::with_capacity(quotas.len());
    let mut plan = Vec::with_capacity(quotas.len());
    for (index, quota) in (0..).zip(quotas) {
        let quota = quota - feedback::count(works, *quota).min(quota - 1);
        let account = mix(sub(phase.seed, "script"), u64::from(phase.first_account) + index);
        let mut rng = Rng::of(account, "turns");
        let mut segments = Vec::new();
        let mut made = 0;
        while made < quota {
            let turns = works.shares.first().map_or(1, |share| share.work.turns(&mut rng)).clamp(1, quota - made);
            made += turns;
            let seed = conversation_seed(source_seed(phase.spec.level, phase.seed), u64::from(ordinal));
            segments.push(Segment { seed, start_us: 0, ordinal, work: 0, first: 0, end: turns as u16, refused: false });
            ordinal += 1;
        }
        let starts = rhythm.starts(stage, account, segments.len(), stretch.from, stretch.to);
        for (segment, start) in segments.iter_mut().zip(starts) {
            segment.start_us = start;
        }
        joined.push(segments.first().map_or(stretch.from, |segment| segment.start_us));
        plan.push(segments);
    }
    return_answers(phase, quotas, &mut plan);
    (plan, joined)
}

/// Deals what is done with earlier answers to the accounts that have exchanges left.
fn return_answers(phase: &Phase<'_>, quotas: &[u32], plan: &mut [Vec<Segment>]) {
    let sources: Vec<Source> =
        plan.iter().flatten().map(|one| Source { ordinal: one.ordinal, at_us: one.start_us }).collect();
    let mut free: Vec<usize> = Vec::new();
    for (index, quota) in quotas.iter().enumerate() {
        let count = feedback::count(phase.works, *quota).min(quota - 1);
        free.extend((0..count).map(|_| index));
    }
    let mut returns = Returns::new(phase.works, phase.seed, phase.first_ordinal);
    Rng::new(mix(sub(phase.seed, "returned to"), u64::from(phase.first_ordinal))).shuffle(&mut free);
    let jobs = returns.jobs(&sources, free.len() as u32, phase.stretch.to);
    for (job, index) in jobs.iter().zip(free) {
        if let Some(segments) = plan.get_mut(index) {
            segments.push(job.whole());
        }
    }
}

/// A relay: conversations stick to an account for an hour, go to the least recently used one, and go elsewhere when
/// refused. Its accounts join in waves and are used up.
pub(super) fn relay(phase: &Phase<'_>, quotas: &[u32]) -> Plan {
    let jobs = jobs(phase, quotas);
    let mut pool = Pool::new(phase, quotas);
    let mut rng = phase.stream("refusals");
    for job in &jobs {
        let Some(share) = phase.works.shares.get(usize::from(job.work)) else { continue };
        let pace = share.work.pace();
        let mut at = job.start_us;
        let mut start_us = job.start_us;
        let Some(mut account) = pool.take(at, None) else { break };
        let (mut since, mut first) = (at, 0);
        for turn in 0..job.turns {
            if turn > 0 {
                at += gap_us(pace, job.seed, turn);
            }
            let stretch_of = |first: u32, end: u32, refused: bool, start_us: i64| Segment {
                start_us,
                first: first as u16,
                end: end as u16,
                refused,
                ..job.whole()
            };
            let refused = rng.chance(REFUSED);
            if refused {
                pool.spend(account, at);
            }
            if refused || at - since > STICKY || pool.is_spent(account) {
                // With a refusal the turn is tried here and again on the next account.
                let end = turn + u32::from(refused);
                if end > first {
                    pool.plan(account, stretch_of(first, end, refused, start_us));
                }
                let Some(next) = pool.take(at, Some(account)) else {
                    first = job.turns;
                    break;
                };
                let delay = if refused { rng.between(1, 6) as i64 * SECOND } else { 0 };
                (account, first, since) = (next, turn, at);
                at += delay;
                start_us += delay;
            }
            pool.spend(account, at);
        }
        if first < job.turns {
            pool.plan(account, Segment { start_us, first: first as u16, ..job.whole() });
        }
    }
    pool.into_plan()
}

/// Conversations that use up the quotas, in order of time.
fn jobs(phase: &Phase<'_>, quotas: &[u32]) -> Vec<Job> {
    let cover = phase.spec.cover;
    let planned: u32 = quotas.iter().sum();
    let returned = feedback::count(phase.works, (f64::from(planned) * (1.0 - cover)).round() as u32);
    let total = planned - returned.min(planned.saturating_sub(1));
    let mut rng = phase.stream("jobs");
    let mut jobs: Vec<Job> = Vec::new();
    let (mut made, mut covered) = (0, 0);
    let (mut collected, mut customers) = (phase.first_ordinal, phase.first_ordinal);
    while made < total {
        // Longer conversations of customers must not push their share of exchanges up.
        let due = f64::from(covered) < cover * f64::from(made);
        let work =
            if cover > 0.0 && (due || made == 0) { 1 + rng.pick(&[0, 0, 1, 2]).copied().unwrap_or(0) } else { 0 };
        let share = phase.works.shares.get(usize::from(work));
        let turns = share.map_or(1, |share| share.work.turns(&mut rng)).clamp(1, total - made);
        let counter = if work == 0 { &mut collected } else { &mut customers };
        let ordinal = *counter;
        *counter += 1;
        made += turns;
        covered += if work == 0 { 0 } else { turns };
        let seed = conversation_seed(mix(phase.seed, u64::from(work)), u64::from(ordinal));
        jobs.push(Job { seed, start_us: 0, ordinal, work, turns });
    }
    let arrivals = phase.named("arrivals");
    let (from, to) = (phase.stretch.from, phase.stretch.to);
    let starts = Rhythm::Flat { spread: 0.0 }.starts(phase.stage, arrivals, jobs.len(), from, to);
    // Which job comes when has nothing to do with the order in which they were drawn.
    rng.shuffle(&mut jobs);
    for (job, start) in jobs.iter_mut().zip(starts) {
        job.start_us = start;
    }
    if returned > 0 {
        let given = jobs.iter().filter(|job| job.work == 0);
        let sources: Vec<Source> = given.map(|job| Source { ordinal: job.ordinal, at_us: job.start_us }).collect();
        jobs.extend(Returns::new(phase.works, phase.seed, phase.first_ordinal).jobs(&sources, returned, to));
        jobs.sort_unstable_by_key(|job| (job.start_us, job.seed));
    }
    jobs
}

/// The accounts of a relay.
pub(super) struct Pool {
    left: Vec<u32>,
    used: Vec<i64>,
    joined: Vec<i64>,
    /// Accounts in use, the least recently used first.
    ready: BTreeSet<(i64, u32)>,
    /// Accounts still to come, the next one last.
    waiting: Vec<(i64, u32)>,
    plan: Vec<Vec<Segment>>,
}

impl Pool {
    /// The accounts with the numbers of their exchanges; they join in waves.
    pub(super) fn new(phase: &Phase<'_>, quotas: &[u32]) -> Pool {
        let stretch = phase.stretch;
        let mut rng = phase.stream("waves");
        let length = (stretch.to - stretch.from) as f64;
        let (mut wave, mut left_in_wave, mut joined) = (stretch.from, 0, Vec::with_capacity(quotas.len()));
        for index in 0..quotas.len() {
            if left_in_wave == 0 {
                left_in_wave = rng.between(8, 40);
                let late = index * 2 > quotas.len();
                wave = stretch.from + if late { (length * 0.7 * rng.unit()) as i64 } else { 0 };
            }
            left_in_wave -= 1;
            joined.push(wave);
        }
        let mut waiting: Vec<(i64, u32)> = joined.iter().copied().zip(0..).collect();
        waiting.sort_unstable_by(|a, b| b.cmp(a));
        let plan = vec![Vec::new(); quotas.len()];
        Pool {
            left: quotas.to_vec(),
            used: vec![i64::MIN; quotas.len()],
            joined,
            ready: BTreeSet::new(),
            waiting,
            plan,
        }
    }

    /// The least recently used account, not the one given if another can be had.
    pub(super) fn take(&mut self, at: i64, not: Option<u32>) -> Option<u32> {
        while let Some(next) = self.waiting.pop_if(|(joins, _)| *joins <= at) {
            self.ready.insert((next.0 - HOUR, next.1));
            self.note(next.1, next.0 - HOUR);
        }
        let mut choice = self.ready.iter().map(|(_, account)| *account).find(|account| Some(*account) != not);
        if choice.is_none() {
            // The pool is used up before its time: the next wave is brought in at once.
            choice = self.waiting.pop().map(|(_, account)| {
                self.ready.insert((at, account));
                self.note(account, at);
                if let Some(joined) = self.joined.get_mut(account as usize) {
                    *joined = at;
                }
                account
            });
        }
        choice.or_else(|| self.ready.first().map(|(_, account)| *account))
    }

    fn note(&mut self, account: u32, at: i64) {
        if let Some(used) = self.used.get_mut(account as usize) {
            *used = at;
        }
    }

    fn is_spent(&self, account: u32) -> bool {
        self.left.get(account as usize).is_none_or(|left| *left == 0)
    }

    /// Counts a request of an account.
    pub(super) fn spend(&mut self, account: u32, at: i64) {
        let used = self.used.get(account as usize).copied().unwrap_or(i64::MIN);
        self.ready.remove(&(used, account));
        self.note(account, at);
        if let Some(left) = self.left.get_mut(account as usize) {
            *left = left.saturating_sub(1);
            if *left > 0 {
                self.ready.insert((at, account));
            }
        }
    }

    /// Puts a stretch of a conversation on an account.
    pub(super) fn plan(&mut self, account: u32, segment: Segment) {
        if let Some(segments) = self.plan.get_mut(account as usize) {
            segments.push(segment);
        }
    }

    /// The plan by account, and when each account begins.
    pub(super) fn into_plan(self) -> Plan {
        (self.plan, self.joined)
    }
}
