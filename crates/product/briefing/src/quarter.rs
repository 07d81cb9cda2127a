//! A quarter of a year.

use std::fmt;

use crate::error::Error;
use crate::error::ErrorKind;

/// A quarter of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i16,
    quarter: i8,
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-Q{}", self.year, self.quarter)
    }
}

impl Quarter {
    /// The quarter of `2026-Q2`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`]
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parts = text.split_once("-Q").and_then(|(year, quarter)| Some((year.parse().ok()?, quarter.parse().ok()?)));
        match parts {
            Some((year, quarter)) if (1970..=9999).contains(&year) && (1..=4).contains(&quarter) => {
                Ok(Self { year, quarter })
            }
            _ => Err(Error::new(ErrorKind::Usage, format!("{text:?} is no quarter (write 2026-Q2)"))),
        }
    }

    /// The quarter in which a moment of RFC 3339 is, in UTC.
    #[must_use]
    pub fn of(moment: &str) -> Option<Self> {
        let at: jiff::Timestamp = moment.parse().ok()?;
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        Some(Self { year: date.year(), quarter: (date.month() + 2) / 3 })
    }

    /// Whether a moment is in it.
    #[must_use]
    pub fn has(self, moment: &str) -> bool {
        Self::of(moment) == Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_those_of_the_calendar() {
        for (moment, quarter) in [
            ("2026-01-01T00:00:00Z", "2026-Q1"),
            ("2026-03-31T23:59:59Z", "2026-Q1"),
            ("2026-04-01T01:00:00+02:00", "2026-Q1"),
            ("2026-06-30T00:00:00Z", "2026-Q2"),
            ("2026-12-31T00:00:00Z", "2026-Q4"),
        ] {
            assert_eq!(Quarter::of(moment), Some(Quarter::parse(quarter).unwrap()), "{moment}");
        }
        for bad in ["2026", "2026-Q5", "2026-Q0", "Q1-2026", "26-Q1", ""] {
            assert!(Quarter::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Quarter::of("yesterday"), None);
    }
}
