//! See [`stillwatch_fuzz::blocks`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::blocks(bytes));
