//! Any bytes but Parquet as a log: found by its content, and read as each format. Records come out as exchanges or as rejects
//! that name their place; what is written of an exchange in the native form reads back as itself.

#![no_main]

use std::fs;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use record::Format;
use record::native;

fuzz_target!(|bytes: &[u8]| {
    // The target `table` is for these.
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the log");
    let log = folder.path().join("log");
    fs::write(&log, bytes).expect("a log");
    let formats = [None].into_iter().chain(Format::ALL.map(Some));
    for format in formats {
        let Some((lines, _)) = read(&log, format) else { continue };
        if lines.is_empty() {
            continue;
        }
        let again = folder.path().join("again.jsonl");
        fs::write(&again, &lines).expect("a log");
        let (second, rejects) = read(&again, Some(Format::Native)).expect("what was written is a log");
        assert_eq!(rejects, Vec::<String>::new(), "what was written is refused");
        assert_eq!(String::from_utf8_lossy(&lines), String::from_utf8_lossy(&second), "exchanges changed on the way");
    }
});

/// The file's exchanges in the native form and the reasons of its rejects; `None` where it is no log.
fn read(log: &Path, format: Option<Format>) -> Option<(Vec<u8>, Vec<String>)> {
    let name = log.display().to_string();
    let inputs = record::expand(std::slice::from_ref(&name)).expect("the file is there");
    let [input] = inputs.as_slice() else { panic!("one file is {} inputs", inputs.len()) };
    let (mut lines, mut rejects) = (Vec::new(), Vec::new());
    for block in input.open(format).ok()? {
        block.ok()?.read(&mut |record| match record {
            Ok(exchange) => native::write_exchange(&exchange, &mut lines),
            Err(reject) => {
                assert_eq!(reject.file, name);
                assert!(reject.line > 0 && !reject.reason.is_empty());
                rejects.push(reject.reason);
            }
        });
    }
    Some((lines, rejects))
}
