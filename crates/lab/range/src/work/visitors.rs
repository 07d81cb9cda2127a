//! Real people behind a relay: many writers, several languages.

use record::Role;

use super::{Chat, Code, Talk, Work};
use crate::rng::Rng;
use crate::text::Language;

/// Conversations of unrelated people, each in the language of its writer.
pub(crate) struct Visitors {
    inner: Box<dyn Work>,
}

impl Visitors {
    /// People who talk about their lives.
    pub(crate) fn talking(seed: u64) -> Visitors {
        Visitors { inner: Box::new(Chat::of_many(seed)) }
    }

    /// People who write programs.
    pub(crate) fn coding() -> Visitors {
        Visitors { inner: Box::new(Code::new(0.6)) }
    }
}

fn spoken(talk: Talk<'_>) -> Talk<'_> {
    let language = match Rng::of(talk.seed, "language").below(20) {
        0..11 => Language::English,
        11..15 => Language::Chinese,
        15..18 => Language::Spanish,
        _ => Language::German,
    };
    Talk { language, ..talk }
}

impl Work for Visitors {
    fn turns(&self, rng: &mut Rng) -> u32 {
        self.inner.turns(rng)
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        self.inner.ask(spoken(talk), turn, out)
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        self.inner.answer(spoken(talk), turn, out);
    }

    fn answer_tokens(&self) -> f64 {
        self.inner.answer_tokens()
    }
}
