//! The pooled comparison: is a member like the *rest* of its group, more than accounts of like volume are?
//!
//! Where a detector's score is of one account alone, a group of accounts that each look ordinary shows nothing. Here the
//! group's members are merged first, and each is compared with the merge of the others: what one account shows too
//! faintly to be seen, the group shows plainly. Merging costs a sum, not another look at the log.
//!
//! *Null:* a member is exchangeable with reference accounts of its stratum in how it scores against the merge of the
//! others. *Reference:* at most [`cohort::MAX_COMPARED`] accounts of each stratum, those with the smallest hashes, less the
//! members themselves. The p-value is conformal (Vovk, Gammerman and Shafer 2005), so a benign account is in a
//! tail as often as the tail is wide, whatever the score is; members of a benign group who are alike for a reason of their own are what the
//! correlation of the null is for.

use std::collections::BTreeSet;

use cohort::Place;
use evidence::Reference;
use profile::Profile;

use crate::context::Context;

/// The fewest accounts that tell one in fifty.
const MIN_COMPARED: usize = 49;

/// The p-value of each member's score. `score` is given an account and where it stands.
pub fn pooled_p_values(
    context: &Context<'_>,
    members: &[u32],
    score: impl Fn(u32, &Profile, Place) -> Option<f64>,
) -> Vec<Option<f64>> {
    let population = context.population;
    let inside: BTreeSet<u32> = members.iter().copied().collect();
    let strata: BTreeSet<u32> = members.iter().map(|at| population.stratum(*at)).collect();
    let profile = |at: &u32| population.get(*at).map(|entity| entity.profile.as_ref());
    let scores = strata.iter().flat_map(|stratum| {
        let sample = context.sample.accounts(*stratum);
        let outside = sample.iter().filter(|at| !inside.contains(at));
        outside
            .filter_map(|at| Some((*stratum, score(*at, profile(at)?, Place { is_member: false, is_sampled: true })?)))
    });
    let reference = Reference::new(scores);
    let rank = |at: &u32| {
        let stratum = population.stratum(*at);
        if reference.len(stratum) < MIN_COMPARED {
            return None;
        }
        let sample = context.sample.accounts(stratum);
        let place = Place { is_member: true, is_sampled: sample.contains(at) };
        Some(reference.p_value(stratum, score(*at, profile(at)?, place)?))
    };
    members.iter().map(rank).collect()
}
