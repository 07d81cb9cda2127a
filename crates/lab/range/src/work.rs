//! What is asked: kinds of work, each a pure function of the conversation's seed.
//!
//! A conversation's text never depends on the account that sends it: when a pool moves a conversation to another
//! account, the other account tells the same story from its beginning.

mod agent;
mod bench;
mod chat;
mod code;
mod feedback;
mod homework;
mod judge;
mod probe;
mod recipe;
mod told;
mod visitors;

pub(crate) use agent::Agent;
pub(crate) use bench::Bench;
pub(crate) use chat::Chat;
pub(crate) use code::Code;
pub(crate) use feedback::Loop;
pub(crate) use feedback::Step;
pub(crate) use homework::Homework;
pub(crate) use judge::Judge;
pub(crate) use probe::Canary;
pub(crate) use probe::Probe;
pub(crate) use recipe::Filler;
pub(crate) use recipe::Recipe;
pub(crate) use recipe::Template;
pub(crate) use told::Pasted;
pub(crate) use told::Told;
pub(crate) use visitors::Visitors;

use record::{Params, Role};

use crate::rng::{Rng, mix};
use crate::stage::Stage;
use crate::text::{Language, Style};
use crate::time::SECOND;

/// One conversation, as a kind of work sees it.
#[derive(Clone, Copy)]
pub(crate) struct Talk<'a> {
    /// The stage.
    pub(crate) stage: &'a Stage,
    /// Seed of the conversation.
    pub(crate) seed: u64,
    /// How its writer types.
    pub(crate) style: Style,
    /// The language it is written in.
    pub(crate) language: Language,
    /// Its number among the account's or the campaign's conversations: what is dealt out goes by it.
    pub(crate) ordinal: u64,
    /// Its number among all conversations of the world, by which the benign pool is dealt out.
    pub(crate) deal: u64,
}

impl<'a> Talk<'a> {
    /// What the benign pool has for a turn.
    pub(crate) fn pooled(&self, turn: u32) -> Option<&'a str> {
        self.stage.pools.benign_item(self.deal)?.get(turn as usize).map(String::as_str)
    }

    /// The stream of one turn.
    pub(crate) fn rng(&self, turn: u32) -> Rng {
        Rng::new(mix(self.seed, u64::from(turn) + 1))
    }
}

/// How fast turns follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A person reads and types.
    Person,
    /// A program calls its tools.
    Agent,
    /// A script goes on at once.
    Script,
}

/// What the service does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It answers.
    Served,
    /// It answers that it will not.
    Declined,
    /// A filter stops the request.
    Blocked,
}

/// A kind of work.
pub(crate) trait Work: Send + Sync {
    /// Draws the number of turns of a conversation.
    fn turns(&self, rng: &mut Rng) -> u32;

    /// How fast turns follow each other.
    fn pace(&self) -> Pace {
        Pace::Person
    }

    /// Writes the system prompt, if there is one.
    fn system(&self, _talk: Talk<'_>, _out: &mut String) {}

    /// Names of the tools that are offered.
    fn tools(&self) -> &'static [&'static str] {
        &[]
    }

    /// Sampling parameters, where the work sets them and not the caller.
    fn params(&self, _talk: Talk<'_>) -> Option<Params> {
        None
    }

    /// Images that come with the first message.
    fn media(&self) -> u32 {
        0
    }

    /// Writes what is asked on a turn and says who asks.
    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role;

    /// Writes the answer to a turn.
    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String);

    /// Turns that were told before and come along as history.
    fn told(&self) -> u16 {
        0
    }

    /// What the service does with the conversation's requests.
    fn outcome(&self, _talk: Talk<'_>) -> Outcome {
        Outcome::Served
    }

    /// Median tokens of an answer.
    fn answer_tokens(&self) -> f64 {
        260.0
    }
}

/// Time from one turn to the next, the answer's own time included.
pub(crate) fn gap_us(pace: Pace, seed: u64, turn: u32) -> i64 {
    let mut rng = Rng::new(mix(seed, 0x6A70_0000 + u64::from(turn)));
    let seconds = match pace {
        // 3 / 17 / 82 s at the 10th, 50th and 90th percentile between people; now and then somebody is called away.
        Pace::Person if rng.chance(0.12) => rng.log_normal(420.0, 0.9),
        Pace::Person => 4.0 + rng.log_normal(17.0, 1.228),
        Pace::Agent => 2.0 + rng.log_normal(7.0, 0.8),
        Pace::Script => 1.0 + rng.log_normal(4.0, 0.5),
    };
    (seconds.min(14_400.0) * SECOND as f64) as i64
}

/// Turns of a conversation that goes on with probability `go_on` after each.
pub(crate) fn turns_while(go_on: f64, most: u32, rng: &mut Rng) -> u32 {
    let mut turns = 1;
    while turns < most && rng.chance(go_on) {
        turns += 1;
    }
    turns
}
