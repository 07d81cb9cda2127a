//! Connected parts without their bridges.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::bond::Bond;
use crate::bridge::bridges;
use crate::part::Part;
use crate::part::components;

/// The connected parts once bridges are cut: a bridge's ties go to the part with which it shares most.
pub fn parts(bonds: &[Bond], min_customers: usize, places: &mut [u32]) -> Vec<Vec<Bond>> {
    let mut whole = components(bonds, places);
    let mut cut = Vec::new();
    while let Some(part) = whole.pop() {
        let bridges = bridges(&Part::new(&part, places), min_customers);
        if bridges.is_empty() {
            cut.push(part);
            continue;
        }
        let (loose, fixed): (Vec<Bond>, Vec<Bond>) =
            part.into_iter().partition(|bond| bridges.binary_search(&bond.account).is_ok());
        let mut pieces = components(&fixed, places);
        let mut piece_of: BTreeMap<u32, usize> = BTreeMap::new();
        for (at, piece) in pieces.iter().enumerate() {
            piece_of.extend(piece.iter().map(|bond| (bond.value, at)));
        }
        // Ties are sorted by account, so each bridge's are one run.
        for own in loose.chunk_by(|a, b| a.account == b.account) {
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            for at in own.iter().filter_map(|bond| piece_of.get(&bond.value)) {
                *shared.entry(*at).or_default() += 1;
            }
            let most = shared.iter().max_by_key(|(at, count)| (**count, Reverse(**at))).map(|(at, _)| *at);
            if let Some((at, piece)) = most.and_then(|at| pieces.get_mut(at).map(|piece| (at, piece))) {
                piece.extend(own.iter().filter(|bond| piece_of.get(&bond.value) == Some(&at)));
            }
        }
        pieces.iter_mut().for_each(|piece| piece.sort_unstable());
        whole.extend(pieces);
    }
    cut.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| b.cmp(a)));
    cut
}
