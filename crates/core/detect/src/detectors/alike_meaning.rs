//! content.alike_meaning: prompts that lie in one direction from everybody else's.
//!
//! *Sees:* members whose mean embedding differs from the reference's in the direction in which the rest of the group
//! differs: the witness function of the maximum mean discrepancy between the others and the reference, at the member's
//! own mean. Distance says that an account is unlike the crowd; this says that members are unlike it in the same way.
//! *Needs:* prompt text, at least five prompts an account.
//! *Null and reference:* the pooled comparison with reference accounts of like volume (see [`crate::pooled`]).
//! *Benign twin:* a class, a trade, one tool's users. See `content.paraphrase_family`.
//! *Source:* the witness function, Gretton et al., JMLR 2012, section 2; cross-fitted by leaving the member out.

use cohort::Items;
use profile::Profile;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::pooled::pooled_p_values;
use cohort::Place;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.alike_meaning",
    family: Family::Content,
    what: "ask for things that differ from the usual as the other members' do",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

const MIN_PROMPTS: u64 = 5;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let mut sum = [0.0; sketch::DIMENSIONS];
    let mut count = 0.0;
    let speaks = |profile: &Profile| profile.prompted() >= MIN_PROMPTS;
    for profile in context.profiles(members).into_iter().flatten().filter(|profile| speaks(profile)) {
        count += 1.0;
        sum.iter_mut().zip(profile.embedding.mean()).for_each(|(sum, x)| *sum += x);
    }
    let score = |_: u32, profile: &Profile, at: Place| {
        let others = if at.is_member { count - 1.0 } else { count };
        if !speaks(profile) || others < 1.0 {
            return None;
        }
        let mean = profile.embedding.mean();
        let (mut along, mut length) = (0.0, 0.0);
        for ((sum, own), usual) in sum.iter().zip(mean).zip(context.reference_mean) {
            let other = if at.is_member { sum - own } else { *sum } / others - usual;
            along += other * (own - usual);
            length += other * other;
        }
        (length > 0.0).then(|| along / length.sqrt())
    };
    Shown::Ranks(pooled_p_values(context, members, score))
}
