//! See [`stillwatch_fuzz::word_vectors`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::word_vectors(bytes));
