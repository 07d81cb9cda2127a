//! How sure a campaign is, as 0 to 100.

use crate::proposal::Proposal;
use crate::survival::PARTS;

/// The most confidence with one family, by the contract, and where a tenth of its accounts decides it.
const LOOKED_INTO_CAP: u32 = 70;
/// The most confidence where no honest group of the deployment's own was compared with.
const BUILT_IN_CAP: u32 = 90;
/// The most confidence ever: some doubt is left outside every model.
const TOP_CAP: u32 = 99;

/// A hundred less the smallest false discovery rate, in percent, at which it is a discovery; under its caps.
///
/// It says how many of a hundred campaigns that are reported with this figure or a higher one are campaigns. It is no
/// probability that this one is: for that somebody would have to say how likely it was before.
pub fn confidence(proposal: &Proposal, has_own_bank: bool) -> u32 {
    let percent = (100.0 * (1.0 - proposal.fdr_at)).floor().max(0.0) as u32;
    let cap = if has_own_bank { TOP_CAP } else { BUILT_IN_CAP };
    let is_fragile = proposal.survived < PARTS as usize;
    if proposal.corroboration < 2 || is_fragile { percent.min(cap).min(LOOKED_INTO_CAP) } else { percent.min(cap) }
}
