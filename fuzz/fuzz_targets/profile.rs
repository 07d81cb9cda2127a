//! See [`stillwatch_fuzz::profile`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::profile(bytes));
