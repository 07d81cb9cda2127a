//! A picture of who shares what, with at most sixty nodes: items on one side, accounts on the other.
//!
//! Items that the same accounts hold are one node, and so are accounts that hold the same items. What is still too much is
//! folded into one node a side, with its count.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use hunt::Charts;

/// Nodes of items, without the one that stands for the rest.
const MAX_ITEMS: usize = 23;
/// Nodes of accounts, without those that stand for the rest.
const MAX_GROUPS: usize = 34;
/// Two items are one node where so many of a hundred accounts that hold either hold both.
const ALIKE: usize = 90;
/// Rounds in which each side is ordered by the other.
const ROUNDS: usize = 4;

/// The picture: which nodes, in which order, and which lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// Items, from the top.
    pub items: Vec<ItemNode>,
    /// Accounts, from the top.
    pub groups: Vec<GroupNode>,
    /// Lines: an item, a group of accounts, and how many of the accounts hold the item.
    pub edges: Vec<(usize, usize, usize)>,
    /// Accounts that hold none of the drawn items.
    pub without: usize,
    /// Listed items that are not drawn.
    pub left_out: usize,
}

/// One node of items.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemNode {
    /// The kind.
    pub kind: &'static str,
    /// How many items it stands for.
    pub items: usize,
    /// The item, where it is one.
    pub item: String,
    /// The accounts that hold any of them.
    pub holders: BTreeSet<usize>,
}

/// One node of accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupNode {
    /// The accounts, as places in the campaign's accounts.
    pub accounts: Vec<usize>,
    /// Whether it stands for accounts that hold different items.
    pub folded: bool,
}

impl Picture {
    /// The picture of what is shared.
    pub fn of(charts: &Charts) -> Self {
        let mut items = merge(charts);
        // The widest first, but every kind has its turn.
        let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
        items.sort_by(|a, b| b.holders.len().cmp(&a.holders.len()).then_with(|| key(a).cmp(&key(b))));
        let mut ranked: Vec<(usize, ItemNode)> = items
            .into_iter()
            .map(|node| {
                let rank = ranks.entry(node.kind).or_default();
                *rank += 1;
                (*rank, node)
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let left_out = ranked.iter().skip(MAX_ITEMS).map(|(_, node)| node.items).sum();
        let mut items: Vec<ItemNode> = ranked.into_iter().take(MAX_ITEMS).map(|(_, node)| node).collect();
        items.sort_by(|a, b| {
            a.kind.cmp(b.kind).then(b.holders.len().cmp(&a.holders.len())).then_with(|| key(a).cmp(&key(b)))
        });
        let groups = group(&items, charts.accounts.len());
        let held: BTreeSet<usize> = items.iter().flat_map(|node| node.holders.iter().copied()).collect();
        let without = charts.accounts.len() - held.len().min(charts.accounts.len());
        let mut picture = Self { items, groups, edges: Vec::new(), without, left_out };
        picture.edges = picture.lines();
        for _ in 0..ROUNDS {
            picture.order();
        }
        picture
    }

    fn lines(&self) -> Vec<(usize, usize, usize)> {
        let mut edges = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            for (to, group) in self.groups.iter().enumerate() {
                let held = group.accounts.iter().filter(|account| item.holders.contains(account)).count();
                if held > 0 {
                    edges.push((at, to, held));
                }
            }
        }
        edges
    }

    /// Puts each node at the mean height of those that it is joined to: first the accounts, then the items.
    fn order(&mut self) {
        let places = means(self.groups.len(), self.edges.iter().map(|(item, group, held)| (*group, *item, *held)));
        self.groups = sorted(std::mem::take(&mut self.groups), &places, |group| group.accounts.first().copied());
        self.edges = self.lines();
        let places = means(self.items.len(), self.edges.iter().map(|(item, group, held)| (*item, *group, *held)));
        self.items = sorted(std::mem::take(&mut self.items), &places, key);
        self.edges = self.lines();
    }
}

fn key(node: &ItemNode) -> (&'static str, String) {
    (node.kind, node.item.clone())
}

/// The listed items, those of a kind that nearly the same accounts hold as one.
fn merge(charts: &Charts) -> Vec<ItemNode> {
    let mut nodes: Vec<ItemNode> = Vec::new();
    for shared in &charts.shared {
        let holders: BTreeSet<usize> = shared.holders.iter().copied().collect();
        let alike = nodes.iter_mut().find(|node| {
            let both = node.holders.intersection(&holders).count();
            node.kind == shared.kind && 100 * both >= ALIKE * (node.holders.len() + holders.len() - both)
        });
        match alike {
            Some(node) => {
                node.items += 1;
                node.holders.extend(holders);
            }
            None => nodes.push(ItemNode { kind: shared.kind, items: 1, item: shared.item.clone(), holders }),
        }
    }
    nodes
}

/// The accounts by the items that they hold: the largest groups, and one for those of each main item that are left.
fn group(items: &[ItemNode], accounts: usize) -> Vec<GroupNode> {
    let mut by_items: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for account in 0..accounts {
        let held: Vec<usize> =
            items.iter().enumerate().filter(|(_, node)| node.holders.contains(&account)).map(|(at, _)| at).collect();
        if !held.is_empty() {
            by_items.entry(held).or_default().push(account);
        }
    }
    let mut groups: Vec<Vec<usize>> = by_items.into_values().collect();
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.first().cmp(&b.first())));
    if groups.len() <= MAX_GROUPS + 1 {
        return groups.into_iter().map(|accounts| GroupNode { accounts, folded: false }).collect();
    }
    // Too many combinations: accounts go by their rarest drawn item, which tells most of them.
    let mut by_rarest: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for account in groups.into_iter().flatten() {
        let held = items.iter().enumerate().filter(|(_, node)| node.holders.contains(&account));
        if let Some((rarest, _)) = held.min_by_key(|(at, node)| (node.holders.len(), *at)) {
            by_rarest.entry(rarest).or_default().push(account);
        }
    }
    let mut groups: Vec<Vec<usize>> = by_rarest.into_values().collect();
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.into_iter().map(|accounts| GroupNode { folded: accounts.len() > 1, accounts }).collect()
}

/// For each node the mean place of those it is joined to.
fn means(nodes: usize, edges: impl Iterator<Item = (usize, usize, usize)>) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); nodes];
    for (from, to, held) in edges {
        if let Some((sum, weight)) = sums.get_mut(from) {
            *sum += to as f64 * held as f64;
            *weight += held as f64;
        }
    }
    sums.into_iter().map(|(sum, weight)| if weight > 0.0 { sum / weight } else { f64::MAX }).collect()
}

fn sorted<T, K: Ord>(nodes: Vec<T>, places: &[f64], key: impl Fn(&T) -> K) -> Vec<T> {
    let mut placed: Vec<(f64, T)> =
        nodes.into_iter().enumerate().map(|(at, node)| (places.get(at).copied().unwrap_or(f64::MAX), node)).collect();
    placed.sort_by(|(a, one), (b, other)| a.total_cmp(b).then_with(|| key(one).cmp(&key(other))));
    placed.into_iter().map(|(_, node)| node).collect()
}

#[cfg(test)]
mod tests {
    use hunt::Activity;
    use hunt::SharedItem;
    use verdict::Family;

    use super::*;

    fn shared(kind: &'static str, item: usize, holders: Vec<usize>) -> SharedItem {
        SharedItem { family: Family::Identity, kind, item: format!("{item:016x}"), in_log: holders.len(), holders }
    }

    fn charts(accounts: usize, shared: Vec<SharedItem>) -> Charts {
        Charts {
            accounts: vec![Activity::default(); accounts],
            shared_in_all: shared.len(),
            shared,
            ..Charts::default()
        }
    }

    #[test]
    fn cards_and_one_wording_are_cells_around_a_hub() {
        let mut items: Vec<SharedItem> =
            (0..4).map(|card| shared("payment", card, (3 * card..3 * card + 3).collect())).collect();
        items.push(shared("frame", 9, (0..12).collect()));
        items.push(shared("frame", 10, (0..12).collect()));
        let picture = Picture::of(&charts(13, items));
        assert_eq!(picture.items.len(), 5, "the two wordings are one node");
        assert_eq!(picture.groups.len(), 4);
        assert!(picture.groups.iter().all(|group| group.accounts.len() == 3 && !group.folded));
        assert_eq!(picture.edges.len(), 8);
        assert_eq!(picture.without, 1);
    }

    #[test]
    fn there_are_never_more_than_sixty_nodes_and_nobody_is_lost() {
        // Every account holds another combination of many items.
        let items = (0..70).map(|item| {
            shared(["ip", "payment", "phone"][item % 3], item, (0..900).filter(|a| a % (item + 2) < 2).collect())
        });
        let picture = Picture::of(&charts(900, items.collect()));
        assert!(picture.items.len() + picture.groups.len() <= 60);
        let drawn: usize = picture.groups.iter().map(|group| group.accounts.len()).sum();
        assert_eq!(drawn + picture.without, 900);
        let items: usize = picture.items.iter().map(|node| node.items).sum();
        assert_eq!(items + picture.left_out, 70);
    }
}
