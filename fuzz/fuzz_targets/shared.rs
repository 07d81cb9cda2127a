//! See [`stillwatch_fuzz::shared`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::shared(bytes));
