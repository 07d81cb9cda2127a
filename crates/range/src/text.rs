//! The words of the worlds: topics, sentence grammars, code and pasted data.
//!
//! The vocabulary is text in `text/` at the crate's root, so that it can be read and widened without touching code.
//! What adversaries ask (`hostile`) has its own lists and shares none with what everyone else asks.

mod code;
mod foreign;
mod grammar;
mod style;
mod topic;

pub(crate) use code::write_diff;
pub(crate) use code::write_log;
pub(crate) use code::write_rows;
pub(crate) use code::write_snippet;
pub(crate) use foreign::Language;
pub(crate) use foreign::write_foreign;
pub(crate) use grammar::Grammar;
pub(crate) use grammar::write_coined;
pub(crate) use style::Style;
pub(crate) use topic::Topic;
pub(crate) use topic::TopicSlot;

use crate::error::Error;
use crate::rng::Rng;

/// All grammars, parsed.
#[derive(Debug)]
pub(crate) struct Lexicon {
    topics: Vec<Topic>,
    people: Grammar,
    coders: Grammar,
    products: Grammar,
    hostile: Grammar,
    template: Grammar,
}

/// Which grammar a list is looked up in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Voice {
    /// People's questions.
    People,
    /// Developers' questions.
    Coders,
    /// Products, pipelines, classes and other machinery of honest customers.
    Products,
    /// Work items of collection campaigns.
    Hostile,
    /// Prompt templates of bulk generation, honest or not.
    Template,
}

impl Lexicon {
    /// Parses all grammars.
    pub(crate) fn load() -> Result<Lexicon, Error> {
        let grammar = |file: &'static str, source: &'static str| {
            Grammar::parse(source).map_err(|reason| Error::Grammar { file, reason })
        };
        Ok(Lexicon {
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
        if let Some(list) = grammar.list(list) {
            grammar.write(list, topic, rng, out);
        }
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
        let from = out.len();
        let wanted = rng.between(words.0, words.1) as usize;
        // Some phrases are lists of numbers: the count of phrases has its bound too.
        for _ in 0..16 {
            self.write(voice, list, topic, rng, out);
            if out.get(from..).map_or(0, |text| text.split_whitespace().count()) >= wanted {
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
