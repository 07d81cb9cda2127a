//! See [`stillwatch_fuzz::intersection`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::intersection(bytes));
