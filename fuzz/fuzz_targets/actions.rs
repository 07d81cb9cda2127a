//! See [`stillwatch_fuzz::actions`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::actions(bytes));
