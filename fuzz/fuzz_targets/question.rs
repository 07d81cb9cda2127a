//! See [`stillwatch_fuzz::question`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| stillwatch_fuzz::question(text));
