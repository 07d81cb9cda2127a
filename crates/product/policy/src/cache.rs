//! Outcomes that were asked before.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::outcome::Outcome;

/// Slots of the cache, a power of two. Far more than there are situations that occur, and a bound all the same.
const SLOTS: usize = 1 << 14;

/// The outcome of a situation's number.
#[derive(Debug)]
struct Slot {
    number: u64,
    outcome: Arc<Outcome>,
}

/// Outcomes by the number of their situation. Each number has one slot, and takes it from whoever had it before.
///
/// Readers take no lock and wait for nobody. An outcome is a function of its situation, so that what is found is what would
/// be made anew.
#[derive(Debug)]
pub(crate) struct Cache {
    slots: Vec<ArcSwapOption<Slot>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { slots: (0..SLOTS).map(|_| ArcSwapOption::empty()).collect() }
    }
}

impl Cache {
    pub(crate) fn get(&self, number: u64, make: impl FnOnce() -> Outcome) -> Arc<Outcome> {
        // Fibonacci hashing: numbers that differ in few bits fall into different slots.
        let at = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize & (SLOTS - 1);
        let Some(slot) = self.slots.get(at) else { return Arc::new(make()) };
        if let Some(known) = slot.load().as_ref().filter(|known| known.number == number) {
            return Arc::clone(&known.outcome);
        }
        let outcome = Arc::new(make());
        slot.store(Some(Arc::new(Slot { number, outcome: Arc::clone(&outcome) })));
        outcome
    }
}
