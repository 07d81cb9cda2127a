//! content.model_probing: the model itself is measured.
//!
//! *Sees:* accounts of whose prompts at least a fifth ask for log probabilities, bias tokens, or draw several answers.
//! *Needs:* sampling parameters.
//! *Null and reference:* random groups of the same size.
//! *Benign twin:* evaluations of likelihood, classifiers built on log probabilities.
//! *Source:* extraction of a model's last layer by logit bias and log probabilities, Carlini et al., arXiv 2403.06634.

use observation::Cue;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.model_probing",
    family: Family::Content,
    what: "ask for log probabilities, biased tokens or repeated samples in a fifth of prompts",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

const MIN_PROMPTS: u64 = 5;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let probes = |at: &u32| {
        let profile = &context.population.get(*at)?.profile;
        let probing = u64::from(profile.cues.get(Cue::Probing as usize).copied().unwrap_or(0));
        (profile.prompted() >= MIN_PROMPTS).then_some(probing * 5 >= profile.prompted())
    };
    Shown::Property { members: members.iter().map(probes).collect(), rate: None }
}
