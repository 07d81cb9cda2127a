//! How many customers hold a value.
//!
//! The values of a million accounts, each with who holds it, are several gigabytes; what is kept of them is small. So they
//! are looked at slice by slice, by the upper bits of their hashes, and only one slice is in memory at a time.

use sketch::hash::HashedMap;

use crate::entity::Entity;
use crate::population::Population;

/// Accounts whose values are in memory at once, by slices: a thousand values an account are a gigabyte.
const ACCOUNTS_A_SLICE: usize = 1 << 16;
/// The most slices; each is a walk over all accounts.
const MAX_SLICES: usize = 64;
/// Hashes have 63 bits.
const HASH_BITS: u32 = 63;

/// Calls `sink` with each value that `values` lists for an account, and the customers that hold it, ascending. The
/// values are in ascending order.
pub fn each_value(population: &Population, values: impl Fn(&Entity, &mut Vec<u64>), mut sink: impl FnMut(u64, &[u32])) {
    let slices = population.entities().len().div_ceil(ACCOUNTS_A_SLICE).clamp(1, MAX_SLICES).next_power_of_two();
    let shift = HASH_BITS - slices.trailing_zeros();
    let (mut held, mut own, mut customers) = (Vec::new(), Vec::new(), Vec::new());
    for slice in 0..slices as u64 {
        held.clear();
        for (entity, at) in population.entities().iter().zip(0_u32..) {
            own.clear();
            values(entity, &mut own);
            let inside = own.iter().filter(|value| (**value >> shift).min(slices as u64 - 1) == slice);
            held.extend(inside.map(|value| (*value, population.customer(at))));
        }
        held.sort_unstable();
        held.dedup();
        for run in held.chunk_by(|a: &(u64, u32), b| a.0 == b.0) {
            customers.clear();
            customers.extend(run.iter().map(|(_, customer)| *customer));
            if let Some((value, _)) = run.first() {
                sink(*value, &customers);
            }
        }
    }
}

/// The number of customers that hold each value.
#[derive(Debug, Default)]
pub struct Customers {
    /// Values that two customers or more hold.
    several: HashedMap<u32>,
}

impl Customers {
    /// Counts the values that `values` lists for an account.
    pub fn new(population: &Population, values: impl Fn(&Entity, &mut Vec<u64>)) -> Self {
        let mut several = HashedMap::default();
        each_value(population, values, |value, customers| {
            if customers.len() >= 2 {
                several.insert(value, customers.len() as u32);
            }
        });
        Self { several }
    }

    /// The customers that hold a value which some account is known to hold: one, unless more are known.
    #[must_use]
    pub fn of(&self, value: u64) -> u32 {
        self.several.get(&value).copied().unwrap_or(1)
    }
}

/// The values that many customers hold.
#[derive(Debug, Default)]
pub struct Holders {
    /// Ascending hashes of values that at least [`Holders::MANY`] customers hold.
    common: Vec<u64>,
}

impl Holders {
    /// From so many customers on, a value is ignored as common: a public text, a popular export.
    pub const MANY: usize = 9;

    /// Counts the values that `values` lists for an account.
    pub fn new(population: &Population, values: impl Fn(&Entity, &mut Vec<u64>)) -> Self {
        let mut common = Vec::new();
        each_value(population, values, |value, customers| {
            if customers.len() >= Self::MANY {
                common.push(value);
            }
        });
        Self { common }
    }

    /// Whether fewer than [`Holders::MANY`] customers hold a value.
    #[must_use]
    pub fn is_rare(&self, value: u64) -> bool {
        self.common.binary_search(&value).is_err()
    }
}
