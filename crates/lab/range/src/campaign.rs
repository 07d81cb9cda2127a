//! Collection campaigns and the honest twins of their accounts.
//!
//! A campaign is planned as a whole (which conversation runs on which account when) and then told account by account.
//! What its operator shares between accounts depends on the level; nothing in a record says what it belongs to.

mod careful;
mod extras;
mod feedback;
pub(crate) mod framers;
mod job;
mod levels;
mod phase;
mod pool;
mod premises;
mod replay;
mod ties;
pub(crate) mod twin;
mod works;

use std::sync::Arc;

use record::Params;

use crate::client::Stack;
use crate::disguise::Disguise;
use crate::group::Group;
use crate::identity;
use crate::network::Place;
use crate::profile::{Profile, Switch};
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::stage::Stage;
use crate::text::Style;
use crate::text::Topic;
use crate::text::Voice;
use crate::time::{DAY, HOUR, SECOND};
use crate::work::{Chat, Code};
use crate::world::{CampaignSpec, Level};
use phase::{Phase, Stretch};
use premises::{Premises, pool_seed};
use works::Works;

/// Share of the accounts that are held back for a ban.
const RESERVE: f64 = 0.4;

/// A campaign with its plan.
pub(crate) struct Campaign {
    level: Level,
    seed: u64,
    accounts: u32,
    /// What runs on each account, by account.
    plan: Vec<Vec<Segment>>,
    /// Its pools; accounts are dealt to them in turn.
    pools: Vec<Premises>,
    works: Works,
    params: Params,
    model: &'static str,
    switches: Vec<Switch>,
    disguise: Option<Disguise>,
    /// The organisation that its accounts declare.
    declared: Option<String>,
    /// When the accounts in use are banned, and how many those are.
    ban: Option<(i64, u32)>,
    /// The campaign whose pool it runs on.
    host: Option<Arc<Campaign>>,
    /// Which accounts there its own first accounts are.
    shared: Vec<u32>,
}

impl Campaign {
    /// Plans a campaign with so many accounts, some of them those of the pool's first campaign, which has so many.
    pub(crate) fn new(spec: &CampaignSpec, accounts: u32, stage: &Stage, rank: u64, host: Option<u32>) -> Campaign {
        let seed = mix(sub(stage.seed, "campaign"), rank);
        let mut rng = Rng::of(seed, "operator");
        let from = stage.window.start + i64::from(spec.start_day) * DAY;
        let to = spec.days.map_or(stage.window.end, |days| from + i64::from(days) * DAY).min(stage.window.end);
        let params = Params {
            temperature: rng.pick(&[0.6, 0.7, 0.8, 1.0]).copied(),
            max_tokens: rng.pick(&[2_048, 4_096, 8_192]).copied(),
            ..Params::default()
        };
        let works = Works::new(spec, stage, seed, params, &mut rng);
        let quotas: Vec<u32> = (0..accounts)
            .map(|index| spec.exchanges.draw(&mut Rng::of(mix(seed, u64::from(index)), "quota")))
            .collect();
        let rhythm = matches!(spec.level, Level::T0 | Level::T1).then(|| rhythm(spec.level, &mut rng));
        // What was found out first is scaled a day later.
        let probing = if spec.sweep > 0 { DAY.min((to - from) / 4) } else { 0 };
        let stretch = Stretch { from: from + probing, to };
        let phase = Phase { stage, spec, seed, works: &works, rhythm, stretch, first_ordinal: 0, first_account: 0 };
        let ban = ban(spec, stage, seed, accounts);
        let (mut plan, mut joined) = match ban {
            None => levels::plan(&phase, &quotas),
            Some((at, active)) => extras::in_two_phases(&phase, &quotas, at, active),
        };
        let active = ban.map_or(accounts, |(_, active)| active);
        extras::sweep(&phase, from, probing, active, &mut plan);
        extras::canaries(&phase, &joined, ban.map(|(at, _)| at), &mut plan);
        // Nobody probes before they have registered.
        for (joined, segments) in joined.iter_mut().zip(&plan) {
            *joined = segments.iter().map(|segment| segment.start_us).fold(*joined, i64::min);
        }
        let pools = pools(spec, stage, seed, &joined, &mut rng);
        Campaign {
            level: spec.level,
            seed,
            accounts,
            plan,
            pools,
            works,
            params,
            model: "m-large",
            switches: switches(spec, stage, seed),
            disguise: spec.disguise,
            declared: spec
                .declared
                .then(|| stage.lexicon.say(Voice::Products, "org", &Topic::default(), &mut Rng::of(seed, "declared"))),
            ban,
            host: None,
            shared: host.map_or_else(Vec::new, |host| shared(host, spec, accounts, seed)),
        }
    }

    /// Accounts of the pool's first campaign that it runs on, with the time of the first use of each.
    pub(crate) fn first_uses(&self) -> Vec<(u32, i64)> {
        let first = |index: usize| self.plan.get(index)?.iter().map(|segment| segment.start_us).min();
        self.shared.iter().enumerate().filter_map(|(index, account)| Some((*account, first(index)?))).collect()
    }

    /// Makes an account old enough to be used at that time.
    pub(crate) fn bring_forward(&mut self, index: u32, at_us: i64) {
        let count = self.pools.len().max(1) as u32;
        if let Some(pool) = self.pools.get_mut((index % count) as usize) {
            pool.ties.bring_forward(index / count, at_us);
        }
    }

    /// Puts it on the accounts of the pool's first campaign.
    pub(crate) fn attach(&mut self, host: Arc<Campaign>) {
        self.host = Some(host);
    }

    /// The name of the pool that an account is in.
    pub(crate) fn pool_name(&self, spec: &CampaignSpec, index: u32) -> String {
        match &spec.pool {
            Some(name) => name.clone(),
            None if self.pools.len() < 2 => spec.name.clone(),
            None => format!("{}-{}", spec.name, index as usize % self.pools.len() + 1),
        }
    }

    fn segments_of(&self, index: u32) -> &[Segment] {
        self.plan.get(index as usize).map_or(&[], Vec::as_slice)
    }

    fn account_seed(&self, index: u32) -> u64 {
        mix(sub(self.seed, "account"), u64::from(index))
    }

    /// The pool's first campaign and its account, where the account of that number is one.
    fn hosted(&self, index: u32) -> Option<(&Campaign, u32)> {
        let host = self.host.as_deref()?;
        self.shared.get(index as usize).map(|account| (host, *account))
    }

    /// The pool of an account and its number there.
    fn premises(&self, index: u32) -> Option<(&Premises, u32)> {
        let count = self.pools.len().max(1) as u32;
        self.pools.get((index % count) as usize).map(|pool| (pool, index / count))
    }

    /// An account of its own, without what it does.
    fn own_profile(&self, stage: &Stage, index: u32) -> Profile {
        let seed = self.account_seed(index);
        let mut rng = Rng::of(seed, "registration");
        let mut profile = Profile::person(stage, seed, self.id(index), 0.0);
        profile.through_api(Stack::Library);
        let Some((pool, place_in_pool)) = self.premises(index) else { return profile };
        pool.ties.bind(&mut profile.account, place_in_pool, stage, &mut rng);
        let place = Place::draw(&mut rng);
        profile.settle(pool.network(place_in_pool, seed), place.country());
        if self.level == Level::T0 {
            profile.account.created_at_us = Some((stage.window.start - 20 * HOUR) / SECOND * SECOND);
            profile.account.device = Some(identity::device(stage.seed, &mut rng));
        }
        if let Some(client) = pool.client(place_in_pool) {
            profile.clients = vec![client.clone()];
        }
        profile.sessions = pool.sessions;
        profile.end_users = pool.end_users(seed);
        profile
    }
}

/// The pools of a campaign, its accounts dealt to them in turn.
fn pools(spec: &CampaignSpec, stage: &Stage, seed: u64, joined: &[i64], rng: &mut Rng) -> Vec<Premises> {
    let count = spec.pools.unwrap_or(1).clamp(1, joined.len().max(1) as u32);
    let of_pool =
        |number: u32| -> Vec<i64> { joined.iter().skip(number as usize).step_by(count as usize).copied().collect() };
    (0..count)
        .map(|number| {
            let pool = pool_seed(seed, number);
            let mut own = Rng::of(pool, "operator");
            let rng = if number == 0 { &mut *rng } else { &mut own };
            Premises::new(spec, pool, &of_pool(number), stage, rng)
        })
        .collect()
}

/// When the accounts in use are banned, and how many those are.
fn ban(spec: &CampaignSpec, stage: &Stage, seed: u64, accounts: u32) -> Option<(i64, u32)> {
    let hour = Rng::of(seed, "ban").between(7, 18) as i64;
    let at = stage.window.start + i64::from(spec.ban_day?) * DAY + hour * HOUR;
    let reserve = (f64::from(accounts) * spec.reserve.unwrap_or(RESERVE)).round() as u32;
    Some((at, accounts.saturating_sub(reserve).max(1)))
}

/// Which of so many accounts of the pool's first campaign are its own too.
fn shared(host: u32, spec: &CampaignSpec, accounts: u32, seed: u64) -> Vec<u32> {
    let mut shared: Vec<u32> = (0..host).collect();
    Rng::of(seed, "shared pool").shuffle(&mut shared);
    shared.truncate((f64::from(accounts) * spec.overlap.unwrap_or(1.0)).round() as usize);
    shared
}

/// Moves to released models within a day.
fn switches(spec: &CampaignSpec, stage: &Stage, seed: u64) -> Vec<Switch> {
    if spec.pivot <= 0.0 {
        return Vec::new();
    }
    let spared = if spec.cover > 0.0 { 3 } else { 0 };
    let mut rng = Rng::of(seed, "pivot");
    let mut at = |out_us: i64| out_us + rng.between(2, 20) as i64 * HOUR;
    let releases = stage.releases.iter().enumerate();
    releases.map(|(release, (_, out))| Switch { release, at_us: at(*out), share: spec.pivot, spared }).collect()
}

fn rhythm(level: Level, rng: &mut Rng) -> Rhythm {
    match level {
        Level::T0 => Rhythm::Flat { spread: 0.3 },
        _ => Rhythm::Runs {
            batch: rng.between(6, 20) as u32,
            gap_s: 12.0 + 40.0 * rng.unit(),
            offset_hours: rng.chance(0.4).then(|| rng.between(0, 12) as i64 - 3),
        },
    }
}

impl Group for Campaign {
    fn accounts(&self) -> u32 {
        self.accounts
    }

    fn id(&self, index: u32) -> u64 {
        self.hosted(index).map_or_else(|| sub(self.account_seed(index), "id"), |(host, account)| host.id(account))
    }

    fn is_guest(&self, index: u32) -> bool {
        self.hosted(index).is_some()
    }

    fn banned_us(&self, index: u32) -> Option<i64> {
        self.ban.filter(|(_, active)| index < *active).map(|(at, _)| at)
    }

    fn volume(&self, index: u32) -> u32 {
        self.segments_of(index).iter().map(|segment| u32::from(segment.end - segment.first)).sum()
    }

    fn profile(&self, stage: &Stage, index: u32) -> Profile {
        let mut profile = match self.hosted(index) {
            Some((host, account)) => host.own_profile(stage, account),
            None => self.own_profile(stage, index),
        };
        profile.volume = self.volume(index);
        // A relay's customers each have a writer of their own; scripts have none.
        profile.style = matches!(self.level, Level::T0 | Level::T1).then(Style::machine);
        if self.level != Level::T3 {
            profile.params = self.params;
        }
        profile.model = self.model;
        profile.disguise = self.disguise;
        if self.declared.is_some() {
            profile.account.organization.clone_from(&self.declared);
        }
        profile.switches.clone_from(&self.switches);
        profile.works.clone_from(&self.works.shares);
        if self.level == Level::T3 {
            // The cover of an account is one invented person's.
            let seed = profile.seed;
            profile.style = Some(Style::of(seed));
            let person: [Arc<dyn crate::work::Work>; 2] = [Arc::new(Chat::of(seed)), Arc::new(Code::new(0.5))];
            for (share, work) in profile.works.iter_mut().skip(1).take(self.works.cover.len()).zip(person) {
                share.work = work;
            }
        }
        profile
    }

    fn shared_conversations(&self) -> Option<u64> {
        let customers = self.plan.iter().flatten().filter(|segment| self.works.is_cover(segment.work));
        Some(customers.map(|segment| u64::from(segment.ordinal) + 1).max().unwrap_or(0))
    }

    fn segments(&self, _stage: &Stage, index: u32, _profile: &Profile) -> Vec<Segment> {
        self.segments_of(index).to_vec()
    }
}
