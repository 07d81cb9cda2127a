//! The truth about a world, as `truth.json` tells it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::cast::{Cast, Side};
use crate::identity::account_id;
use crate::world::World;

/// The truth of a world.
#[derive(Serialize)]
pub(crate) struct Truth<'a> {
    world: &'a str,
    seed: u64,
    campaigns: Vec<TrueCampaign<'a>>,
    pools: Vec<TruePool<'a>>,
    framers: Vec<String>,
    benign: BTreeMap<Cow<'a, str>, Vec<String>>,
}

#[derive(Serialize)]
struct TrueCampaign<'a> {
    name: &'a str,
    level: &'a str,
    entity: &'a str,
    capability: &'a str,
    /// Exchanges that it made and that lie in the log, cover traffic included.
    exchanges: u64,
    accounts: Vec<String>,
}

/// A set of accounts under one operator, and what ran on it.
#[derive(Serialize)]
struct TruePool<'a> {
    name: String,
    accounts: BTreeSet<String>,
    campaigns: BTreeSet<&'a str>,
}

impl<'a> Truth<'a> {
    /// The truth about a cast, with the exchanges that each group has made.
    pub(crate) fn new(world: &'a World, seed: u64, cast: &'a Cast, by_group: &[u64]) -> Truth<'a> {
        let mut campaigns = Vec::new();
        let mut benign: BTreeMap<Cow<'a, str>, Vec<String>> = BTreeMap::new();
        let mut framers = Vec::new();
        for (number, ((side, _), exchanges)) in (0..).zip(cast.groups.iter().zip(by_group)) {
            match side {
                Side::Benign(kind) => {
                    let framed = cast.framed.get(&number).copied().unwrap_or(0);
                    for member in cast.members.iter().filter(|one| one.group == number) {
                        let kind =
                            if member.index < framed { Cow::Owned(format!("{kind}_framed")) } else { (*kind).into() };
                        benign.entry(kind).or_default().push(account_id(member.id));
                    }
                }
                Side::Framer => framers.extend(cast.ids(number)),
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
        benign.values_mut().for_each(|ids| ids.sort_unstable());
        framers.sort_unstable();
        Truth { world: &world.name, seed, campaigns, pools: pools(cast), framers, benign }
    }
}

fn pools(cast: &Cast) -> Vec<TruePool<'_>> {
    let mut pools: Vec<TruePool<'_>> = Vec::new();
    for (number, campaign) in &cast.campaigns {
        let Some((Side::Hostile(spec), _)) = cast.groups.get(*number as usize) else { continue };
        for member in cast.members.iter().filter(|one| one.group == *number) {
            let name = campaign.pool_name(spec, member.index);
            let place = pools.iter().position(|pool| pool.name == name).unwrap_or_else(|| {
                pools.push(TruePool { name, accounts: BTreeSet::new(), campaigns: BTreeSet::new() });
                pools.len() - 1
            });
            if let Some(pool) = pools.get_mut(place) {
                pool.accounts.insert(account_id(member.id));
                pool.campaigns.insert(&spec.name);
            }
        }
    }
    pools
}
