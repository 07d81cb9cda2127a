//! See [`stillwatch_fuzz::sketch_text`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| stillwatch_fuzz::sketch_text(text));
