//! Any bytes as a Parquet log and as Parquet accounts: exchanges, accounts, rejects, or an error for the file.
//!
//! The library below panics at some damaged files. A panic that is caught and told as the file's error is an answer;
//! one that comes out is a crash.

#![no_main]

use std::fs;
use std::panic;

use libfuzzer_sys::fuzz_target;
use record::Reject;
use record::native;

fuzz_target!(
    // The fuzzer's hook ends the process at every panic, even one that is caught. Without it, only those that come out
    // are crashes.
    init: panic::set_hook(Box::new(|info| eprintln!("{info}"))),
    |bytes: &[u8]| {
        if !bytes.starts_with(b"PAR1") {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder for the table");
        let table = folder.path().join("table");
        fs::write(&table, bytes).expect("a table");
        let inputs = record::expand(&[table.display().to_string()]).expect("the file is there");
        let [input] = inputs.as_slice() else { panic!("one file is {} inputs", inputs.len()) };
        let mut line = Vec::new();
        for block in input.open(None).into_iter().flatten().map_while(Result::ok) {
            block.read(&mut |record| match record {
                Ok(exchange) => {
                    line.clear();
                    native::write_exchange(&exchange, &mut line);
                }
                Err(reject) => check(&reject),
            });
        }
        // An error is for the whole file and says so.
        let _ = record::read_accounts(input, &mut |record| drop(record.inspect_err(check)));
    }
);

fn check(reject: &Reject) {
    assert!(reject.line > 0 && !reject.reason.is_empty(), "{reject:?}");
}
