//! Honest customers who have much in common and never said why: firms without a declared organisation, the users of one
//! product, strangers with one harness, a crowd in one room, a contest, the users of one form, workers of one platform.

use std::sync::Arc;

use super::firms::in_an_office;
use super::firms::servers;
use super::seat::Seat;
use crate::client::{self, Stack};
use crate::identity;
use crate::network::Place;
use crate::plan::plan;
use crate::profile::{EndUsers, Network, Profile, Sessions};
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::text::{Style, Voice};
use crate::time::{HOUR, SECOND};
use crate::work::{Bench, Chat, Code, Filler, Homework, Judge, Recipe, Template};
use crate::world::Volume;

/// Public benchmarks that strangers run.
const BENCHMARKS: u64 = 4;
/// Exchanges that begin on one seat of a service desk.
pub(super) const DESK: Volume = Volume::tail(30.0, 0.6, 300);
/// Seats of a firm, and clients of an agency, that pay with one card.
const SEATS_A_CARD: u32 = 10;
/// Clients of an agency that may get along without a domain.
const SMALL_AGENCY: u32 = 30;

/// A stranger who runs one public benchmark with one release of its public harness; half of them registered for it.
pub(super) fn harness_runner(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Bench);
    let mut rng = seat.rng("runner");
    let mut shared = seat.shared("harness");
    profile.clients = vec![client::draw(Stack::Bench, &mut shared)];
    if rng.chance(0.5) {
        let (cloud, first) = (rng.zipf(12) as u64, rng.word());
        profile.network = Network::Cloud { cloud, first, count: 1 };
    }
    if rng.chance(0.5) {
        let published = seat.shared_moment("published", 0.05, 0.6);
        let joined = published + (rng.exponential(48.0) * HOUR as f64) as i64;
        profile.account.created_at_us = Some(joined.min(seat.latest_registration()) / SECOND * SECOND);
    }
    profile.rhythm = Rhythm::Runs { batch: 60, gap_s: 4.0, offset_hours: None };
    profile.style = Some(Style::machine());
    let bench = Bench::of(seat.stage.seed, shared.below(BENCHMARKS), rng.below(4) * 100);
    profile.add(seat.share, Arc::new(bench));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.5)));
    profile
}

/// One of a crowd that works through two nights in one room. Some had an account before: in some crowds few, in some most.
pub(super) fn night_crowd(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut rng = seat.rng("participant");
    let mut shared = seat.shared("night");
    let place = Place::draw(&mut shared);
    let begin = seat.shared_moment("begin", 0.1, 0.85);
    let home = Network::home(Place::draw(&mut rng), &mut rng);
    let room = Network::Lines { place, first: shared.word(), count: 1, share: 0.95, home: rng.word() };
    if rng.chance(0.2 + 0.7 * shared.unit()) {
        profile.settle(home, place.country());
        profile.network = room;
    } else {
        let arrived = begin + (rng.exponential(2.0) * HOUR as f64) as i64;
        profile.account.created_at_us = Some(arrived.min(seat.latest_registration()) / SECOND * SECOND);
        profile.settle(room, place.country());
    }
    profile.rhythm = Rhythm::Event { at_us: begin + HOUR, fade_hours: 16.0 };
    let topic = seat.stage.lexicon.topic(shared.word());
    let starter = seat.stage.lexicon.say(Voice::Products, "starter", topic, &mut shared);
    profile.add(seat.share, Arc::new(Chat::of(seat.seed).with_system(starter)));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.6)));
    profile
}

/// Somebody who uses a product with a key of their own. Half of the products call from the user's machine, half from
/// the vendor's servers.
pub(super) fn product_user(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("product");
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    if shared.chance(0.5) {
        profile.network = servers(seat);
    }
    profile.sessions = Sessions::Named;
    profile.params = crate::profile::params(&mut shared);
    let topic = seat.stage.lexicon.topic(shared.word());
    let system = seat.stage.lexicon.say(Voice::Products, "assistant_open", topic, &mut shared);
    let template = Template::of_product(seat.stage, "pipeline", seat.cluster);
    profile.add(seat.share, Arc::new(Chat::of(seat.seed).with_system(system)));
    profile.add(1.0 - seat.share, Arc::new(Recipe::new(vec![template], Filler::Question).by_people(0.7)));
    profile
}

/// Somebody who asks for everything by one form, on a key of their own: a page or a script that fills one template. Half of
/// them are told by their client, and half of them have a system prompt.
pub(super) fn form_user(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("form");
    if shared.chance(0.5) {
        profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    }
    profile.params = crate::profile::params(&mut shared);
    let lexicon = &seat.stage.lexicon;
    let topic = lexicon.topic(shared.word());
    let system = if shared.chance(0.5) {
        lexicon.say(Voice::Products, "assistant_open", topic, &mut shared)
    } else {
        String::new()
    };
    let template = Template::parse(system, &lexicon.say(Voice::Products, "pipeline", topic, &mut shared));
    profile.add(seat.share, Arc::new(Recipe::new(vec![template], Filler::Question)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}

/// A stranger in a public contest of a few days, whose dozen problems everybody pastes.
pub(super) fn contestant(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let begin = seat.shared_moment("contest", 0.05, 0.8);
    profile.account.created_at_us = profile.account.created_at_us.map(|at| at.min(begin));
    profile.rhythm = Rhythm::Event { at_us: begin + HOUR, fade_hours: 72.0 };
    profile.add(seat.share, Arc::new(Homework::of_contest(seat.cluster)));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.5)));
    profile
}

/// Somebody who is paid by the task, on an account, a computer and hours of their own. The platform that pays gives every
/// one of them the same few instructions, which they hand on to the model; in half of the crowds also answers to mark,
/// which were not made here.
pub(super) fn task_worker(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut shared = seat.shared("platform");
    let template = |number: u64| Template::of_product(seat.stage, "pipeline", mix(seat.cluster, number));
    let templates: Vec<Template> = (0..shared.between(1, 6)).map(template).collect();
    let marks = if shared.chance(0.5) { 0.4 * seat.share } else { 0.0 };
    let elsewhere =
        Judge::of(sub(seat.cluster, "rubric"), Chat::of_many(seat.cluster).single(), sub(seat.seed, "given"));
    profile.add(seat.share - marks, Arc::new(Recipe::new(templates, Filler::Question).by_people(0.2)));
    profile.add(marks, Arc::new(elsewhere));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}

/// One of an agency's accounts, one a client, all of them filled by one template. Half of the small agencies have no
/// domain.
pub(super) fn template_agency(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("agency");
    in_an_office(seat, &mut profile, &mut shared);
    on_shared_cards(seat, &mut profile);
    let mut name = identity::local_part(&mut shared);
    let client = identity::local_part(&mut seat.rng("client"));
    let domain = identity::own_domain(seat.cluster);
    // An agency whose size is not given has forty accounts.
    let small = seat.population.size.is_some_and(|size| size <= SMALL_AGENCY);
    name = if small && shared.chance(0.5) {
        format!("{name}+{client}@mailhaven.example")
    } else {
        format!("{client}@{domain}")
    };
    profile.account.email = Some(name);
    let template = Template::of_product(seat.stage, "pipeline", seat.cluster);
    profile.add(seat.share, Arc::new(Recipe::new(vec![template], Filler::Question)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}

/// One of a firm's accounts that nobody declared: the firm's office, cards, client and assistant. Most have a mailbox of
/// the firm, some their own.
pub(super) fn undeclared_firm(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("firm");
    in_an_office(seat, &mut profile, &mut shared);
    on_shared_cards(seat, &mut profile);
    with_a_mailbox_of_the_firm(seat, &mut profile);
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    let topic = seat.stage.lexicon.topic(shared.word());
    let system = seat.stage.lexicon.say(Voice::Products, "assistant_open", topic, &mut shared);
    profile.add(seat.share, Arc::new(Chat::of(seat.seed).with_system(system)));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.5)));
    profile
}

/// One of the seats of a service desk, undeclared: customers' conversations, which colleagues take over from each other.
pub(super) fn service_desk(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("desk");
    in_an_office(seat, &mut profile, &mut shared);
    with_a_mailbox_of_the_firm(seat, &mut profile);
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    profile.account.created_at_us = profile.account.created_at_us.map(|at| at.min(seat.stage.window.start - HOUR));
    profile.params = crate::profile::params(&mut shared);
    profile.style = None;
    let topic = seat.stage.lexicon.topic(shared.word());
    let system = seat.stage.lexicon.say(Voice::Products, "wrapper", topic, &mut shared);
    profile.add(1.0, Arc::new(Chat::of_many(seat.cluster).unpooled().with_system(system)));
    profile
}

/// One of the accounts that a service's maker opened because one was not enough: the service draws an account for each
/// conversation, and another where it is refused. Half of the services name their users.
pub(super) fn key_pool(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("service");
    profile.settle(servers(seat), "US");
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    profile.account.created_at_us = profile.account.created_at_us.map(|at| at.min(seat.stage.window.start - HOUR));
    profile.params = crate::profile::params(&mut shared);
    profile.style = None;
    if shared.chance(0.5) {
        profile.end_users = EndUsers::Many(seat.cluster, 40 * seat.population.size.unwrap_or(12));
    }
    if shared.chance(0.5) {
        on_shared_cards(seat, &mut profile);
    }
    let maker = identity::local_part(&mut shared);
    if shared.chance(0.5) {
        profile.account.email = Some(format!("{maker}+{}@mailhaven.example", seat.place));
    }
    let topic = seat.stage.lexicon.topic(shared.word());
    let system = seat.stage.lexicon.say(Voice::Products, "wrapper", topic, &mut shared);
    profile.add(1.0, Arc::new(Chat::of_many(seat.cluster).unpooled().with_system(system)));
    profile
}

/// The desk's conversations are planned as one. Each begins on one seat; after each turn a colleague takes over with the
/// probability that is the population's share.
pub(super) fn service_desk_segments(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    let seats = seat.population.size.unwrap_or(12).max(2);
    let mut joint = profile.clone();
    joint.account.created_at_us = None;
    let mut mine = Vec::new();
    for starter in 0..seats {
        // Nothing of this seat may decide what is planned: all seats come to the same plan.
        joint.seed = mix(sub(seat.cluster, "joint"), u64::from(starter));
        joint.volume = seat.population.exchanges.unwrap_or(DESK).draw(&mut Rng::of(joint.seed, "volume"));
        for segment in plan(seat.stage, &joint) {
            mine.extend(
                stretches(segment, starter, seats, seat.share).filter(|(on, _)| *on == seat.place).map(|s| s.1),
            );
        }
    }
    mine
}

/// The stretches of a conversation, each with the seat that it runs on.
fn stretches(whole: Segment, starter: u32, seats: u32, moves: f64) -> impl Iterator<Item = (u32, Segment)> {
    let mut rng = Rng::of(whole.seed, "taken over");
    let mut on = starter;
    let mut made = vec![(on, Segment { end: whole.first + 1, ..whole })];
    for turn in whole.first + 1..whole.end {
        if rng.chance(moves) {
            on = rng.below(u64::from(seats)) as u32;
        }
        match made.last_mut() {
            Some((last, segment)) if *last == on => segment.end = turn + 1,
            _ => made.push((on, Segment { first: turn, end: turn + 1, ..whole })),
        }
    }
    made.into_iter()
}

/// One card for so many seats.
fn on_shared_cards(seat: &Seat<'_>, profile: &mut Profile) {
    let card = mix(sub(seat.cluster, "card"), u64::from(seat.place / SEATS_A_CARD));
    profile.account.payment = Some(identity::hashed(card));
}

/// Three in four have a mailbox of the firm, the others keep their own.
pub(super) fn with_a_mailbox_of_the_firm(seat: &Seat<'_>, profile: &mut Profile) {
    let mut rng = seat.rng("mailbox");
    if rng.chance(0.75) {
        let domain = identity::own_domain(seat.cluster);
        profile.account.email = Some(format!("{}@{domain}", identity::local_part(&mut rng)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretches_of_a_conversation_hold_each_turn_once_and_in_order() {
        let whole = Segment { seed: 7, start_us: 0, ordinal: 0, work: 0, first: 0, end: 40, refused: false };
        let made: Vec<(u32, Segment)> = stretches(whole, 3, 12, 0.3).collect();
        let turns: Vec<u16> = made.iter().flat_map(|(_, one)| one.first..one.end).collect();
        assert_eq!(turns, (0..40).collect::<Vec<u16>>());
        assert_eq!(made.first().map(|one| one.0), Some(3));
        assert!(made.windows(2).all(|pair| pair[0].0 != pair[1].0), "neighbours on one seat are one stretch");
        assert!(made.len() > 4 && made.len() < 30, "about three turns in ten move: {}", made.len());
    }

    #[test]
    fn a_desk_that_hands_nothing_over_keeps_its_conversations_whole() {
        let whole = Segment { seed: 7, start_us: 0, ordinal: 0, work: 0, first: 0, end: 9, refused: false };
        assert_eq!(stretches(whole, 2, 12, 0.0).collect::<Vec<_>>(), [(2, whole)]);
    }
}
