//! Probes of the service: wordings that may elicit what is hidden, and fixed prompts that measure quality.

use record::{Params, Role};

use super::{Outcome, Pace, Talk, Work};
use crate::rng::{Rng, mix, sub};
use crate::stage::Stage;
use crate::text::{Topic, Voice};
use crate::work::chat::write_question;
use crate::world::Capability;

/// Share of elicitation wordings that are refused.
const REFUSED: f64 = 0.7;

/// Elicitation wordings, each conversation another one.
pub(crate) struct Probe {
    seed: u64,
    /// What the wordings are tried on; ordinary questions where there is none.
    capability: Option<Capability>,
}

impl Probe {
    /// The wordings of that seed.
    pub(crate) fn of(seed: u64, capability: Option<Capability>) -> Probe {
        Probe { seed, capability }
    }

    fn wording(&self, stage: &Stage, number: u64) -> String {
        let mut rng = Rng::new(mix(self.seed, number));
        let mut say = || stage.lexicon.say(Voice::Template, "lines_elicit", &Topic::default(), &mut rng);
        format!("{} {}", say(), say())
    }

    fn refused(&self, number: u64) -> Outcome {
        let draw = Rng::new(mix(sub(self.seed, "outcome"), number)).unit();
        match draw {
            draw if draw < REFUSED / 2.0 => Outcome::Blocked,
            draw if draw < REFUSED => Outcome::Declined,
            _ => Outcome::Served,
        }
    }

    /// The wording that came through, of so many tried.
    pub(crate) fn winner(&self, stage: &Stage, tried: u32) -> String {
        let from = u64::from(tried) / 2;
        let served = (from..u64::from(tried)).find(|number| self.refused(*number) == Outcome::Served);
        self.wording(stage, served.unwrap_or(from))
    }
}

impl Work for Probe {
    fn turns(&self, _rng: &mut Rng) -> u32 {
        1
    }

    fn pace(&self) -> Pace {
        Pace::Script
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let mut rng = talk.rng(turn);
        let lexicon = &talk.stage.lexicon;
        out.push_str(&self.wording(talk.stage, talk.ordinal));
        out.push('\n');
        match self.capability {
            Some(capability) => {
                lexicon.write(Voice::Hostile, capability.name(), &Topic::default(), &mut rng, out);
            }
            None => write_question(talk, lexicon.topic(mix(talk.seed, 1)), &mut rng, out),
        }
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(mix(talk.seed, u64::from(turn)), "answer");
        let (lexicon, topic) = (&talk.stage.lexicon, Topic::default());
        if self.refused(talk.ordinal) == Outcome::Served {
            lexicon.write_reply(Voice::Hostile, "answer", &topic, (40, 90), &mut rng, out);
        } else {
            lexicon.write(Voice::Template, "declined", &topic, &mut rng, out);
        }
    }

    fn outcome(&self, talk: Talk<'_>) -> Outcome {
        self.refused(talk.ordinal)
    }
}

/// Number of fixed prompts.
const CANARIES: u64 = 4;

/// Fixed prompts, asked again and again. A conversation's number says which.
pub(crate) struct Canary {
    seed: u64,
}

impl Canary {
    /// The prompts of that seed.
    pub(crate) fn of(seed: u64) -> Canary {
        Canary { seed }
    }
}

impl Work for Canary {
    fn turns(&self, _rng: &mut Rng) -> u32 {
        1
    }

    fn pace(&self) -> Pace {
        Pace::Script
    }

    fn params(&self, _talk: Talk<'_>) -> Option<Params> {
        Some(Params { temperature: Some(0.0), max_tokens: Some(512), ..Params::default() })
    }

    fn ask(&self, talk: Talk<'_>, _turn: u32, out: &mut String) -> Role {
        let number = talk.ordinal % CANARIES;
        let mut rng = Rng::new(mix(self.seed, number));
        let lists = ["reasoning", "software_engineering", "data_analysis", "general"];
        let list = lists.get(number as usize).copied().unwrap_or("reasoning");
        talk.stage.lexicon.write(Voice::Hostile, list, &Topic::default(), &mut rng, out);
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(mix(talk.seed, u64::from(turn)), "answer");
        talk.stage.lexicon.write_reply(Voice::Hostile, "answer", &Topic::default(), (20, 60), &mut rng, out);
    }
}
