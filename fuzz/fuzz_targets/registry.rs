//! Any bytes as a registry of campaigns: what parses is written to bytes that parse to the same, and settles ids, one
//! for each group.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use campaign::Registry;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut registry) = Registry::from_json(bytes) else { return };
    let written = registry.to_json().expect("a registry has a JSON form");
    assert_eq!(Registry::from_json(&written).expect("what was written parses"), registry);
    let group = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let found = [group(&["a", "b"]), group(&["c"])];
    let (ids, _) = registry.settle(&found, 0);
    assert_eq!(ids.len(), found.len());
    assert_ne!(ids.first(), ids.last());
    let (again, events) = registry.settle(&found, 0);
    assert_eq!(again, ids, "the same groups keep their ids");
    assert!(events.is_empty() || events.iter().all(|event| matches!(event, campaign::Event::Rested { .. })));
});
