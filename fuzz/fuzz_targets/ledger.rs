//! See [`stillwatch_fuzz::ledger`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillwatch_fuzz::ledger(bytes));
