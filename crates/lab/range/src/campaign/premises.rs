//! What the accounts of one pool share: ties of registration, software, exits, names.

use super::ties::Ties;
use crate::client::{self, Stack, Tuple};
use crate::network::EXITS;
use crate::profile::{EndUsers, Network, Sessions};
use crate::rng::{Rng, mix};
use crate::stage::Stage;
use crate::world::{CampaignSpec, Level};

/// One pool of a campaign.
pub(super) struct Premises {
    level: Level,
    seed: u64,
    accounts: u32,
    hides: bool,
    /// What registrations share.
    pub(super) ties: Ties,
    /// Header tuples of its software: one for a relay.
    clients: Vec<Tuple>,
    /// How conversations are named.
    pub(super) sessions: Sessions,
    pass_end_users: bool,
    /// First exit, number of exits and cloud of its network.
    egress: (u64, u64, u64),
}

impl Premises {
    /// Draws a pool whose accounts begin at the times given; `rng` is its operator's stream.
    pub(super) fn new(spec: &CampaignSpec, seed: u64, joined: &[i64], stage: &Stage, rng: &mut Rng) -> Premises {
        let accounts = joined.len() as u32;
        let relays = spec.relays();
        let stack = if relays && rng.chance(0.6) { Stack::Agent } else { Stack::Library };
        let installations = if spec.level == Level::T1 { rng.between(1, 2) } else { 1 };
        let clients = (0..installations).map(|_| client::draw(stack, rng)).collect();
        let exits = match spec.level {
            Level::T0 => 1,
            Level::T1 => rng.between(3, 8),
            // Each account has some exits to itself.
            _ if spec.hides() => u64::from(accounts) * own_exits(accounts),
            _ => (u64::from(accounts) / 2).clamp(12, 4_000),
        };
        let sessions =
            if relays && !spec.hides() && rng.chance(0.5) { Sessions::Pooled(seed) } else { Sessions::Unnamed };
        let pass_end_users = relays && !spec.hides() && rng.chance(0.3);
        let first = rng.below(EXITS.saturating_sub(exits).max(1));
        Premises {
            level: spec.level,
            seed,
            accounts,
            hides: spec.hides(),
            ties: Ties::new(spec.level, spec.hides(), seed, joined, stage),
            clients,
            sessions,
            pass_end_users,
            egress: (first, exits, rng.zipf(12) as u64),
        }
    }

    /// The network of the account of that number and seed.
    pub(super) fn network(&self, index: u32, account: u64) -> Network {
        let (first, count, cloud) = self.egress;
        let service = cloud % 2;
        let mut rng = Rng::of(account, "exits");
        let hold_hours = rng.between(1, 12) as i64;
        match self.level {
            Level::T0 | Level::T1 => Network::Cloud { cloud, first, count },
            _ if self.hides => {
                let own = own_exits(self.accounts);
                let first = first + u64::from(index) * own;
                Network::Exits { service, first, count: own, hold_hours: 12 * hold_hours }
            }
            _ => Network::Exits { service, first, count, hold_hours },
        }
    }

    /// The client of an account; its own where there is no common one.
    pub(super) fn client(&self, index: u32) -> Option<&Tuple> {
        self.clients.get(index as usize % self.clients.len().max(1)).filter(|_| !self.hides)
    }

    /// How the users of the account of that seed are named.
    pub(super) fn end_users(&self, account: u64) -> EndUsers {
        match self.level {
            _ if self.hides => EndUsers::Unnamed,
            Level::T2 | Level::T4 if self.pass_end_users => EndUsers::Many(self.seed, 3 * self.accounts),
            Level::T2 | Level::T4 => EndUsers::One(account),
            _ => EndUsers::Unnamed,
        }
    }
}

/// Exits that each of so many accounts can have to itself.
fn own_exits(accounts: u32) -> u64 {
    (EXITS / u64::from(accounts.max(1))).clamp(1, 4)
}

/// The seed of the pool of that number.
pub(super) fn pool_seed(seed: u64, number: u32) -> u64 {
    if number == 0 { seed } else { mix(seed, 0x9001_0000 + u64::from(number)) }
}
