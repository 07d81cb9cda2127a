//! See [`stillwatch_fuzz::bank`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::bank(bytes));
