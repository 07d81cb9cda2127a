//! A log whose writer is killed at any moment.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first thing that is not as it should be")]
#![cfg(unix)]

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ledger::Ledger;
use ledger::Reader;
use ledger::verify;

/// Names the log to the child.
const CHILD: &str = "LEDGER_TEST_CHILD";

/// What the child does, when this test is run as one: it adds records and says how many are acknowledged, until it is killed.
#[test]
fn child() {
    let Ok(root) = std::env::var(CHILD) else { return };
    let mut out = std::io::stdout();
    for round in 0.. {
        let mut log = Ledger::open(Path::new(&root)).unwrap();
        // Sometimes a tile becomes full.
        for _ in 0..1 + (round * 37) % 150 {
            let index = log.size();
            // Another run adds others: what this one leaves uncommitted must not be taken for theirs.
            log.append(1, &[index.to_be_bytes(), u64::from(std::process::id()).to_be_bytes()].concat()).unwrap();
        }
        let size = log.size();
        log.commit().unwrap();
        writeln!(out, "acknowledged {size}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_a_hundred_kills() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("log");
    let mut acknowledged = 0;
    for kill in 0..100_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, &root)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (began, begins) = mpsc::channel();
        let reader = thread::spawn(move || {
            let sizes = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
            let tell = |_: &u64| {
                // Nobody waits for all but the first.
                let _ = began.send(());
            };
            sizes.inspect(tell).max().unwrap_or(0_u64)
        });
        // One in five is killed while it opens the log, the others while they add to it, however slow the machine is.
        if !kill.is_multiple_of(5) {
            begins.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        thread::sleep(Duration::from_micros(kill * 1_913 % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = acknowledged.max(reader.join().unwrap());
        if !root.join("checkpoint").exists() {
            assert_eq!(acknowledged, 0);
            continue;
        }
        let told = verify(&root, &[]).unwrap();
        assert_eq!(told.faults, [], "after kill {kill}");
        assert!(told.checkpoint.unwrap().size >= acknowledged, "an acknowledged entry is lost by kill {kill}");
    }
    assert!(acknowledged > 500, "only {acknowledged} entries were added: the kills came too soon");
    let log = Reader::open(&root).unwrap();
    log.for_each_record(&mut |index, bytes| {
        assert_eq!(bytes.first_chunk(), Some(&index.to_be_bytes()));
        Ok(())
    })
    .unwrap();
}
