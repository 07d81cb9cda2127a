//! The most that a verdict may do to anybody, whatever the rules say.

use crate::situation::Situation;
use crate::words::Held;
use crate::words::Measure;

/// Whether what is held of an account may cause a measure.
///
/// INVARIANT (ceilings): a lead is never enforced; who is watched is at most observed or verified; what one family says caps
/// at most. Rules that do not look at the verdict have no ceiling here.
#[must_use]
pub const fn allows(situation: &Situation, measure: Measure) -> bool {
    match measure {
        Measure::Allow | Measure::Observe => true,
        Measure::Cap => matches!(situation.held, Held::Implicated) && situation.corroboration >= 1,
        Measure::Verify => matches!(situation.held, Held::Watch | Held::Implicated) && situation.corroboration >= 2,
        Measure::Limit | Measure::Deny => matches!(situation.held, Held::Implicated) && situation.corroboration >= 2,
    }
}
