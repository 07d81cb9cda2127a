//! See [`stillwatch_fuzz::stamp`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::stamp(bytes));
