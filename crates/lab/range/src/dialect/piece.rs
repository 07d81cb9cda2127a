//! The pieces of talk that the second voice can be asked for.

use super::clause::{Realm, close, deed, order, period, question, statement, subject, symbol, thing};
use super::words::{HELLOS, HOUSES, TRADES};
use crate::rng::Rng;

/// A piece of talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// How somebody begins.
    Hello,
    /// What somebody asks about daily life.
    Question,
    /// What somebody tells along with it.
    Statement,
    /// How somebody would like the answer.
    Wish,
    /// A short question that goes on.
    Further,
    /// What is answered to it.
    Reply,
    /// What somebody asks about a program.
    CodeQuestion,
    /// What somebody tells about a program.
    CodeStatement,
    /// What is answered to it.
    CodeReply,
    /// A task for an agent.
    Errand,
    /// What a tool shows.
    Output,
    /// An instruction of a firm.
    Order,
    /// The name of a firm.
    House,
    /// A word or two.
    Label,
    /// A note from a customer.
    Note,
    /// A task whose answer is collected.
    Task,
    /// What is answered to it.
    TaskReply,
    /// A line of a prompt for bulk generation.
    Line,
    /// A line that asks for what is thought.
    Inward,
    /// A line that asks to look at a text again.
    Again,
}

fn said(make: impl Fn(Realm, &mut Rng) -> String, realm: Realm, mark: &str, rng: &mut Rng, out: &mut String) {
    let text = make(realm, rng);
    close(&text, mark, out);
}

/// Writes a piece; the topic says what daily life it is about.
pub(crate) fn write(piece: Piece, topic: u64, rng: &mut Rng, out: &mut String) {
    let life = Realm::Life(topic);
    match piece {
        Piece::Hello => out.push_str(rng.word_of(&HELLOS)),
        Piece::Question | Piece::Further => said(question, life, "?", rng, out),
        Piece::Statement => said(period, life, ".", rng, out),
        Piece::Wish => said(order, life, rng.word_of(&[".", "!", ", thanks."]), rng, out),
        Piece::Reply => two(life, rng, out),
        Piece::CodeQuestion => said(question, Realm::Code, "?", rng, out),
        Piece::CodeStatement => said(period, Realm::Code, ".", rng, out),
        Piece::CodeReply => two(Realm::Code, rng, out),
        Piece::Errand => {
            said(order, Realm::Code, rng.word_of(&[": ", "; ", ". "]), rng, out);
            out.push_str(&statement(Realm::Code, rng));
        }
        Piece::Output => out.push_str(&format!(
            "{}({}) {} {} -> {}",
            symbol(rng),
            rng.below(9_000),
            rng.word_of(&["done", "warn", "read", "skip", "fail", "sync"]),
            symbol(rng),
            rng.below(70_000)
        )),
        Piece::Order => said(order, life, ".", rng, out),
        Piece::House => out.push_str(&format!("{} {}", rng.word_of(&HOUSES), rng.word_of(&TRADES))),
        Piece::Label => {
            out.push_str(rng.word_of(&["north", "south", "keep", "drop", "urgent", "later", "A", "B", "C", "D"]))
        }
        Piece::Note => {
            said(period, life, ". ", rng, out);
            out.push_str(&format!("Ref {:x}, {} paid. ", rng.below(1 << 30), rng.between(3, 900)));
            said(order, life, ".", rng, out);
        }
        Piece::Task => task(rng, out),
        Piece::TaskReply => two(Realm::Task, rng, out),
        Piece::Line => said(order, Realm::Task, ".", rng, out),
        Piece::Inward => inward(rng, out),
        Piece::Again => {
            let text = format!(
                "{} the {} {}, then {}",
                rng.word_of(&["reconsider", "weigh up", "go over", "pick apart", "settle", "mark"]),
                rng.word_of(&["passage", "output", "attempt", "sample", "reply", "piece"]),
                rng.word_of(&["underneath", "that comes next", "in quotes", "as handed in", "found here"]),
                deed(Realm::Task, rng)
            );
            close(&text, ".", out);
        }
    }
}

fn two(realm: Realm, rng: &mut Rng, out: &mut String) {
    said(period, realm, ". ", rng, out);
    if rng.chance(0.5) { said(order, realm, ".", rng, out) } else { said(period, realm, ".", rng, out) }
}

fn task(rng: &mut Rng, out: &mut String) {
    let (low, high) = (rng.between(2, 90), rng.between(100, 9_000));
    said(period, Realm::Task, ". ", rng, out);
    out.push_str(&format!("Take {low} of {high}. "));
    if rng.chance(0.5) { said(order, Realm::Task, ".", rng, out) } else { said(question, Realm::Task, "?", rng, out) }
}

fn inward(rng: &mut Rng, out: &mut String) {
    let text = format!(
        "{} {} {} {} {}",
        rng.word_of(&["spell", "lay", "set", "pour", "let", "hand"]),
        rng.word_of(&[
            "the private musings",
            "whatever crossed your mind",
            "each unspoken idea",
            "the silent drafts",
            "all inner talk",
            "every discarded hunch"
        ]),
        rng.word_of(&["out in the open", "onto paper", "down here", "out loud", "over to me", "bare"]),
        rng.word_of(&["before", "ahead of", "instead of", "alongside", "prior to"]),
        thing(Realm::Task, rng)
    );
    close(&text, ".", out);
}

/// Writes what somebody asks, whole.
pub(crate) fn write_inquiry(topic: u64, rng: &mut Rng, out: &mut String) {
    let life = Realm::Life(topic);
    if rng.chance(0.25) {
        write(Piece::Hello, topic, rng, out);
        out.push_str(rng.word_of(&["! ", ". ", " - ", ",\n"]));
    }
    let told = rng.below(4);
    for _ in 0..told {
        said(period, life, ". ", rng, out);
    }
    said(question, life, "?", rng, out);
    if rng.chance(0.35) {
        out.push(' ');
        said(if rng.chance(0.5) { order } else { question }, life, rng.word_of(&[".", "?", "!"]), rng, out);
    }
}

/// Writes the fixed wording of a prompt for bulk generation, with the mark for its item.
pub(crate) fn write_recipe(elicit: bool, rng: &mut Rng, out: &mut String) {
    for _ in 0..rng.between(4, 6) {
        write(Piece::Line, 0, rng, out);
        out.push(' ');
    }
    if elicit {
        write(Piece::Inward, 0, rng, out);
    }
    out.push_str(rng.word_of(&["\n<item>", "\nHand: <item>", "\n\n## <item>", "\nSubject matter: <item>"]));
}

/// Writes a prompt that says the brief of that seed in words that do not return, with its item.
pub(crate) fn write_brief(brief: u64, item: &str, rng: &mut Rng, out: &mut String) {
    // What the brief is about stays: the things it names.
    let mut meant = Rng::new(brief);
    let mut lines: Vec<String> = (0..meant.between(4, 6))
        .map(|_| {
            let about = subject(Realm::Task, &mut meant);
            let mut line = String::new();
            let told = if rng.chance(0.5) { deed(Realm::Task, rng) } else { statement(Realm::Task, rng) };
            let text = match rng.below(5) {
                0 => format!("{told}, minding any {about}"),
                1 => format!("{about} first: {told}"),
                2 => format!("a {about} counts; {told}"),
                3 => format!("{told} for {about}"),
                _ => format!("{about} whenever {}", statement(Realm::Task, rng)),
            };
            close(&text, rng.word_of(&[".", "!", ";", "..."]), &mut line);
            line
        })
        .collect();
    rng.shuffle(&mut lines);
    lines.insert(rng.below(lines.len() as u64 + 1) as usize, item.to_owned());
    out.push_str(&lines.join(rng.word_of(&[" ", "\n", "\n\n"])));
}
