//! content.paraphrase_family: prompts that say the same in other words.
//!
//! *Sees:* members whose pairs of neighbouring words are those of the rest of the group rather than those of everybody:
//! the mean, over a member's phrases, of how much more often the other members hold each than accounts of the log do, in
//! standard deviations. A rewriter changes every frame and keeps much of what is put beside what.
//! *Needs:* prompt text, at least eight phrases an account.
//! *Null and reference:* the pooled comparison with reference accounts of like volume (see [`crate::pooled`]).
//! *Benign twin:* people of one trade, a class, users of one tool: they talk alike too. Of a group that
//! was found by what it asks, it sees the phrases that did not form it; the bank of honest groups says what that is worth.
//! *Source:* the deviance of a Poisson count (see [`surprise`]); paraphrase by several rewriters as an adversary's answer to template
//! mining.

use cohort::Items;
use evidence::surprise;
use profile::Profile;
use sketch::hash::HashedMap;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use crate::pooled::pooled_p_values;
use cohort::Place;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "content.paraphrase_family",
    family: Family::Content,
    what: "put the same words together as the other members",
    least: 5,
    null: Null::WithoutGroup,
    shows,
};

const MIN_PHRASES: usize = 8;

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let mut holders: HashedMap<u32> = HashedMap::default();
    for profile in context.profiles(members).into_iter().flatten() {
        profile
            .phrases
            .iter()
            .filter(|(phrase, _)| items.hold(*phrase))
            .for_each(|(phrase, _)| *holders.entry(phrase).or_default() += 1);
    }
    let size = members.len() as f64;
    let more = |phrase: u64, inside: u32, at: Place| {
        let (inside, others) = if at.is_member { (inside.saturating_sub(1), size - 1.0) } else { (inside, size) };
        surprise(f64::from(inside), others * context.sample.phrase_rate(phrase, at))
    };
    let mut known: Vec<(u64, u32)> = holders.iter().map(|(phrase, inside)| (*phrase, *inside)).collect();
    known.sort_unstable();
    let sampled = Place { is_member: false, is_sampled: true };
    let worth = known.into_iter().map(|(phrase, inside)| (phrase, more(phrase, inside, sampled)));
    let of_sample = context.sample.phrase_sums(worth);
    let score = |account: u32, profile: &Profile, at: Place| {
        let count = profile.phrases.len();
        let own = |phrase: u64| more(phrase, holders.get(&phrase).copied().unwrap_or(0), at);
        let sum = match of_sample.of(account).filter(|_| !at.is_member) {
            Some(sum) => sum,
            None => profile.phrases.iter().map(|(phrase, _)| own(phrase)).sum(),
        };
        (count >= MIN_PHRASES).then(|| sum / count as f64)
    };
    Shown::Ranks(pooled_p_values(context, members, score))
}
