//! Everybody in a world.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::benign::{self, Crowd};
use crate::campaign::Campaign;
use crate::campaign::framers::Framers;
use crate::campaign::twin::Twins;
use crate::group::Group;
use crate::identity::account_id;
use crate::rng::{Rng, mix, sub};
use crate::stage::Stage;
use crate::time::SECOND;
use crate::world::{CampaignSpec, World};

/// What a group is in the truth.
#[derive(Debug, Clone)]
pub(crate) enum Side {
    /// Honest customers of a kind.
    Benign(&'static str),
    /// A campaign.
    Hostile(Box<CampaignSpec>),
    /// Imitators of a kind, who are neither.
    Framer,
}

/// Everybody in the world.
pub(crate) struct Cast {
    /// What each group is, and the group.
    pub(crate) groups: Vec<(Side, Arc<dyn Group>)>,
    /// In order of the ids.
    pub(crate) members: Vec<Member>,
    /// The campaigns with the numbers of their groups.
    pub(crate) campaigns: Vec<(u32, Arc<Campaign>)>,
    /// Groups whose first accounts are imitated, with how many those are.
    pub(crate) framed: BTreeMap<u32, u32>,
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
    /// When it is banned.
    pub(crate) banned_us: Option<i64>,
    /// Its record is told by another group.
    pub(crate) guest: bool,
}

impl Cast {
    /// Casts a world.
    pub(crate) fn new(world: &World, stage: &Stage, scale: f64) -> Cast {
        let scaled = |accounts: u32| ((f64::from(accounts) * scale).round() as u32).max(1);
        let mut cast = Cast { groups: Vec::new(), members: Vec::new(), campaigns: Vec::new(), framed: BTreeMap::new() };
        let mut crowds: Vec<(u32, Arc<Crowd>)> = Vec::new();
        for (rank, population) in (0..).zip(&world.populations) {
            if let Some(kind) = benign::kind_named(&population.kind) {
                let crowd = Arc::new(Crowd::new(kind, population, scaled(population.accounts), stage, rank));
                crowds.push((cast.groups.len() as u32, Arc::clone(&crowd)));
                cast.groups.push((Side::Benign(kind.name), crowd));
            }
        }
        for (spec, campaign) in world.campaigns.iter().zip(campaigns(world, stage, &scaled)) {
            cast.campaigns.push((cast.groups.len() as u32, Arc::clone(&campaign)));
            cast.groups.push((Side::Hostile(Box::new(spec.clone())), Arc::clone(&campaign) as Arc<dyn Group>));
            if spec.twins {
                cast.groups.push((Side::Benign("twin"), Arc::new(Twins::of(campaign))));
            }
        }
        for (rank, spec) in (0..).zip(&world.framings) {
            let Some((number, crowd)) = crowds.iter().find(|(_, crowd)| crowd.kind() == spec.target) else { continue };
            cast.framed.insert(*number, crowd.size());
            let framers = Framers::new(spec, scaled(spec.accounts), Arc::clone(crowd), stage, rank);
            cast.groups.push((Side::Framer, Arc::new(framers)));
        }
        cast.seat();
        for (rank, ban) in (0..).zip(&world.bans) {
            let mut rng = Rng::new(mix(sub(stage.seed, "ban"), rank));
            cast.ban(&ban.kind, ban.accounts, stage, &mut rng);
        }
        cast
    }

    /// Lists everybody in order of the ids.
    fn seat(&mut self) {
        for (number, (_, group)) in (0..).zip(&self.groups) {
            self.members.extend((0..group.accounts()).map(|index| Member {
                id: group.id(index),
                group: number,
                index,
                deal: 0,
                banned_us: group.banned_us(index),
                guest: group.is_guest(index),
            }));
        }
        self.members.sort_unstable();
        // A ban is a ban, whoever runs on the account.
        let mut banned: HashMap<u64, i64> = HashMap::new();
        for (id, at) in self.members.iter().filter_map(|one| Some((one.id, one.banned_us?))) {
            let first = banned.entry(id).or_insert(at);
            *first = at.min(*first);
        }
        for member in &mut self.members {
            member.banned_us = banned.get(&member.id).copied();
        }
    }

    /// Bans some accounts of an honest kind at times that mean nothing.
    fn ban(&mut self, kind: &str, accounts: u32, stage: &Stage, rng: &mut Rng) {
        let groups = &self.groups;
        let of_kind = |member: &Member| {
            let side = groups.get(member.group as usize).map(|(side, _)| side);
            matches!(side, Some(Side::Benign(name)) if *name == kind)
        };
        let mut choice: Vec<usize> =
            self.members.iter().enumerate().filter(|(_, one)| of_kind(one)).map(|(rank, _)| rank).collect();
        rng.shuffle(&mut choice);
        let span = stage.window.end - stage.window.start;
        for rank in choice.into_iter().take(accounts as usize) {
            let at = stage.window.start + (span as f64 * (0.2 + 0.7 * rng.unit())) as i64;
            if let Some(member) = self.members.get_mut(rank) {
                member.banned_us = Some(at / SECOND * SECOND);
            }
        }
    }

    /// All bans in order of time, with the id of each account.
    pub(crate) fn bans(&self) -> Vec<(i64, String)> {
        let mut bans: Vec<(i64, String)> = self
            .members
            .iter()
            .filter(|one| !one.guest)
            .filter_map(|one| Some((one.banned_us?, account_id(one.id))))
            .collect();
        bans.sort_unstable();
        bans
    }

    /// The group of that number.
    pub(crate) fn group(&self, number: u32) -> Option<&dyn Group> {
        self.groups.get(number as usize).map(|(_, group)| group.as_ref())
    }

    /// Whether a group is of honest customers.
    pub(crate) fn is_honest(&self, number: u32) -> bool {
        matches!(self.groups.get(number as usize), Some((Side::Benign(_), _)))
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

/// Plans all campaigns; those that name a pool run on the accounts of the first that names it.
fn campaigns(world: &World, stage: &Stage, scaled: &dyn Fn(u32) -> u32) -> Vec<Arc<Campaign>> {
    let specs = &world.campaigns;
    let host = |rank: usize| {
        let pool = specs.get(rank)?.pool.as_deref()?;
        specs.iter().position(|one| one.pool.as_deref() == Some(pool)).filter(|first| *first != rank)
    };
    let mut planned: Vec<Campaign> = Vec::new();
    for (rank, spec) in specs.iter().enumerate() {
        let first = host(rank);
        let size = first.and_then(|first| specs.get(first)).map(|first| scaled(first.accounts));
        let campaign = Campaign::new(spec, scaled(spec.accounts), stage, rank as u64, size);
        if let Some(first) = first.and_then(|first| planned.get_mut(first)) {
            for (account, at_us) in campaign.first_uses() {
                first.bring_forward(account, at_us);
            }
        }
        planned.push(campaign);
    }
    // A host stands before its guests.
    let mut ready: Vec<Arc<Campaign>> = Vec::new();
    for (rank, mut campaign) in planned.into_iter().enumerate() {
        if let Some(first) = host(rank).and_then(|first| ready.get(first)) {
            campaign.attach(Arc::clone(first));
        }
        ready.push(Arc::new(campaign));
    }
    ready
}
