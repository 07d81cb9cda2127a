//! Everybody in a world, and the truth about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::benign::{self, Crowd};
use crate::campaign::{Campaign, Twins};
use crate::emit::Group;
use crate::identity::account_id;
use crate::stage::Stage;
use crate::world::{CampaignSpec, World};

/// What a group is in the truth.
#[derive(Debug, Clone)]
pub(crate) enum Side {
    /// Honest customers of a kind.
    Benign(&'static str),
    /// A campaign.
    Hostile(CampaignSpec),
}

/// Everybody in the world.
pub(crate) struct Cast {
    /// What each group is, and the group.
    pub(crate) groups: Vec<(Side, Arc<dyn Group>)>,
    /// In order of the ids.
    pub(crate) members: Vec<Member>,
}

/// One account of a cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    /// The word of its id.
    pub(crate) id: u64,
    /// Its group.
    pub(crate) group: u32,
    /// Its number in the group.
    pub(crate) index: u32,
    /// Number of its first conversation among all of the world, where that matters.
    pub(crate) deal: u64,
}

impl Cast {
    /// Casts a world.
    pub(crate) fn new(world: &World, stage: &Stage, scale: f64) -> Cast {
        let scaled = |accounts: u32| ((f64::from(accounts) * scale).round() as u32).max(1);
        let mut groups: Vec<(Side, Arc<dyn Group>)> = Vec::new();
        for (rank, population) in (0..).zip(&world.populations) {
            if let Some(kind) = benign::kind_named(&population.kind) {
                let crowd = Crowd::new(kind, population, scaled(population.accounts), stage, rank);
                groups.push((Side::Benign(kind.name), Arc::new(crowd)));
            }
        }
        for (rank, spec) in (0..).zip(&world.campaigns) {
            let campaign = Arc::new(Campaign::new(spec, scaled(spec.accounts), stage, rank));
            groups.push((Side::Hostile(spec.clone()), Arc::clone(&campaign) as Arc<dyn Group>));
            if spec.twins {
                groups.push((Side::Benign("twin"), Arc::new(Twins::of(campaign))));
            }
        }
        let mut members = Vec::new();
        for (number, (_, group)) in (0..).zip(&groups) {
            members.extend((0..group.accounts()).map(|index| Member {
                id: group.id(index),
                group: number,
                index,
                deal: 0,
            }));
        }
        members.sort_unstable();
        Cast { groups, members }
    }

    /// The group of that number.
    pub(crate) fn group(&self, number: u32) -> Option<&dyn Group> {
        self.groups.get(number as usize).map(|(_, group)| group.as_ref())
    }

    /// Exchanges that are planned.
    pub(crate) fn expected(&self) -> u64 {
        self.members.iter().filter_map(|one| Some(u64::from(self.group(one.group)?.volume(one.index)))).sum()
    }

    /// Numbers all conversations and says how many there are.
    pub(crate) fn number(&mut self, stage: &Stage) -> u64 {
        let mut next = 0;
        let mut firsts: Vec<Option<u64>> = Vec::new();
        for (_, group) in &self.groups {
            let shared = group.shared_conversations();
            firsts.push(shared.map(|_| next));
            next += shared.unwrap_or(0);
        }
        for member in &mut self.members {
            let Some((_, group)) = self.groups.get(member.group as usize) else { continue };
            if let Some(first) = firsts.get(member.group as usize).copied().flatten() {
                member.deal = first;
                continue;
            }
            member.deal = next;
            let profile = group.profile(stage, member.index);
            next += group.segments(stage, member.index, &profile).len() as u64;
        }
        next
    }

    /// Ids of a group's accounts, in order.
    pub(crate) fn ids(&self, number: u32) -> Vec<String> {
        self.members.iter().filter(|one| one.group == number).map(|one| account_id(one.id)).collect()
    }
}

/// The truth of a world, as `truth.json` tells it.
#[derive(Serialize)]
pub(crate) struct Truth<'a> {
    world: &'a str,
    seed: u64,
    campaigns: Vec<TrueCampaign<'a>>,
    benign: BTreeMap<&'a str, Vec<String>>,
}

#[derive(Serialize)]
struct TrueCampaign<'a> {
    name: &'a str,
    level: &'a str,
    entity: &'a str,
    capability: &'a str,
    /// Exchanges of its accounts that lie in the log, cover traffic included.
    exchanges: u64,
    accounts: Vec<String>,
}

impl<'a> Truth<'a> {
    /// The truth about a cast, with the exchanges that each group has made.
    pub(crate) fn new(world: &'a World, seed: u64, cast: &'a Cast, by_group: &[u64]) -> Truth<'a> {
        let mut campaigns = Vec::new();
        let mut benign: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (number, ((side, _), exchanges)) in (0..).zip(cast.groups.iter().zip(by_group)) {
            match side {
                Side::Benign(kind) => {
                    let ids = benign.entry(kind).or_default();
                    ids.extend(cast.ids(number));
                    ids.sort_unstable();
                }
                Side::Hostile(spec) => campaigns.push(TrueCampaign {
                    name: &spec.name,
                    level: spec.level.name(),
                    entity: &spec.entity,
                    capability: spec.capability.name(),
                    exchanges: *exchanges,
                    accounts: cast.ids(number),
                }),
            }
        }
        Truth { world: &world.name, seed, campaigns, benign }
    }
}
