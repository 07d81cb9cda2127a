//! What is asked: kinds of work, each a pure function of the conversation's seed.
//!
//! A conversation's text never depends on the account that sends it: when a pool moves a conversation to another
//! account, the other account tells the same story from its beginning.

mod agent;
mod bench;
mod chat;
mod code;
mod conversation;
mod feedback;
mod homework;
mod judge;
mod pace;
mod probe;
mod recipe;
mod told;
mod visitors;

pub(crate) use agent::Agent;
pub(crate) use bench::Bench;
pub(crate) use chat::Chat;
pub(crate) use code::Code;
pub(crate) use conversation::Outcome;
pub(crate) use conversation::Talk;
pub(crate) use conversation::Work;
pub(crate) use feedback::Loop;
pub(crate) use feedback::Step;
pub(crate) use homework::Homework;
pub(crate) use judge::Judge;
pub(crate) use pace::Pace;
pub(crate) use pace::gap_us;
pub(crate) use probe::Canary;
pub(crate) use probe::Probe;
pub(crate) use recipe::Filler;
pub(crate) use recipe::Recipe;
pub(crate) use recipe::Template;
pub(crate) use told::Pasted;
pub(crate) use told::Told;
pub(crate) use visitors::Visitors;
