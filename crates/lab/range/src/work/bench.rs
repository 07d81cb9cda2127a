//! A public benchmark, run in the order of its file at temperature 0.

use record::{Params, Role};

use super::{Pace, Talk, Work};
use crate::rng::{Rng, mix, sub};
use crate::text::Voice;

/// One of the world's public benchmarks.
pub(crate) struct Bench {
    set: u64,
    first: u64,
}

/// Items of a benchmark; a longer run begins again.
const ITEMS: u64 = 1_500;

impl Bench {
    /// The benchmark of that number, from that item on. All runners of a world see the same items.
    pub(crate) fn of(world: u64, number: u64, first: u64) -> Bench {
        Bench { set: mix(sub(world, "benchmark"), number), first }
    }
}

impl Work for Bench {
    fn turns(&self, _rng: &mut Rng) -> u32 {
        1
    }

    fn pace(&self) -> Pace {
        Pace::Script
    }

    fn params(&self, _talk: Talk<'_>) -> Option<Params> {
        Some(Params { temperature: Some(0.0), max_tokens: Some(64), ..Params::default() })
    }

    fn ask(&self, talk: Talk<'_>, _turn: u32, out: &mut String) -> Role {
        let lexicon = &talk.stage.lexicon;
        let item = mix(self.set, (self.first + talk.ordinal) % ITEMS);
        lexicon.write(Voice::Products, "bench_head", lexicon.topic(self.set), &mut Rng::new(self.set), out);
        out.push_str("\n\n");
        lexicon.write(Voice::Products, "bench_item", lexicon.topic(item), &mut Rng::new(item), out);
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let topic = talk.stage.lexicon.topic(talk.seed);
        talk.stage.lexicon.write(Voice::Products, "label", topic, &mut talk.rng(turn + 100), out);
    }

    fn answer_tokens(&self) -> f64 {
        8.0
    }
}
