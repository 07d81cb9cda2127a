//! See [`stillwatch_fuzz::table`].

#![no_main]

libfuzzer_sys::fuzz_target!(
    // The fuzzer's hook ends the process at every panic, even one that is caught. Without it, only those that come out
    // are crashes.
    init: std::panic::set_hook(Box::new(|info| eprintln!("{info}"))),
    |bytes: &[u8]| stillwatch_fuzz::table(bytes)
);
