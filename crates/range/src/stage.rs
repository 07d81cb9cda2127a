//! What all groups of a world share.

use crate::error::Error;
use crate::generate::GenerateOptions;
use crate::pool::Pools;
use crate::rng::sub;
use crate::text::Lexicon;
use crate::time::Window;
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
    /// Texts that replace generated ones.
    pub(crate) pools: Pools,
    /// The arrival process that replaces generated ones.
    pub(crate) arrivals: Option<Arrivals>,
}

impl Stage {
    /// Sets the stage for a world.
    pub(crate) fn new(world: &World, options: &GenerateOptions) -> Result<Stage, Error> {
        Ok(Stage {
            seed: sub(options.seed, "stillwatch range"),
            window: world.window,
            answers: world.answers,
            lexicon: Lexicon::load()?,
            pools: Pools::load(&options.pools)?,
            arrivals: options.trace.as_deref().map(Arrivals::load).transpose()?,
        })
    }
}
