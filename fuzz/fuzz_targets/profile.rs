//! Any bytes as a profile: what parses is written to bytes that parse to the same, and merges.

#![no_main]

use libfuzzer_sys::fuzz_target;
use profile::Profile;

fuzz_target!(|bytes: &[u8]| {
    let Ok(parsed) = Profile::from_bytes(bytes) else { return };
    let written = parsed.to_bytes();
    let again = Profile::from_bytes(&written).expect("what was written parses");
    assert_eq!(again, parsed);
    assert_eq!(again.to_bytes(), written);
    let mut merged = Profile::default();
    merged.merge(&parsed);
    assert_eq!(merged, parsed, "merging into nothing changes nothing");
    merged.merge(&parsed);
    assert_eq!(Profile::from_bytes(&merged.to_bytes()).as_ref(), Ok(&merged));
});
