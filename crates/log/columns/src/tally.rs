//! What a file of a log has given so far, and whether it is worth reading on.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use record::time::DAY_US;

/// Refused records after which the rest of a file is not read, where less than one record in a hundred was an exchange: it is
/// no log. The run would end with status 3 for its rejects anyway, and so it does for a file that is left unread.
const MAX_REFUSED: u64 = 1_000_000;
/// Days of a file: eleven years. Each day is a file of the table at least, so that a log of wrong times costs hours.
const MAX_DAYS: usize = 4096;

/// What a file has given so far. Workers add to it at once, so that what else is read of a file that is given up depends on
/// which block comes first.
#[derive(Default)]
pub struct Tally {
    refused: AtomicU64,
    exchanges: AtomicU64,
    days: Mutex<BTreeSet<i64>>,
    has_too_many_days: AtomicBool,
}

impl Tally {
    /// Counts a refused record; says whether its reason is still worth keeping.
    pub fn refuse(&self) -> bool {
        self.refused.fetch_add(1, Ordering::Relaxed);
        !self.is_no_log()
    }

    /// Counts an exchange.
    pub fn accept(&self) {
        self.exchanges.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether exchanges of this day are read: it is one of the first.
    fn takes_day(&self, day: i64) -> bool {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if days.len() < MAX_DAYS {
            days.insert(day);
        }
        let takes = days.contains(&day);
        if !takes {
            self.has_too_many_days.store(true, Ordering::Relaxed);
        }
        takes
    }

    /// Why the rest of the file is left, if it is.
    pub fn given_up(&self) -> Option<String> {
        if self.has_too_many_days.load(Ordering::Relaxed) {
            return Some(format!(
                "its exchanges are of more than {MAX_DAYS} days: the rest is left (are its times right? else split it by time)"
            ));
        }
        self.is_no_log().then(|| {
            format!("more than {MAX_REFUSED} records were refused, and less than one in a hundred was read: the rest is left")
        })
    }

    fn is_no_log(&self) -> bool {
        let refused = self.refused.load(Ordering::Relaxed);
        refused > MAX_REFUSED && self.exchanges.load(Ordering::Relaxed) < refused / 100
    }
}

/// The days of one block: exchanges that follow each other are mostly of one day, which is asked for once.
#[derive(Default)]
pub struct Days(Option<(i64, bool)>);

impl Days {
    /// Whether an exchange at this time is read.
    pub fn takes(&mut self, tally: &Tally, at_us: i64) -> bool {
        let day = at_us.div_euclid(DAY_US);
        match self.0 {
            Some((last, takes)) if last == day => takes,
            _ => self.0.insert((day, tally.takes_day(day))).1,
        }
    }
}

#[cfg(test)]
mod tests;
