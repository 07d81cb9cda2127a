//! Honest customers, kind by kind. Each signal of a campaign has a twin here that means nothing by it.

mod cohorts;
mod firms;
mod key_move;
mod kinds;
mod machines;
mod people;
mod repeaters;
mod seat;
mod sharers;
mod testers;
mod undeclared;

pub(crate) use kinds::Kind;
pub(crate) use kinds::kind_named;
pub(crate) use people::residential;

use crate::group::Group;
use crate::profile::Profile;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::stage::Stage;
use crate::world::Population;
use seat::Seat;

/// One population.
pub(crate) struct Crowd {
    kind: &'static Kind,
    population: Population,
    accounts: u32,
    seed: u64,
}

impl Crowd {
    /// The population of that rank in its world.
    pub(crate) fn new(kind: &'static Kind, population: &Population, accounts: u32, stage: &Stage, rank: u64) -> Crowd {
        Crowd { kind, population: population.clone(), accounts, seed: mix(sub(stage.seed, "population"), rank) }
    }

    fn seat<'a>(&'a self, stage: &'a Stage, index: u32) -> Seat<'a> {
        let size = self.population.size.unwrap_or(self.kind.size).max(1);
        Seat {
            stage,
            population: &self.population,
            group: self.seed,
            cluster: mix(sub(self.seed, "cluster"), u64::from(index / size)),
            place: index % size,
            index,
            seed: self.account_seed(index),
            id: self.id(index),
            share: self.population.share.unwrap_or(self.kind.share),
            volume: self.volume(index),
        }
    }

    fn account_seed(&self, index: u32) -> u64 {
        mix(sub(self.seed, "account"), u64::from(index))
    }
}

impl Crowd {
    /// The name of its kind.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind.name
    }

    /// Number of accounts that belong together.
    pub(crate) fn size(&self) -> u32 {
        self.population.size.unwrap_or(self.kind.size).clamp(1, self.accounts)
    }
}

impl Group for Crowd {
    fn accounts(&self) -> u32 {
        self.accounts
    }

    fn id(&self, index: u32) -> u64 {
        sub(self.account_seed(index), "id")
    }

    fn volume(&self, index: u32) -> u32 {
        let volume = self.population.exchanges.unwrap_or(self.kind.volume);
        volume.draw(&mut Rng::of(self.account_seed(index), "volume"))
    }

    fn profile(&self, stage: &Stage, index: u32) -> Profile {
        (self.kind.cast)(&self.seat(stage, index))
    }

    fn segments(&self, stage: &Stage, index: u32, profile: &Profile) -> Vec<Segment> {
        (self.kind.segments)(&self.seat(stage, index), profile)
    }
}
