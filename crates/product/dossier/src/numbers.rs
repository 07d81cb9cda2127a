//! How numbers and times are written in an archive.

use jiff::Timestamp;

/// Microseconds since 1970 as RFC 3339.
pub fn time(at_us: i64) -> String {
    Timestamp::from_microsecond(at_us).map_or_else(|_| "out of range".to_owned(), |at| at.to_string())
}

/// Whether two texts are one moment.
pub fn is_same_time(one: &str, other: &str) -> bool {
    match (one.parse::<Timestamp>(), other.parse::<Timestamp>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// An e-value with four digits.
pub fn short(value: f64) -> String {
    if value >= 1e5 { format!("{value:.3e}") } else { format!("{value:.4}") }
}

/// Whether two numbers are one, but for what decimal digits lose.
pub fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
}
