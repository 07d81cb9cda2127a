//! The window of a world, dates, and times laid over a stretch.

/// Microseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds of an hour.
pub(crate) const HOUR: i64 = 3_600 * SECOND;
/// Microseconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The time that a world's log covers; the end is not part of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// First microsecond.
    pub(crate) start: i64,
    /// First microsecond after it.
    pub(crate) end: i64,
}

impl Window {
    /// Puts a time inside the window.
    pub(crate) fn clamp(self, at: i64) -> i64 {
        at.clamp(self.start, (self.end - 1).max(self.start))
    }

    /// Whether that time is on a Saturday or Sunday, seen from an offset of so many hours.
    pub(crate) fn weekend(at: i64, offset_hours: i64) -> bool {
        // 1970-01-01 was a Thursday.
        matches!(((at + offset_hours * HOUR).div_euclid(DAY) + 4).rem_euclid(7), 0 | 6)
    }
}

/// A time written as in `2026-04-22T00:00:01Z`.
pub(crate) fn rfc3339(at_us: i64) -> String {
    let (day, rest) = (at_us.div_euclid(DAY), at_us.rem_euclid(DAY) / SECOND);
    // The usual era arithmetic; years begin in March.
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let slot = (5 * of_year + 2) / 153;
    let month = if slot < 10 { slot + 3 } else { slot - 9 };
    let date = of_year - (153 * slot + 2) / 5 + 1;
    let year = era * 400 + year + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

/// Microseconds from 1970 to the first moment of a date written `2026-04-22`, in UTC.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.trim().split('-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.parse().ok()?;
    if parts.next().is_some() || !(1970..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=length).contains(&day).then(|| days_from_civil(year, month, day) * DAY)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar (the usual era arithmetic, years begin in March).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Lays `count` times over a stretch of time so that their gaps keep their proportions; one gap more than times.
pub(crate) fn stretch(gaps: impl Iterator<Item = f64>, count: usize, from: i64, to: i64) -> Vec<i64> {
    let mut sum = 0.0;
    let sums: Vec<f64> = gaps
        .map(|gap| {
            sum += gap;
            sum
        })
        .collect();
    let scale = (to - from) as f64 / sum.max(f64::MIN_POSITIVE);
    sums.into_iter().take(count).map(|at| (from + (at * scale) as i64).clamp(from, to - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_from_1970() {
        assert_eq!(parse_date("1970-01-01"), Some(0));
        assert_eq!(parse_date("2026-04-22"), Some(1_776_816_000 * SECOND));
        assert_eq!(parse_date("2024-02-29"), Some(1_709_164_800 * SECOND));
        for wrong in ["2026-02-29", "2026-13-01", "2026-04", "tomorrow", "2026-04-22-1", ""] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_written_as_they_are_read() {
        for date in ["1970-01-01", "2024-02-29", "2026-04-22", "2026-12-31", "2027-01-01"] {
            assert_eq!(rfc3339(parse_date(date).unwrap() + 3_661 * SECOND), format!("{date}T01:01:01Z"));
        }
    }

    #[test]
    fn weekends_follow_the_place() {
        let saturday = parse_date("2026-04-25").unwrap();
        assert!(Window::weekend(saturday, 0));
        assert!(!Window::weekend(saturday, -8), "still friday there");
        assert!(!Window::weekend(saturday + 2 * DAY, 0));
    }
}
