//! An account's place in its population, and what accounts that belong together share.

use crate::profile::Profile;
use crate::rng::Rng;
use crate::stage::Stage;
use crate::time::DAY;
use crate::world::Population;

/// One account's place in its population: what a kind casts a profile from.
pub(super) struct Seat<'a> {
    /// The stage.
    pub(super) stage: &'a Stage,
    /// The population.
    pub(super) population: &'a Population,
    /// Seed of the population.
    pub(super) group: u64,
    /// Seed of the accounts that belong together.
    pub(super) cluster: u64,
    /// Number among those.
    pub(super) place: u32,
    /// Number in the population.
    pub(super) index: u32,
    /// Seed of the account.
    pub(super) seed: u64,
    /// The word that the account's id is made from.
    pub(super) id: u64,
    /// Share of the traffic that is what the kind is known for.
    pub(super) share: f64,
    /// Number of exchanges.
    pub(super) volume: u32,
}

impl Seat<'_> {
    /// An ordinary person on this seat.
    pub(super) fn person(&self) -> Profile {
        Profile {
            volume: self.volume,
            language: self.population.language,
            ..Profile::person(self.stage, self.seed, self.id, self.population.new)
        }
    }

    /// A stream of the account's own.
    pub(super) fn rng(&self, name: &str) -> Rng {
        Rng::of(self.seed, name)
    }

    /// A stream that all accounts that belong together share.
    pub(super) fn shared(&self, name: &str) -> Rng {
        Rng::of(self.cluster, name)
    }

    /// The last moment at which an account may register and still be seen at work.
    pub(super) fn latest_registration(&self) -> i64 {
        self.stage.window.end - DAY / 8
    }

    /// A moment of the window that all accounts that belong together share.
    pub(super) fn shared_moment(&self, name: &str, from: f64, to: f64) -> i64 {
        let span = (self.stage.window.end - self.stage.window.start) as f64;
        let at = from + (to - from) * self.shared(name).unit();
        self.stage.window.start + (span * at) as i64
    }
}
