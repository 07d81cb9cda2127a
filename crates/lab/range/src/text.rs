//! The words of the worlds: topics, sentence grammars, code and pasted data.
//!
//! The vocabulary is text in `text/` at the crate's root, so that it can be read and widened without touching code.
//! What adversaries ask (`hostile`) has its own lists and shares none with what everyone else asks.

mod code;
mod foreign;
mod grammar;
mod second;
mod style;
mod topic;
mod voice;

pub(crate) use foreign::Language;
pub(crate) use grammar::Grammar;
pub(crate) use grammar::write_coined;
pub(crate) use style::Style;
pub(crate) use topic::Topic;
pub(crate) use topic::TopicSlot;
pub(crate) use voice::Voice;

use crate::dialect;
use crate::error::Error;
use crate::rng::{Rng, label};
use crate::world::TextVoice;

/// All grammars, parsed.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// Whether the second voice speaks.
    second: bool,
    topics: Vec<Topic>,
    people: Grammar,
    coders: Grammar,
    products: Grammar,
    hostile: Grammar,
    template: Grammar,
}

impl Lexicon {
    /// Parses all grammars.
    pub(crate) fn load(voice: TextVoice) -> Result<Lexicon, Error> {
        let grammar = |file: &'static str, source: &'static str| {
            Grammar::parse(source).map_err(|reason| Error::Grammar { file, reason })
        };
        Ok(Lexicon {
            second: voice == TextVoice::Second,
            topics: topic::parse(include_str!("../text/topics.txt"))
                .map_err(|reason| Error::Grammar { file: "topics.txt", reason })?,
            people: grammar("people.txt", include_str!("../text/people.txt"))?,
            coders: grammar("coders.txt", include_str!("../text/coders.txt"))?,
            products: grammar("products.txt", include_str!("../text/products.txt"))?,
            hostile: grammar("hostile.txt", include_str!("../text/hostile.txt"))?,
            template: grammar("template.txt", include_str!("../text/template.txt"))?,
        })
    }

    fn grammar(&self, voice: Voice) -> &Grammar {
        match voice {
            Voice::People => &self.people,
            Voice::Coders => &self.coders,
            Voice::Products => &self.products,
            Voice::Hostile => &self.hostile,
            Voice::Template => &self.template,
        }
    }

    /// The topic of that rank, counted round.
    pub(crate) fn topic(&self, rank: u64) -> &Topic {
        static NONE: std::sync::OnceLock<Topic> = std::sync::OnceLock::new();
        let rank = (rank % self.topics.len().max(1) as u64) as usize;
        self.topics.get(rank).unwrap_or_else(|| NONE.get_or_init(Topic::default))
    }

    /// Writes one phrase of a list; a list that does not exist writes nothing (a test holds the names together).
    pub(crate) fn write(&self, voice: Voice, list: &str, topic: &Topic, rng: &mut Rng, out: &mut String) {
        let grammar = self.grammar(voice);
        debug_assert!(grammar.list(list).is_some(), "no list {list:?}");
        if self.second {
            second::write(voice, list, label(topic.name()), rng, out);
        } else if let Some(list) = grammar.list(list) {
            grammar.write(list, topic, rng, out);
        }
    }

    /// Whether the second voice speaks.
    pub(crate) fn is_second(&self) -> bool {
        self.second
    }

    /// Gives the text written from `from` on the habits of its writer.
    pub(crate) fn typed(&self, style: Style, rng: &mut Rng, out: &mut String, from: usize) {
        if self.second {
            dialect::retype(style.capitals, style.slips, rng, out, from);
        } else {
            style.apply(rng, out, from);
        }
    }

    /// Writes a thing of the topic.
    pub(crate) fn write_thing(&self, topic: &Topic, rng: &mut Rng, out: &mut String) {
        if self.second {
            dialect::write(dialect::Piece::Label, label(topic.name()), rng, out);
        } else {
            out.push_str(topic.word(TopicSlot::Thing, rng));
        }
    }

    /// Writes a short function.
    pub(crate) fn write_snippet(&self, rng: &mut Rng, out: &mut String) {
        if self.second { dialect::write_program(rng, out) } else { code::write_snippet(rng, out) }
    }

    /// Writes some lines of a log.
    pub(crate) fn write_log(&self, rng: &mut Rng, out: &mut String) {
        if self.second { dialect::write_journal(rng, out) } else { code::write_log(rng, out) }
    }

    /// Writes some rows of a table.
    pub(crate) fn write_rows(&self, rng: &mut Rng, out: &mut String) {
        if self.second { dialect::write_table(rng, out) } else { code::write_rows(rng, out) }
    }

    /// Writes a small change to a file.
    pub(crate) fn write_diff(&self, rng: &mut Rng, out: &mut String) {
        if self.second { dialect::write_change(rng, out) } else { code::write_diff(rng, out) }
    }

    /// Writes a question in another language.
    pub(crate) fn write_foreign(&self, language: Language, rng: &mut Rng, out: &mut String) {
        if self.second { second::write_foreign(language, rng, out) } else { foreign::write_foreign(language, rng, out) }
    }

    /// Writes phrases of a list until there are about as many words as asked for: from the first to the second.
    pub(crate) fn write_reply(
        &self,
        voice: Voice,
        list: &str,
        topic: &Topic,
        words: (u64, u64),
        rng: &mut Rng,
        out: &mut String,
    ) {
        let wanted = rng.between(words.0, words.1) as usize;
        let mut told = 0;
        // Some phrases are lists of numbers: the count of phrases has its bound too.
        for _ in 0..16 {
            let from = out.len();
            self.write(voice, list, topic, rng, out);
            told += out.get(from..).map_or(0, |text| text.split_whitespace().count());
            if told >= wanted {
                break;
            }
            out.push(' ');
        }
        out.truncate(out.trim_end().len());
    }

    /// Writes the phrase of that rank of a list.
    pub(crate) fn write_nth(
        &self,
        voice: Voice,
        list: &str,
        rank: usize,
        topic: &Topic,
        rng: &mut Rng,
        out: &mut String,
    ) {
        if self.second {
            return self.write(voice, list, topic, rng, out);
        }
        let grammar = self.grammar(voice);
        debug_assert!(grammar.list(list).is_some(), "no list {list:?}");
        if let Some(list) = grammar.list(list) {
            grammar.write_nth(list, rank, topic, rng, out);
        }
    }

    /// Number of phrases in a list.
    pub(crate) fn phrases(&self, voice: Voice, list: &str) -> usize {
        let grammar = self.grammar(voice);
        grammar.list(list).map_or(0, |list| grammar.phrases(list))
    }

    /// One phrase of a list as a string of its own.
    pub(crate) fn say(&self, voice: Voice, list: &str, topic: &Topic, rng: &mut Rng) -> String {
        let mut out = String::new();
        self.write(voice, list, topic, rng, &mut out);
        out
    }
}
