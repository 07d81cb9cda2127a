//! See [`stillwatch_fuzz::backup`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::backup(bytes));
