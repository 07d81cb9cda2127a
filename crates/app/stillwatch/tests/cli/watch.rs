//! The live engine as people run it: a process, with files that grow and programs that send.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::common::assert_same;
use crate::common::failed;
use crate::common::results;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;
use crate::process::Part;

/// An answer over HTTP.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} is JSON", self.body))
    }
}

/// Sends a request. `None` where the other side went away.
fn ask(place: &str, request: &str, headers: &[&str], body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(place).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let mut head = format!("{request} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    if !headers.iter().any(|header| header.starts_with("host:")) {
        head += &format!("host: {place}\r\n");
    }
    headers.iter().for_each(|header| head += &format!("{header}\r\n"));
    // A listener that refuses a body may close before it has all of it.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_lowercase(), body: body.to_owned() })
}

/// A folder with a configuration.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "data_dir = '{}'\nfound = '{}'\nsnapshot = '{}'\nlisten = '127.0.0.1:0'\n{}",
            place("data"),
            place("found"),
            place("verdicts"),
            more.replace("DIR", &folder.path().display().to_string()),
        );
        fs::write(folder.path().join("watch.toml"), config).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self) -> Part {
        Part::start(self.folder.path(), &["watch", "--config", text(&self.path("watch.toml"))])
    }

    /// Ends an engine as people do, so that all that was acknowledged is in the data directory.
    fn end(&self, mut part: Part) {
        part.signal("-TERM");
        assert_eq!(part.ended_within(Duration::from_secs(60)), Some(0));
    }
}

/// Waits until something holds.
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what} does not come");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A number of the metrics; 0 where it is not there.
fn metric(place: &str, name: &str) -> f64 {
    let metrics = ask(place, "GET /metrics", &[], b"").map(|answer| answer.body).unwrap_or_default();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.split(' ').nth(1)?.parse().ok());
    line.unwrap_or(0.0)
}

/// Waits until all that was written to files is read. A round that is half done may have looked at a file before its last line
/// came.
fn seen_by(place: &str) {
    let rounds = || metric(place, "stillwatch_watch_follow_rounds_total");
    let begun = rounds();
    wait_for("the end of the files", || rounds() >= begun + 2.0);
}

/// Assesses, and waits for it.
fn sweep(place: &str) {
    let answer = ask(place, "POST /api/v1/sweeps", &[], b"").unwrap();
    assert_eq!(answer.status, 202);
    let number = answer.json()["sweep"].as_u64().unwrap();
    let done = || ask(place, "GET /readyz", &[], b"").unwrap().json()["sweeps"].as_u64().unwrap();
    wait_for("a sweep", || done() >= number);
    let ready = ask(place, "GET /readyz", &[], b"").unwrap();
    assert_eq!(ready.status, 200, "{}", ready.body);
}

/// Lines of a log in an order that has nothing to do with theirs.
fn shuffled(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut state = 7_u64;
    for at in (1..lines.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        lines.swap(at, (state >> 33) as usize % (at + 1));
    }
    lines
}

/// Results without the summary, which counts runs and files, without the names of campaigns, and without what earlier runs said
/// of them: an engine that starts again assesses what it has by then, and may see a campaign in half of a log.
fn nameless(found: &Path) -> Vec<(String, String)> {
    let mut all = results(found);
    let mut campaigns: Vec<Value> = serde_json::from_str(&all[0].1).unwrap();
    for campaign in &mut campaigns {
        let leak = campaign["leak"].as_object_mut().unwrap();
        for of_earlier_runs in ["first_alarm", "before_alarm", "revisions"] {
            assert!(leak.remove(of_earlier_runs).is_some(), "{of_earlier_runs}");
        }
    }
    all[0].1 = serde_json::to_string_pretty(&campaigns).unwrap();
    let ids: Vec<&str> = campaigns.iter().map(|campaign| campaign["id"].as_str().unwrap()).collect();
    let unnamed = |text: &str| {
        ids.iter().enumerate().fold(text.to_owned(), |text, (at, id)| text.replace(id, &format!("campaign {at}")))
    };
    all.iter().filter(|(name, _)| name != "summary.json").map(|(name, text)| (name.clone(), unnamed(text))).collect()
}

#[test]
fn what_comes_in_any_order_and_through_kills_is_assessed_as_a_hunt_does() {
    let place = Place::new(
        "[limits]\nsegment_bytes = 65536\n[sweep]\nlooks_h = []\nevery_s = 86400\naccounts = ['DIR/accounts.jsonl']\n[[follow]]\npath = 'DIR/logs/*.jsonl'\n",
    );
    let world = world(place.folder.path(), "7", "0.4");
    fs::copy(&world.accounts, place.path("accounts.jsonl")).unwrap();
    fs::create_dir(place.path("logs")).unwrap();
    let lines = shuffled(&world.log);
    let (sent, followed) = lines.split_at(lines.len() / 2);
    let mut file = fs::File::create(place.path("logs/a.jsonl")).unwrap();
    let mut engine = place.start();
    let pieces: Vec<&[String]> = sent.chunks(sent.len() / 24 + 1).collect();
    let files: Vec<&[String]> = followed.chunks(followed.len() / pieces.len() + 1).collect();
    for (number, piece) in pieces.iter().enumerate() {
        if let Some(lines) = files.get(number) {
            writeln!(file, "{}", lines.join("\n")).unwrap();
        }
        if number % 8 == 5 {
            engine.kill();
            engine = place.start();
        }
        if number % 10 == 3 {
            // Rotated, once it was seen: what is added from here on is another file.
            seen_by(&engine.place);
            fs::rename(place.path("logs/a.jsonl"), place.path(&format!("logs/a.jsonl.{number}"))).unwrap();
            file = fs::File::create(place.path("logs/a.jsonl")).unwrap();
        }
        // Some of what came before comes again, without a key.
        let again = pieces[number / 2].iter().take(20);
        let body: Vec<&str> = piece.iter().chain(again).map(String::as_str).collect();
        let key = format!("idempotency-key: piece-{number}");
        let send = || ask(&engine.place, "POST /api/v1/exchanges", &[&key], body.join("\n").as_bytes()).unwrap();
        let answer = send();
        assert_eq!(answer.status, 202, "{}", answer.body);
        assert_eq!(answer.json()["accepted"], body.len() as u64);
        assert_eq!(send().json()["repeat"], true, "a key is known again");
    }
    seen_by(&engine.place);
    sweep(&engine.place);
    place.end(engine);

    let (data, found) = (place.path("expected-data"), place.path("expected"));
    succeed(&["ingest", text(&world.log), "--data-dir", text(&data), "--quiet"]);
    succeed(&[
        "hunt",
        text(&data),
        "--data-dir",
        text(&data),
        "--accounts",
        text(&world.accounts),
        "--out",
        text(&found),
        "--quiet",
    ]);
    let (ours, theirs) = (nameless(&place.path("found")), nameless(&found));
    assert!(theirs.iter().any(|(name, text)| name == "campaigns.json" && text.contains("discovered")));
    assert_same(&ours, &theirs, "a sweep against a hunt");
    let checked = succeed(&["fsck", text(&place.path("data")), "--json"]);
    assert!(checked.contains("\"faults\": []"), "{checked}");
    succeed(&["ledger", "verify", "--data-dir", text(&place.path("data"))]);
    let snapshot = fs::read(place.path("verdicts")).unwrap();
    assert!(snapshot.len() > 100, "a snapshot is published");
}

fn line(id: u32) -> String {
    format!(
        r#"{{"id":"x{id}","at":"2026-04-22T00:00:01Z","account":"a{}","request":{{"messages":[{{"role":"user","content":"hello {id}"}}]}}}}"#,
        id % 3
    )
}

#[test]
fn a_body_that_cannot_be_taken_is_told_why() {
    let place = Place::new("[limits]\nbody_bytes = 20000\nunpacked_bytes = 50000\n");
    let engine = place.start();
    let send = |headers: &[&str], body: &[u8]| ask(&engine.place, "POST /api/v1/exchanges", headers, body).unwrap();
    let good = send(&[], line(1).as_bytes());
    assert_eq!((good.status, &good.json()["accepted"]), (202, &Value::from(1)));
    let mixed = send(&[], format!("{}\nnonsense\n{}", line(2), line(3)).as_bytes());
    assert_eq!((mixed.status, &mixed.json()["refused"]), (202, &Value::from(1)));
    assert_eq!(mixed.json()["rejects"][0]["line"], 2);
    let nothing = send(&[], b"{\"id\":\"x\"}\n");
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    for packed in [zstd::encode_all(line(4).as_bytes(), 1).unwrap(), gzip(line(5).as_bytes())] {
        let coding = if packed[0] == 0x1f { "content-encoding: gzip" } else { "content-encoding: zstd" };
        assert_eq!(send(&[coding], &packed).json()["accepted"], 1, "{coding}");
    }
    let bomb = gzip(&vec![b' '; 1_000_000]);
    assert_eq!(send(&["content-encoding: gzip"], &bomb).status, 413);
    assert_eq!(send(&["content-encoding: gzip"], b"not packed").status, 400);
    assert_eq!(send(&["content-encoding: br"], b"x").status, 415);
    assert_eq!(send(&[], &vec![b' '; 30_000]).status, 413);
    assert_eq!(send(&["idempotency-key: "], line(1).as_bytes()).status, 400);
    assert_eq!(send(&["origin: http://page.example"], line(1).as_bytes()).status, 403);
    assert_eq!(send(&["host: page.example"], line(1).as_bytes()).status, 403);
    let answer = ask(&engine.place, "POST /api/v1/exchanges?format=nonsense", &[], b"").unwrap();
    assert!(answer.status == 400 && answer.head.contains("application/problem+json"), "{}", answer.body);
    let traces = br#"{"resourceSpans":[]}"#;
    let answer = ask(&engine.place, "POST /v1/traces", &["content-type: application/json"], traces).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    place.end(engine);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn two_engines_do_not_run_on_one_directory_and_a_wrong_setting_is_named() {
    let place = Place::new("");
    let engine = place.start();
    let config = text(&place.path("watch.toml")).to_owned();
    let (code, told) = failed(&["watch", "--config", &config]);
    assert!(code == 2 && told.contains("another engine runs on"), "{told}");
    place.end(engine);
    for (more, named) in [
        ("listn = 'x'\n", "listn"),
        ("[sweep]\nwindow_days = 0\n", "window_days = 0"),
        ("[sweep]\nlooks_h = [6, 24]\n", "looks_h = [6, 24]"),
        ("[[follow]]\npath = 'x'\nformat = 'nonsense'\n", "nonsense"),
        ("durability = { mode = 'group', every_ms = 0 }\n", "every_ms = 0"),
    ] {
        let place = Place::new(more);
        let (code, told) = failed(&["watch", "--config", text(&place.path("watch.toml")), "--check"]);
        assert!(code == 2 && told.contains(named), "{told}");
    }
    let open = Place::new("").path("watch.toml");
    assert!(succeed(&["watch", "--config", &config, "--check"]).contains("every 600 s"));
    drop(open);
}

#[test]
fn a_damaged_log_is_named_and_a_torn_end_is_cut() {
    let place = Place::new("");
    let mut engine = place.start();
    for id in 0..3 {
        assert_eq!(ask(&engine.place, "POST /api/v1/exchanges", &[], line(id).as_bytes()).unwrap().status, 202);
    }
    engine.kill();
    let wal = fs::read_dir(place.path("data/watch"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "wal"))
        .unwrap();
    let whole = fs::read(&wal).unwrap();
    // A byte in the middle: what is behind it was acknowledged, and nothing goes on without somebody's decision.
    let mut damaged = whole.clone();
    damaged[100] ^= 1;
    fs::write(&wal, &damaged).unwrap();
    let (code, told) = failed(&["watch", "--config", text(&place.path("watch.toml"))]);
    assert!(code == 1 && told.contains("is damaged at byte 16") && told.contains("truncate --size=16"), "{told}");
    // A torn end: that frame was not acknowledged.
    fs::write(&wal, [&whole[..], &whole[16..60]].concat()).unwrap();
    place.end(place.start());
    let rows = succeed(&["hunt", text(&place.path("data")), "--out", text(&place.path("out")), "--json"]);
    let summary: Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(summary["summary"]["exchanges"], 3);
}

/// Account records come over HTTP, survive a kill, and count in the sweep; a newcomer is compared with what it implicated.
#[test]
fn account_records_are_kept_and_newcomers_are_compared() {
    let place = Place::new("[sweep]\nlooks_h = []\nevery_s = 86400\nwindow_days = 3660\n");
    let world = world(place.folder.path(), "7", "0.5");
    let records = fs::read_to_string(&world.accounts).unwrap();
    let mut engine = place.start();
    let post = |engine: &Part, path: &str, headers: &[&str], body: &[u8]| {
        ask(&engine.place, &format!("POST /api/v1/{path}"), headers, body).unwrap()
    };
    let early = post(&engine, "signups", &[], br#"{"account":"n"}"#);
    assert!(early.status == 503 && early.body.contains("no sweep"), "{}", early.body);
    let count = records.lines().count() as u64;
    let mixed = format!("{records}nonsense\n{{\"device\":\"d\"}}\n");
    let kept = post(&engine, "accounts", &[], mixed.as_bytes());
    assert_eq!(
        (kept.status, kept.json()["new"].as_u64(), kept.json()["refused"].as_u64()),
        (202, Some(count), Some(2))
    );
    assert_eq!(kept.json()["rejects"][1]["line"], count + 2);
    assert_eq!(kept.json()["rejects"][1]["byte_offset"], records.len() + "nonsense\n".len());
    assert_eq!(post(&engine, "accounts", &[], b"nonsense").status, 422);
    assert_eq!(post(&engine, "accounts", &["content-encoding: gzip"], b"nonsense").status, 400);
    engine.kill();
    engine = place.start();
    let again = post(&engine, "accounts", &[], records.as_bytes());
    assert_eq!((again.json()["same"].as_u64(), again.json()["new"].as_u64()), (Some(count), Some(0)));
    let log = fs::read(world.accounts.with_file_name("exchanges.jsonl.zst")).unwrap();
    assert_eq!(post(&engine, "exchanges", &["content-encoding: zstd"], &log).status, 202);
    sweep(&engine.place);
    let summary: Value = serde_json::from_slice(&fs::read(place.path("found/summary.json")).unwrap()).unwrap();
    assert_eq!(summary["without_account_records"], 0, "the sweep read them");

    let found = fs::read_to_string(place.path("found/accounts.jsonl")).unwrap();
    let held: Vec<Value> = found.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let has_device = |one: &&Value| {
        let evidence = one["evidence"].as_array().unwrap();
        one["verdict"] == "implicated" && evidence.iter().any(|evidence| evidence["kind"] == "device")
    };
    let member = held.iter().find(has_device).expect("an implicated account shares a device");
    let record = |name: &Value| -> Value {
        let all = records.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        all.into_iter().find(|record| record["account"] == *name).unwrap()
    };
    let device = record(&member["account"])["device"].clone();
    let signup = |record: &Value| post(&engine, "signups", &[], record.to_string().as_bytes()).json();
    let marked =
        signup(&serde_json::json!({ "account": "newcomer", "device": device, "email": "\u{202e}<b>@example.com" }));
    assert_eq!(marked["reasons"][0]["kind"], "device", "{marked}");
    assert_eq!(marked["reasons"][0]["campaign"], member["campaign"], "{marked}");
    assert_eq!(marked["tier"], if marked["chance"].as_f64().unwrap() <= 0.01 { "verify" } else { "look" }, "{marked}");
    let plain = signup(&serde_json::json!({ "account": "newcomer", "device": "sha256:of-nobody" }));
    assert_eq!(
        (&plain["tier"], &plain["reasons"], &plain["chance"]),
        (&"ordinary".into(), &serde_json::json!([]), &1.0.into())
    );
    let names: Vec<&Value> = held.iter().map(|one| &one["account"]).collect();
    assert_eq!(plain["reference"].as_u64().unwrap(), count - names.len() as u64, "accounts of which nothing is held");
    assert_eq!(post(&engine, "signups", &[], b"{}").status, 422);
    place.end(engine);
}
