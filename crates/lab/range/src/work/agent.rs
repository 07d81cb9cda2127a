//! A popular coding agent: one long system prompt and one list of tools, the same for everybody who runs it.

use record::Role;

use super::conversation::turns_while;
use super::{Pace, Talk, Work};
use crate::rng::{Rng, mix};
use crate::text::{Style, Topic, Voice};

const TOOLS: [&str; 7] = ["bash", "read", "edit", "search", "glob", "todo", "web_fetch"];

/// Tasks given to the agent, and the results of its tools.
pub(crate) struct Agent;

impl Work for Agent {
    fn turns(&self, rng: &mut Rng) -> u32 {
        1 + turns_while(0.7, 9, rng)
    }

    fn pace(&self) -> Pace {
        Pace::Agent
    }

    fn system(&self, talk: Talk<'_>, out: &mut String) {
        let (lexicon, topic) = (&talk.stage.lexicon, Topic::default());
        let mut rng = Rng::new(0);
        lexicon.write(Voice::Products, "harness_open", &topic, &mut rng, out);
        for rank in 0..lexicon.phrases(Voice::Products, "harness_rules") {
            out.push('\n');
            lexicon.write_nth(Voice::Products, "harness_rules", rank, &topic, &mut rng, out);
        }
    }

    fn tools(&self) -> &'static [&'static str] {
        &TOOLS
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let mut rng = talk.rng(turn);
        let topic = talk.stage.lexicon.topic(mix(talk.seed, 1));
        let from = out.len();
        if turn == 0 {
            talk.stage.lexicon.write(Voice::Products, "agent_task", topic, &mut rng, out);
            Style::apply(talk.style, &mut rng, out, from);
            return Role::User;
        }
        talk.stage.lexicon.write(Voice::Products, "tool_result", topic, &mut rng, out);
        Role::Tool
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(mix(talk.seed, u64::from(turn)), "answer");
        let topic = talk.stage.lexicon.topic(mix(talk.seed, 1));
        talk.stage.lexicon.write(Voice::Products, "agent_answer", topic, &mut rng, out);
    }

    fn answer_tokens(&self) -> f64 {
        190.0
    }
}
