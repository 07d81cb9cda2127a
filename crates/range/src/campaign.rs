//! Collection campaigns and the honest twins of their accounts.
//!
//! A campaign is planned as a whole (which conversation runs on which account when) and then told account by account.
//! What its operator shares between accounts depends on the level; nothing in a record says what it belongs to.

mod pool;
mod ties;
mod twin;

pub(crate) use twin::Twins;

use record::Params;

use crate::client::{self, Stack, Tuple};
use crate::emit::{Group, Segment};
use crate::identity;
use crate::network::Place;
use crate::profile::{EndUsers, Network, Profile, Sessions, Share};
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::stage::Stage;
use crate::text::Style;
use crate::time::{DAY, HOUR, SECOND};
use crate::work::{Agent, Chat, Code, Filler, Recipe, Template};
use crate::world::{CampaignSpec, Level};
use std::sync::Arc;
use ties::Ties;

/// A campaign with its plan.
pub(crate) struct Campaign {
    level: Level,
    seed: u64,
    accounts: u32,
    /// What runs on each account, by account.
    plan: Vec<Vec<Segment>>,
    ties: Ties,
    works: Vec<Share>,
    /// Header tuples of its software: one for a relay.
    clients: Vec<Tuple>,
    params: Params,
    model: &'static str,
    sessions: Sessions,
    pass_end_users: bool,
    /// First exit, number of exits and cloud of its network.
    egress: (u64, u64, u64),
}

/// From when to when a campaign runs.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    to: i64,
}

impl Campaign {
    /// Plans a campaign with so many accounts.
    pub(crate) fn new(spec: &CampaignSpec, accounts: u32, stage: &Stage, rank: u64) -> Campaign {
        let seed = mix(sub(stage.seed, "campaign"), rank);
        let mut rng = Rng::of(seed, "operator");
        let from = stage.window.start + i64::from(spec.start_day) * DAY;
        let to = spec.days.map_or(stage.window.end, |days| from + i64::from(days) * DAY).min(stage.window.end);
        let stretch = Stretch { from, to };
        let params = Params {
            temperature: rng.pick(&[0.6, 0.7, 0.8, 1.0]).copied(),
            max_tokens: rng.pick(&[2_048, 4_096, 8_192]).copied(),
            ..Params::default()
        };
        let works = works(spec, stage, seed, params, &mut rng);
        let quotas: Vec<u32> = (0..accounts)
            .map(|index| spec.exchanges.draw(&mut Rng::of(mix(seed, u64::from(index)), "quota")))
            .collect();
        let (plan, joined) = match spec.level {
            Level::T0 | Level::T1 => pool::scripts(stage, seed, &quotas, &works, rhythm(spec.level, &mut rng), stretch),
            Level::T2 => pool::relay(stage, seed, &quotas, &works, spec.cover, stretch),
        };
        let stack = if spec.level == Level::T2 && rng.chance(0.6) { Stack::Agent } else { Stack::Library };
        let installations = if spec.level == Level::T1 { rng.between(1, 2) } else { 1 };
        let clients = (0..installations).map(|_| client::draw(stack, &mut rng)).collect();
        let exits = match spec.level {
            Level::T0 => 1,
            Level::T1 => rng.between(3, 8),
            Level::T2 => (u64::from(accounts) / 2).clamp(12, 4_000),
        };
        let sessions =
            if spec.level == Level::T2 && rng.chance(0.5) { Sessions::Pooled(seed) } else { Sessions::Unnamed };
        Campaign {
            level: spec.level,
            seed,
            accounts,
            plan,
            ties: Ties::new(spec.level, seed, &joined, stage),
            works,
            clients,
            params,
            model: "m-large",
            sessions,
            pass_end_users: spec.level == Level::T2 && rng.chance(0.3),
            egress: (rng.below(crate::network::EXITS - exits), exits, rng.zipf(12) as u64),
        }
    }

    fn segments_of(&self, index: u32) -> &[Segment] {
        self.plan.get(index as usize).map_or(&[], Vec::as_slice)
    }

    fn account_seed(&self, index: u32) -> u64 {
        mix(sub(self.seed, "account"), u64::from(index))
    }

    fn network(&self, seed: u64) -> Network {
        let (first, count, cloud) = self.egress;
        match self.level {
            Level::T0 | Level::T1 => Network::Cloud { cloud, first, count },
            Level::T2 => {
                let mut rng = Rng::of(seed, "exits");
                Network::Exits { service: cloud % 2, first, count, hold_hours: rng.between(1, 12) as i64 }
            }
        }
    }

    /// The client of an account: each account of a script's installation stays with it.
    fn client(&self, index: u32) -> Option<&Tuple> {
        self.clients.get(index as usize % self.clients.len().max(1))
    }
}

/// What a campaign's accounts do: the collection first, then the cover.
fn works(spec: &CampaignSpec, stage: &Stage, seed: u64, params: Params, rng: &mut Rng) -> Vec<Share> {
    let count = u64::from(spec.templates.unwrap_or_else(|| match spec.level {
        Level::T0 => 1,
        Level::T1 => rng.between(1, 3) as u32,
        Level::T2 => rng.between(2, 5) as u32,
    }));
    let in_system = spec.level == Level::T2 && rng.chance(0.4);
    let eliciting = rng.chance(0.6);
    let templates = (0..count)
        .map(|number| {
            // Where real items are given, some campaigns send them as they are.
            if !stage.pools.work.is_empty() && number > 0 && rng.chance(0.2) {
                return Template::bare();
            }
            let elicit = eliciting && rng.chance(0.6);
            Template::of_recipe(stage, mix(seed, number), elicit, in_system)
        })
        .collect();
    let recipe = Recipe::new(templates, Filler::work(stage, spec.capability, seed)).again(0.08).sampled(params, 900.0);
    let mut works = vec![Share { weight: 1.0 - spec.cover, work: Arc::new(recipe) }];
    if spec.cover > 0.0 {
        works.push(Share { weight: 0.5 * spec.cover, work: Arc::new(Chat::of_many(sub(seed, "customers"))) });
        works.push(Share { weight: 0.25 * spec.cover, work: Arc::new(Code::new(0.5)) });
        works.push(Share { weight: 0.25 * spec.cover, work: Arc::new(Agent) });
    }
    works
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
        sub(self.account_seed(index), "id")
    }

    fn volume(&self, index: u32) -> u32 {
        self.segments_of(index).iter().map(|segment| u32::from(segment.end - segment.first)).sum()
    }

    fn profile(&self, stage: &Stage, index: u32) -> Profile {
        let seed = self.account_seed(index);
        let mut rng = Rng::of(seed, "registration");
        let mut profile = Profile::person(stage, seed, self.id(index), 0.0);
        profile.through_api(Stack::Library);
        profile.volume = self.volume(index);
        self.ties.bind(&mut profile.account, index, stage, &mut rng);
        let place = Place::draw(&mut rng);
        profile.settle(self.network(seed), place.country());
        if self.level == Level::T0 {
            profile.account.created_at_us = Some((stage.window.start - 20 * HOUR) / SECOND * SECOND);
            profile.account.device = Some(identity::device(stage.seed, &mut rng));
        }
        profile.clients = self.client(index).cloned().into_iter().collect();
        // A relay's customers each have a writer of their own; scripts have none.
        profile.style = (self.level != Level::T2).then(Style::machine);
        profile.params = self.params;
        profile.model = self.model;
        profile.sessions = self.sessions;
        profile.end_users = match self.level {
            Level::T2 if self.pass_end_users => EndUsers::Many(self.seed, 3 * self.accounts),
            Level::T2 => EndUsers::One(seed),
            _ => EndUsers::Unnamed,
        };
        profile.works.clone_from(&self.works);
        profile
    }

    fn shared_conversations(&self) -> Option<u64> {
        let customers = self.plan.iter().flatten().filter(|segment| segment.work > 0);
        Some(customers.map(|segment| u64::from(segment.ordinal) + 1).max().unwrap_or(0))
    }

    fn segments(&self, _stage: &Stage, index: u32, _profile: &Profile) -> Vec<Segment> {
        self.segments_of(index).to_vec()
    }
}
