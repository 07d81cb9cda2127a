//! Developers who ask about code, by hand or out of their tools.

use record::Role;

use super::conversation::turns_while;
use super::{Talk, Work};
use crate::rng::{Rng, mix};
use crate::text::{Topic, Voice};

/// Questions with code, logs and tables in them.
pub(crate) struct Code {
    go_on: f64,
    pooled: bool,
}

impl Code {
    /// Conversations about code; `go_on` is the probability that one goes on after a turn.
    pub(crate) fn new(go_on: f64) -> Code {
        Code { go_on, pooled: true }
    }

    /// The same with generated questions only.
    pub(crate) fn unpooled(self) -> Code {
        Code { pooled: false, ..self }
    }
}

impl Work for Code {
    fn turns(&self, rng: &mut Rng) -> u32 {
        turns_while(self.go_on, 12, rng)
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let mut rng = talk.rng(turn);
        if let Some(text) = talk.pooled(turn).filter(|_| self.pooled) {
            out.push_str(text);
            return Role::User;
        }
        let lexicon = &talk.stage.lexicon;
        let (from, topic) = (out.len(), Topic::default());
        if turn > 0 {
            lexicon.write(Voice::Coders, "followup", &topic, &mut rng, out);
            talk.stage.lexicon.typed(talk.style, &mut rng, out, from);
            return Role::User;
        }
        lexicon.write(Voice::Coders, "ask", &topic, &mut rng, out);
        for _ in 0..rng.below(u64::from(talk.style.context) + 1) {
            out.push(' ');
            lexicon.write(Voice::Coders, "note", &topic, &mut rng, out);
        }
        talk.stage.lexicon.typed(talk.style, &mut rng, out, from);
        match rng.below(8) {
            0..3 => {
                out.push('\n');
                lexicon.write_snippet(&mut rng, out);
            }
            3 => {
                out.push('\n');
                lexicon.write_log(&mut rng, out);
            }
            4 => {
                out.push('\n');
                lexicon.write_rows(&mut rng, out);
            }
            _ => {}
        }
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(mix(talk.seed, u64::from(turn)), "answer");
        talk.stage.lexicon.write_reply(Voice::Coders, "answer", &Topic::default(), (22, 90), &mut rng, out);
    }

    fn answer_tokens(&self) -> f64 {
        480.0
    }
}
