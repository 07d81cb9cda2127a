//! See [`stillwatch_fuzz::world`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| stillwatch_fuzz::world(text));
