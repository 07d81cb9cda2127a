//! Any text as a time: the path by hand agrees with the library.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let found = record::parse_time_us(text);
    match text.parse::<Timestamp>() {
        Ok(time) => assert_eq!(found, Some(time.as_microsecond())),
        // The library's last time is some hours before the year's end, so that every offset can be written.
        Err(_) => assert!(found.is_none_or(|us| us > Timestamp::MAX.as_microsecond()), "{found:?}"),
    }
});
