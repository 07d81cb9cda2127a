//! A conversation, and what every kind of work says about its conversations.

use record::{Params, Role};

use super::pace::Pace;
use crate::rng::{Rng, mix};
use crate::stage::Stage;
use crate::text::{Language, Style};

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

/// Turns of a conversation that goes on with probability `go_on` after each.
pub(crate) fn turns_while(go_on: f64, most: u32, rng: &mut Rng) -> u32 {
    let mut turns = 1;
    while turns < most && rng.chance(go_on) {
        turns += 1;
    }
    turns
}
