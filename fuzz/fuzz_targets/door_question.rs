//! See [`stillwatch_fuzz::door_question`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::door_question(bytes));
