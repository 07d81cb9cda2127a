//! Times as text and as numbers, to microseconds since 1970-01-01T00:00:00Z.

use jiff::Timestamp;

/// Microseconds of an hour.
pub const HOUR_US: i64 = 3_600_000_000;

/// Microseconds of a day.
pub const DAY_US: i64 = 24 * HOUR_US;

/// The first moment that is not read: 2200-01-01T00:00:00Z, in microseconds since 1970. What a log says of later times, or of
/// times before 1970, is a fault of its writer. Inside the range no sum or difference of times leaves 64 bits.
pub const END_US: i64 = 7_258_118_400_000_000;

/// Now, to the second, RFC 3339.
#[must_use]
pub fn now_to_the_second() -> String {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// A time, where it is one that is read: from 1970 to the end of 2199.
#[must_use]
pub fn in_range_us(at_us: i64) -> Option<i64> {
    (0..END_US).contains(&at_us).then_some(at_us)
}

/// Microseconds since 1970-01-01T00:00:00Z of an RFC 3339 time with any offset; `None` if it is none, or not from 1970 to
/// 2199.
///
/// Digits beyond microseconds are cut off. The form `YYYY-MM-DDTHH:MM:SS[.frac]Z`, which nearly every log uses,
/// is read by hand because this runs once an exchange; all others go to the library.
#[must_use]
pub fn parse_time_us(text: &str) -> Option<i64> {
    let at_us = utc_time_us(text.as_bytes()).or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond));
    at_us.and_then(in_range_us)
}

/// Microseconds since 1970-01-01T00:00:00Z of a time as foreign logs write it: RFC 3339, a space in place of the `T`, any
/// number of digits after the second, an offset without a colon, `UTC`, or no zone at all, which counts as UTC.
pub(crate) fn foreign_time_us(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(us) = parse_time_us(text) {
        return Some(us);
    }
    let (date, rest) = text.split_at_checked(10)?;
    let clock_and_zone = rest.strip_prefix(['T', 't', ' ', '_'])?;
    let (clock, rest) = clock_and_zone.split_at_checked(8)?;
    let after = rest.strip_prefix(['.', ',']);
    let digits = after.map_or(0, |after| after.bytes().take_while(u8::is_ascii_digit).count());
    if after.is_some() && digits == 0 {
        return None;
    }
    let (fraction, zone) = after.map_or(("", rest), |after| after.split_at_checked(digits).unwrap_or((after, "")));
    let fraction = fraction.get(..digits.min(6)).unwrap_or_default();
    let plain = if fraction.is_empty() { format!("{date}T{clock}Z") } else { format!("{date}T{clock}.{fraction}Z") };
    parse_time_us(&plain)?.checked_sub(zone_us(zone.trim())?).and_then(in_range_us)
}

/// The offset of a zone: a name of UTC, `+HH`, `+HHMM` or `+HH:MM`, perhaps with `UTC` after or before it.
fn zone_us(zone: &str) -> Option<i64> {
    let names = ["UTC", "GMT", "Z", "z"];
    let zone = names.iter().fold(zone, |zone, name| zone.strip_prefix(name).unwrap_or(zone).trim());
    let zone = names.iter().fold(zone, |zone, name| zone.strip_suffix(name).unwrap_or(zone).trim());
    if zone.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match zone.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [a, b] => (two(*a, *b)?, 0),
        [a, b, c, d] | [a, b, b':', c, d] => (two(*a, *b)?, two(*c, *d)?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000_000)
}

/// Microseconds of a count since 1970 whose unit is told by its size: seconds, milliseconds, microseconds or
/// nanoseconds. The bounds hold from the year 1973 to 5138.
pub(crate) fn epoch_us(count: f64) -> Option<i64> {
    let us = if count.abs() < 1e11 {
        count * 1e6
    } else if count.abs() < 1e14 {
        count * 1e3
    } else if count.abs() < 1e17 {
        count
    } else {
        count / 1e3
    };
    (us.is_finite() && us.abs() < END_US as f64).then_some(us.round() as i64).and_then(in_range_us)
}

/// Writes the time as RFC 3339 in UTC. A time outside the years -9999 to 9999 is written as the nearest one inside.
pub(crate) fn write_time(at_us: i64, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let bound = if at_us < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let time = Timestamp::from_microsecond(at_us).unwrap_or(bound);
    // Writing to a vector cannot fail.
    let _ = write!(out, "{time}");
}

/// The fast path: years 1970 to 9999, UTC, at most nine digits of fraction, no leap second.
fn utc_time_us(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(19)?;
    let &[y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2] = date else {
        return None;
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(mo1, mo2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(mi1, mi2)?, two(s1, s2)?);
    if year < 1970 || day < 1 || day > days_in_month(year, month)? || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1_000_000 + fraction_us(rest)?)
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// The microseconds of `Z` or `.123456789Z`.
fn fraction_us(rest: &[u8]) -> Option<i64> {
    let digits = match rest {
        b"Z" => return Some(0),
        [b'.', digits @ .., b'Z'] => digits,
        _ => return None,
    };
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(6);
    Some(padded.fold(0, |us, digit| us * 10 + i64::from(digit - b'0')))
}

fn days_in_month(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => Some(if leap { 29 } else { 28 }),
        4 | 6 | 9 | 11 => Some(30),
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        _ => None,
    }
}

/// Howard Hinnant's `days_from_civil`, for years after 0.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests;
