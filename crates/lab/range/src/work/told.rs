//! Conversations that begin with what was told before: a public chat that strangers continue, a program's examples.

use std::sync::Arc;

use record::Role;

use super::conversation::turns_while;
use super::{Chat, Pace, Talk, Work};
use crate::rng::Rng;
use crate::text::Style;

/// Some turns of another conversation, then the caller's own.
pub(crate) struct Told {
    /// Seed of the conversation that is continued.
    origin: u64,
    turns: u16,
    then: Arc<dyn Work>,
}

impl Told {
    /// Continues the first turns of the conversation of that seed.
    pub(crate) fn new(origin: u64, turns: u16, then: Arc<dyn Work>) -> Told {
        Told { origin, turns, then }
    }

    /// What is told, as its first teller says it.
    pub(crate) fn first() -> Chat {
        Chat::of_many(0).unpooled()
    }

    fn origin<'a>(&self, talk: Talk<'a>) -> Talk<'a> {
        Talk { seed: self.origin, style: Style::of(self.origin), ..talk }
    }
}

impl Work for Told {
    fn turns(&self, rng: &mut Rng) -> u32 {
        self.then.turns(rng)
    }

    fn pace(&self) -> Pace {
        self.then.pace()
    }

    fn told(&self) -> u16 {
        self.turns
    }

    fn system(&self, talk: Talk<'_>, out: &mut String) {
        self.then.system(talk, out);
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        if turn < u32::from(self.turns) {
            return Told::first().ask(self.origin(talk), turn, out);
        }
        self.then.ask(talk, turn, out)
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        if turn < u32::from(self.turns) {
            return Told::first().answer(self.origin(talk), turn, out);
        }
        self.then.answer(talk, turn, out);
    }

    fn answer_tokens(&self) -> f64 {
        self.then.answer_tokens()
    }
}

/// Somebody pastes an answer that somebody else was given.
pub(crate) struct Pasted {
    /// Seed of the conversation whose answer it is.
    origin: u64,
}

impl Pasted {
    /// The first answer of the conversation of that seed.
    pub(crate) fn of(origin: u64) -> Pasted {
        Pasted { origin }
    }
}

impl Work for Pasted {
    fn turns(&self, rng: &mut Rng) -> u32 {
        turns_while(0.5, 4, rng)
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let lexicon = &talk.stage.lexicon;
        let mut rng = talk.rng(turn);
        let topic = lexicon.topic(self.origin);
        if turn > 0 {
            lexicon.write(crate::text::Voice::People, "follow", topic, &mut rng, out);
            return Role::User;
        }
        lexicon.write(crate::text::Voice::People, "paste_open", topic, &mut rng, out);
        out.push_str("\n\n");
        let origin = Talk { seed: self.origin, style: Style::of(self.origin), ..talk };
        Told::first().answer(origin, 0, out);
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        Told::first().answer(talk, turn + 1, out);
    }
}
