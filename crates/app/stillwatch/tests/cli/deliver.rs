//! Notices that are sent to a webhook.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::appeal::Hunted;
use crate::common::command;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;

const SECRET: &str = "a secret that is longer than 24 bytes";

/// What a webhook was sent: the first line, the headers in small letters, the body.
#[derive(Debug, Clone)]
struct Sent {
    head: String,
    body: Vec<u8>,
}

impl Sent {
    fn header(&self, name: &str) -> &str {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
    }
}

/// A webhook that answers with these statuses, one after the other, and then with the last.
struct Webhook {
    address: String,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Webhook {
    fn start(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/notices", listener.local_addr().unwrap());
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let kept = Arc::clone(&sent);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut kept = kept.lock().unwrap();
                let status = statuses[kept.len().min(statuses.len() - 1)];
                kept.push(answer(stream, status));
            }
        });
        Self { address, sent }
    }

    /// Waits for so many messages.
    fn until(&self, count: usize) -> Vec<Sent> {
        let begun = Instant::now();
        while self.sent().len() < count {
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", self.sent());
            thread::sleep(Duration::from_millis(20));
        }
        self.sent()
    }

    fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, status: &str) -> Sent {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.parse().unwrap();
        }
        head.push_str(line);
        head.push('\n');
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut stream = stream;
    let told = format!("HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(told.as_bytes()).unwrap();
    Sent { head, body }
}

/// The templates that are shipped, as if somebody had reviewed them.
fn reviewed(folder: &Path) -> String {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../product/notice/templates/en.toml");
    let text_of = std::fs::read_to_string(shipped).unwrap();
    let changed = text_of
        .replace("reviewed_by = \"\"", "reviewed_by = \"rosa@example.com\"")
        .replace("reviewed_on = \"\"", "reviewed_on = \"2026-05-01\"");
    assert_ne!(text_of, changed);
    let place = folder.join("templates");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("en.toml"), changed).unwrap();
    text(&place).to_owned()
}

#[test]
fn a_notice_reaches_a_webhook_that_fails_twice_though_the_program_is_killed_between() {
    let folder = tempfile::tempdir().unwrap();
    let hunted = Hunted::new(folder.path());
    let found = hunted.hunt();
    let (case, account) = (found[0]["id"].as_str().unwrap(), found[0]["accounts"][0].as_str().unwrap());
    hunted.run(&["case", "open", case], "ann");
    let told = hunted.run(&["appeal", "open", case, "--account", account, "--text", "We are a class."], "support");
    let appeal: Value = serde_json::from_str(&told).unwrap();
    let appeal = appeal["id"].as_str().unwrap();
    let (secret, templates) = (folder.path().join("webhook"), reviewed(folder.path()));
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let webhook = Webhook::start(&["500 Internal Server Error", "302 Found", "200 OK"]);
    let (data, secret) = (text(&hunted.data), text(&secret));
    let send = |url: &str, more: &[&str]| -> Vec<String> {
        let own = ["appeal", "notice", "--appeal", appeal, "--data-dir", data, "--service", "Example Models"];
        let rest = ["--contact", "appeals@models.example", "--deliver", url, "--secret", secret, "--as", "support"];
        [&own[..], &rest[..], more].concat().into_iter().map(str::to_owned).collect()
    };
    let refused = |url: &str, more: &[&str]| {
        let arguments = send(url, more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        failed(&arguments)
    };
    let (status, told) = refused(&webhook.address, &[]);
    assert!(status == 2 && told.contains("reviewed"), "{status} {told}");
    let (status, told) = refused("http://192.0.2.7/notices", &["--templates", &templates]);
    assert!(status == 2 && told.contains("https://"), "{status} {told}");
    assert!(webhook.sent().is_empty());
    // It is killed after the first attempt.
    let arguments = send(&webhook.address, &["--templates", &templates]);
    let mut child = command().args(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    webhook.until(1);
    child.kill().unwrap();
    child.wait().unwrap();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    for _ in 0..2 {
        // The second time it is delivered already, and nothing is sent.
        assert!(succeed(&arguments).contains("Example Models"));
    }
    let sent = webhook.sent();
    assert_eq!(sent.len(), 3, "{sent:?}");
    for one in &sent {
        assert!(one.head.starts_with("POST /notices HTTP/1.1"), "redirects are not followed: {}", one.head);
        let (id, at) = (one.header("webhook-id"), one.header("webhook-timestamp"));
        let expected = delivery::signature(SECRET.as_bytes(), id, at.parse().unwrap(), &one.body);
        assert_eq!((one.header("webhook-signature"), one.header("idempotency-key")), (expected.as_str(), id));
        assert_eq!((id, &one.body), (sent[0].header("webhook-id"), &sent[0].body), "the same message each time");
    }
    let body: Value = serde_json::from_slice(&sent[0].body).unwrap();
    let named = ["id", "account", "reason_code", "language"].map(|name| body[name].as_str().unwrap());
    assert_eq!(named, [sent[0].header("webhook-id"), account, "appeal_filed", "en"]);
    assert!(
        body["text"].as_str().unwrap().contains("Example Models") && body.as_object().unwrap().len() == 6,
        "{body}"
    );
    let shown = succeed(&["case", "show", case, "--data-dir", data, "--json"]);
    let begins = format!("notice {} delivered to 127.0.0.1: appeal {appeal}, appeal_filed", named[0]);
    assert_eq!(shown.matches(&begins).count(), 1, "{shown}");
}

#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
#[test]
fn up_sends_what_is_decided_from_then_on_and_goes_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let hunted = Hunted::new(folder.path());
    let found = hunted.hunt();
    let case = found[0]["id"].as_str().unwrap();
    hunted.run(&["case", "open", case], "ann");
    // An appeal of another account each time.
    let decide = |number: usize, outcome: &str| {
        let account = found[0]["accounts"][number].as_str().unwrap();
        let told = hunted.run(&["appeal", "open", case, "--account", account, "--text", "We are a class."], "support");
        let appeal: Value = serde_json::from_str(&told).unwrap();
        hunted.run(&["appeal", "decide", appeal["id"].as_str().unwrap(), outcome, "--why", "seen"], "cleo");
        account.to_owned()
    };
    decide(0, "upheld");
    let webhook = Webhook::start(&["503 Service Unavailable", "200 OK"]);
    reviewed(folder.path());
    std::fs::write(folder.path().join("webhook"), SECRET).unwrap();
    let config = folder.path().join("up.toml");
    let told = format!(
        "[watch]\ndata_dir = 'data'\nfound = 'out'\n[watch.sweep]\nevery_s = 86400\nwindow_days = 3660\n[gate]\n\
         listen = '127.0.0.1:0'\nmode = 'shadow'\n[[gate.routes]]\npath = '/'\nupstream = 'http://{}'\nfailure = 'open'\n\
         [api]\nlisten = '127.0.0.1:0'\n[notices]\nwebhook = '{}'\nsecret = 'webhook'\ntemplates = 'templates'\n\
         service = 'Example Models'\ncontact = 'appeals@models.example'\n",
        crate::up::model(),
        webhook.address
    );
    std::fs::write(&config, told).unwrap();
    assert!(succeed(&["up", "--config", text(&config), "--check"]).contains("notices          127.0.0.1"));
    let up = crate::up::start(text(&config));
    let restored = decide(1, "overturned");
    webhook.until(1);
    // As a power cut would.
    drop(up);
    let up = crate::up::start(text(&config));
    let first = webhook.until(2);
    let upheld = decide(2, "upheld");
    let sent = webhook.until(3);
    drop(up);
    let told = |one: &Sent| {
        let body: Value = serde_json::from_slice(&one.body).unwrap();
        ["account", "reason_code"].map(|name| body[name].as_str().unwrap().to_owned())
    };
    let overturned = [restored, "appeal_overturned".to_owned()];
    assert_eq!(first.iter().map(told).collect::<Vec<_>>(), [overturned.clone(), overturned]);
    assert_eq!(first[0].header("webhook-id"), first[1].header("webhook-id"));
    assert_eq!(told(&sent[2]), [upheld, "appeal_upheld".to_owned()], "what was decided before is not sent");
}
