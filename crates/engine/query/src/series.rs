//! Exchanges by time, in few buckets of a round length.

use crate::answer::Bucket;

/// The most buckets of a series.
pub const MAX_BUCKETS: usize = 200;

const SECOND_US: i64 = 1_000_000;
const DAY_S: i64 = 86_400;
/// Lengths of buckets, in seconds.
const LENGTHS_S: [i64; 19] = [
    1,
    5,
    10,
    30,
    60,
    300,
    600,
    900,
    1_800,
    3_600,
    2 * 3_600,
    3 * 3_600,
    6 * 3_600,
    12 * 3_600,
    DAY_S,
    2 * DAY_S,
    7 * DAY_S,
    14 * DAY_S,
    28 * DAY_S,
];

/// Counts exchanges by time.
#[derive(Debug)]
pub struct Series {
    first: i64,
    length_us: i64,
    counts: Vec<u64>,
}

impl Series {
    /// Buckets for a time: the shortest of which it takes [`MAX_BUCKETS`] at most. They begin at whole multiples of their length.
    pub fn over((from_us, to_us): (i64, i64)) -> Self {
        let count = |length_us: i64| {
            let last = to_us.saturating_sub(1).max(from_us).div_euclid(length_us);
            last.saturating_sub(from_us.div_euclid(length_us)).saturating_add(1)
        };
        let most = i64::try_from(MAX_BUCKETS).unwrap_or(i64::MAX);
        let fits = |length_us: &i64| count(*length_us) <= most;
        let longest = 28 * DAY_S * SECOND_US;
        let longer = (1..=12).map(|power| longest.saturating_mul(1 << power));
        let length_us = LENGTHS_S.iter().map(|length| length * SECOND_US).chain(longer).find(fits);
        let length_us = length_us.unwrap_or(i64::MAX);
        let buckets = usize::try_from(count(length_us)).unwrap_or(1).min(MAX_BUCKETS);
        Self { first: from_us.div_euclid(length_us), length_us, counts: vec![0; buckets] }
    }

    /// Counts an exchange; one outside the time is left out.
    pub fn add(&mut self, at_us: i64) {
        let place = usize::try_from(at_us.div_euclid(self.length_us) - self.first).ok();
        if let Some(count) = place.and_then(|place| self.counts.get_mut(place)) {
            *count += 1;
        }
    }

    /// The length of a bucket in seconds, and the buckets.
    pub fn into_buckets(self) -> (u64, Vec<Bucket>) {
        let at = |place: i64| (self.first + place).saturating_mul(self.length_us);
        let buckets = (0..).zip(&self.counts).map(|(place, rows)| Bucket { at_us: at(place), rows: *rows });
        (u64::try_from(self.length_us / SECOND_US).unwrap_or(0), buckets.collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_takes_few_buckets_that_cover_it(
            from in -62_135_596_800_000_000_i64..253_000_000_000_000_000, length in 1_i64..400_000_000_000_000_000
        ) {
            let to = from.saturating_add(length);
            let mut series = Series::over((from, to));
            series.add(from);
            series.add(to - 1);
            series.add(from - 30 * DAY_S * SECOND_US * 4096);
            let (seconds, buckets) = series.into_buckets();
            prop_assert!(buckets.len() <= MAX_BUCKETS && seconds > 0);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.rows).sum::<u64>(), 2);
            prop_assert_eq!(buckets[0].rows + buckets[buckets.len() - 1].rows, if buckets.len() == 1 { 4 } else { 2 });
            prop_assert!(buckets[0].at_us <= from);
        }
    }

    #[test]
    fn a_day_is_shown_by_ten_minutes() {
        let day = DAY_S * SECOND_US;
        let (seconds, buckets) = Series::over((100 * day, 101 * day)).into_buckets();
        assert_eq!((seconds, buckets.len(), buckets[0].at_us), (600, 144, 100 * day));
    }
}
