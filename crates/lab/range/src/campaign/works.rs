//! What a campaign's accounts do: the collection, the cover, the stages that look at answers again, the probes.

use std::ops::Range;
use std::sync::Arc;

use record::Params;

use crate::profile::Share;
use crate::rewrite::{Brief, REWRITERS};
use crate::rng::{Rng, mix, sub};
use crate::stage::Stage;
use crate::work::{Agent, Canary, Chat, Code, Filler, Loop, Probe, Recipe, Step, Template, Visitors};
use crate::world::{CampaignSpec, Level};

/// The kinds of work of a campaign, by their place in every account's list.
pub(super) struct Works {
    /// All of them.
    pub(super) shares: Vec<Share>,
    /// Those that are other people's ordinary use.
    pub(super) cover: Range<u16>,
    /// Those that look at an earlier answer again: refine, judge, clean.
    pub(super) loops: Option<[u16; 3]>,
    /// The one that tries elicitation wordings.
    pub(super) probe: Option<u16>,
    /// The one that measures quality.
    pub(super) canary: Option<u16>,
    /// Share of the collection that looks at earlier answers.
    pub(super) feedback: f64,
}

impl Works {
    /// Draws the works of a campaign; `rng` is the operator's stream.
    pub(super) fn new(spec: &CampaignSpec, stage: &Stage, seed: u64, params: Params, rng: &mut Rng) -> Works {
        let feedback = feedback(spec, seed);
        let mut works = Works { shares: Vec::new(), cover: 0..0, loops: None, probe: None, canary: None, feedback };
        if spec.level == Level::T4 {
            works.add(0.55, Arc::new(Visitors::talking(sub(seed, "customers"))));
            works.add(0.25, Arc::new(Visitors::coding()));
            works.add(0.2, Arc::new(Agent));
            works.cover = 0..3;
        } else {
            let recipe = Arc::new(recipe(spec, stage, seed, params, rng));
            works.add(1.0 - spec.cover, Arc::clone(&recipe) as Arc<dyn crate::work::Work>);
            if spec.cover > 0.0 {
                works.add(0.5 * spec.cover, Arc::new(Chat::of_many(sub(seed, "customers"))));
                works.add(0.25 * spec.cover, Arc::new(Code::new(0.5)));
                works.add(0.25 * spec.cover, Arc::new(Agent));
                works.cover = 1..4;
            }
            if feedback > 0.0 {
                works.add_loops(spec, seed, recipe);
            }
        }
        if spec.sweep > 0 {
            works.probe = Some(works.add(0.0, Arc::new(Probe::of(sub(seed, "sweep"), Some(spec.capability)))));
        }
        if spec.canaries {
            works.canary = Some(works.add(0.0, Arc::new(Canary::of(sub(seed, "canaries")))));
        }
        works
    }

    fn add(&mut self, weight: f64, work: Arc<dyn crate::work::Work>) -> u16 {
        self.shares.push(Share { weight, work });
        self.shares.len() as u16 - 1
    }

    fn add_loops(&mut self, spec: &CampaignSpec, seed: u64, recipe: Arc<Recipe>) {
        let source = source_seed(spec.level, seed);
        let rewriters = rewriters(spec);
        let wording = sub(seed, "loops");
        let refine = Arc::new(Loop::new(Step::Refine, wording, rewriters, recipe.clone(), source));
        let judge = Loop::new(Step::Judge, wording, rewriters, recipe, source);
        let first = self.shares.len() as u16;
        let clean = Loop::new(Step::Clean, wording, rewriters, refine.clone(), refined_seed(seed));
        self.add(0.0, refine);
        self.add(0.0, Arc::new(judge));
        self.add(0.0, Arc::new(clean));
        self.loops = Some([first, first + 1, first + 2]);
    }

    /// Whether a kind of work is other people's ordinary use.
    pub(super) fn is_cover(&self, work: u16) -> bool {
        self.cover.contains(&work)
    }
}

/// The seed that the conversations of the collection are numbered from.
pub(super) fn source_seed(level: Level, seed: u64) -> u64 {
    if matches!(level, Level::T0 | Level::T1) { seed } else { mix(seed, 0) }
}

/// The seed that refined answers are numbered from.
pub(super) fn refined_seed(seed: u64) -> u64 {
    sub(seed, "refined")
}

fn rewriters(spec: &CampaignSpec) -> u32 {
    if spec.level == Level::T3 { spec.rewriters.unwrap_or(REWRITERS) } else { 0 }
}

fn feedback(spec: &CampaignSpec, seed: u64) -> f64 {
    spec.feedback.unwrap_or_else(|| match spec.level {
        Level::T0 | Level::T1 | Level::T4 => 0.0,
        Level::T2 => {
            let mut rng = Rng::of(seed, "feedback");
            if rng.chance(0.5) { 0.1 + 0.3 * rng.unit() } else { 0.0 }
        }
        Level::T3 => 0.3,
    })
}

/// The collection.
fn recipe(spec: &CampaignSpec, stage: &Stage, seed: u64, params: Params, rng: &mut Rng) -> Recipe {
    let count = u64::from(spec.templates.unwrap_or_else(|| match spec.level {
        Level::T0 => 1,
        Level::T1 => rng.between(1, 3) as u32,
        _ => rng.between(2, 5) as u32,
    }));
    let in_system = spec.level == Level::T2 && rng.chance(0.4);
    let eliciting = rng.chance(0.6);
    let won = (spec.sweep > 0).then(|| Probe::of(sub(seed, "sweep"), None).winner(stage, spec.sweep));
    let mut templates: Vec<Template> = (0..count)
        .map(|number| {
            // Where real items are given, some campaigns send them as they are.
            if !stage.pools.work.is_empty() && number > 0 && rng.chance(0.2) {
                return Template::bare();
            }
            let elicit = eliciting && rng.chance(0.6);
            Template::of_recipe(stage, mix(seed, number), elicit, in_system)
        })
        .collect();
    // The wording that came through is what is scaled.
    if let Some(won) = &won {
        templates = templates.into_iter().map(|template| template.opened(won)).collect();
    }
    let filler = Filler::work(stage, spec.capability, seed);
    let rewriters = rewriters(spec);
    if spec.level == Level::T3 && rewriters > 0 {
        let mut rng = Rng::of(seed, "briefs");
        let briefs = (0..count)
            .map(|_| {
                let elicit = won.is_some() || rng.chance(0.4);
                Brief::draw(&mut rng, elicit)
            })
            .collect();
        return Recipe::new(vec![Template::bare()], filler).again(0.05).long(900.0).reworded(briefs, rewriters);
    }
    let recipe = Recipe::new(templates, filler).again(0.08);
    if spec.level == Level::T3 { recipe.long(900.0) } else { recipe.sampled(params, 900.0) }
}
