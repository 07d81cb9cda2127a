//! content.dealt_tasks: one task set, dealt out without repeats.
//!
//! *Sees:* members that fill a wording which at least two other accounts of the group fill too, and none of whose
//! prompts is repeated, by themselves or by any other member. Independent customers of one wording meet on the same
//! tasks; what is dealt out does not.
//! *Needs:* prompt text, at least five prompts an account.
//! *Null and reference:* random groups of like size.
//! *Benign twin:* a labelling firm; users of a product whose inputs are never the same.
//! *Source:* coverage of one sampler over colluding users, Kesarwani et al., arXiv 1711.07221.

use cohort::Items;
use sketch::hash::HashedMap;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::repeated_frames;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.dealt_tasks",
    family: Family::Content,
    what: "fill a wording that others fill, and repeat nobody's task",
    least: 5,
    null: Null::BySize,
    shows,
};

const MIN_PROMPTS: u64 = 5;

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let mut wordings: HashedMap<u32> = HashedMap::default();
    let mut asked: HashedMap<u64> = HashedMap::default();
    for profile in context.profiles(members).into_iter().flatten() {
        repeated_frames(profile)
            .filter(|(frame, _)| items.hold(*frame))
            .for_each(|(frame, _)| *wordings.entry(frame).or_default() += 1);
        profile.prompts.iter().for_each(|(prompt, count)| *asked.entry(prompt).or_default() += u64::from(count));
    }
    let dealt = |at: &u32| {
        let profile = &context.population.get(*at)?.profile;
        let shares = || repeated_frames(profile).any(|(frame, _)| wordings.get(&frame).is_some_and(|held| *held >= 3));
        let once = || profile.prompts.iter().all(|(prompt, _)| asked.get(&prompt).is_none_or(|times| *times == 1));
        (profile.prompted() >= MIN_PROMPTS).then(|| shares() && once())
    };
    Shown::Property { members: members.iter().map(dealt).collect(), rate: None }
}
