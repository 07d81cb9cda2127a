//! Answers that are looked at again: refined, judged, cleaned, as pipelines that make training data do.

use std::sync::Arc;

use record::{Params, Role};

use super::{Pace, Talk, Work};
use crate::rng::{Rng, mix, sub};
use crate::segment::conversation_seed;
use crate::text::{Topic, Voice};

/// What is done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is made better.
    Refine,
    /// It is given a mark.
    Judge,
    /// It is put into a common form.
    Clean,
}

/// Prompts that hold an earlier answer word for word. A conversation's number is that of the answer.
pub(crate) struct Loop {
    step: Step,
    /// Seed of the fixed wording.
    wording: u64,
    /// Whether each prompt is worded anew.
    reworded: bool,
    source: Arc<dyn Work>,
    /// The seed that the sources' conversations are numbered from.
    numbered_from: u64,
}

impl Loop {
    /// Looks again at what `source` was answered in the conversations numbered from that seed.
    pub(crate) fn new(step: Step, wording: u64, rewriters: u32, source: Arc<dyn Work>, numbered_from: u64) -> Loop {
        Loop { step, wording: mix(wording, step as u64), reworded: rewriters > 0, source, numbered_from }
    }

    fn list(&self) -> &'static str {
        match self.step {
            Step::Refine => "refine",
            Step::Judge => "judge",
            Step::Clean => "clean",
        }
    }
}

impl Work for Loop {
    fn turns(&self, _rng: &mut Rng) -> u32 {
        1
    }

    fn pace(&self) -> Pace {
        Pace::Script
    }

    fn params(&self, _talk: Talk<'_>) -> Option<Params> {
        let (temperature, max_tokens) = match self.step {
            Step::Refine => (0.7, 2_048),
            Step::Judge => (0.0, 2_048),
            Step::Clean => (0.0, 512),
        };
        Some(Params { temperature: Some(temperature), max_tokens: Some(max_tokens), ..Params::default() })
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let (lexicon, topic) = (&talk.stage.lexicon, Topic::default());
        let mut rng = if self.reworded { talk.rng(turn) } else { Rng::new(self.wording) };
        let mut lines = vec![lexicon.say(Voice::Template, self.list(), &topic, &mut rng)];
        lines.push(
            lexicon
                .say(Voice::Template, "lines_rule", &topic, &mut rng)
                .replace("<level>", "advanced")
                .replace("<count>", "200"),
        );
        let place = if self.reworded { rng.below(3) as usize } else { 2 };
        let mut answer = lexicon.say(Voice::Template, "embed", &topic, &mut rng);
        answer.push('\n');
        let seed = conversation_seed(self.numbered_from, talk.ordinal);
        self.source.answer(Talk { seed, ..talk }, 0, &mut answer);
        lines.insert(place, answer);
        out.push_str(&lines.join("\n"));
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(sub(mix(talk.seed, u64::from(turn)), "answer"), "loop");
        let mut text = String::new();
        talk.stage.lexicon.write_reply(Voice::Hostile, "answer", &Topic::default(), (45, 110), &mut rng, &mut text);
        out.push_str(&talk.stage.rewriting.varied(&text, &mut rng));
    }

    fn answer_tokens(&self) -> f64 {
        if self.step == Step::Judge { 220.0 } else { 800.0 }
    }
}
