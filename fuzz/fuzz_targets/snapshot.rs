//! See [`stillwatch_fuzz::snapshot`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::snapshot(bytes));
