//! How often each value of a field came: exactly, for as many values as there is room for.

use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::answer::Top;
use crate::answer::TopValue;
use crate::cells::Cell;
use crate::cells::Cells;
use crate::field::Field;
use crate::term::Value;

/// Values that are counted by themselves, and what their texts take together.
const MAX_VALUES: usize = 100_000;
const MAX_TEXT_BYTES: usize = 16 << 20;
/// Accounts that are told apart.
const MAX_ACCOUNTS: usize = 500_000;

/// In which of two times something came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In the time that was asked for.
    Now,
    /// In the time before.
    Before,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    None,
    Text(Box<str>),
    Hash(u64),
    Number(u64),
    /// The bits of a number with a fraction.
    Decimal(u64),
    Flag(bool),
    Word(&'static str),
}

/// Counts the values of a field.
#[derive(Debug)]
pub struct Counts {
    field: Field,
    /// By text, so that a text that is known is looked up without a copy.
    texts: HashMap<Box<str>, [u64; 2]>,
    others: HashMap<Key, [u64; 2]>,
    text_bytes: usize,
    uncounted: u64,
    bounds: (usize, usize),
}

impl Counts {
    /// Nothing counted yet.
    pub fn of(field: Field) -> Self {
        let bounds = (MAX_VALUES, MAX_TEXT_BYTES);
        Self { field, texts: HashMap::new(), others: HashMap::new(), text_bytes: 0, uncounted: 0, bounds }
    }

    /// The field.
    pub const fn field(&self) -> Field {
        self.field
    }

    /// Counts the values of a row.
    pub fn add(&mut self, cells: &Cells<'_>, row: usize, when: When) {
        let mut is_none = true;
        cells.any(row, &mut |cell| {
            is_none = false;
            self.count(cell, when);
            false
        });
        if is_none {
            self.count_other(Key::None, when);
        }
    }

    fn count(&mut self, cell: Cell<'_>, when: When) {
        let key = match cell {
            Cell::Text(text) => return self.count_text(text, when),
            Cell::Hash(hash) => Key::Hash(hash),
            Cell::Number(number) => Key::Number(number),
            // Zero has two signs, and is one number.
            Cell::Decimal(number) => Key::Decimal((number + 0.0).to_bits()),
            Cell::Flag(flag) => Key::Flag(flag),
            Cell::Word(word) => Key::Word(word),
        };
        self.count_other(key, when);
    }

    fn count_text(&mut self, text: &str, when: When) {
        if let Some(counts) = self.texts.get_mut(text) {
            return increase(counts, when);
        }
        if !self.has_room(text.len()) {
            self.uncounted += u64::from(when == When::Now);
            return;
        }
        self.text_bytes += text.len();
        increase(self.texts.entry(text.into()).or_default(), when);
    }

    fn count_other(&mut self, key: Key, when: When) {
        if let Some(counts) = self.others.get_mut(&key) {
            return increase(counts, when);
        }
        if !self.has_room(0) {
            self.uncounted += u64::from(when == When::Now);
            return;
        }
        increase(self.others.entry(key).or_default(), when);
    }

    fn has_room(&self, bytes: usize) -> bool {
        let (values, text_bytes) = self.bounds;
        self.texts.len() + self.others.len() < values && self.text_bytes + bytes <= text_bytes
    }

    /// The most frequent values.
    pub fn into_top(self, most: usize) -> Top {
        let Self { field, texts, others, uncounted, .. } = self;
        let texts = texts.into_iter().map(|(text, counts)| (Key::Text(text), counts));
        let mut counted: Vec<(Key, [u64; 2])> = texts.chain(others).filter(|(_, [now, _])| *now > 0).collect();
        // The most frequent first; of equally frequent ones the smaller, so that the same table gives the same answer.
        counted.sort_unstable_by(|(one, [a, _]), (other, [b, _])| b.cmp(a).then_with(|| one.cmp(other)));
        let distinct = counted.len() as u64;
        let rest = counted.split_off(most.min(counted.len()));
        let value =
            |(key, [rows, rows_before]): (Key, [u64; 2])| TopValue { value: key.into_value(), rows, rows_before };
        let others = rest.iter().map(|(_, [now, _])| now).sum();
        Top { field, values: counted.into_iter().map(value).collect(), distinct, others, uncounted }
    }
}

fn increase([now, before]: &mut [u64; 2], when: When) {
    match when {
        When::Now => *now += 1,
        When::Before => *before += 1,
    }
}

impl Key {
    fn into_value(self) -> Option<Value> {
        Some(match self {
            Self::None => return None,
            Self::Text(text) => Value::Text(text.into()),
            Self::Hash(hash) => Value::Hash(hash),
            Self::Number(number) => Value::Number(number),
            Self::Decimal(bits) => Value::Decimal(f64::from_bits(bits)),
            Self::Flag(flag) => Value::Flag(flag),
            Self::Word(word) => Value::Word(word),
        })
    }
}

/// Tells accounts apart by a hash under a random key, so that names of any length take the same room.
///
/// Of half a million accounts two have one hash with a probability of about 7 in a thousand million.
#[derive(Debug, Default)]
pub struct Accounts {
    key: RandomState,
    seen: HashSet<u64>,
    is_full: bool,
}

impl Accounts {
    /// Counts an account, once.
    pub fn add(&mut self, account: &str) {
        let hash = self.key.hash_one(account);
        if self.seen.len() < MAX_ACCOUNTS {
            self.seen.insert(hash);
        } else if !self.seen.contains(&hash) {
            self.is_full = true;
        }
    }

    /// How many there are, and whether these are all.
    pub fn count(&self) -> (u64, bool) {
        (self.seen.len() as u64, !self.is_full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_together() {
        let mut counts = Counts { bounds: (3, 10), ..Counts::of(Field::Model) };
        for (text, when) in [("a", When::Now), ("b", When::Before), ("a", When::Before), ("long enough", When::Now)] {
            counts.count_text(text, when);
        }
        counts.count_other(Key::None, When::Now);
        counts.count_text("c", When::Now);
        counts.count_text("c", When::Before);
        let top = counts.into_top(1);
        let first = TopValue { value: None, rows: 1, rows_before: 0 };
        assert_eq!((&top.values, top.distinct, top.others, top.uncounted), (&vec![first], 2, 1, 2));
    }

    #[test]
    fn an_account_counts_once() {
        let mut accounts = Accounts::default();
        ["a", "b", "a"].iter().for_each(|name| accounts.add(name));
        assert_eq!(accounts.count(), (2, true));
    }
}
