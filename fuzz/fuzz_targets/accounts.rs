//! Any bytes but Parquet as account records: each comes out as an account or as a reject that names its place; what is written of
//! an account reads back as itself.

#![no_main]

use std::fs;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use record::Account;
use record::native;

fuzz_target!(|bytes: &[u8]| {
    // The target `table` is for these.
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the accounts");
    let Some((accounts, _)) = read(&folder.path().join("accounts"), bytes) else { return };
    let mut lines = Vec::new();
    accounts.iter().for_each(|account| native::write_account(account, &mut lines));
    let (second, rejects) = read(&folder.path().join("again.jsonl"), &lines).expect("what was written is a file");
    assert_eq!(rejects, Vec::<String>::new(), "what was written is refused");
    let mut again = Vec::new();
    second.iter().for_each(|account| native::write_account(account, &mut again));
    assert_eq!(String::from_utf8_lossy(&lines), String::from_utf8_lossy(&again), "accounts changed on the way");
});

/// The accounts and the reasons of the rejects; `None` where the file holds no records.
fn read(path: &Path, bytes: &[u8]) -> Option<(Vec<Account>, Vec<String>)> {
    fs::write(path, bytes).expect("a file of accounts");
    let name = path.display().to_string();
    let inputs = record::expand(std::slice::from_ref(&name)).expect("the file is there");
    let [input] = inputs.as_slice() else { panic!("one file is {} inputs", inputs.len()) };
    let (mut accounts, mut rejects) = (Vec::new(), Vec::new());
    let result = record::read_accounts(input, &mut |record| match record {
        Ok(account) => accounts.push(account),
        Err(reject) => {
            assert_eq!(reject.file, name);
            assert!(reject.line > 0 && !reject.reason.is_empty());
            rejects.push(reject.reason);
        }
    });
    result.ok().map(|()| (accounts, rejects))
}
