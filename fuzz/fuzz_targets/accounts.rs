//! See [`stillwatch_fuzz::accounts`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::accounts(bytes));
