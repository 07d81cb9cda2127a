//! A part of a campaign that is planned at one go, and what its plan is.

use super::works::Works;
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::stage::Stage;
use crate::world::CampaignSpec;

/// What runs on each account, and when each account begins.
pub(super) type Plan = (Vec<Vec<Segment>>, Vec<i64>);

/// From when to when a campaign runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// First moment.
    pub(super) from: i64,
    /// First moment after it.
    pub(super) to: i64,
}

/// A part of a campaign that is planned at one go.
pub(super) struct Phase<'a> {
    /// The stage.
    pub(super) stage: &'a Stage,
    /// What the world says about the campaign.
    pub(super) spec: &'a CampaignSpec,
    /// Seed of the campaign.
    pub(super) seed: u64,
    /// What its accounts do.
    pub(super) works: &'a Works,
    /// The hours of its scripts, where it runs scripts.
    pub(super) rhythm: Option<Rhythm>,
    /// When the phase runs.
    pub(super) stretch: Stretch,
    /// Where the numbers of conversations begin.
    pub(super) first_ordinal: u32,
    /// Number of the first account.
    pub(super) first_account: u32,
}

impl Phase<'_> {
    /// A seed of the phase's own; the first phase has the campaign's.
    pub(super) fn named(&self, name: &str) -> u64 {
        let seed = sub(self.seed, name);
        if self.first_ordinal == 0 { seed } else { mix(seed, u64::from(self.first_ordinal)) }
    }

    /// A stream of the phase's own.
    pub(super) fn stream(&self, name: &str) -> Rng {
        Rng::new(self.named(name))
    }
}
