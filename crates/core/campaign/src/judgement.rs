//! Everything that a campaign's e-value was computed from, so that somebody else can compute it again.

use std::collections::BTreeMap;

use cohort::Items;
use evidence::RankedScores;
use serde::Serialize;
use verdict::Family;
use verdict::ViewKind;

use crate::bank::Bank;
use crate::bank::Peers;
use crate::proposal::Proposal;

/// Everything that a campaign's e-value was computed from: the scores of its groups, and those of the honest groups that they
/// were ranked among.
#[derive(Debug, Clone, Serialize)]
pub struct Judgement {
    /// The groups that were merged into the campaign.
    pub parts: Vec<JudgedPart>,
    /// The one of these that says most.
    pub strongest: usize,
    /// The honest groups.
    pub peers: Vec<JudgedPeers>,
}

/// A group, and what it was worth.
#[derive(Debug, Clone, Serialize)]
pub struct JudgedPart {
    /// The family whose ties formed it.
    pub formed_by: Family,
    /// The kind of those ties.
    pub ties: ViewKind,
    /// The half of the items that formed it.
    pub formed_on: Items,
    /// Its accounts.
    pub accounts: usize,
    /// Customers that its accounts are.
    pub customers: usize,
    /// Whether most of it is openly tied.
    pub open: bool,
    /// Whether it says who is in the campaign, and so counts in the campaign's e-value.
    pub tells: bool,
    /// Its score over families, as a decimal logarithm.
    pub score: f64,
    /// Each family's.
    pub families: BTreeMap<Family, f64>,
    /// By how much scores were lowered before they were ranked; null where the log has too few groups to tell.
    pub lowered: Option<f64>,
    /// Which of the honest groups it was ranked among; null where there are none of its kind.
    pub peers: Option<usize>,
    /// How many of these score as much or more.
    pub rank: usize,
    /// Its e-value.
    pub e_value: f64,
}

/// Honest groups of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedPeers {
    /// The kind of ties.
    pub ties: ViewKind,
    /// Whether they are openly tied.
    pub open: bool,
    /// How many customers they have, in words.
    pub customers: String,
    /// How many there are. Those whose score is not listed score zero.
    pub groups: usize,
    /// Scores over all families, the largest first.
    pub scores: Vec<f64>,
    /// The same, lifted by the sizes of the groups.
    pub lifted: Vec<f64>,
    /// Scores over all families but the strongest of each group, and rhythm.
    pub without_strongest: Vec<f64>,
    /// Scores of each family.
    pub families: BTreeMap<Family, Vec<f64>>,
}

impl Judgement {
    /// That of a campaign, which was judged with this bank.
    #[must_use]
    pub fn of(proposal: &Proposal, bank: &Bank) -> Self {
        let mut peers: Vec<JudgedPeers> = Vec::new();
        let is_any_specific = proposal.candidates.iter().any(|candidate| !candidate.low_specificity);
        let mut parts = Vec::new();
        for (candidate, ranked) in proposal.candidates.iter().zip(&proposal.ranked) {
            let own = bank.peers(ranked.class).map(|own| JudgedPeers::of(ranked.class.ties, ranked.class.open, own));
            let place = own.map(|own| {
                peers.iter().position(|known| *known == own).unwrap_or_else(|| {
                    peers.push(own);
                    peers.len() - 1
                })
            });
            parts.push(JudgedPart {
                formed_by: candidate.formed_by,
                ties: candidate.ties,
                formed_on: candidate.formed_on,
                accounts: candidate.group.accounts.len(),
                customers: candidate.customers,
                open: candidate.open,
                tells: !(is_any_specific && candidate.low_specificity),
                score: ranked.scores.all,
                families: ranked.scores.families.clone(),
                lowered: ranked.lowered,
                peers: place,
                rank: ranked.above,
                e_value: ranked.e_value,
            });
        }
        Self { parts, strongest: proposal.strongest, peers }
    }
}

impl JudgedPeers {
    fn of(ties: ViewKind, open: bool, peers: Peers<'_>) -> Self {
        let listed = |scores: &RankedScores| scores.positive().to_vec();
        let family = |family: Family| peers.of_family(family).map(|scores| (family, listed(scores)));
        Self {
            ties,
            open,
            customers: peers.sizes.to_string(),
            groups: peers.len(),
            scores: listed(peers.all()),
            lifted: listed(peers.lifted()),
            without_strongest: listed(peers.without_strongest()),
            families: Family::ALL.into_iter().filter_map(family).collect(),
        }
    }
}
