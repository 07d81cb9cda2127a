//! See [`stillwatch_fuzz::map`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| stillwatch_fuzz::map(text));
