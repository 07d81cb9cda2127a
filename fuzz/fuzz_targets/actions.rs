//! Any bytes but Parquet as enforcement acts: each comes out as an act of a named account, or as a reject with its place.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the acts");
    let path = folder.path().join("acts.jsonl");
    fs::write(&path, bytes).expect("a file of acts");
    let name = path.display().to_string();
    let inputs = record::expand(std::slice::from_ref(&name)).expect("the file is there");
    for input in &inputs {
        let _ = record::read_actions(input, &mut |record| match record {
            Ok(act) => assert!(!act.account.is_empty()),
            Err(reject) => assert!(reject.line > 0 && !reject.reason.is_empty()),
        });
    }
});
