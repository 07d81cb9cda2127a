//! People who come together: a class, a hackathon.

use std::sync::Arc;

use super::seat::Seat;
use crate::client::Stack;
use crate::identity;
use crate::network::Place;
use crate::profile::{Network, Profile};
use crate::rhythm::Rhythm;
use crate::rng::sub;
use crate::text::Voice;
use crate::time::{DAY, HOUR, SECOND};
use crate::work::{Chat, Code, Homework};

/// A student: the school's domain and network, a device of their own, everybody's assignments.
pub(super) fn class(seat: &Seat<'_>) -> Profile {
    let mut profile = student(seat);
    profile.add(seat.share, Arc::new(Homework::of(seat.cluster)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}

/// A student on a large course's program: one long task, pasted whole again and again and asked about step by step.
pub(super) fn course(seat: &Seat<'_>) -> Profile {
    let mut profile = student(seat);
    profile.through_api(Stack::Library);
    profile.add(seat.share, Arc::new(Homework::of_course(seat.cluster)));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.4)));
    profile
}

/// Somebody with an account of a school's.
fn student(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut rng = seat.rng("student");
    let mut shared = seat.shared("school");
    let place = Place::draw(&mut shared);
    let campus = Network::Lines { place, first: shared.word(), count: 2, share: 0.65, home: rng.word() };
    let opened = seat.shared_moment("term", 0.02, 0.3);
    profile.account.created_at_us =
        Some((opened + rng.below(3 * DAY as u64) as i64).min(seat.latest_registration()) / SECOND * SECOND);
    profile.settle(campus, place.country());
    let domain = identity::own_domain(seat.cluster);
    profile.account.email = Some(format!("{}@{domain}", identity::local_part(&mut rng)));
    profile.account.payment = None;
    profile.account.plan = Some("education".to_owned());
    profile.account.kind = Some("education".to_owned());
    profile.account.verified = vec!["email".to_owned()];
    profile.rhythm =
        Rhythm::Person { offset_hours: place.offset(), shift_hours: rng.between(0, 3) as i64, weekend: 0.9 };
    profile
}

/// A participant: registered within hours at one venue, with the event's starter kit.
pub(super) fn hackathon(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut rng = seat.rng("participant");
    let mut shared = seat.shared("event");
    let place = Place::draw(&mut shared);
    let opened = seat.shared_moment("doors", 0.1, 0.85);
    let arrived = opened + (rng.exponential(1.5) * HOUR as f64) as i64;
    profile.account.created_at_us = Some(arrived.min(seat.latest_registration()) / SECOND * SECOND);
    let venue = Network::Lines { place, first: shared.word(), count: 1, share: 0.9, home: rng.word() };
    profile.settle(venue, place.country());
    profile.account.payment = None;
    profile.account.plan = Some("credits".to_owned());
    profile.account.referrer = Some(format!("event-{:06x}", sub(seat.cluster, "code") >> 40));
    profile.rhythm = Rhythm::Event { at_us: opened + 2 * HOUR, fade_hours: 14.0 };
    let topic = seat.stage.lexicon.topic(shared.word());
    let starter = seat.stage.lexicon.say(Voice::Products, "starter", topic, &mut shared);
    profile.add(seat.share, Arc::new(Chat::of(seat.seed).single().with_system(starter)));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.6)));
    profile
}

/// A member of a programme for schools or new firms: one referrer, verified, credits; a life of its own.
pub(super) fn programme(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut rng = seat.rng("member");
    let mut shared = seat.shared("programme");
    let school = shared.chance(0.5);
    if !school {
        profile.through_api(Stack::Library);
    }
    let opened = seat.shared_moment("opened", -0.3, 0.5).max(seat.stage.window.start - 40 * DAY);
    let joined = opened + rng.below(9 * DAY as u64) as i64;
    profile.account.created_at_us = Some(joined.min(seat.latest_registration()) / SECOND * SECOND);
    profile.account.payment = None;
    profile.account.plan = Some("credits".to_owned());
    profile.account.kind = Some(if school { "education" } else { "startup" }.to_owned());
    profile.account.verified = ["email", "programme"].map(str::to_owned).to_vec();
    profile.account.referrer = Some(format!("programme-{:06x}", sub(seat.cluster, "code") >> 40));
    let domain = identity::own_domain(if school { seat.cluster } else { seat.seed });
    profile.account.email = Some(format!("{}@{domain}", identity::local_part(&mut rng)));
    profile.add(seat.share, Arc::new(Code::new(0.5)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}
