//! What all groups of a world share.

use crate::error::Error;
use crate::options::GenerateOptions;
use crate::pool::Pools;
use crate::rewrite::Rewriting;
use crate::rng::sub;
use crate::text::Lexicon;
use crate::time::{DAY, HOUR, Window};
use crate::trace::Arrivals;
use crate::world::World;

/// The shared part of a world: read by all threads, changed by none.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The seed of everything.
    pub(crate) seed: u64,
    /// The time that the log covers.
    pub(crate) window: Window,
    /// Whether the log keeps the text of answers.
    pub(crate) answers: bool,
    /// All words.
    pub(crate) lexicon: Lexicon,
    /// Several ways to say the same.
    pub(crate) rewriting: Rewriting,
    /// Released models, with the time of each.
    pub(crate) releases: Vec<(String, i64)>,
    /// Texts that replace generated ones.
    pub(crate) pools: Pools,
    /// The arrival process that replaces generated ones.
    pub(crate) arrivals: Option<Arrivals>,
}

impl Stage {
    /// Sets the stage for a world.
    pub(crate) fn new(world: &World, options: &GenerateOptions) -> Result<Stage, Error> {
        let mut releases: Vec<(String, i64)> = world
            .releases
            .iter()
            .map(|one| (one.model.clone(), world.window.start + i64::from(one.day) * DAY + 16 * HOUR))
            .collect();
        releases.sort_by_key(|(_, at)| *at);
        Ok(Stage {
            seed: sub(options.seed, "stillwatch range"),
            window: world.window,
            answers: world.answers,
            lexicon: Lexicon::load(options.voice.unwrap_or(world.voice))?,
            rewriting: Rewriting::load()?,
            releases,
            pools: Pools::load(&options.pools)?,
            arrivals: options.trace.as_deref().map(Arrivals::load).transpose()?,
        })
    }
}
