//! Values that a member has in common with another customer of its group.

use crate::entity::Entity;
use crate::population::Context;
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
