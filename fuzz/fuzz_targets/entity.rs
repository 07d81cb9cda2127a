//! See [`stillwatch_fuzz::entity`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| stillwatch_fuzz::entity(text));
