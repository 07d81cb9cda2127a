//! How sure a campaign is, as 0 to 100.

use crate::proposal::Proposal;

/// Prior odds that a group of accounts that share something is one campaign: one to a thousand.
const PRIOR_ODDS: f64 = 1e-3;
/// The most confidence with one family, by the contract.
const ONE_FAMILY_CAP: u32 = 70;
/// The most confidence without a trusted reference, whose null is the log itself.
const BULK_CAP: u32 = 90;
/// The most confidence ever: some doubt is left outside every model.
const TOP_CAP: u32 = 99;

/// Posterior probability at the stated prior odds, as 0 to 100, under its caps. An e-value is a likelihood ratio
/// against the best-matching null, so odds times e-value is a lower bound of the posterior odds in a model whose
/// assumptions are those of the detectors.
pub fn confidence(proposal: &Proposal, trusted: bool) -> u32 {
    let odds = PRIOR_ODDS * proposal.e_value.min(1e12);
    let percent = (100.0 * odds / (1.0 + odds)).floor() as u32;
    let cap = if trusted { TOP_CAP } else { BULK_CAP };
    if proposal.corroboration() < 2 { percent.min(cap).min(ONE_FAMILY_CAP) } else { percent.min(cap) }
}
