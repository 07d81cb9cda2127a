//! See [`stillwatch_fuzz::time`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| stillwatch_fuzz::time(text));
