//! Ties by number: what the search works on.
//!
//! A hunt of a million accounts has tens of millions of ties. Numbers instead of values make a tie eight bytes, and every
//! table of the search an array. Numbers are in the order of the values, so that whatever breaks a tie by number breaks it
//! by content.

use evidence::frequency_bits;

use crate::limits::Limits;
use crate::tie::Tie;
use crate::tie::Value;

/// Weights are kept in sixteenths of a bit.
pub const PER_BIT: f64 = 16.0;

/// One account holds one value, by the value's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bond {
    /// The account.
    pub account: u32,
    /// The value's number in [`Values`].
    pub value: u32,
}

/// The values of a search, in their order.
#[derive(Debug, Default)]
pub struct Values {
    all: Vec<Value>,
    bits: Vec<f64>,
    holders: Vec<u32>,
}

/// The entry of a table; the default where there is none.
pub fn at<T: Copy + Default>(table: &[T], place: u32) -> T {
    table.get(place as usize).copied().unwrap_or_default()
}

/// Sets the entry of a table.
pub fn set<T>(table: &mut [T], place: u32, entry: T) {
    if let Some(slot) = table.get_mut(place as usize) {
        *slot = entry;
    }
}

impl Values {
    /// Numbers the values that tie anybody within the limits, and returns their ties, sorted, each once.
    pub fn of(ties: &[Tie], customers: &[u32], limits: &Limits) -> (Self, Vec<Bond>) {
        let population = distinct(customers.to_vec()) as u64;
        let mut sorted: Vec<(Value, u32)> = ties.iter().map(|tie| (tie.value, tie.account)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let (mut values, mut bonds) = (Self::default(), Vec::with_capacity(sorted.len()));
        for run in sorted.chunk_by(|a, b| a.0 == b.0) {
            let held_by = run.iter().map(|(_, account)| customer_of(customers, *account)).collect();
            let holders = distinct(held_by);
            let bits = frequency_bits(holders as u64, population);
            let (true, true, Some((value, _))) =
                ((limits.min_holders..=limits.max_holders).contains(&holders), bits >= limits.min_bits, run.first())
            else {
                continue;
            };
            let number = values.all.len() as u32;
            values.all.push(*value);
            values.bits.push(bits);
            values.holders.push(holders as u32);
            bonds.extend(run.iter().map(|(_, account)| Bond { account: *account, value: number }));
        }
        bonds.sort_unstable();
        (values, bonds)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The value of a number.
    pub fn value(&self, number: u32) -> Option<Value> {
        self.all.get(number as usize).copied()
    }

    /// What sharing it weighs, in bits.
    pub fn bits(&self, number: u32) -> f64 {
        at(&self.bits, number)
    }

    /// The same in sixteenths of a bit, so that sums do not depend on their order.
    pub fn weight(&self, number: u32) -> u32 {
        (self.bits(number) * PER_BIT).round() as u32
    }

    /// Customers that hold it.
    pub fn holders(&self, number: u32) -> u32 {
        at(&self.holders, number)
    }
}

/// An account's customer: itself where nothing else is said.
pub fn customer_of(customers: &[u32], account: u32) -> u32 {
    customers.get(account as usize).copied().unwrap_or(account)
}

/// Number of distinct entries.
pub fn distinct(mut all: Vec<u32>) -> usize {
    all.sort_unstable();
    all.dedup();
    all.len()
}
