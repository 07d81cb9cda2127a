//! Imitators of a firm, who want it accused: its system prompt, its client and its harness on accounts of theirs.

use std::sync::Arc;

use record::Role;

use super::ties::Ties;
use crate::benign::{self, Crowd};
use crate::client::Stack;
use crate::group::Group;
use crate::network::Place;
use crate::plan::plan;
use crate::profile::Profile;
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::stage::Stage;
use crate::time::{DAY, HOUR};
use crate::work::{Filler, Pace, Recipe, Talk, Template, Work};
use crate::world::{FramingSpec, Level};

/// Accounts that imitate a firm.
pub(crate) struct Framers {
    spec: FramingSpec,
    accounts: u32,
    victim: Arc<Crowd>,
    seed: u64,
    ties: Ties,
    from: i64,
    to: i64,
}

impl Framers {
    /// Imitates the first firm of a crowd with so many accounts.
    pub(crate) fn new(spec: &FramingSpec, accounts: u32, victim: Arc<Crowd>, stage: &Stage, rank: u64) -> Framers {
        let seed = mix(sub(stage.seed, "framing"), rank);
        let from = stage.window.start + i64::from(spec.start_day) * DAY;
        let to = spec.days.map_or(stage.window.end, |days| from + i64::from(days) * DAY).min(stage.window.end);
        let joined: Vec<i64> = (0..accounts).map(|_| from).collect();
        let ties = Ties::new(Level::T1, false, seed, &joined, stage);
        Framers { spec: spec.clone(), accounts, victim, seed, ties, from, to }
    }

    fn account_seed(&self, index: u32) -> u64 {
        mix(sub(self.seed, "account"), u64::from(index))
    }
}

impl Group for Framers {
    fn accounts(&self) -> u32 {
        self.accounts
    }

    fn id(&self, index: u32) -> u64 {
        sub(self.account_seed(index), "id")
    }

    fn volume(&self, index: u32) -> u32 {
        self.spec.exchanges.draw(&mut Rng::of(self.account_seed(index), "volume"))
    }

    fn profile(&self, stage: &Stage, index: u32) -> Profile {
        let seed = self.account_seed(index);
        let mut rng = Rng::of(seed, "framer");
        let model = self.victim.profile(stage, index % self.victim.size());
        let mut profile = Profile::person(stage, seed, self.id(index), 0.0);
        profile.through_api(Stack::Library);
        self.ties.bind(&mut profile.account, index, stage, &mut rng);
        let place = Place::draw(&mut rng);
        profile.settle(benign::residential(&mut rng), place.country());
        profile.volume = self.volume(index);
        profile.clients = model.clients;
        profile.params = model.params;
        profile.model = model.model;
        profile.style = model.style;
        profile.rhythm = model.rhythm;
        profile.channel = model.channel;
        profile.sessions = model.sessions;
        let template = Template::of_recipe(stage, sub(self.seed, "template"), true, false);
        let recipe = Recipe::new(vec![template], Filler::work(stage, self.spec.capability, self.seed)).long(900.0);
        if let Some(share) = model.works.first() {
            let dressed = Dressed { inner: Arc::new(recipe), dress: Arc::clone(&share.work) };
            profile.add(0.65, Arc::new(dressed));
        }
        for share in model.works {
            profile.add(0.35 * share.weight, share.work);
        }
        profile
    }

    fn segments(&self, stage: &Stage, _index: u32, profile: &Profile) -> Vec<Segment> {
        let mut segments = plan(stage, profile);
        let seed = sub(profile.seed, "framing times");
        let rhythm = match profile.rhythm {
            Rhythm::Event { .. } => Rhythm::Flat { spread: 1.0 },
            rhythm => rhythm,
        };
        let starts = rhythm.starts(stage, seed, segments.len(), self.from, self.to - HOUR);
        // What the recipe deals out is dealt over all of them.
        for (segment, start) in segments.iter_mut().zip(starts) {
            segment.start_us = start;
        }
        segments
    }
}

/// Work under somebody else's system prompt and tools.
struct Dressed {
    inner: Arc<dyn Work>,
    dress: Arc<dyn Work>,
}

impl Work for Dressed {
    fn turns(&self, rng: &mut Rng) -> u32 {
        self.inner.turns(rng)
    }

    fn pace(&self) -> Pace {
        self.inner.pace()
    }

    fn system(&self, talk: Talk<'_>, out: &mut String) {
        self.dress.system(talk, out);
    }

    fn tools(&self) -> &'static [&'static str] {
        self.dress.tools()
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        self.inner.ask(talk, turn, out)
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        self.inner.answer(talk, turn, out);
    }

    fn answer_tokens(&self) -> f64 {
        self.inner.answer_tokens()
    }
}
