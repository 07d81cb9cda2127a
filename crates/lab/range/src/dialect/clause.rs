//! How the second voice makes sentences: noun phrases, verb phrases, clauses, joined as they come.

use super::things::{FIELDS, MACHINERY, MATTERS};
use super::words::{ACTS, DEEDS, FOLK, HAPPENS, LINKS, MANNERS, QUALITIES, SPOTS, STRICT, TERMS, WHOEVER, WILLS};
use crate::rng::Rng;

/// What sentences are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Realm {
    /// Daily life; the number says which part of it.
    Life(u64),
    /// Programs.
    Code,
    /// Tasks with one right answer.
    Task,
}

fn one(rng: &mut Rng, words: &[&'static str]) -> &'static str {
    rng.pick(words).copied().unwrap_or("")
}

impl Realm {
    fn noun(self, rng: &mut Rng) -> String {
        match self {
            Realm::Life(topic) => {
                // Two fields a topic; now and then another.
                let field = match rng.below(10) {
                    0..6 => topic,
                    6..9 => topic / 14 + 3,
                    _ => rng.word(),
                };
                let field = FIELDS.get((field % FIELDS.len() as u64) as usize).copied().unwrap_or(&[]);
                one(rng, field).to_owned()
            }
            Realm::Code if rng.chance(0.35) => symbol(rng),
            Realm::Code => one(rng, &MACHINERY).to_owned(),
            Realm::Task => one(rng, &MATTERS).to_owned(),
        }
    }

    fn quality(self, rng: &mut Rng) -> &'static str {
        match self {
            Realm::Life(_) => one(rng, &QUALITIES),
            _ => one(rng, &STRICT),
        }
    }

    fn act(self, rng: &mut Rng) -> &'static str {
        match self {
            Realm::Life(_) => one(rng, &ACTS),
            Realm::Code if rng.chance(0.4) => one(rng, &ACTS),
            _ => one(rng, &DEEDS),
        }
    }

    fn spot(self, rng: &mut Rng) -> &'static str {
        match self {
            Realm::Life(_) => one(rng, &SPOTS),
            _ => one(rng, &TERMS),
        }
    }
}

/// An invented name as programs have them.
pub(super) fn symbol(rng: &mut Rng) -> String {
    const HEADS: [&str; 18] = [
        "al", "be", "cor", "du", "ex", "fla", "gro", "hin", "is", "jor", "kla", "lum", "mar", "nes", "orb", "pla",
        "rus", "tam",
    ];
    const TAILS: [&str; 18] = [
        "ber", "cut", "dex", "fin", "gate", "hop", "ium", "jet", "kit", "lox", "mix", "net", "op", "pod", "que", "ron",
        "set", "tor",
    ];
    let mut name = format!("{}{}", one(rng, &HEADS), one(rng, &TAILS));
    if rng.chance(0.6) {
        let tail = one(rng, &TAILS);
        name.push_str(tail.get(..1).unwrap_or("x").to_uppercase().as_str());
        name.push_str(tail.get(1..).unwrap_or(""));
    }
    if rng.chance(0.4) {
        name.push_str(&rng.below(64).to_string());
    }
    name
}

/// A noun phrase.
pub(super) fn thing(realm: Realm, rng: &mut Rng) -> String {
    let mut text = match rng.below(9) {
        0 => "this ".to_owned(),
        1 => "that ".to_owned(),
        2 => "every ".to_owned(),
        3 => format!("{} of the ", rng.between(2, 60)),
        4 => "any ".to_owned(),
        5 => "one ".to_owned(),
        _ => "the ".to_owned(),
    };
    if rng.chance(0.55) {
        text.push_str(realm.quality(rng));
        text.push(' ');
    }
    text.push_str(&realm.noun(rng));
    if rng.chance(0.22) {
        text.push_str(match rng.below(4) {
            0 => " beside the ",
            1 => " from the ",
            2 => " with the ",
            _ => " and the ",
        });
        text.push_str(&realm.noun(rng));
    }
    text
}

/// A noun and what it is like, without more.
pub(super) fn subject(realm: Realm, rng: &mut Rng) -> String {
    format!("{} {}", realm.quality(rng), realm.noun(rng))
}

/// Somebody, or something that acts.
fn actor(realm: Realm, rng: &mut Rng) -> String {
    if matches!(realm, Realm::Life(_)) && rng.chance(0.7) { one(rng, &FOLK).to_owned() } else { thing(realm, rng) }
}

/// What is done: a verb, its object, where or how.
pub(super) fn deed(realm: Realm, rng: &mut Rng) -> String {
    let mut text = format!("{} {}", realm.act(rng), thing(realm, rng));
    match rng.below(4) {
        0 => text = format!("{text} {}", realm.spot(rng)),
        1 => text = format!("{text} {}", one(rng, &MANNERS)),
        _ => {}
    }
    text
}

/// A clause that states something.
pub(super) fn statement(realm: Realm, rng: &mut Rng) -> String {
    match rng.below(6) {
        0 => format!("{} {}", thing(realm, rng), one(rng, &HAPPENS)),
        1 => format!("{} {} {}", actor(realm, rng), one(rng, &WILLS), deed(realm, rng)),
        2 => format!("{} {} {} {}", actor(realm, rng), one(rng, &WILLS), deed(realm, rng), realm.spot(rng)),
        3 => format!("{} can {}", one(rng, &WHOEVER), deed(realm, rng)),
        4 => format!("{} {} {}", thing(realm, rng), one(rng, &HAPPENS), realm.spot(rng)),
        _ => format!("{} {} {}, {}", realm.spot(rng), actor(realm, rng), one(rng, &WILLS), deed(realm, rng))
            .replace(", ", " "),
    }
}

/// One or two clauses, joined.
pub(super) fn period(realm: Realm, rng: &mut Rng) -> String {
    let first = statement(realm, rng);
    if rng.chance(0.45) { format!("{first} {} {}", one(rng, &LINKS), statement(realm, rng)) } else { first }
}

/// A question.
pub(super) fn question(realm: Realm, rng: &mut Rng) -> String {
    match rng.below(9) {
        0 => format!("how do you {}", deed(realm, rng)),
        1 => format!("why would {} {}", actor(realm, rng), deed(realm, rng)),
        2 => format!("is it wiser to {} or to {}", deed(realm, rng), deed(realm, rng)),
        3 => format!("what if {}", statement(realm, rng)),
        4 => format!("who should {} when {}", deed(realm, rng), statement(realm, rng)),
        5 => format!("does {} matter {}", thing(realm, rng), realm.spot(rng)),
        6 => format!("when can {} {}", actor(realm, rng), deed(realm, rng)),
        7 => format!("which is worse, {} or {}", thing(realm, rng), thing(realm, rng)),
        _ => format!("could {} {} {}", actor(realm, rng), deed(realm, rng), realm.spot(rng)),
    }
}

/// An order.
pub(super) fn order(realm: Realm, rng: &mut Rng) -> String {
    let what = deed(realm, rng);
    match rng.below(7) {
        0 => format!("do not {what}"),
        1 => format!("{what}, {} {}", one(rng, &LINKS), statement(realm, rng)),
        2 => format!("never {what} unless {}", statement(realm, rng)),
        3 => format!("{what} and {}", deed(realm, rng)),
        4 => format!("make sure to {what} {}", one(rng, &MANNERS)),
        5 => format!("start from {} and {what}", thing(realm, rng)),
        _ => format!("{what} {}", realm.spot(rng)),
    }
}

/// Writes a clause as a sentence.
pub(super) fn close(text: &str, mark: &str, out: &mut String) {
    let mut letters = text.chars();
    if let Some(first) = letters.next() {
        out.extend(first.to_uppercase());
        out.push_str(letters.as_str());
    }
    out.push_str(mark);
}
