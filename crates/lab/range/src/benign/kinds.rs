//! The kinds of honest customers: how much each asks, who belongs together, and which file tells it.

use super::cohorts;
use super::firms;
use super::key_move;
use super::machines;
use super::people;
use super::repeaters;
use super::seat::Seat;
use super::sharers;
use super::testers;
use super::undeclared;
use crate::plan::plan;
use crate::profile::Profile;
use crate::segment::Segment;
use crate::world::Volume;

/// A kind of honest customers.
pub(crate) struct Kind {
    /// Its name in worlds and in the truth file.
    pub(crate) name: &'static str,
    /// Exchanges an account.
    pub(super) volume: Volume,
    /// Accounts that belong together.
    pub(super) size: u32,
    /// Share of the traffic that is what the kind is known for.
    pub(super) share: f64,
    /// Makes an account of the kind.
    pub(super) cast: fn(&Seat<'_>) -> Profile,
    /// Plans what it does.
    pub(super) segments: fn(&Seat<'_>, &Profile) -> Vec<Segment>,
}

const fn kind(name: &'static str, volume: Volume, size: u32, share: f64, cast: fn(&Seat<'_>) -> Profile) -> Kind {
    Kind { name, volume, size, share, cast, segments: by_plan }
}

/// All kinds.
const KINDS: &[Kind] = &[
    kind("individual", Volume::tail(14.0, 1.1, 1_500), 2, 0.0, people::individual),
    kind("developer", Volume::tail(28.0, 1.3, 3_000), 1, 0.8, people::developer),
    kind("agent_users", Volume::tail(34.0, 1.0, 2_000), 1, 0.9, people::agent_user),
    kind("library_crowd", Volume::tail(20.0, 1.0, 1_000), 1, 0.4, people::library_reader),
    kind("vpn_users", Volume::tail(18.0, 1.0, 1_000), 1, 0.8, people::vpn_user),
    Kind { segments: people::viral_segments, ..kind("viral", Volume::tail(5.0, 0.9, 200), 1, 0.25, people::viral) },
    kind("enterprise", Volume::tail(22.0, 0.9, 800), 300, 0.9, firms::enterprise),
    kind("reseller", Volume::tail(3_000.0, 0.4, 9_000), 1, 1.0, firms::reseller),
    kind("synthetic_data", Volume::Range(150, 400), 6, 1.0, firms::synthetic_data),
    kind("judge_pipeline", Volume::Range(80, 240), 4, 1.0, firms::judge_pipeline),
    kind("ci_fleet", Volume::Range(60, 200), 12, 1.0, firms::ci_fleet),
    kind("agency", Volume::tail(30.0, 0.7, 400), 40, 0.5, firms::agency),
    kind("class", Volume::tail(16.0, 0.8, 200), 200, 0.75, cohorts::class),
    kind("hackathon", Volume::tail(24.0, 0.8, 300), 60, 0.5, cohorts::hackathon),
    kind("machine_flat", Volume::tail(60.0, 1.2, 3_000), 1, 1.0, machines::machine_flat),
    kind("benchmark_runner", Volume::Range(100, 600), 1, 1.0, machines::benchmark_runner),
    Kind { segments: key_move::segments, ..kind("key_move", Volume::tail(40.0, 0.6, 400), 2, 1.0, key_move::team) },
    kind("monitor", Volume::Range(60, 400), 1, 1.0, repeaters::monitor),
    kind("cron_fleet", Volume::Range(90, 240), 10, 1.0, repeaters::cron_fleet),
    Kind {
        segments: sharers::shared_chat_segments,
        ..kind("shared_chat", Volume::tail(10.0, 0.8, 200), 1, 0.2, sharers::shared_chat)
    },
    kind("few_shot_app", Volume::tail(60.0, 0.9, 1_000), 1, 0.9, sharers::few_shot_app),
    Kind {
        segments: sharers::paster_segments,
        ..kind("paster", Volume::tail(14.0, 0.8, 200), 4, 0.0, sharers::paster)
    },
    Kind {
        segments: sharers::quality_team_segments,
        ..kind("quality_team", Volume::tail(60.0, 0.4, 300), 4, 0.5, sharers::quality_team)
    },
    kind("enthusiast", Volume::tail(24.0, 0.9, 600), 1, 1.0, testers::enthusiast),
    kind("red_teamer", Volume::Range(60, 300), 2, 0.7, testers::red_teamer),
    kind("programme", Volume::tail(18.0, 0.9, 400), 40, 0.6, cohorts::programme),
    kind("chinese_writer", Volume::tail(16.0, 1.0, 1_000), 1, 1.0, people::chinese_writer),
    kind("harness_runner", Volume::tail(50.0, 0.7, 500), 60, 0.9, undeclared::harness_runner),
    kind("night_crowd", Volume::tail(24.0, 0.8, 300), 120, 0.5, undeclared::night_crowd),
    kind("product_users", Volume::tail(20.0, 1.0, 600), 80, 0.7, undeclared::product_user),
    kind("template_agency", Volume::tail(30.0, 0.7, 400), 40, 0.8, undeclared::template_agency),
    kind("undeclared_firm", Volume::tail(24.0, 0.8, 400), 60, 0.8, undeclared::undeclared_firm),
    Kind {
        segments: undeclared::service_desk_segments,
        ..kind("service_desk", undeclared::DESK, 12, 0.15, undeclared::service_desk)
    },
    Kind {
        segments: undeclared::service_desk_segments,
        ..kind("key_pool", undeclared::DESK, 12, 0.1, undeclared::key_pool)
    },
    kind("task_workers", Volume::tail(24.0, 0.9, 400), 100, 0.6, undeclared::task_worker),
    kind("form_users", Volume::tail(20.0, 0.9, 400), 80, 1.0, undeclared::form_user),
    kind("contestants", Volume::tail(16.0, 0.8, 200), 150, 0.9, undeclared::contestant),
    kind("course", Volume::tail(22.0, 0.4, 100), 200, 0.7, cohorts::course),
];

/// The kind of that name.
pub(crate) fn kind_named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

fn by_plan(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    plan(seat.stage, profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::kind::HONEST_KINDS;

    #[test]
    fn a_world_may_name_these_kinds_and_no_others() {
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names, HONEST_KINDS);
    }
}
