//! A key that moves between two teams, and conversations that move with it.

use std::sync::Arc;

use super::seat::Seat;
use crate::client::Stack;
use crate::identity;
use crate::network::Place;
use crate::plan::plan;
use crate::profile::{Network, Profile, Sessions};
use crate::rhythm::Rhythm;
use crate::rng::sub;
use crate::segment::Segment;
use crate::text::Style;
use crate::time::HOUR;
use crate::work::{Chat, Code};
use crate::world::Volume;

/// One of two teams: accounts, cards and places of their own, and one key that the first hands to the second.
pub(super) fn team(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let place = Place::draw(&mut seat.rng("place"));
    profile.settle(Network::home(place, &mut seat.rng("home")), place.country());
    profile.rhythm = Rhythm::Office { offset_hours: place.offset() };
    profile.keys = vec![identity::key_id(seat.cluster)];
    profile.sessions = Sessions::Named;
    profile.account.created_at_us = profile.account.created_at_us.map(|at| at.min(seat.stage.window.start - HOUR));
    // What the key's program asks does not change hands.
    profile.style = Some(Style::of(seat.cluster));
    profile.params = crate::profile::params(&mut seat.shared("params"));
    profile.add(0.7, Arc::new(Code::new(0.7).unpooled()));
    profile.add(0.3, Arc::new(Chat::of(seat.cluster).unpooled()));
    profile
}

/// The work of both teams is planned as one and cut where the key moves; two conversations are cut in the middle.
pub(super) fn segments(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    let moved = seat.shared_moment("move", 0.4, 0.6);
    let mut joint = profile.clone();
    joint.seed = sub(seat.cluster, "joint");
    joint.account.created_at_us = None;
    joint.rhythm = Rhythm::Office { offset_hours: Place::draw(&mut seat.shared("joint place")).offset() };
    joint.volume =
        seat.population.exchanges.unwrap_or(Volume::tail(80.0, 0.5, 800)).draw(&mut seat.shared("joint volume"));
    let second = seat.place % 2 == 1;
    let mut segments = Vec::new();
    let planned = plan(seat.stage, &joint);
    let last_two = planned.iter().rev().filter(|segment| segment.start_us < moved && segment.end > 1).take(2);
    let cut: Vec<u64> = last_two.map(|segment| segment.seed).collect();
    for segment in planned {
        let half = segment.end / 2;
        match (cut.contains(&segment.seed), second) {
            (true, false) => segments.push(Segment { end: half, ..segment }),
            (true, true) => {
                segments.push(Segment { first: half, start_us: segment.start_us.max(moved) + HOUR, ..segment })
            }
            (false, _) if (segment.start_us >= moved) == second => segments.push(segment),
            (false, _) => {}
        }
    }
    segments
}
