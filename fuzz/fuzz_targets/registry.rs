//! See [`stillwatch_fuzz::registry`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::registry(bytes));
