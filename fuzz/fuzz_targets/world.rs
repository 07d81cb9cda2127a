//! Any text as a world: a world or an error in words.

#![no_main]

use libfuzzer_sys::fuzz_target;
use range::World;

fuzz_target!(|text: &str| {
    match World::parse(text, "a file") {
        Ok(world) => drop((world.name().to_owned(), world.about().to_owned())),
        Err(error) => assert!(error.to_string().starts_with("a file"), "{error}"),
    }
});
