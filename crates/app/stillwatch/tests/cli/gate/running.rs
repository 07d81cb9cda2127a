//! The real gate before an upstream, and a plain client.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use verdict::Families;
use verdict::Family;
use verdict::SnapshotAccount;
use verdict::SnapshotBuilder;
use verdict::SnapshotCampaign;
use verdict::SnapshotWindow;
use verdict::Standing;
use verdict::Tier;

use super::upstream::Upstream;
use crate::common::command;
use crate::common::succeed;
use crate::common::text;

/// API keys of invented customers. Nothing that the gate writes may hold one.
pub const HONEST: &str = "sk-honest-7d1f";
pub const HARVESTER: &str = "sk-harvester-a1c3";
pub const SECOND_HARVESTER: &str = "sk-harvester-b2d4";

/// A gate that runs, with its folder.
pub struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    pub address: String,
    pub admin: String,
    /// Where other gateways ask, if there are doors.
    pub doors: String,
    pub folder: tempfile::TempDir,
    pub upstream: Upstream,
}

/// A folder with everything that a configuration names, and more lines for the configuration.
pub struct Setting {
    pub folder: tempfile::TempDir,
    pub upstream: Upstream,
    pub lines: String,
    pub mode: &'static str,
    pub failure: &'static str,
    changes: Vec<(String, String)>,
}

impl Setting {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        succeed(&["policy", "init", text(&folder.path().join("rules")), "--live"]);
        let setting = Self {
            folder,
            upstream: Upstream::start(),
            lines: String::new(),
            mode: "enforce",
            failure: "closed",
            changes: Vec::new(),
        };
        // Whenever the tests run, no rule has expired.
        for file in ["caps", "information", "ladder", "resale", "verification"] {
            setting.change(&format!("{file}.cedar"), "2027-05-31", "2099-12-31");
        }
        setting.verdicts(1, &[]);
        setting.keys(&[(HONEST, "honest"), (HARVESTER, "harvester-1"), (SECOND_HARVESTER, "harvester-2")]);
        // Everybody pays and is known, so that only verdicts tell them apart.
        let records = ["honest", "harvester-1", "harvester-2"].map(|account| {
            format!(r#"{{"account":"{account}","created_at":"2025-01-01T00:00:00Z","verified":["email","payment"]}}"#)
        });
        fs::write(setting.path("accounts.jsonl"), records.join("\n")).unwrap();
        setting
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes a file of rules.
    pub fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.path("rules").join(file);
        let before = fs::read_to_string(&path).unwrap();
        assert!(before.contains(from), "{file} has no {from}");
        fs::write(&path, before.replace(from, to)).unwrap();
    }

    /// Changes the configuration.
    pub fn change_configuration(&mut self, from: &str, to: &str) {
        self.changes.push((from.to_owned(), to.to_owned()));
    }

    /// Writes addresses as they are.
    pub fn clear_identifiers(&mut self) {
        self.change_configuration("folder = \"spool\"", "folder = \"spool\"\nidentifiers = \"clear\"");
    }

    /// Replaces the snapshot: these accounts are implicated in one campaign.
    pub fn verdicts(&self, families: u8, implicated: &[&str]) {
        verdicts(self.folder.path(), families, implicated);
    }

    fn keys(&self, keys: &[(&str, &str)]) {
        self.configuration();
        let mut lines = String::new();
        for (key, account) in keys {
            let mut child = command()
                .args(["gate", "--config", text(&self.path("gate.toml")), "--key-line", account])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(key.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            lines.push_str(&String::from_utf8(output.stdout).unwrap());
        }
        fs::write(self.path("keys.jsonl"), lines).unwrap();
    }

    fn configuration(&self) {
        let Self { upstream, lines, mode, failure, .. } = self;
        let keys = if self.path("keys.jsonl").exists() { "keys = \"keys.jsonl\"\n" } else { "" };
        let configuration = format!(
            "listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\ncores = 2\nmode = \"{mode}\"\nsecret = \"secret\"\n\
             [[routes]]\npath = \"/\"\nupstream = \"http://{}\"\nfailure = \"{failure}\"\n\
             [policy]\nfolder = \"rules\"\n[verdicts]\nsnapshot = \"verdicts\"\n\
             [refusals]\nlink = \"https://help.example/limits\"\n\
             [spool]\nfolder = \"spool\"\n[decisions]\nfolder = \"decisions\"\n\
             [accounts]\nrecords = \"accounts.jsonl\"\n{keys}{lines}",
            upstream.address
        );
        let changed = |text: String, (from, to): &(String, String)| text.replace(from, to);
        fs::write(self.path("gate.toml"), self.changes.iter().fold(configuration, changed)).unwrap();
    }

    /// Writes the configuration, for commands that end by themselves.
    pub fn write(&self) {
        self.configuration();
    }

    pub fn start(self) -> Running {
        self.configuration();
        let mut child = command()
            .args(["gate", "--config", text(&self.path("gate.toml"))])
            .stdout(Stdio::piped())
            .stderr(fs::File::create(self.path("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = |prefix: &str| {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            let told = fs::read_to_string(self.folder.path().join("stderr")).unwrap();
            line.trim().strip_prefix(prefix).unwrap_or_else(|| panic!("{line}{told}")).to_owned()
        };
        let address = line("listening on ");
        let doors = if self.lines.contains("[doors]") { line("doors on http://") } else { String::new() };
        let admin = line("metrics on http://");
        let admin = admin.trim_end_matches("/metrics").to_owned();
        Running { child, output, address, admin, doors, folder: self.folder, upstream: self.upstream }
    }
}

/// Replaces the snapshot in a folder, as a sweep does: written beside its place and moved.
pub fn verdicts(folder: &Path, families: u8, implicated: &[&str]) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now_us = i64::try_from(now.as_micros()).unwrap();
    let mut builder = SnapshotBuilder::new(now_us, SnapshotWindow { start_us: 0, end_us: now_us });
    let all: Families = [Family::Continuity, Family::Content, Family::Identity].into_iter().collect();
    builder.campaign(SnapshotCampaign {
        id: "C-1".to_owned(),
        tier: Tier::Discovered,
        corroboration: families,
        families: all,
        confidence: 70,
        budget_key: "C-1".to_owned(),
    });
    for account in implicated {
        builder.account(SnapshotAccount {
            account: (*account).to_owned(),
            standing: Some(Standing::Implicated),
            tier: Tier::Discovered,
            corroboration: families,
            families: all,
            confidence: 70,
            campaigns: vec!["C-1".to_owned()],
        });
    }
    let staged = folder.join("verdicts.new");
    fs::write(&staged, builder.build().unwrap().to_bytes()).unwrap();
    fs::rename(staged, folder.join("verdicts")).unwrap();
}

/// An answer: status, headers in small letters, body without its chunks' lengths.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }
}

impl Running {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sends a request and reads the answer to its end.
    pub fn ask(&self, path: &str, key: &str, headers: &str, body: &[u8]) -> Answered {
        answer(self.send(path, key, headers, body))
    }

    /// Sends a request.
    pub fn send(&self, path: &str, key: &str, headers: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
             connection: close\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        stream
    }

    /// Asks at a door, as a gateway does.
    pub fn at_door(&self, request: &str, headers: &str, body: &[u8]) -> Answered {
        let mut stream = TcpStream::connect(&self.doors).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let length = body.len();
        let head = format!(
            "{request} HTTP/1.1\r\nhost: doors\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        answer(stream)
    }

    /// What operators see.
    pub fn operators(&self, path: &str) -> Answered {
        let mut stream = TcpStream::connect(&self.admin).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
        answer(stream)
    }

    /// Waits until something holds.
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            assert!(began.elapsed() < Duration::from_secs(20), "{what} does not come");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks the gate to stop.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Stops the gate; what it printed, and its folder.
    pub fn stop(self) -> (String, tempfile::TempDir) {
        self.terminate();
        self.stop_after_signal()
    }

    /// Waits for the end of a gate that was asked to stop.
    pub fn stop_after_signal(mut self) -> (String, tempfile::TempDir) {
        assert!(self.child.wait().unwrap().success(), "{}", fs::read_to_string(self.path("stderr")).unwrap());
        let mut told = String::new();
        self.output.read_to_string(&mut told).unwrap();
        told.push_str(&fs::read_to_string(self.path("stderr")).unwrap());
        let empty = tempfile::tempdir().unwrap();
        (told, std::mem::replace(&mut self.folder, empty))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads an answer to its end.
pub fn answer(mut stream: TcpStream) -> Answered {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {bytes:?}"));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().replace("\r\n", "\n");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut body = bytes[end + 4..].to_vec();
    if head.contains("transfer-encoding: chunked") {
        body = unchunked(&body);
    }
    Answered { status, head, body }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        let Some(chunk) = rest.get(end + 2..end + 2 + length) else { break };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + length..).unwrap_or_default();
    }
    body
}

/// The lines of all files in a folder.
pub fn lines(folder: &Path) -> Vec<serde_json::Value> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    paths.iter().map(read).collect::<String>().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
