//! When conversations begin.

use crate::rng::{Rng, sub};
use crate::stage::Stage;
use crate::time::{DAY, HOUR, SECOND, Window, stretch};

/// Weight of each hour of a person's day.
const AWAKE: [f64; 24] = [
    1.2, 0.6, 0.3, 0.2, 0.2, 0.3, 0.8, 1.8, 3.2, 4.6, 5.2, 5.0, 4.2, 4.4, 5.0, 5.1, 4.8, 4.3, 3.9, 4.2, 4.8, 4.9, 3.8,
    2.2,
];
/// Weight of each hour of an office's day.
const OFFICE: [f64; 24] = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.1, 0.8, 3.5, 6.0, 6.2, 5.5, 3.0, 5.2, 6.0, 5.8, 5.0, 3.0, 0.9, 0.3, 0.2, 0.1, 0.0,
    0.0,
];

/// The law of an account's times.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rhythm {
    /// A person: daily cycle of the home's time zone, busy and idle days.
    Person { offset_hours: i64, shift_hours: i64, weekend: f64 },
    /// An office: its hours, its working days.
    Office { offset_hours: i64 },
    /// A machine at any hour; `spread` is the spread of the logarithm of the gaps, 0 is even.
    Flat { spread: f64 },
    /// A script that is started now and then and works through a batch.
    Runs { batch: u32, gap_s: f64, offset_hours: Option<i64> },
    /// The same number of times every day, from that time of day on.
    Daily { at_us: i64 },
    /// Something that happens once and fades over so many hours.
    Event { at_us: i64, fade_hours: f64 },
}

impl Rhythm {
    /// `count` times from `from` to `to`, in order.
    pub(crate) fn starts(self, stage: &Stage, seed: u64, count: usize, from: i64, to: i64) -> Vec<i64> {
        let mut rng = Rng::of(seed, "starts");
        let to = to.max(from + 1);
        let mut times = match (self, &stage.arrivals) {
            (Rhythm::Event { at_us, fade_hours }, _) => (0..count)
                .map(|_| at_us + (rng.exponential(fade_hours) * HOUR as f64) as i64)
                .map(|at| at.clamp(from, to - 1))
                .collect(),
            (Rhythm::Daily { at_us }, _) => daily(at_us, count, from, to, &mut rng),
            (_, Some(arrivals)) => arrivals.starts(&mut rng, count, from, to, stage.window),
            (Rhythm::Person { offset_hours, shift_hours, weekend }, None) => {
                let days = Days::new(seed, from, to, offset_hours, weekend, 1.0);
                (0..count).map(|_| days.draw(&AWAKE, shift_hours, &mut rng)).collect()
            }
            (Rhythm::Office { offset_hours }, None) => {
                let days = Days::new(seed, from, to, offset_hours, 0.03, 0.4);
                (0..count).map(|_| days.draw(&OFFICE, 0, &mut rng)).collect()
            }
            (Rhythm::Flat { spread }, None) => flat(spread, count, from, to, &mut rng),
            (Rhythm::Runs { batch, gap_s, offset_hours }, None) => {
                runs(batch, gap_s, offset_hours, seed, count, from, to, &mut rng)
            }
        };
        times.sort_unstable();
        times
    }
}

/// The days of a stretch of time with a running sum of their weights.
struct Days {
    from: i64,
    to: i64,
    first_midnight: i64,
    sums: Vec<f64>,
}

impl Days {
    fn new(seed: u64, from: i64, to: i64, offset_hours: i64, weekend: f64, sigma: f64) -> Days {
        let mut rng = Rng::of(seed, "days");
        let first_midnight = (from + offset_hours * HOUR).div_euclid(DAY) * DAY - offset_hours * HOUR;
        let mut sum = 0.0;
        let count = (to - first_midnight + DAY - 1) / DAY;
        let sums = (0..count.max(1))
            .map(|day| {
                let noon = first_midnight + day * DAY + DAY / 2;
                let factor = if Window::weekend(noon, offset_hours) { weekend } else { 1.0 };
                sum += factor * rng.log_normal(1.0, sigma);
                sum
            })
            .collect();
        Days { from, to, first_midnight, sums }
    }

    fn draw(&self, hours: &[f64; 24], shift_hours: i64, rng: &mut Rng) -> i64 {
        for _ in 0..6 {
            let goal = rng.unit() * self.sums.last().copied().unwrap_or(1.0);
            let day = self.sums.partition_point(|sum| *sum <= goal) as i64;
            let hour = hour(hours, rng) + shift_hours;
            let at = self.first_midnight + day * DAY + hour * HOUR + rng.below(HOUR as u64) as i64;
            if (self.from..self.to).contains(&at) {
                return at;
            }
        }
        self.from + rng.below((self.to - self.from) as u64) as i64
    }
}

/// An hour of a person's day.
pub(crate) fn waking_hour(rng: &mut Rng) -> i64 {
    hour(&AWAKE, rng)
}

fn hour(weights: &[f64; 24], rng: &mut Rng) -> i64 {
    let mut left = rng.unit() * weights.iter().sum::<f64>();
    for (hour, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return hour as i64;
        }
    }
    23
}

fn flat(spread: f64, count: usize, from: i64, to: i64, rng: &mut Rng) -> Vec<i64> {
    let gaps: Vec<f64> =
        (0..=count).map(|_| if spread > 0.0 { rng.log_normal(1.0, spread) } else { rng.exponential(1.0) }).collect();
    stretch(gaps.into_iter(), count, from, to)
}

/// The same number every day, some seconds early or late.
fn daily(at_us: i64, count: usize, from: i64, to: i64, rng: &mut Rng) -> Vec<i64> {
    let days = ((to - from) / DAY).max(1);
    let each = (count as i64).div_euclid(days).max(1);
    (0..count as i64)
        .map(|number| {
            let (day, turn) = (number / each % days, number % each);
            let late = rng.below(90 * SECOND as u64) as i64;
            let midnight = from.div_euclid(DAY) * DAY;
            let at = midnight + day * DAY + (at_us + turn * (DAY / each.max(8))) % DAY + late;
            at.clamp(from, to - 1)
        })
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "the fields of one variant, taken apart")]
fn runs(
    batch: u32,
    gap_s: f64,
    offset_hours: Option<i64>,
    seed: u64,
    count: usize,
    from: i64,
    to: i64,
    rng: &mut Rng,
) -> Vec<i64> {
    let days = offset_hours.map(|offset| Days::new(sub(seed, "runs"), from, to, offset, 0.4, 0.6));
    let mut times = Vec::with_capacity(count);
    while times.len() < count {
        let length = (rng.log_normal(f64::from(batch), 0.5).round() as usize).clamp(1, count - times.len());
        let mut at = match &days {
            Some(days) => days.draw(&AWAKE, 0, rng),
            None => from + rng.below((to - from) as u64) as i64,
        };
        for _ in 0..length {
            times.push(at.clamp(from, to - 1));
            at += (rng.log_normal(gap_s, 0.6) * SECOND as f64) as i64;
        }
    }
    times
}
