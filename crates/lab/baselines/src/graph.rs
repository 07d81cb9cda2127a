//! Groups of accounts that are joined by ties, and when each could first be seen.

use std::collections::BTreeMap;

use crate::method::Accusation;

/// Sets that grow together.
#[derive(Debug, Clone)]
struct Sets {
    parent: Vec<u32>,
    size: Vec<u32>,
    /// When the set first had enough members.
    grown_at_us: Vec<Option<i64>>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { parent: (0..count as u32).collect(), size: vec![1; count], grown_at_us: vec![None; count] }
    }

    fn find(&mut self, mut one: u32) -> u32 {
        while let Some(above) = self.parent.get(one as usize).copied().filter(|above| *above != one) {
            let further = self.parent.get(above as usize).copied().unwrap_or(above);
            if let Some(parent) = self.parent.get_mut(one as usize) {
                *parent = further;
            }
            one = further;
        }
        one
    }

    fn join(&mut self, a: u32, b: u32, at_us: i64, enough: u32) {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return;
        }
        let size = |sets: &Self, one: u32| sets.size.get(one as usize).copied().unwrap_or(0);
        let (small, large) = if size(self, a) < size(self, b) { (a, b) } else { (b, a) };
        let both = size(self, small) + size(self, large);
        let grown = |sets: &Self, one: u32| sets.grown_at_us.get(one as usize).copied().flatten();
        let first = [grown(self, small), grown(self, large)].into_iter().flatten().min();
        if let Some(parent) = self.parent.get_mut(small as usize) {
            *parent = large;
        }
        if let Some(size) = self.size.get_mut(large as usize) {
            *size = both;
        }
        if let Some(place) = self.grown_at_us.get_mut(large as usize) {
            *place = first.or((both >= enough).then_some(at_us));
        }
    }
}

/// Components of at least `enough` accounts. Each tie is two accounts and the moment at which it was seen; a component
/// could first be accused when a part of it had `enough` members.
pub(crate) fn components(accounts: usize, mut ties: Vec<(u32, u32, i64)>, enough: u32) -> Vec<Accusation> {
    ties.sort_unstable_by_key(|(a, b, at_us)| (*at_us, *a, *b));
    let mut sets = Sets::new(accounts);
    for (a, b, at_us) in ties {
        sets.join(a, b, at_us, enough);
    }
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for account in 0..accounts as u32 {
        members.entry(sets.find(account)).or_default().push(account);
    }
    let grown = |root: u32| sets.grown_at_us.get(root as usize).copied().flatten();
    members.into_iter().filter_map(|(root, members)| Some(Accusation::new(members, grown(root)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_know_when_they_were_big_enough() {
        let ties = vec![(0, 1, 10), (1, 2, 30), (3, 4, 20), (4, 5, 25), (2, 3, 90), (7, 8, 5)];
        let found = components(9, ties, 3);
        assert_eq!(found, [Accusation { accounts: vec![0, 1, 2, 3, 4, 5], at_us: 25 }]);
    }

    #[test]
    fn small_groups_are_none() {
        assert!(components(4, vec![(0, 1, 1), (0, 1, 2)], 3).is_empty());
        assert!(components(0, Vec::new(), 2).is_empty());
    }
}
