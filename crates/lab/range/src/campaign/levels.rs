//! How a campaign of each level lays its work over its accounts.

use super::careful;
use super::phase::Phase;
use super::phase::Plan;
use super::pool;
use super::replay;
use crate::rhythm::Rhythm;
use crate::world::Level;

/// Plans a phase whose accounts have so many exchanges each.
pub(super) fn plan(phase: &Phase<'_>, quotas: &[u32]) -> Plan {
    match (phase.spec.level, phase.rhythm) {
        (Level::T2, _) => pool::relay(phase, quotas),
        (Level::T3, _) => careful::plan(phase, quotas),
        (Level::T4, _) => replay::plan(phase, quotas),
        (_, rhythm) => pool::scripts(phase, quotas, rhythm.unwrap_or(Rhythm::Flat { spread: 0.3 })),
    }
}
