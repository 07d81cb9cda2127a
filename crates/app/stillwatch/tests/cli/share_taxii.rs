//! `stillwatch share serve` and `stillwatch share fetch`: TAXII 2.1 between two providers.

use std::env;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value;
use serde_json::json;

use crate::common::command;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;

/// Variable with a Python that has the foreign libraries; `cargo xtask test` sets it.
const PYTHON: &str = "STILLWATCH_TEST_STIX";

/// A provider that found two campaigns, each with a card that six accounts have.
struct Provider {
    folder: PathBuf,
}

impl Provider {
    fn new(folder: &Path) -> Self {
        let provider = Self { folder: folder.to_owned() };
        for name in ["data", "found", "theirs"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        let accounts = |pool: &str| (0..6).map(|at| format!("{pool}{at}")).collect::<Vec<_>>();
        let campaign = |id: &str, pool: &str| {
            json!({ "id": id, "status": "discovered", "accounts": accounts(pool), "exchanges": 100, "confidence": 90,
                "first_seen": "2026-04-22T10:11:12Z", "last_seen": "2026-05-01T01:02:03Z" })
        };
        let campaigns = json!([campaign("C-one00000", "a"), campaign("C-two00000", "b")]);
        fs::write(folder.join("found/campaigns.json"), campaigns.to_string()).unwrap();
        let record = |pool: &str| {
            let line = |name: String| json!({ "account": name, "payment": format!("card-{pool}") }).to_string();
            accounts(pool).into_iter().map(line).collect::<Vec<_>>().join("\n")
        };
        fs::write(folder.join("accounts.jsonl"), record("a") + "\n" + &record("b") + "\n").unwrap();
        for (name, digits) in [("key", "5a"), ("forum.token", "11"), ("circle.token", "22")] {
            fs::write(folder.join(name), digits.repeat(32)).unwrap();
        }
        provider
    }

    fn place(&self, name: &str) -> String {
        text(&self.folder.join(name)).to_owned()
    }

    fn export(&self, campaign: &str, with: &str, tlp: &str) {
        let [found, data, accounts, key, out] =
            ["found", "data", "accounts.jsonl", "key", "out"].map(|name| self.place(name));
        succeed(&[
            "share",
            "export",
            campaign,
            "--found",
            &found,
            "--data-dir",
            &data,
            "--accounts",
            &accounts,
            "--key",
            &key,
            "--format",
            "stix",
            "--tlp",
            tlp,
            "--provider",
            "Example Models",
            "--with",
            with,
            "--as",
            "ann",
            "--confirm-first-share",
            with,
            "--out",
            &out,
        ]);
    }

    fn serve(&self, more: &[&str]) -> Served {
        let data = self.place("data");
        let begin = ["share", "serve", "--data-dir", &data, "--listen", "127.0.0.1:0"];
        let mut child =
            command().args(begin).args(more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Served { child, url }
    }

    /// Fetches as the other provider.
    fn fetch(&self, url: &str, more: &[&str]) -> Vec<String> {
        let theirs = self.place("theirs");
        let all = [&["share", "fetch", url, "--from", "Example Models", "--data-dir", &theirs], more].concat();
        all.into_iter().map(str::to_owned).collect()
    }
}

/// A server that ends with the test.
struct Served {
    child: Child,
    url: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number of values that a fetch took in.
fn values(arguments: &[String]) -> usize {
    let all = [&arguments.iter().map(String::as_str).collect::<Vec<_>>()[..], &["--json"]].concat();
    serde_json::from_str::<Value>(&succeed(&all)).unwrap()["indicators"].as_array().unwrap().len()
}

fn fails(arguments: &[String]) -> (i32, String) {
    failed(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn each_group_fetches_what_it_may_see_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::new(folder.path());
    provider.export("C-one00000", "forum", "amber");
    provider.export("C-one00000", "circle", "clear");
    let (forum, circle) = (provider.place("forum.token"), provider.place("circle.token"));
    let groups = ["--with", &format!("forum={forum}"), "--with", &format!("circle={circle}")];
    let served = provider.serve(&groups);
    assert_eq!(values(&provider.fetch(&served.url, &["--token-file", &forum])), 1);
    // What is exported while it serves is there at once, for that group alone.
    provider.export("C-two00000", "forum", "green");
    assert_eq!(
        values(&provider.fetch(&format!("{}/taxii2/", served.url), &["--token-file", &forum, "--user", "x"])),
        2
    );
    assert_eq!(values(&provider.fetch(&served.url, &["--token-file", &circle])), 1);
    assert_eq!(
        values(&provider.fetch(&served.url, &["--token-file", &forum, "--added-after", "2200-01-01T00:00:00Z"])),
        0
    );
    let listed = succeed(&["share", "list", "--data-dir", &provider.place("theirs")]);
    assert!(listed.contains("from Example Models: 2 values") && listed.contains("TLP:AMBER"), "{listed}");

    // A group that may see less than it could: what is marked more narrowly is in its collection no longer.
    let shares = folder.path().join("data/shares.json");
    let narrower = fs::read_to_string(&shares).unwrap().replace("\"up_to\": \"amber\"", "\"up_to\": \"green\"");
    fs::write(&shares, narrower).unwrap();
    assert_eq!(values(&provider.fetch(&served.url, &["--token-file", &forum])), 1);
    // Where it cannot be known what may be seen, nothing is.
    fs::write(&shares, "{").unwrap();
    let (status, told) = fails(&provider.fetch(&served.url, &["--token-file", &forum]));
    assert!(status == 1 && told.contains("cannot be read"), "{status} {told}");

    let (status, told) = fails(&provider.fetch(&served.url, &[]));
    assert!(status == 1 && told.contains("401"), "{status} {told}");
    let (status, told) = fails(&provider.fetch(&served.url, &["--token-file", &provider.place("key")]));
    assert!(status == 1 && told.contains("401"), "{status} {told}");
}

#[test]
fn a_server_that_can_be_reached_from_elsewhere_needs_tls_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::new(folder.path());
    provider.export("C-one00000", "forum", "green");
    let (data, forum) = (provider.place("data"), format!("forum={}", provider.place("forum.token")));
    let certificate = |name: &str| format!("{}/tests/cli/certificates/{name}", env!("CARGO_MANIFEST_DIR"));
    let (pem, key, authority) = (certificate("ours.pem"), certificate("ours.key"), certificate("ours-authority.pem"));
    let tls = ["--tls-cert", &pem, "--tls-key", &key];
    let begin = ["share", "serve", "--data-dir", &data, "--listen", "0.0.0.0:0"];
    let refused = |more: &[&str], words: &str| {
        let (status, told) = failed(&[&begin[..], more].concat());
        assert!(status == 2 && told.contains(words), "{status} {told}");
    };
    refused(&["--with", &forum], "give --tls-cert");
    refused(&[&["--with", "forum"][..], &tls].concat(), "give --with NAME=FILE");
    refused(&["--with", "forum", "--with", "circle"], "each of several groups needs a token");

    let served = provider.serve(&[&["--with", &forum][..], &tls].concat());
    let token = provider.place("forum.token");
    let (status, told) = fails(&provider.fetch(&served.url, &["--token-file", &token]));
    assert!(status == 1 && told.contains("ertificate"), "{status} {told}");
    assert_eq!(values(&provider.fetch(&served.url, &["--token-file", &token, "--tls-ca", &authority])), 1);
}

#[test]
fn a_foreign_client_reads_what_is_served() {
    let Ok(python) = env::var(PYTHON) else {
        let text = format!("SKIPPED a_foreign_client: no {PYTHON} (run `cargo xtask test`, which makes one)\n");
        // Not captured, unlike `eprintln!`.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::new(folder.path());
    provider.export("C-one00000", "forum", "amber");
    provider.export("C-two00000", "forum", "green");
    let served = provider.serve(&["--with", &format!("forum={}", provider.place("forum.token"))]);
    let output = Command::new(&python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/share_taxii.py"))
        .args([&served.url, &"11".repeat(32), "forum"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
