//! People on their own account.

use std::sync::Arc;

use super::seat::Seat;
use crate::client::Stack;
use crate::identity;
use crate::network::Place;
use crate::plan::plan;
use crate::profile::{EndUsers, Network, Profile, Sessions};
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::text::Language;
use crate::time::{DAY, HOUR, SECOND};
use crate::work::{Agent, Chat, Code, Filler, Recipe, Template};

/// Templates in the world's public prompt library.
const LIBRARY: usize = 80;

/// Someone who talks to the console. One pair in fifty shares a home, a card and a device.
pub(super) fn individual(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut shared = seat.shared("household");
    if shared.chance(0.02) {
        let place = Place::draw(&mut shared);
        profile.settle(Network::home(place, &mut shared), place.country());
        profile.account.payment = Some(identity::hashed(shared.word()));
        profile.account.device = Some(identity::hashed(shared.word()));
    }
    profile.add(1.0, Arc::new(Chat::of(seat.seed)));
    if seat.rng("codes").chance(0.2) {
        profile.add(0.3, Arc::new(Code::new(0.6)));
    }
    profile
}

/// Someone who writes programs: by hand from a desk, or from a server.
pub(super) fn developer(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut rng = seat.rng("developer");
    if rng.chance(0.4) {
        let (cloud, first, count) = (rng.zipf(12) as u64, rng.word(), rng.between(1, 3));
        profile.network = Network::Cloud { cloud, first, count };
    }
    profile.add(seat.share, Arc::new(Code::new(0.45)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed).single()));
    profile
}

/// One of the many strangers who run the same coding agent.
pub(super) fn agent_user(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Agent);
    profile.sessions = Sessions::Named;
    profile.end_users = EndUsers::One(sub(seat.seed, "end user"));
    profile.params.max_tokens = Some(8_192);
    profile.params.temperature = None;
    profile.add(seat.share, Arc::new(Agent));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.5)));
    profile
}

/// Someone who fills in prompts from a public library for part of what they ask.
pub(super) fn library_reader(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut rng = seat.rng("library");
    let library = sub(seat.group, "library");
    let templates = (0..rng.between(1, 3))
        .map(|_| Template::of_product(seat.stage, "library", mix(library, rng.zipf(LIBRARY) as u64)))
        .collect();
    profile.add(seat.share, Arc::new(Recipe::new(templates, Filler::Question).by_people(0.5)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}

/// Someone behind a VPN or a residential proxy, for reasons of their own; one in four writes Chinese.
pub(super) fn vpn_user(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut rng = seat.rng("vpn");
    let home = Place::draw(&mut rng);
    let network = if rng.chance(0.7) {
        Network::Vpn { service: rng.zipf(4) as u64, share: seat.share, home, line: rng.word() }
    } else {
        residential(&mut rng)
    };
    profile.settle(network, home.country());
    profile.account.email = Some(identity::public_email(seat.stage.seed, &mut rng, 0.08));
    if rng.chance(0.25) {
        profile.language = Language::Chinese;
    }
    profile.add(0.8, Arc::new(Chat::of(seat.seed)));
    profile.add(0.2, Arc::new(Code::new(0.5)));
    profile
}

/// A customer of a residential proxy service: any of its exits, held for some hours.
pub(crate) fn residential(rng: &mut Rng) -> Network {
    Network::Exits {
        service: rng.below(2),
        first: 0,
        count: crate::network::EXITS,
        hold_hours: rng.between(1, 12) as i64,
    }
}

/// Someone who tried the prompt that everybody tries; half of them registered for it.
pub(super) fn viral(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut rng = seat.rng("viral");
    if rng.chance(0.5) {
        let at = went_viral(seat) + (rng.exponential(8.0) * HOUR as f64) as i64;
        profile.account.created_at_us = Some(at.min(seat.stage.window.end - DAY / 4) / SECOND * SECOND);
        profile.volume = profile.volume.min(8);
    }
    let template = Template::of_product(seat.stage, "viral", seat.group);
    profile.add(seat.share, Arc::new(Recipe::new(vec![template], Filler::Question).by_people(0.35)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}

fn went_viral(seat: &Seat<'_>) -> i64 {
    let window = seat.stage.window;
    window.start + (window.end - window.start) / 5 * 2 + (mix(seat.group, 3) % 7) as i64 * HOUR
}

/// The first conversation is about the viral prompt, and all such are in its days.
pub(super) fn viral_segments(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    let mut segments = plan(seat.stage, profile);
    let mut rng = seat.rng("viral times");
    if let Some(first) = segments.first_mut() {
        first.work = 0;
    }
    let earliest = profile.account.created_at_us.unwrap_or(0).max(went_viral(seat));
    for segment in segments.iter_mut().filter(|segment| segment.work == 0) {
        segment.start_us = seat.stage.window.clamp(earliest + (rng.exponential(9.0) * HOUR as f64) as i64);
    }
    segments
}

/// Somebody who writes Chinese: at home, or from a rented server abroad.
pub(super) fn chinese_writer(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.language = Language::Chinese;
    let mut rng = seat.rng("chinese writer");
    if rng.chance(0.45) {
        profile.through_api(Stack::Library);
        let (cloud, first) = (rng.zipf(12) as u64, rng.word());
        profile.network = Network::Cloud { cloud, first, count: 1 };
    }
    profile.add(0.75, Arc::new(Chat::of(seat.seed)));
    profile.add(0.25, Arc::new(Code::new(0.5)));
    profile
}
