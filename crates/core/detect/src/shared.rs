//! Values that a member has in common with other customers of its group.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::context::Context;
use cohort::Entity;
use sketch::hash::HashedMap;

/// For each member, whether one of its values is held by another customer of the group; `None` for a member without
/// any.
pub fn shared_with_others(
    context: &Context<'_>,
    members: &[u32],
    values: impl Fn(&Entity) -> Vec<u64>,
) -> Vec<Option<bool>> {
    let population = context.population;
    // The first customer that holds a value, and whether another one does.
    let mut holders: HashedMap<(u32, bool)> = HashedMap::default();
    for at in members {
        let Some(entity) = population.get(*at) else { continue };
        let customer = population.customer(*at);
        for value in values(entity) {
            let (first, shared) = holders.entry(value).or_insert((customer, false));
            *shared |= *first != customer;
        }
    }
    let shows = |at: &u32| {
        let own = values(population.get(*at)?);
        (!own.is_empty()).then(|| own.iter().any(|value| holders.get(value).is_some_and(|(_, shared)| *shared)))
    };
    members.iter().map(shows).collect()
}

/// For each member, whether at least `least` customers of the group have its value; `None` where it cannot be told, and
/// zero is no value that anybody has in common.
pub fn held_by_several(
    context: &Context<'_>,
    members: &[u32],
    least: usize,
    value: impl Fn(u32) -> Option<u64>,
) -> Vec<Option<bool>> {
    let mut customers: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for at in members {
        if let Some(value) = value(*at).filter(|value| *value != 0) {
            customers.entry(value).or_default().insert(context.population.customer(*at));
        }
    }
    let several = |at: &u32| Some(customers.get(&value(*at)?).is_some_and(|held| held.len() >= least));
    members.iter().map(several).collect()
}
