//! Gate, live engine and API as one program.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::common::command;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::gate::running::verdicts;
use crate::redis::PASSWORD;
use crate::redis::Server;

/// A model that says the same to everybody.
pub fn model() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    place
}

fn answer(stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some(bytes) = line.to_lowercase().strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let said = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"the answer of the model"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        said.len()
    );
    let mut stream = stream;
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(said.as_bytes()));
}

/// The program, and where its parts listen. Killed when dropped.
pub struct Up {
    child: Child,
    gate: String,
    api: String,
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn start(config: &str) -> Up {
    let mut child = command().args(["up", "--config", config]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut place = |part: &str| {
        let line = lines.next().unwrap_or_else(|| panic!("{part} does not start")).unwrap();
        line.strip_prefix(&format!("{part} listens at ")).unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    let (gate, api) = (place("gate"), place("API"));
    thread::spawn(move || lines.for_each(drop));
    Up { child, gate, api }
}

#[test]
fn what_passes_the_gate_is_assessed_and_served() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("up.toml");
    let text_of = format!(
        "[watch.sweep]\nevery_s = 86400\nwindow_days = 3660\n[gate]\nlisten = '127.0.0.1:0'\nmode = 'shadow'\n[[gate.routes]]\npath = '/'\n\
         upstream = 'http://{}'\nfailure = 'open'\n[api]\nlisten = '127.0.0.1:0'\n",
        model()
    );
    fs::write(&config, text_of).unwrap();
    assert!(succeed(&["up", "--config", text(&config), "--check"]).contains("spool"));
    let up = start(text(&config));
    let data = folder.path().join("data");
    let token = succeed(&["token", "create", "--data-dir", text(&data), "--as", "ann", "--role", "analyst"]);
    let agent = ureq::Agent::new_with_defaults();
    let asked = r#"{"model":"m","messages":[{"role":"user","content":"how do boats float on the lake?"}]}"#;
    for _ in 0..3 {
        let answer = agent
            .post(format!("http://{}/v1/chat/completions", up.gate))
            .header("authorization", "Bearer sk-of-a-caller")
            .header("content-type", "application/json")
            .send(asked)
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
    // A sender may give exchanges to the API too.
    let bearer = format!("Bearer {}", token.trim());
    let api = |path: &str| format!("http://{}{path}", up.api);
    let line = r#"{"id":"x1","at":"2026-04-22T00:00:01Z","account":"a1","request":{"messages":[{"role":"user","content":"hello"}]}}"#;
    let sent = agent.post(api("/api/v1/exchanges")).header("authorization", &bearer).send(line).unwrap();
    assert_eq!(sent.status(), 202);
    let record = r#"{"account":"a1","device":"d"}"#;
    let sent = agent.post(api("/api/v1/accounts")).header("authorization", &bearer).send(record).unwrap();
    assert_eq!(sent.status(), 202);
    let reader = succeed(&["token", "create", "--data-dir", text(&data), "--as", "rita", "--role", "reader"]);
    let sent = agent.post(api("/api/v1/accounts")).header("authorization", format!("Bearer {}", reader.trim()));
    assert!(matches!(sent.send(record), Err(ureq::Error::StatusCode(403))), "records are no reading");
    let refused = agent.post(api("/api/v1/exchanges")).send(line);
    assert!(matches!(refused, Err(ureq::Error::StatusCode(401))), "{refused:?}");
    // What passed the gate comes to the table by way of its spool.
    let begun = Instant::now();
    let mut rows = 0;
    while rows < 4 && begun.elapsed() < Duration::from_secs(60) {
        agent.post(api("/api/v1/sweeps")).header("authorization", &bearer).send_empty().unwrap();
        thread::sleep(Duration::from_millis(500));
        let summary = fs::read_to_string(folder.path().join("found/summary.json")).unwrap_or_default();
        let summary: Value = serde_json::from_str(&summary).unwrap_or_default();
        rows = summary["exchanges"].as_u64().unwrap_or(0);
    }
    assert_eq!(rows, 4);
    let mut campaigns = agent.get(api("/api/v1/campaigns")).header("authorization", &bearer).call().unwrap();
    assert!(campaigns.body_mut().read_to_string().unwrap().contains("items"));
    let files = format!("{:?}", fs::read_dir(folder.path().join("spool")).unwrap().collect::<Vec<_>>());
    let spooled = fs::read_dir(folder.path().join("spool")).unwrap().flatten().map(|entry| entry.path());
    let spooled: String = spooled.filter_map(|path| fs::read_to_string(path).ok()).collect();
    assert!(!spooled.contains("sk-of-a-caller"), "{files}");
}

#[test]
fn a_world_is_played_through_the_gate_and_nobody_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (json, out) = (folder.path().join("demo.json"), folder.path().join("demo"));
    let told = succeed(&[
        "up",
        "--demo",
        "--exit-after",
        "--scale",
        "0.3",
        "--speed",
        "40000",
        "--out",
        text(&out),
        "--json",
        text(&json),
    ]);
    let summary: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    let number = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("{name} of {summary}"));
    assert!(number("honest_requests") > 5_000, "{summary}");
    assert_eq!((number("honest_refused"), number("failed")), (0, 0));
    let campaigns = summary["campaigns"].as_array().unwrap();
    assert_eq!(campaigns.len(), 2);
    assert!(campaigns.iter().all(|one| one["requests"].as_u64().unwrap() > 500), "{summary}");
    // What the gate wrote down is what was sent, at the time that was played.
    let found: Value = serde_json::from_slice(&fs::read(out.join("found/summary.json")).unwrap()).unwrap();
    assert!(
        found["exchanges"].as_u64().unwrap() > 5_000 && found["ties"]["phrases"].as_u64().unwrap() > 100,
        "{found}"
    );
    assert!(found["looks"]["since"].as_str().unwrap().starts_with("2026-04-2"), "{found}");
    assert!(told.contains("lampblack") && told.contains("CONTAINED"), "{told}");
}

/// What `up` is told: rules that act, a budget of five requests for a campaign, and a campaign of two accounts.
fn campaign_of_two(folder: &Path) -> PathBuf {
    let rules = folder.join("rules");
    succeed(&["policy", "init", text(&rules), "--live"]);
    let change = |file: &str, from: &str, to: &str| {
        let before = fs::read_to_string(rules.join(file)).unwrap();
        assert!(before.contains(from), "{file} has no {from}");
        fs::write(rules.join(file), before.replace(from, to)).unwrap();
    };
    // Whenever the tests run, no rule has expired.
    for file in ["caps", "ladder", "resale", "verification", "information"] {
        change(&format!("{file}.cedar"), "2027-05-31", "2099-12-31");
    }
    change("settings.toml", "requests = 500\ntokens = 1_000_000\nprivacy", "requests = 5\ntokens = 1_000_000\nprivacy");
    let records = ["harvester-1", "harvester-2", "honest"].map(|account| {
        format!(r#"{{"account":"{account}","created_at":"2025-01-01T00:00:00Z","verified":["email","payment"]}}"#)
    });
    fs::write(folder.join("accounts.jsonl"), records.join("\n")).unwrap();
    verdicts(folder, 1, &["harvester-1", "harvester-2"]);
    let config = folder.join("up.toml");
    let told = format!(
        "[watch.sweep]\nevery_s = 86400\nwindow_days = 3660\n[gate]\nlisten = '127.0.0.1:0'\nmode = 'enforce'\n\
         [[gate.routes]]\npath = '/'\nupstream = 'http://{}'\nfailure = 'closed'\n[gate.policy]\nfolder = 'rules'\n\
         [gate.verdicts]\nsnapshot = 'verdicts'\n[gate.accounts]\nheader = 'x-account'\nrecords = 'accounts.jsonl'\n\
         [gate.hops]\ntrusted = ['127.0.0.0/8']\naddress_header = 'x-forwarded-for'\n[api]\nlisten = '127.0.0.1:0'\n",
        model()
    );
    fs::write(&config, told).unwrap();
    config
}

/// A program that runs, and somebody who reads its API.
struct Reader {
    up: Up,
    agent: ureq::Agent,
    token: String,
}

impl Reader {
    fn new(folder: &Path, up: Up) -> Self {
        let data = folder.join("data");
        let token = succeed(&["token", "create", "--data-dir", text(&data), "--as", "rita", "--role", "reader"]);
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { up, agent, token: token.trim().to_owned() }
    }

    /// What the API answers to a question about budgets.
    fn budgets(&self, path: &str) -> (u16, Value) {
        let place = format!("http://{}/api/v1/budgets{path}", self.up.api);
        let asked = self.agent.get(place).header("authorization", format!("Bearer {}", self.token));
        let mut answer = asked.call().unwrap();
        let told = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&told).unwrap())
    }

    /// The status with which the gate answers a request of an account.
    fn ask_as(&self, account: &str) -> u16 {
        let sent = self
            .agent
            .post(format!("http://{}/v1/chat/completions", self.up.gate))
            .header("x-account", account)
            .header("x-forwarded-for", "198.51.100.7")
            .header("content-type", "application/json");
        let body = r#"{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hello"}]}"#;
        let mut answer = sent.send(body).unwrap();
        // Whoever does not read to the end is not told what it cost, and neither is the gate.
        answer.body_mut().read_to_vec().unwrap();
        answer.status().as_u16()
    }

    /// The one budget of campaigns, when nothing is reserved of it any more: settling is done beside the requests.
    fn settled(&self) -> Value {
        let begun = Instant::now();
        loop {
            let (status, found) = self.budgets("?kind=campaign");
            assert_eq!((status, found["items"].as_array().map(Vec::len)), (200, Some(1)), "{found}");
            let amounts = found["items"][0]["amounts"].as_array().unwrap();
            assert!(amounts.iter().all(|one| one["reserved"].as_u64() <= one["used"].as_u64()), "{found}");
            if amounts.iter().all(|one| one["reserved"] == 0) {
                return found["items"][0].clone();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{found}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn the_api_tells_what_a_campaign_draws_on_one_budget() {
    let folder = tempfile::tempdir().unwrap();
    let config = campaign_of_two(folder.path());
    let reader = Reader::new(folder.path(), start(text(&config)));
    assert_eq!(reader.budgets("").1, serde_json::json!({"items": [], "next": null}));
    // Two accounts of one campaign have one budget of five between them.
    let turns = ["harvester-1", "harvester-2"].into_iter().cycle().take(8);
    let answered: Vec<u16> = turns.map(|account| reader.ask_as(account)).collect();
    assert_eq!(answered, [200, 200, 200, 200, 200, 429, 429, 429]);
    assert_eq!(reader.ask_as("honest"), 200);
    let budget = reader.settled();
    let amount = |unit: &str, limit: u64, used: u64| {
        let left = limit - used;
        serde_json::json!({"unit": unit, "limit": limit, "used": used, "reserved": 0, "left": left, "own": null, "leased": null})
    };
    // The model says that it took twelve tokens each time.
    let expected = [amount("requests", 5, 5), amount("tokens", 1_000_000, 60), amount("privacy", 1_000_000, 0)];
    assert_eq!(budget["amounts"], Value::from(expected.to_vec()));
    let names = ["kind", "name", "budget"].map(|name| budget[name].as_str().unwrap());
    assert_eq!(names, ["campaign", "C-1", "campaign"]);
    assert_eq!((budget["refusals"].as_u64(), budget["window_s"].as_u64()), (Some(3), Some(86_400)));
    assert!(budget["is_enforced"] == true && budget["is_shared"] == false);
    assert!(budget["refills_in_s"].as_u64().unwrap() <= 86_400, "{budget}");
    let (status, one) = reader.budgets("/campaign/C-1");
    let one = &one["budgets"][0];
    assert_eq!((status, &one["amounts"], &one["before"]), (200, &budget["amounts"], &Value::Null));
    // Somebody who verified nothing has a budget of their own, whatever their name is.
    let hostile = "<script>/..";
    assert_eq!(reader.ask_as(hostile), 200);
    let (_, own) = reader.budgets("/account/%3Cscript%3E%2F..");
    assert_eq!((&own["name"], &own["budgets"][0]["budget"]), (&hostile.into(), &"unverified".into()));
    let (_, first) = reader.budgets("?limit=1");
    assert_eq!(first["items"][0]["name"], "C-1", "the most used is the first");
    let (_, second) = reader.budgets(&format!("?limit=1&after={}", first["next"].as_str().unwrap()));
    assert_eq!((&second["items"][0]["name"], &second["next"]), (&hostile.into(), &Value::Null));
    for (wrong, status) in
        [("?kind=team", 400), ("?limit=0", 400), ("?after=x", 400), ("/team/x", 400), ("/pool/C-1", 404)]
    {
        let (got, problem) = reader.budgets(wrong);
        assert_eq!(got, status, "{wrong}: {problem}");
    }
}

#[test]
fn the_api_tells_what_this_gate_leased_of_a_shared_budget() {
    let Some(mut server) = Server::start("the_api_tells_what_this_gate_leased") else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = campaign_of_two(folder.path());
    let own = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{own}[gate.budgets]\nserver = '{}'\ngates = 2\n", server.url())).unwrap();
    let config = text(&config);
    let explained = command().args(["up", "--check", "--config", config]).output().unwrap();
    let explained = String::from_utf8([explained.stdout, explained.stderr].concat()).unwrap();
    assert!(explained.contains("shared by 2 gates") && explained.contains("--new-budget-server"), "{explained}");
    assert!(!explained.contains(PASSWORD), "{explained}");
    assert!(succeed(&["up", "--new-budget-server", "--config", config]).contains("is new"));
    let reader = Reader::new(folder.path(), start(config));
    // A quarter of five is one for each gate, in windows after the one in which it began: of this one there are the other three.
    let answered: Vec<u16> = (0..5).map(|_| reader.ask_as("harvester-1")).collect();
    assert_eq!(answered, [200, 200, 200, 429, 429]);
    let budget = reader.settled();
    let requests =
        serde_json::json!({"unit": "requests", "limit": 5, "used": 3, "reserved": 0, "left": 0, "own": 0, "leased": 3});
    assert_eq!((&budget["amounts"][0], &budget["is_shared"]), (&requests, &Value::Bool(true)));
    assert_eq!(budget["refusals"], 2, "who waited for a lease and got it was not refused");
    let health = || {
        let asked = reader.agent.get(format!("http://{}/api/v1/health", reader.up.api));
        let mut answer = asked.header("authorization", format!("Bearer {}", reader.token)).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    };
    assert!(!health().contains("nobody listens"), "{}", health());
    server.kill();
    let begun = Instant::now();
    while !health().contains("nobody listens at its address") {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", health());
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_wrong_part_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("up.toml");
    for (wrong, named) in [
        ("[watch]\n", "missing field `gate`"),
        ("[watch]\nlisten = '127.0.0.1:1'\n[gate]\n", "[watch] listen"),
        ("[gate]\nlisten = 'nowhere'\n", "[gate]"),
        ("[watch]\nfoud = 'x'\n[gate]\nlisten = '127.0.0.1:0'\n", "[watch]"),
        ("[gat]\n", "gat"),
    ] {
        fs::write(&config, wrong).unwrap();
        let (code, told) = failed(&["up", "--config", text(&config), "--check"]);
        assert!(code == 2 && told.contains(named), "{wrong}: {told}");
    }
}
