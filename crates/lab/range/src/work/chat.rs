//! People who ask about their lives, with or without a product in between.

use record::Role;

use super::conversation::turns_while;
use super::{Talk, Work};
use crate::dialect;
use crate::rng::{Rng, label, mix};
use crate::text::{Language, Topic, Voice};

/// Conversations on a writer's favourite topics.
pub(crate) struct Chat {
    /// Seed that the favourite topics are drawn from; `None` where each conversation has a writer of its own.
    favourites: Option<u64>,
    /// A product's system prompt.
    system: String,
    /// Probability that a conversation goes on after a turn.
    go_on: f64,
    /// Whether the benign pool may replace its questions.
    pooled: bool,
}

impl Chat {
    /// A person's conversations.
    pub(crate) fn of(seed: u64) -> Chat {
        Chat { favourites: Some(seed), system: String::new(), go_on: 0.66, pooled: true }
    }

    /// Conversations of many unrelated people.
    pub(crate) fn of_many(seed: u64) -> Chat {
        Chat { favourites: None, ..Chat::of(seed) }
    }

    /// The same with a product's system prompt.
    pub(crate) fn with_system(self, system: String) -> Chat {
        Chat { system, ..self }
    }

    /// The same with single questions only.
    pub(crate) fn single(self) -> Chat {
        Chat { go_on: 0.0, ..self }
    }

    /// The same with generated questions only.
    pub(crate) fn unpooled(self) -> Chat {
        Chat { pooled: false, ..self }
    }

    fn topic<'a>(&self, talk: Talk<'a>) -> &'a Topic {
        let mut rng = Rng::of(talk.seed, "topic");
        // A writer has five favourite topics and leaves them now and then.
        let rank = match self.favourites {
            Some(seed) if rng.chance(0.8) => mix(seed, rng.below(5)),
            _ => rng.word(),
        };
        talk.stage.lexicon.topic(rank)
    }
}

/// Writes a first question: an opener, some context, the question, a wish, as the writer's habits have it.
pub(super) fn write_question(talk: Talk<'_>, topic: &Topic, rng: &mut Rng, out: &mut String) {
    let lexicon = &talk.stage.lexicon;
    let from = out.len();
    if lexicon.is_second() {
        dialect::write_inquiry(label(topic.name()), rng, out);
        return lexicon.typed(talk.style, rng, out, from);
    }
    if rng.below(100) < u64::from(talk.style.opener) {
        lexicon.write(Voice::People, "opener", topic, rng, out);
        out.push_str(if rng.chance(0.5) { ", " } else { "\n" });
    }
    let context = rng.below(u64::from(talk.style.context) + 1);
    let lead = rng.chance(0.5);
    for _ in 0..if lead { context } else { 0 } {
        lexicon.write(Voice::People, "context", topic, rng, out);
        out.push(' ');
    }
    lexicon.write(Voice::People, "question", topic, rng, out);
    for _ in 0..if lead { 0 } else { context } {
        out.push(' ');
        lexicon.write(Voice::People, "context", topic, rng, out);
    }
    if rng.chance(0.45) {
        out.push(' ');
        lexicon.write(Voice::People, "want", topic, rng, out);
    }
    talk.stage.lexicon.typed(talk.style, rng, out, from);
}

impl Work for Chat {
    fn turns(&self, rng: &mut Rng) -> u32 {
        turns_while(self.go_on, 16, rng)
    }

    fn system(&self, _talk: Talk<'_>, out: &mut String) {
        out.push_str(&self.system);
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let mut rng = talk.rng(turn);
        if let Some(text) = talk.pooled(turn).filter(|_| self.pooled) {
            out.push_str(text);
        } else if talk.language != Language::English && rng.chance(0.9) {
            talk.stage.lexicon.write_foreign(talk.language, &mut rng, out);
        } else if turn == 0 {
            write_question(talk, self.topic(talk), &mut rng, out);
        } else {
            let from = out.len();
            talk.stage.lexicon.write(Voice::People, "follow", self.topic(talk), &mut rng, out);
            talk.stage.lexicon.typed(talk.style, &mut rng, out, from);
        }
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(mix(talk.seed, u64::from(turn)), "answer");
        if talk.language != Language::English {
            talk.stage.lexicon.write_foreign(talk.language, &mut rng, out);
            return;
        }
        talk.stage.lexicon.write_reply(Voice::People, "answer", self.topic(talk), (22, 90), &mut rng, out);
    }
}
