//! See [`stillwatch_fuzz::limited_body`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::limited_body(bytes));
