//! What would go wrong is found before it does.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use crate::common::command;
use crate::common::succeed;
use crate::common::text;

/// What was found, and the exit status.
fn doctor(arguments: &[&str]) -> (Vec<(String, String, String)>, i32) {
    let output = command().arg("doctor").args(arguments).arg("--json").output().unwrap();
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let of = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = findings.iter().map(|one| (of(one, "grade"), of(one, "what"), of(one, "found"))).collect();
    (findings, output.status.code().unwrap())
}

fn found<'a>(findings: &'a [(String, String, String)], what: &str) -> (&'a str, &'a str) {
    let one = findings.iter().find(|(_, of, _)| of == what).unwrap_or_else(|| panic!("{what} in {findings:?}"));
    (&one.0, &one.2)
}

fn ingested(folder: &Path) -> std::path::PathBuf {
    let (log, data) = (folder.join("log.jsonl"), folder.join("data"));
    let line = r#"{"id":"x1","at":"2026-04-22T00:00:01Z","account":"a1","request":{"messages":[{"role":"user","content":"hello"}]}}"#;
    fs::write(&log, line).unwrap();
    succeed(&["ingest", text(&log), "--data-dir", text(&data)]);
    data
}

#[test]
fn a_data_directory_is_well_until_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let data = ingested(folder.path());
    let (findings, code) = doctor(&["--data-dir", text(&data)]);
    assert_eq!(code, 0, "{findings:?}");
    for what in ["data directory", "secret", "table", "ledger", "disk"] {
        assert_ne!(found(&findings, what).0, "wrong", "{findings:?}");
    }
    assert_eq!(found(&findings, "lag").0, "warning", "the exchange is of April");
    let told =
        String::from_utf8(command().args(["doctor", "--data-dir", text(&data)]).output().unwrap().stdout).unwrap();
    assert!(told.lines().any(|line| line.starts_with("ok ") && line.contains("ledger")), "{told}");
    // A checkpoint that somebody changed.
    let checkpoint = data.join("ledger/checkpoint");
    let changed = fs::read_to_string(&checkpoint).unwrap().replacen("\n1\n", "\n2\n", 1);
    fs::write(&checkpoint, changed).unwrap();
    let (findings, code) = doctor(&["--data-dir", text(&data)]);
    assert_eq!((code, found(&findings, "ledger").0), (4, "wrong"), "{findings:?}");
    let (findings, code) = doctor(&["--data-dir", text(&folder.path().join("nowhere"))]);
    assert_eq!((code, found(&findings, "data directory").0), (4, "wrong"), "{findings:?}");
}

#[test]
fn configurations_are_tried_without_being_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("up.toml");
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let written = |api: &str, upstream: &str| {
        let text_of = format!(
            "[watch]\n[gate]\nlisten = '127.0.0.1:0'\nmode = 'shadow'\n[[gate.routes]]\npath = '/'\nupstream = '{upstream}'\n\
             failure = 'open'\n[api]\nlisten = '{api}'\n"
        );
        fs::write(&file, text_of).unwrap();
        doctor(&["--up", text(&file)])
    };
    let reached = format!("http://{}", upstream.local_addr().unwrap());
    let (findings, code) = written("127.0.0.1:0", &reached);
    assert_eq!(code, 0, "{findings:?}");
    assert_eq!(found(&findings, "upstream /").0, "well");
    assert!(!folder.path().join("data").exists(), "nothing is made");
    let (findings, code) = written(&taken.local_addr().unwrap().to_string(), &reached);
    assert_eq!((code, found(&findings, "API listens").0), (4, "wrong"), "{findings:?}");
    drop(upstream);
    let (findings, code) = written("127.0.0.1:0", &reached);
    assert_eq!((code, found(&findings, "upstream /").0), (4, "wrong"), "{findings:?}");
    fs::write(&file, "[gat]\n").unwrap();
    let (findings, code) = doctor(&["--up", text(&file)]);
    assert!(code == 4 && found(&findings, "up").1.contains("gat"), "{findings:?}");
}
