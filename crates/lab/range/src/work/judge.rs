//! A declared organisation that grades its own product's answers by a rubric: answers come back, and honestly so.

use record::{Params, Role};

use super::{Chat, Pace, Talk, Work};
use crate::rng::{Rng, mix};
use crate::text::{Style, Voice};

/// Grading of the conversations of a product's account.
pub(crate) struct Judge {
    rubric: u64,
    product: Chat,
    /// Seed of the account that the product runs on.
    account: u64,
    /// Whether every other conversation there is a judgement, and earlier ones are looked at.
    peers: bool,
}

impl Judge {
    /// Grades what `product` said on the account of that seed.
    pub(crate) fn of(rubric: u64, product: Chat, account: u64) -> Judge {
        Judge { rubric, product, account, peers: false }
    }
}

impl Judge {
    /// The same among peers, who ask and judge in turn.
    pub(crate) fn of_peers(self) -> Judge {
        Judge { peers: true, ..self }
    }
}

impl Work for Judge {
    fn turns(&self, _rng: &mut Rng) -> u32 {
        1
    }

    fn pace(&self) -> Pace {
        Pace::Script
    }

    fn system(&self, talk: Talk<'_>, out: &mut String) {
        let topic = talk.stage.lexicon.topic(self.rubric);
        talk.stage.lexicon.write(Voice::Products, "rubric", topic, &mut Rng::new(self.rubric), out);
    }

    fn params(&self, _talk: Talk<'_>) -> Option<Params> {
        Some(Params { temperature: Some(0.0), max_tokens: Some(256), ..Params::default() })
    }

    fn ask(&self, talk: Talk<'_>, _turn: u32, out: &mut String) -> Role {
        // The product's conversation of the same number, as the product's account has it.
        let number = if self.peers { talk.ordinal / 4 * 2 } else { talk.ordinal };
        let seed = crate::segment::conversation_seed(self.account, number);
        let graded = Talk { seed, style: Style::of(seed), ..talk };
        out.push_str("Customer: ");
        self.product.ask(graded, 0, out);
        out.push_str("\nReply: ");
        self.product.answer(graded, 0, out);
        out.push_str("\nMark:");
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(mix(talk.seed, u64::from(turn)), "answer");
        let topic = talk.stage.lexicon.topic(self.rubric);
        out.push_str(&rng.between(1, 10).to_string());
        out.push_str(". ");
        talk.stage.lexicon.write_reply(Voice::People, "context", topic, (16, 40), &mut rng, out);
    }

    fn answer_tokens(&self) -> f64 {
        60.0
    }
}
