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

/// Slots that a number may be in.
const WAYS: usize = 4;

/// Outcomes by the number of their situation. Each number has four slots, of which it takes an empty one, or one from whoever
/// has it.
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
        let hash = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize;
        let first = hash & (SLOTS - 1) & !(WAYS - 1);
        let slots = self.slots.get(first..first + WAYS).unwrap_or_default();
        let mut empty = None;
        for slot in slots {
            match &*slot.load() {
                Some(known) if known.number == number => return Arc::clone(&known.outcome),
                Some(_) => {}
                None => empty = empty.or(Some(slot)),
            }
        }
        let outcome = Arc::new(make());
        // The bits above those of the place: two numbers that meet in four full slots seldom take the same one.
        if let Some(slot) = empty.or_else(|| slots.get((hash >> SLOTS.ilog2()) & (WAYS - 1))) {
            slot.store(Some(Arc::new(Slot { number, outcome: Arc::clone(&outcome) })));
        }
        outcome
    }
}
