//! People among whom answers travel, and honestly so.

use std::sync::Arc;

use super::firms::in_an_office;
use super::seat::Seat;
use super::undeclared::with_a_mailbox_of_the_firm;
use crate::client::Stack;
use crate::plan::plan;
use crate::profile::{EndUsers, Profile};
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::segment::conversation_seed;
use crate::text::{Style, Topic, Voice};
use crate::time::{DAY, HOUR};
use crate::work::{Chat, Code, Judge, Pasted, Told};
use crate::world::Volume;

/// Public sets of examples that programs are shipped with.
const EXAMPLES: usize = 24;

/// Chats of a crowd that are public: one for some accounts.
fn chats(seat: &Seat<'_>) -> u64 {
    u64::from(seat.population.accounts / 4).max(1)
}

fn chat(seat: &Seat<'_>, number: u64) -> (u64, u16) {
    let seed = mix(sub(seat.group, "public chat"), number);
    (seed, Rng::of(seed, "length").between(2, 5) as u16)
}

/// Number of the chat that an account has published, if it has.
fn published(seat: &Seat<'_>) -> Option<u64> {
    let number = u64::from(seat.index);
    (number < chats(seat)).then_some(number)
}

/// Somebody who goes on with a chat that a stranger has published; some chats are popular. Some are the strangers.
pub(super) fn shared_chat(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut rng = seat.rng("shared chat");
    let (seed, turns) = chat(seat, rng.zipf(chats(seat) as usize) as u64);
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile.add(seat.share, Arc::new(Told::new(seed, turns, Arc::new(Chat::of(seat.seed).unpooled()))));
    if let Some(number) = published(seat) {
        profile.style = Some(Style::of(chat(seat, number).0));
        let before = seat.stage.window.start - DAY;
        profile.account.created_at_us = profile.account.created_at_us.map(|at| at.min(before));
        profile.add(0.0, Arc::new(Told::first()));
    }
    profile
}

/// The public chats come first, their continuations later.
pub(super) fn shared_chat_segments(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    let window = seat.stage.window;
    let span = (window.end - window.start) as f64;
    let mut rng = seat.rng("shared times");
    let mut segments = plan(seat.stage, profile);
    let out_us = window.start + (0.2 * span) as i64;
    for segment in segments.iter_mut().filter(|one| one.work == 1 && one.start_us < out_us) {
        segment.start_us = out_us + (0.7 * span * rng.unit()) as i64;
        segment.start_us = segment.start_us.max(profile.account.created_at_us.unwrap_or(0) + HOUR);
    }
    if let Some(number) = published(seat) {
        let (seed, turns) = chat(seat, number);
        let start_us = window.start + (0.1 * span * rng.unit()) as i64;
        let ordinal = segments.len() as u32;
        segments.push(Segment { seed, start_us, ordinal, work: 2, first: 0, end: turns, refused: false });
    }
    segments
}

/// A program that shows the model public examples, answers among them, before each question.
pub(super) fn few_shot_app(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut rng = seat.rng("examples");
    let examples = mix(sub(seat.stage.seed, "examples"), rng.zipf(EXAMPLES) as u64);
    let topic = seat.stage.lexicon.topic(rng.word());
    let system = seat.stage.lexicon.say(Voice::Products, "wrapper", topic, &mut rng);
    let questions = Arc::new(Chat::of_many(seat.seed).single().with_system(system));
    let turns = Rng::of(examples, "count").between(2, 3) as u16;
    profile.rhythm = Rhythm::Flat { spread: 1.0 };
    profile.style = None;
    profile.end_users = EndUsers::Many(seat.seed, 200);
    profile.add(seat.share, Arc::new(Told::new(examples, turns, questions)));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.4)));
    profile
}

fn source(seat: &Seat<'_>) -> u64 {
    sub(seat.cluster, "source")
}

/// One of some colleagues; the first was given an answer that the others paste once.
pub(super) fn paster(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let before = seat.stage.window.start - DAY;
    profile.account.created_at_us = profile.account.created_at_us.map(|at| at.min(before));
    profile.add(1.0, Arc::new(Chat::of(seat.seed)));
    if seat.place == 0 {
        profile.style = Some(Style::of(source(seat)));
        profile.add(0.0, Arc::new(Told::first()));
    } else {
        profile.add(0.0, Arc::new(Pasted::of(source(seat))));
    }
    profile
}

/// The answer comes first; it is pasted hours to days later.
pub(super) fn paster_segments(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    let mut segments = plan(seat.stage, profile);
    let given = seat.shared_moment("given", 0.05, 0.6);
    let mut rng = seat.rng("pasted");
    let ordinal = segments.len() as u32;
    let (seed, start_us) = if seat.place == 0 {
        (source(seat), given)
    } else {
        let later = given + HOUR + (rng.exponential(30.0) * HOUR as f64) as i64;
        (conversation_seed(profile.seed, u64::from(ordinal)), seat.stage.window.clamp(later))
    };
    segments.push(Segment { seed, start_us, ordinal, work: 1, first: 0, end: 1, refused: false });
    segments
}

fn mate(seat: &Seat<'_>, place: u32) -> u64 {
    mix(sub(seat.cluster, "team"), u64::from(place))
}

fn team(seat: &Seat<'_>) -> u32 {
    seat.population.size.unwrap_or(4).max(2)
}

/// The most people who work as a team without an employer: friends, students, the founders of a firm.
const TEAM_WITHOUT_OFFICE: u32 = 8;

/// One of the undeclared accounts of a team that tries prompts and marks what the others were answered. A larger team works
/// for somebody: it has an office, and most of it the firm's mailboxes.
pub(super) fn quality_team(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    if team(seat) > TEAM_WITHOUT_OFFICE {
        in_an_office(seat, &mut profile, &mut seat.shared("office"));
        with_a_mailbox_of_the_firm(seat, &mut profile);
    }
    // The others tell its conversations again by this seed.
    profile.seed = mate(seat, seat.place);
    profile.volume = Volume::tail(60.0, 0.4, 300).draw(&mut seat.shared("volume"));
    profile.style = None;
    let topic = Topic::default();
    let system = seat.stage.lexicon.say(Voice::Products, "wrapper", &topic, &mut seat.shared("wrapper"));
    let tried = || Chat::of_many(seat.cluster).single().unpooled().with_system(system.clone());
    profile.add(1.0, Arc::new(tried()));
    for other in (0..team(seat)).filter(|place| *place != seat.place) {
        profile.add(0.0, Arc::new(Judge::of(sub(seat.cluster, "rubric"), tried(), mate(seat, other)).of_peers()));
    }
    profile
}

/// Every other conversation marks a mate's earlier one.
pub(super) fn quality_team_segments(seat: &Seat<'_>, profile: &Profile) -> Vec<Segment> {
    let mut segments = plan(seat.stage, profile);
    for segment in segments.iter_mut().filter(|one| one.ordinal % 2 == 1 && one.ordinal > 4) {
        segment.work = 1 + (segment.ordinal / 2 % (team(seat) - 1)) as u16;
    }
    segments
}
