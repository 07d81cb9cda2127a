//! Arrival processes recorded elsewhere, to replace the generated ones.
//!
//! Three public forms are read: a CSV with a `TIMESTAMP` column, JSON lines with a `timestamp` in milliseconds, and
//! rows of `time in seconds, rate, …`. The first two give gaps between arrivals, of which each account gets a run
//! stretched over its time; the third gives a rate over time, which each account follows.

use std::path::Path;

use crate::error::Error;
use crate::rng::Rng;
use crate::time::{self, SECOND, Window, stretch};

/// A recorded arrival process.
#[derive(Debug)]
pub(crate) enum Arrivals {
    /// Gaps between arrivals, by their mean.
    Gaps(Vec<f32>),
    /// Running sum of arrivals at the end of each step, and the step's length in microseconds.
    Rate {
        /// Running sums.
        sums: Vec<f64>,
        /// Length of a step.
        step_us: i64,
    },
}

impl Arrivals {
    /// Reads a trace.
    pub(crate) fn load(path: &Path) -> Result<Arrivals, Error> {
        let text = crate::pool::read_text(path)?;
        Arrivals::parse(&text).map_err(|reason| Error::content(path, reason))
    }

    /// Reads the text of a trace in any of the three forms.
    pub(crate) fn parse(text: &str) -> Result<Arrivals, String> {
        let first = text.lines().next().unwrap_or_default();
        if first.trim_start().starts_with('{') {
            return gaps(text.lines().filter_map(|line| Some(number_after(line, "\"timestamp\":")? / 1e3)));
        }
        if let Some(column) = first.split(',').position(|name| name.trim().eq_ignore_ascii_case("timestamp")) {
            return gaps(text.lines().skip(1).filter_map(|line| seconds(line.split(',').nth(column)?)));
        }
        rate(text)
    }

    /// `count` times from `from` to `to`.
    pub(crate) fn starts(&self, rng: &mut Rng, count: usize, from: i64, to: i64, window: Window) -> Vec<i64> {
        match self {
            Arrivals::Gaps(gaps) => {
                let skip = rng.below(gaps.len() as u64) as usize;
                stretch(gaps.iter().cycle().skip(skip).take(count + 1).map(|gap| f64::from(*gap)), count, from, to)
            }
            Arrivals::Rate { sums, step_us } => (0..count)
                .map(|_| {
                    let at = (0..8).find_map(|_| rate_time(sums, *step_us, rng, from, to, window));
                    at.unwrap_or_else(|| from + rng.below((to - from).max(1) as u64) as i64)
                })
                .collect(),
        }
    }
}

/// A time by the recorded rate, if it falls between `from` and `to`; a short trace comes round again.
fn rate_time(sums: &[f64], step_us: i64, rng: &mut Rng, from: i64, to: i64, window: Window) -> Option<i64> {
    let span = step_us * sums.len() as i64;
    let rounds = ((window.end - window.start) / span.max(1) + 1).max(1);
    let round = rng.below(rounds as u64) as i64;
    let goal = rng.unit() * sums.last().copied().unwrap_or(1.0);
    let step = sums.partition_point(|sum| *sum <= goal) as i64;
    let at = window.start + round * span + step * step_us + rng.below(step_us.max(1) as u64) as i64;
    (from..to).contains(&at).then_some(at)
}

fn number_after(line: &str, key: &str) -> Option<f64> {
    let rest = line.split_once(key)?.1.trim_start();
    rest.split([',', '}', ' ']).next()?.parse().ok()
}

/// Seconds of a `2023-11-16 18:17:03.9799600`, or of a plain number.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim().trim_matches('"');
    let Some((date, clock)) = text.split_once([' ', 'T']) else { return text.parse().ok() };
    let day = time::parse_date(date)? / SECOND;
    let mut parts = clock.trim_end_matches('Z').split(':');
    let mut part = || parts.next()?.split('+').next()?.parse::<f64>().ok();
    Some(day as f64 + part()? * 3_600.0 + part()? * 60.0 + part()?)
}

fn gaps(times: impl Iterator<Item = f64>) -> Result<Arrivals, String> {
    let mut times: Vec<f64> = times.filter(|time| time.is_finite()).collect();
    times.sort_by(f64::total_cmp);
    let gaps: Vec<f64> = times.iter().zip(times.iter().skip(1)).map(|(a, b)| b - a).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len().max(1) as f64;
    if gaps.len() < 2 || mean <= 0.0 {
        return Err(
            "it holds fewer than three times (a TIMESTAMP column or \"timestamp\" in milliseconds is read)".to_owned()
        );
    }
    Ok(Arrivals::Gaps(gaps.into_iter().map(|gap| (gap / mean) as f32).collect()))
}

fn rate(text: &str) -> Result<Arrivals, String> {
    let mut rows = Vec::new();
    for line in text.lines() {
        let mut fields = line.split(',').map(|field| field.trim().parse::<f64>());
        if let (Some(Ok(at)), Some(Ok(rate))) = (fields.next(), fields.next())
            && at.is_finite()
            && rate.is_finite()
        {
            rows.push((at, rate.max(0.0)));
        }
    }
    let step = rows.iter().zip(rows.iter().skip(1)).map(|(a, b)| b.0 - a.0).find(|step| *step > 0.0);
    let total: f64 = rows.iter().map(|row| row.1).sum();
    let Some(step) = step.filter(|_| total > 0.0) else {
        return Err("it is no trace (known: CSV with a TIMESTAMP column, JSON lines with \"timestamp\" in \
                    milliseconds, or rows of seconds,rate with some rate above 0)"
            .to_owned());
    };
    let mut sum = 0.0;
    let sums = rows
        .iter()
        .map(|row| {
            sum += row.1;
            sum
        })
        .collect();
    Ok(Arrivals::Rate { sums, step_us: (step * SECOND as f64) as i64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR};

    const WINDOW: Window = Window { start: 0, end: 10 * DAY };

    #[test]
    fn the_three_forms_are_read() {
        let csv =
            "TIMESTAMP,ContextTokens\n2023-11-16 18:17:03.97,1\n2023-11-16 18:17:04.97,1\n2023-11-16 18:17:07.97,1\n";
        let json = "{\"timestamp\": 0, \"n\": 1}\n{\"timestamp\": 1000}\n{\"timestamp\": 4000}\n";
        for text in [csv, json] {
            let Arrivals::Gaps(gaps) = Arrivals::parse(text).unwrap() else { panic!("gaps expected") };
            assert_eq!(gaps, [0.5, 1.5]);
        }
        let Arrivals::Rate { sums, step_us } = Arrivals::parse("0,1.5,x\n600,0\n1200,0.5\n").unwrap() else {
            panic!("rate expected")
        };
        assert_eq!((sums, step_us), (vec![1.5, 1.5, 2.0], 600 * SECOND));
        for wrong in ["", "hello\nworld", "0,0\n600,0", "TIMESTAMP\n2023-11-16 18:17:03"] {
            assert!(Arrivals::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn times_follow_the_trace() {
        // All arrivals in the second of two half-day steps.
        let rate = Arrivals::parse("0,0\n43200,3\n").unwrap();
        let times = rate.starts(&mut Rng::new(1), 500, 0, 10 * DAY, WINDOW);
        assert!(times.iter().all(|at| at.rem_euclid(DAY) >= 12 * HOUR), "outside the busy half");
        let gaps = Arrivals::Gaps(vec![0.0, 0.0, 3.0]);
        let times = gaps.starts(&mut Rng::new(1), 30, DAY, 2 * DAY, WINDOW);
        let bursts = times.iter().zip(times.iter().skip(1)).filter(|(a, b)| a == b).count();
        assert!(bursts >= 18, "{bursts} of 29 gaps are empty");
        assert!(times.iter().all(|at| (DAY..2 * DAY).contains(at)));
    }
}
