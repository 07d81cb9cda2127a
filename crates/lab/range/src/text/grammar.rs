//! A small engine for sentence grammars kept as text.
//!
//! A grammar file is a row of lists. `== name` opens a list, every further line is one phrase of it, `#` is a
//! comment. Inside a phrase `{name}` is a phrase of another list, `{thing}`, `{act}`, `{trouble}` and `{aspect}`
//! come from the topic at hand, `{num}` and its like are made up on the spot, `[a|b|c]` is one of its parts, and
//! `\n` ends a line.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::topic::{Topic, TopicSlot};
use crate::rng::Rng;

/// How deep lists may call each other; a deeper call writes nothing.
const DEPTH: u32 = 12;

/// Something that is made up on the spot.
#[derive(Debug, Clone, Copy)]
enum Made {
    Small,
    Number,
    Large,
    Money,
    Percent,
    Year,
    Clock,
    Date,
    Hex,
    Ident,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(&'static str),
    List(usize),
    Topic(TopicSlot),
    Made(Made),
    Choice(Vec<Phrase>),
}

type Phrase = Vec<Piece>;

/// A parsed grammar.
#[derive(Debug, Default)]
pub(crate) struct Grammar {
    lists: Vec<Vec<Phrase>>,
    names: HashMap<&'static str, usize>,
}

/// One list of a grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListId(usize);

impl Grammar {
    /// Reads a grammar; the error says which line is wrong.
    pub(crate) fn parse(source: &'static str) -> Result<Grammar, String> {
        let mut grammar = Grammar::default();
        for line in source.lines() {
            if let Some(name) = line.strip_prefix("== ") {
                let next = grammar.names.len();
                if grammar.names.insert(name.trim(), next).is_some() {
                    return Err(format!("list {name:?} is there twice"));
                }
            }
        }
        for line in source.lines() {
            if line.starts_with("== ") {
                grammar.lists.push(Vec::new());
            } else if !line.trim().is_empty() && !line.starts_with('#') {
                let phrase = grammar.phrase(line).map_err(|reason| format!("{reason} in {line:?}"))?;
                grammar.lists.last_mut().ok_or("a phrase stands before the first list")?.push(phrase);
            }
        }
        match grammar.names.iter().find(|(_, id)| grammar.lists.get(**id).is_none_or(Vec::is_empty)) {
            Some((name, _)) => Err(format!("list {name:?} is empty")),
            None => Ok(grammar),
        }
    }

    fn phrase(&self, mut rest: &'static str) -> Result<Phrase, String> {
        let mut pieces = Vec::new();
        while let Some(at) = rest.find(['{', '[', '\\']) {
            let (before, mark) = rest.split_at(at);
            if !before.is_empty() {
                pieces.push(Piece::Text(before));
            }
            if let Some(after) = mark.strip_prefix("\\n") {
                pieces.push(Piece::Text("\n"));
                rest = after;
            } else if let Some(after) = mark.strip_prefix('{') {
                let (name, after) = after.split_once('}').ok_or("a brace is not closed")?;
                pieces.push(self.slot(name)?);
                rest = after;
            } else if let Some(after) = mark.strip_prefix('[') {
                let (parts, after) = after.split_once(']').ok_or("a bracket is not closed")?;
                pieces.push(Piece::Choice(parts.split('|').map(|part| self.phrase(part)).collect::<Result<_, _>>()?));
                rest = after;
            } else {
                return Err("a backslash stands before something else than n".to_owned());
            }
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        Ok(pieces)
    }

    fn slot(&self, name: &'static str) -> Result<Piece, String> {
        Ok(match name {
            "thing" => Piece::Topic(TopicSlot::Thing),
            "act" => Piece::Topic(TopicSlot::Act),
            "trouble" => Piece::Topic(TopicSlot::Trouble),
            "aspect" => Piece::Topic(TopicSlot::Aspect),
            "topic" => Piece::Topic(TopicSlot::Name),
            "small" => Piece::Made(Made::Small),
            "num" => Piece::Made(Made::Number),
            "large" => Piece::Made(Made::Large),
            "money" => Piece::Made(Made::Money),
            "percent" => Piece::Made(Made::Percent),
            "year" => Piece::Made(Made::Year),
            "clock" => Piece::Made(Made::Clock),
            "date" => Piece::Made(Made::Date),
            "hex" => Piece::Made(Made::Hex),
            "ident" => Piece::Made(Made::Ident),
            _ => Piece::List(*self.names.get(name).ok_or_else(|| format!("no list is named {name:?}"))?),
        })
    }

    /// The list of that name.
    pub(crate) fn list(&self, name: &str) -> Option<ListId> {
        self.names.get(name).copied().map(ListId)
    }

    /// Number of phrases in a list.
    pub(crate) fn phrases(&self, list: ListId) -> usize {
        self.lists.get(list.0).map_or(0, Vec::len)
    }

    /// Writes one phrase of the list.
    pub(crate) fn write(&self, list: ListId, topic: &Topic, rng: &mut Rng, out: &mut String) {
        self.write_list(list.0, topic, rng, out, DEPTH);
    }

    /// Writes the list's phrase of that rank, counted round.
    pub(crate) fn write_nth(&self, list: ListId, rank: usize, topic: &Topic, rng: &mut Rng, out: &mut String) {
        let phrases = self.phrases(list).max(1);
        if let Some(phrase) = self.lists.get(list.0).and_then(|list| list.get(rank % phrases)) {
            self.write_phrase(phrase, topic, rng, out, DEPTH);
        }
    }

    fn write_list(&self, list: usize, topic: &Topic, rng: &mut Rng, out: &mut String, depth: u32) {
        if let Some(phrase) = self.lists.get(list).and_then(|list| rng.pick(list)) {
            self.write_phrase(phrase, topic, rng, out, depth);
        }
    }

    fn write_phrase(&self, phrase: &[Piece], topic: &Topic, rng: &mut Rng, out: &mut String, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for piece in phrase {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::List(list) => self.write_list(*list, topic, rng, out, depth),
                Piece::Topic(slot) => out.push_str(topic.word(*slot, rng)),
                Piece::Made(made) => write_made(*made, rng, out),
                Piece::Choice(parts) => {
                    if let Some(part) = rng.pick(parts) {
                        self.write_phrase(part, topic, rng, out, depth);
                    }
                }
            }
        }
    }
}

const MONTHS: [&str; 12] = ["jan", "feb", "march", "april", "may", "june", "july", "aug", "sept", "oct", "nov", "dec"];
const SYLLABLES: [&str; 40] = [
    "ka", "lo", "mi", "ra", "to", "ven", "sil", "dor", "pex", "qua", "zu", "nim", "bor", "tal", "fen", "gri", "hu",
    "jas", "kel", "mor", "nu", "osk", "pra", "rin", "sto", "tri", "ula", "vor", "wen", "xil", "yor", "zan", "ched",
    "dra", "elm", "fos", "gan", "hil", "iv", "jun",
];

/// Writes an invented word of two to three syllables.
pub(crate) fn write_coined(rng: &mut Rng, out: &mut String) {
    for _ in 0..rng.between(2, 3) {
        out.push_str(rng.word_of(&SYLLABLES));
    }
}

// Writing to a `String` cannot fail, so the results are dropped.
fn write_made(made: Made, rng: &mut Rng, out: &mut String) {
    let _ = match made {
        Made::Small => write!(out, "{}", rng.between(2, 12)),
        Made::Number => write!(out, "{}", rng.between(13, 480)),
        Made::Large => write!(out, "{}", rng.between(500, 98_000)),
        Made::Money => write!(out, "{}.{:02}", rng.between(3, 4_000), rng.below(100)),
        Made::Percent => write!(out, "{}%", rng.between(1, 97)),
        Made::Year => write!(out, "{}", rng.between(1931, 2026)),
        Made::Clock => write!(out, "{}:{:02}", rng.between(5, 23), rng.below(60)),
        Made::Date => write!(out, "{} {}", rng.between(1, 28), rng.word_of(&MONTHS)),
        Made::Hex => write!(out, "{:08x}", rng.word() as u32),
        Made::Ident => {
            write_coined(rng, out);
            out.push('_');
            write_coined(rng, out);
            Ok(())
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grammar_reads_lists_slots_and_choices() {
        let grammar = Grammar::parse("# c\n== a\n[x|y] {b}\\n\n== b\nend {small}\n").unwrap();
        let mut out = String::new();
        grammar.write(grammar.list("a").unwrap(), &Topic::default(), &mut Rng::new(1), &mut out);
        assert!(out.starts_with("x end ") || out.starts_with("y end "), "{out}");
        assert!(out.ends_with('\n'));
    }

    #[test]
    fn a_broken_grammar_says_where() {
        for (source, part) in [
            ("== a\n{nowhere}", "nowhere"),
            ("== a\n[x|y", "bracket"),
            ("== a\n{x", "brace"),
            ("== a\n== b\nx", "empty"),
            ("x\n== a\ny", "before"),
            ("== a\nx\n== a\ny", "twice"),
            ("== a\n\\t", "backslash"),
        ] {
            let reason = Grammar::parse(source).unwrap_err();
            assert!(reason.contains(part), "{source:?}: {reason}");
        }
    }

    #[test]
    fn lists_that_call_themselves_end() {
        let grammar = Grammar::parse("== a\nx{a}{a}").unwrap();
        let mut out = String::new();
        grammar.write(grammar.list("a").unwrap(), &Topic::default(), &mut Rng::new(1), &mut out);
        assert!(!out.is_empty());
    }
}
