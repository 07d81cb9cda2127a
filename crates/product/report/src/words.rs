//! Numbers, times and names for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use record::ObservableKind;
use verdict::Family;

/// Microseconds of a day.
const DAY_US: i64 = record::time::DAY_US;

/// A number with its digits grouped by three: 1,234,567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A text with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// A number of things: `1 account`, `1,200 accounts`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A number of things of which there are as many as a list is long.
pub fn length(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 0.5 { "under 1 %".to_owned() } else { format!("{percent:.0} %") }
}

/// A rate as a percentage with as many digits as it has.
pub fn rate(rate: f64) -> String {
    format!("{} %", (rate * 1e6).round() / 1e4)
}

/// An e-value: with one decimal, rounded down to a power of ten where it is large.
pub fn e_value(value: f64) -> String {
    if value >= 1e6 {
        format!("1e{:.0}", value.log10().floor())
    } else if value >= 100.0 {
        grouped(value.round() as u64)
    } else {
        format!("{value:.1}")
    }
}

/// A time to the second in UTC; the text as it is where it is no time.
pub fn second(text: &str) -> String {
    let time = text.parse::<Timestamp>().map(|time| time.to_zoned(TimeZone::UTC));
    time.map_or_else(|_| text.to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// A time in microseconds since 1970 as [`second`] writes it.
pub fn second_of(at_us: i64) -> String {
    Timestamp::from_microsecond(at_us).map(|time| second(&time.to_string())).unwrap_or_default()
}

/// A day as a date.
pub fn date(day: i64) -> String {
    let time = Timestamp::from_microsecond(day.saturating_mul(DAY_US)).map(|time| time.to_zoned(TimeZone::UTC));
    time.map(|time| time.date().to_string()).unwrap_or_default()
}

/// A name of results in words.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// What an item of a kind is, one and many.
pub fn kind(name: &str) -> (&'static str, &'static str) {
    match ObservableKind::ALL.into_iter().find(|kind| kind.as_str() == name) {
        Some(ObservableKind::Payment) => ("payment instrument", "payment instruments"),
        Some(ObservableKind::Device) => ("device", "devices"),
        Some(ObservableKind::Phone) => ("telephone number", "telephone numbers"),
        Some(ObservableKind::Mailbox) => ("mailbox", "mailboxes"),
        Some(ObservableKind::Ip) => ("address", "addresses"),
        Some(ObservableKind::Frame) => ("wording", "wordings"),
        Some(ObservableKind::Root) => ("conversation", "conversations"),
        Some(ObservableKind::Answer) => ("answer", "answers"),
        Some(ObservableKind::Signature) => ("signature", "signatures"),
        Some(ObservableKind::Phrase) => ("word pair", "word pairs"),
        None => ("item", "items"),
    }
}

/// The question that a family asks.
pub const fn question(family: Family) -> &'static str {
    match family {
        Family::Continuity => "does one piece of work move between accounts?",
        Family::Reaction => "does it answer the provider's moves?",
        Family::Content => "is this what training data looks like?",
        Family::Identity => "are these people who they say they are?",
        Family::Client => "is the path hidden or shared?",
        Family::Rhythm => "does it move like one machine? (supports, and never accuses)",
    }
}

/// Honest groups that look alike to a family, and what tells them apart.
pub const fn benign_twin(family: Family) -> &'static str {
    match family {
        Family::Continuity => {
            "a key that moved between teams, an exported chat, a colleague's answer pasted, a small reseller. Ask whether \
             the accounts know each other and say so."
        }
        Family::Reaction => {
            "newcomers who arrive while others leave, uptime monitors, red teams. Ask whether the work that moved is the \
             same work."
        }
        Family::Content => {
            "users of one agent or program, a class with one exercise, a public prompt library, one trade. Search the \
             shared wording in public repositories and course pages."
        }
        Family::Identity => {
            "an agency that pays with one card, a venue, a school, a start-up programme. Ask the payment provider how many \
             people the instrument is issued to."
        }
        Family::Client => {
            "one tool at one version, a firm's proxy, users of one VPN. Look up who runs the addresses, and whether other \
             customers come from there."
        }
        Family::Rhythm => "rotas, nightly jobs, runners of one benchmark, a tool that changed its default.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.01, 0.1, 0.005].map(rate), ["1 %", "10 %", "0.5 %"]);
        assert_eq!([0.0, 0.004, 0.456].map(percent), ["0 %", "under 1 %", "46 %"]);
        assert_eq!([0.0, 19.96, 958.04, 12_345.6, 3.2e9].map(e_value), ["0.0", "20.0", "958", "12,346", "1e9"]);
    }

    #[test]
    fn times_are_in_utc_to_the_second() {
        assert_eq!(second("2026-04-23T01:01:17.780505+01:00"), "2026-04-23 00:01:17");
        assert_eq!(second("<no time>"), "<no time>");
        assert_eq!(second_of(1), "1970-01-01 00:00:00");
        assert_eq!(date(20_565), "2026-04-22");
    }
}
