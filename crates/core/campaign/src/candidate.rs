//! Candidate groups: found by one family, tested on the others.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use detect::Context;
use detect::Finding;
use detect::count_group;
use detect::test_group;
use evidence::Counted;
use evidence::across;
use evidence::ranked_average;
use link::Group;
use link::Limits;
use link::Tie;
use link::dense_groups;
use verdict::Family;
use verdict::ViewKind;
use workers::parallel_map;

/// A group that one family of evidence found, with what the other families say of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The family whose ties formed the group. It is not tested again.
    pub formed_by: Family,
    /// The kind of ties that formed it.
    pub ties: ViewKind,
    /// Whether the ties have so low a specificity that groups of several bodies of work run together.
    pub low_specificity: bool,
    /// The group.
    pub group: Group,
    /// What every detector of the other families found.
    pub findings: Vec<Finding>,
}

/// All candidates of a hunt.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// The candidates, by family and then by size.
    pub all: Vec<Candidate>,
    /// Ties that were left unsearched because the work was bounded.
    pub ties_unsearched: usize,
}

impl Candidate {
    /// The e-value of each family that was tested: the mean of its detectors, whose dependence is unknown, weighed by
    /// their rank among those of the family that speak. The list is ordered by how significant they are, and was before any
    /// log was read.
    #[must_use]
    pub fn family_e_values(&self) -> BTreeMap<Family, f64> {
        let mut by_family: BTreeMap<Family, Vec<f64>> = BTreeMap::new();
        for finding in &self.findings {
            by_family.entry(finding.family).or_default().push(finding.e_value);
        }
        by_family.into_iter().map(|(family, e_values)| (family, ranked_average(&e_values))).collect()
    }

    /// The e-value over families: see [`across`].
    ///
    /// *Assumption:* for a benign group, what its members ask, who registered them, where they come from and when
    /// they are busy are independent given the group's size and its members' volumes. A benign group that is alike
    /// in two of these at once (a class: one place and one assignment) breaks it; detectors therefore leave out
    /// what a visible tie explains.
    #[must_use]
    pub fn e_value(&self) -> f64 {
        across(&self.family_e_values().into_values().collect::<Vec<f64>>()).min(1e300)
    }
}

/// Ties of one family, and what counts as a group among them.
#[derive(Debug, Clone)]
pub struct View {
    /// The family whose evidence the ties are.
    pub family: Family,
    /// The kind of the ties.
    pub kind: ViewKind,
    /// Whether a group of these ties may run several bodies of work together. Such a group says something of accounts
    /// that no other group holds, and nothing of others.
    pub low_specificity: bool,
    /// What counts as a group.
    pub limits: Limits,
    /// The ties.
    pub ties: Vec<Tie>,
}

/// Forms groups from each family's ties and tests each on the families that did not form it.
///
/// The result depends on neither the order of the ties nor the number of `workers`. `progress` is told groups tested and groups in all.
#[must_use]
pub fn form_candidates(
    context: &Context<'_>,
    views: &[View],
    workers: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Candidates {
    let population = context.population;
    let mut groups: Vec<(&View, Group)> = Vec::new();
    let mut ties_unsearched = 0;
    let search = |view: &View| dense_groups(&view.ties, population.customers(), &view.limits);
    for (view, found) in views.iter().zip(parallel_map(views, workers, search)) {
        ties_unsearched += found.ties_unsearched;
        groups.extend(found.groups.into_iter().map(|group| (view, group)));
    }
    let trusted: BTreeSet<u32> =
        if population.is_trusted() { population.reference().iter().copied().collect() } else { BTreeSet::new() };
    let in_reference = |group: &Group| {
        let inside = group.accounts.iter().filter(|at| trusted.contains(at)).count();
        inside * 10 >= group.accounts.len() * 9
    };
    let mut alike: BTreeMap<(ViewKind, &str), Vec<Counted>> = BTreeMap::new();
    for (view, group) in groups.iter().filter(|(_, group)| in_reference(group)) {
        for detector in detect::ALL {
            let units = units_of(context, view.family, &group.accounts);
            let counted = count_group(context, detector, &group.accounts, &units);
            alike.entry((view.kind, detector.name)).or_default().extend(counted);
        }
    }
    let tested: Vec<(&View, Group)> = groups.into_iter().filter(|(_, group)| !in_reference(group)).collect();
    let done = AtomicUsize::new(0);
    let test = |(view, group): &(&View, Group)| {
        let formed_by = view.family;
        let units = units_of(context, formed_by, &group.accounts);
        let findings = detect::ALL
            .iter()
            .filter(|detector| detector.family != formed_by)
            .filter_map(|detector| {
                let alike = alike.get(&(view.kind, detector.name)).map(Vec::as_slice).unwrap_or_default();
                test_group(context, detector, &group.accounts, &units, alike)
            })
            .collect();
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, tested.len());
        Candidate { formed_by, ties: view.kind, low_specificity: view.low_specificity, group: group.clone(), findings }
    };
    Candidates { all: parallel_map(&tested, workers, test), ties_unsearched }
}

/// The unit of each member. Accounts of one declared organisation are one unit. In a group that is found by where it
/// comes from, accounts of one institution's e-mail domain are one unit too: a campus shares its addresses.
fn units_of(context: &Context<'_>, formed_by: Family, members: &[u32]) -> Vec<u32> {
    let population = context.population;
    let mut first_of_domain: BTreeMap<u64, u32> = BTreeMap::new();
    members
        .iter()
        .map(|at| {
            let customer = population.customer(*at);
            let domain = population.get(*at).map_or(0, |entity| entity.identity.email_domain);
            if formed_by == Family::Client && !context.is_public_domain(domain) {
                *first_of_domain.entry(domain).or_insert(customer)
            } else {
                customer
            }
        })
        .collect()
}
