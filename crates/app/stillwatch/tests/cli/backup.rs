//! A data directory is backed up while it is used, and comes back.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::case::hunted;
use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;

/// What `doctor` finds wrong.
fn wrong(data: &Path) -> Vec<Value> {
    let output = stillwatch(&["doctor", "--data-dir", text(data), "--json"]);
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    findings.into_iter().filter(|finding| finding["grade"] == "wrong").collect()
}

/// The rows of a directory in which nothing is wrong.
fn rows(data: &Path) -> u64 {
    let checked: Value = serde_json::from_str(&succeed(&["fsck", text(data), "--json"])).unwrap();
    assert_eq!(checked["well"], true, "{checked}");
    assert_eq!(wrong(data), Vec::<Value>::new());
    succeed(&["ledger", "verify", "--data-dir", text(data)]);
    checked["rows"].as_u64().unwrap()
}

/// Opens the case of a campaign.
fn open_case(data: &Path, id: &str) {
    succeed(&["case", "open", id, "--data-dir", text(data), "--as", "ann"]);
}

fn back_up(data: &Path, file: &Path, more: &[&str]) -> String {
    succeed(&[&["backup", "--data-dir", text(data), "--out", text(file)], more].concat())
}

#[test]
fn what_is_restored_is_what_was_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let (data, id) = hunted(folder.path());
    let (file, restored) = (folder.path().join("backup.tar.zst"), folder.path().join("restored"));
    open_case(&data, &id);
    succeed(&["case", "note", &id, "--text", "looked at by two", "--data-dir", text(&data), "--as", "ann"]);
    #[cfg(feature = "console")]
    succeed(&["token", "create", "--data-dir", text(&data), "--as", "ann", "--role", "analyst"]);
    let told = back_up(&data, &file, &[]);
    assert!(told.contains("it holds the secret"), "{told}");
    assert!(succeed(&["restore", "--check", text(&file)]).starts_with("whole: "));
    let told = succeed(&["restore", text(&file), "--data-dir", text(&restored)]);
    assert!(told.contains("stillwatch doctor"), "{told}");
    assert_eq!(rows(&restored), rows(&data));
    let shown = |data: &Path| succeed(&["case", "show", &id, "--data-dir", text(data), "--json"]);
    assert_eq!(shown(&restored), shown(&data));
    assert!(shown(&restored).contains("looked at by two"));
    #[cfg(feature = "console")]
    assert!(succeed(&["token", "list", "--data-dir", text(&restored)]).contains("ann"));
    // The same hunt finds the same in both, under the same ids.
    let accounts = folder.path().join("world-7/accounts.jsonl");
    let found = |data: &Path, out: &str| {
        let out: PathBuf = folder.path().join(out);
        let hunt = ["hunt", text(data), "--accounts", text(&accounts), "--data-dir", text(data), "--out", text(&out)];
        succeed(&[&hunt[..], &["--quiet"]].concat());
        fs::read_to_string(out.join("campaigns.json")).unwrap()
    };
    let again = found(&data, "again");
    assert!(again.contains(&id));
    assert_eq!(found(&restored, "of-restored"), again);
    // It goes on: the ledger takes new acts.
    succeed(&["case", "note", &id, "--text", "after the restore", "--data-dir", text(&restored), "--as", "ann"]);
    assert_eq!(wrong(&restored), Vec::<Value>::new());
}

#[test]
fn a_backup_without_keys_needs_them_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, id) = hunted(folder.path());
    open_case(&data, &id);
    let (file, restored) = (folder.path().join("b"), folder.path().join("restored"));
    assert!(back_up(&data, &file, &["--without-keys"]).contains("left out: secret, ledger/key"));
    let told = succeed(&["restore", text(&file), "--data-dir", text(&restored)]);
    assert!(told.contains("not in it: secret, ledger/key"), "{told}");
    assert!(!wrong(&restored).is_empty(), "doctor sees that the secret is missing");
    for key in ["secret", "ledger/key"] {
        fs::copy(data.join(key), restored.join(key)).unwrap();
    }
    assert_eq!(rows(&restored), rows(&data));
    succeed(&["case", "note", &id, "--text", "goes on", "--data-dir", text(&restored), "--as", "ann"]);
}

#[test]
fn the_exit_status_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (data, _) = hunted(folder.path());
    let (file, restored) = (folder.path().join("b"), folder.path().join("restored"));
    back_up(&data, &file, &["--quiet"]);
    let (status, error) = failed(&["backup", "--data-dir", text(&data), "--out", text(&file)]);
    assert!(status == 2 && error.contains("there already"), "{status} {error}");
    let (status, error) = failed(&["restore", text(&file), "--data-dir", text(&data)]);
    assert!(status == 2 && error.contains("not empty"), "{status} {error}");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, &bytes).unwrap();
    for arguments in
        [&["restore", "--check", text(&file)][..], &["restore", text(&file), "--data-dir", text(&restored)]]
    {
        let (status, error) = failed(arguments);
        assert!(status == 4 && error.contains("nothing was restored"), "{status} {error}");
    }
    assert!(!restored.exists());
    // A file of the table that is gone is told, and nothing is written.
    let table = fs::read_to_string(data.join("stillwatch-manifest.json")).unwrap();
    let table: Value = serde_json::from_str(&table).unwrap();
    let name = table["files"].as_object().unwrap().keys().next().unwrap();
    fs::remove_file(data.join(name)).unwrap();
    let other = folder.path().join("other");
    let (status, error) = failed(&["backup", "--data-dir", text(&data), "--out", text(&other)]);
    assert!(status == 1 && error.contains("stillwatch fsck") && !other.exists(), "{status} {error}");
}

#[cfg(feature = "watch")]
mod live {
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::process::Part;

    const LINE: &str = r#"{"id":"rID","at":"2026-04-22T00:00:01Z","account":"aID","request":{"messages":[{"role":"user","content":"hello"}]}}"#;

    fn engine(folder: &Path, data: &Path) -> Part {
        let config = folder.join(format!("{}.toml", data.file_name().unwrap().to_str().unwrap()));
        let text_of = format!(
            "data_dir = '{0}'\nfound = '{0}-found'\nsnapshot = '{0}-verdicts'\nlisten = '127.0.0.1:0'\n",
            data.display()
        );
        fs::write(&config, text_of).unwrap();
        Part::start(folder, &["watch", "--config", text(&config)])
    }

    /// Whatever was acknowledged before a backup began is in it, though the engine writes, moves and removes files meanwhile.
    #[test]
    fn what_was_acknowledged_before_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let running = engine(folder.path(), &data);
        let (acknowledged, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let at = |name: String| folder.path().join(name);
        let mut least = Vec::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                let agent = ureq::Agent::new_with_defaults();
                for id in 0.. {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let place = format!("http://{}/api/v1/exchanges", running.place);
                    agent.post(place).send(LINE.replace("ID", &id.to_string())).unwrap();
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            });
            for number in 0..4 {
                while acknowledged.load(Ordering::SeqCst) < (number + 1) * 100 {
                    thread::sleep(Duration::from_millis(5));
                }
                least.push(acknowledged.load(Ordering::SeqCst));
                back_up(&data, &at(format!("b{number}")), &["--quiet"]);
            }
            is_over.store(true, Ordering::SeqCst);
        });
        drop(running);
        for (number, least) in least.into_iter().enumerate() {
            let restored = at(format!("restored{number}"));
            succeed(&["restore", text(&at(format!("b{number}"))), "--data-dir", text(&restored)]);
            let mut engine = engine(folder.path(), &restored);
            engine.signal("-TERM");
            assert_eq!(engine.ended_within(Duration::from_secs(60)), Some(0));
            let rows = rows(&restored);
            assert!(rows >= least, "backup {number} has {rows} exchanges of {least}");
        }
    }
}
