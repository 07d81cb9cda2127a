//! Honest customers, kind by kind. Each signal of a campaign has a twin here that means nothing by it.

mod cohorts;
mod firms;
mod key_move;
mod machines;
mod people;
mod repeaters;
mod sharers;
mod testers;

pub(crate) use people::residential;

use crate::emit::{Group, Segment, plan};
use crate::profile::Profile;
use crate::rng::{Rng, mix, sub};
use crate::stage::Stage;
use crate::world::{Population, Volume};

/// A kind of honest customers.
pub(crate) struct Kind {
    /// Its name in worlds and in the truth file.
    pub(crate) name: &'static str,
    /// Exchanges an account.
    volume: Volume,
    /// Accounts that belong together.
    size: u32,
    /// Share of the traffic that is what the kind is known for.
    share: f64,
    cast: fn(&Seat<'_>) -> Profile,
    segments: fn(&Seat<'_>, &Profile) -> Vec<Segment>,
}

const fn tail(median: f64, sigma: f64, max: u32) -> Volume {
    Volume::Tail { median, sigma, max }
}

const fn kind(name: &'static str, volume: Volume, size: u32, share: f64, cast: fn(&Seat<'_>) -> Profile) -> Kind {
    Kind { name, volume, size, share, cast, segments: by_plan }
}

/// All kinds.
pub(crate) const KINDS: &[Kind] = &[
    kind("individual", tail(14.0, 1.1, 1_500), 2, 0.0, people::individual),
    kind("developer", tail(28.0, 1.3, 3_000), 1, 0.8, people::developer),
    kind("agent_users", tail(34.0, 1.0, 2_000), 1, 0.9, people::agent_user),
    kind("library_crowd", tail(20.0, 1.0, 1_000), 1, 0.4, people::library_reader),
    kind("vpn_users", tail(18.0, 1.0, 1_000), 1, 0.8, people::vpn_user),
    Kind { segments: people::viral_segments, ..kind("viral", tail(5.0, 0.9, 200), 1, 0.25, people::viral) },
    kind("enterprise", tail(22.0, 0.9, 800), 300, 0.9, firms::enterprise),
    kind("reseller", tail(3_000.0, 0.4, 9_000), 1, 1.0, firms::reseller),
    kind("synthetic_data", Volume::Range(150, 400), 6, 1.0, firms::synthetic_data),
    kind("judge_pipeline", Volume::Range(80, 240), 4, 1.0, firms::judge_pipeline),
    kind("ci_fleet", Volume::Range(60, 200), 12, 1.0, firms::ci_fleet),
    kind("agency", tail(30.0, 0.7, 400), 40, 0.5, firms::agency),
    kind("class", tail(16.0, 0.8, 200), 200, 0.75, cohorts::class),
    kind("hackathon", tail(24.0, 0.8, 300), 60, 0.5, cohorts::hackathon),
    kind("machine_flat", tail(60.0, 1.2, 3_000), 1, 1.0, machines::machine_flat),
    kind("benchmark_runner", Volume::Range(100, 600), 1, 1.0, machines::benchmark_runner),
    Kind { segments: key_move::segments, ..kind("key_move", tail(40.0, 0.6, 400), 2, 1.0, key_move::team) },
    kind("monitor", Volume::Range(60, 400), 1, 1.0, repeaters::monitor),
    kind("cron_fleet", Volume::Range(90, 240), 10, 1.0, repeaters::cron_fleet),
    Kind {
        segments: sharers::shared_chat_segments,
        ..kind("shared_chat", tail(10.0, 0.8, 200), 1, 0.2, sharers::shared_chat)
    },
    kind("few_shot_app", tail(60.0, 0.9, 1_000), 1, 0.9, sharers::few_shot_app),
    Kind { segments: sharers::paster_segments, ..kind("paster", tail(14.0, 0.8, 200), 4, 0.0, sharers::paster) },
    Kind {
        segments: sharers::quality_team_segments,
        ..kind("quality_team", tail(60.0, 0.4, 300), 4, 0.5, sharers::quality_team)
    },
    kind("enthusiast", tail(24.0, 0.9, 600), 1, 1.0, testers::enthusiast),
    kind("red_teamer", Volume::Range(60, 300), 2, 0.7, testers::red_teamer),
    kind("programme", tail(18.0, 0.9, 400), 40, 0.6, cohorts::programme),
    kind("chinese_writer", tail(16.0, 1.0, 1_000), 1, 1.0, people::chinese_writer),
];

/// The kind of that name.
pub(crate) fn kind_named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// One account's place in its population: what a kind casts a profile from.
pub(crate) struct Seat<'a> {
    stage: &'a Stage,
    population: &'a Population,
    /// Seed of the population.
    group: u64,
    /// Seed of the accounts that belong together.
    cluster: u64,
    /// Number among those.
    place: u32,
    /// Number in the population.
    index: u32,
    /// Seed of the account.
    seed: u64,
    id: u64,
    share: f64,
    volume: u32,
}

impl Seat<'_> {
    /// An ordinary person on this seat.
    fn person(&self) -> Profile {
        Profile {
            volume: self.volume,
            language: self.population.language,
            ..Profile::person(self.stage, self.seed, self.id, self.population.new)
        }
    }

    /// A stream of the account's own.
    fn rng(&self, name: &str) -> Rng {
        Rng::of(self.seed, name)
    }

    /// A stream that all accounts that belong together share.
    fn shared(&self, name: &str) -> Rng {
        Rng::of(self.cluster, name)
    }

    /// A moment of the window that all accounts that belong together share.
    fn shared_moment(&self, name: &str, from: f64, to: f64) -> i64 {
        let span = (self.stage.window.end - self.stage.window.start) as f64;
        let at = from + (to - from) * self.shared(name).unit();
        self.stage.window.start + (span * at) as i64
    }
}

fn by_plan(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    plan(seat.stage, profile)
}

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
