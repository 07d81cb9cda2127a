//! Which piece of the second voice stands for which list of the first.

use super::{Language, Voice};
use crate::dialect::{self, Piece, Tongue};
use crate::rng::Rng;

/// Writes what stands for one phrase of a list.
pub(super) fn write(voice: Voice, list: &str, topic: u64, rng: &mut Rng, out: &mut String) {
    match voice {
        Voice::People => people(list, topic, rng, out),
        Voice::Coders => {
            let piece = match list {
                "note" => Piece::CodeStatement,
                "answer" => Piece::CodeReply,
                _ => Piece::CodeQuestion,
            };
            dialect::write(piece, topic, rng, out);
        }
        Voice::Products => products(list, topic, rng, out),
        Voice::Hostile => {
            dialect::write(if list == "answer" { Piece::TaskReply } else { Piece::Task }, topic, rng, out);
        }
        Voice::Template => template(list, topic, rng, out),
    }
}

fn people(list: &str, topic: u64, rng: &mut Rng, out: &mut String) {
    let piece = match list {
        "opener" => Piece::Hello,
        "question" => Piece::Question,
        "want" => Piece::Wish,
        "follow" => Piece::Further,
        "answer" => Piece::Reply,
        _ => Piece::Statement,
    };
    dialect::write(piece, topic, rng, out);
}

fn template(list: &str, topic: u64, rng: &mut Rng, out: &mut String) {
    let piece = match list {
        "lines_elicit" => Piece::Inward,
        "refine" | "judge" | "clean" => Piece::Again,
        "level" | "domain" | "count" | "embed" => Piece::Label,
        "declined" => Piece::Order,
        _ => Piece::Line,
    };
    dialect::write(piece, topic, rng, out);
}

fn products(list: &str, topic: u64, rng: &mut Rng, out: &mut String) {
    let add = |piece: Piece, rng: &mut Rng, out: &mut String| dialect::write(piece, topic, rng, out);
    let slots: &[&'static str] = match list {
        "ci_review" | "ci_changelog" => &["<diff>"],
        "ci_failure" => &["<log>"],
        "pipeline" => &["<ticket>", "<ticket>", "<pasted>", "<rows>"],
        "library" => &["<thing>", "<pasted>"],
        "viral" => &["<thing>"],
        _ => &[],
    };
    if let Some(slot) = rng.pick(slots) {
        for _ in 0..3 {
            add(Piece::Order, rng, out);
            out.push(' ');
        }
        add(Piece::House, rng, out);
        out.push('\n');
        out.push_str(slot);
        return;
    }
    match list {
        "org" => add(Piece::House, rng, out),
        "label" => add(Piece::Label, rng, out),
        "agent_task" => add(Piece::Errand, rng, out),
        "tool_result" => add(Piece::Output, rng, out),
        "agent_answer" => add(Piece::CodeStatement, rng, out),
        "assignment_follow" => add(Piece::Further, rng, out),
        "assignment_ask" => {
            add(Piece::Hello, rng, out);
            out.push_str(": ");
        }
        "ticket" => add(Piece::Note, rng, out),
        "assignment" | "bench_item" => {
            add(Piece::Note, rng, out);
            out.push(' ');
            add(Piece::Question, rng, out);
        }
        _ => {
            add(Piece::House, rng, out);
            out.push_str(": ");
            add(Piece::Order, rng, out);
            out.push(' ');
            add(Piece::Order, rng, out);
        }
    }
}

/// Writes in another language.
pub(super) fn write_foreign(language: Language, rng: &mut Rng, out: &mut String) {
    match language {
        Language::English => {}
        Language::Spanish => dialect::write_tongue(Tongue::Spanish, rng, out),
        Language::German => dialect::write_tongue(Tongue::German, rng, out),
        Language::Chinese => dialect::write_tongue(Tongue::Chinese, rng, out),
    }
}
