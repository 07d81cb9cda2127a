//! The API of the real binary, with a real client.

use std::collections::BTreeSet;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Stdio;
use std::thread;

use serde_json::Value;
use serde_json::json;

use crate::common::command;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

/// Members of the campaign that is paged.
const MEMBERS: usize = 25_000;

/// Names that an adversary chose.
const HOSTILE: [&str; 5] =
    ["<script>alert(1)</script>", "\u{202e}gnp.exe", "a\u{1b}[31m\u{0}\n\r", "../../etc/passwd", "=cmd|' /C calc'!A0"];

/// A server that ends with the test.
pub struct Served {
    child: Child,
    pub url: String,
    pub agent: ureq::Agent,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    pub fn start(data: &Path, found: &Path, more: &[&str]) -> Self {
        let place = ["serve", "--data-dir", text(data), "--found", text(found), "--listen", "127.0.0.1:0"];
        let mut child = command().args(place).args(more).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { child, url, agent }
    }

    pub fn get(&self, path: &str, token: &str) -> (u16, Value, ureq::http::HeaderMap) {
        let request = self.agent.get(format!("{}{path}", self.url));
        let request =
            if token.is_empty() { request } else { request.header("authorization", format!("Bearer {token}")) };
        let mut response = request.call().unwrap();
        let body = response.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let value = serde_json::from_str(&body).unwrap_or(Value::String(body));
        (response.status().as_u16(), value, response.headers().clone())
    }

    fn act(&self, case: &str, token: &str, saw: Option<u64>, body: &Value) -> (u16, Value) {
        let request = self.agent.post(format!("{}/api/v1/cases/{case}/acts", self.url));
        let mut request =
            request.header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
        if let Some(saw) = saw {
            request = request.header("if-match", format!("\"{saw}\""));
        }
        let mut response = request.send(body.to_string()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }
}

pub fn token(data: &Path, who: &str, role: &str) -> String {
    let told = succeed(&["token", "create", "--data-dir", text(data), "--as", who, "--role", role]);
    told.trim().to_owned()
}

/// A hunted world, whose results were made larger and hostile.
fn hunted(folder: &Path) -> (PathBuf, PathBuf, String) {
    let world = world(folder, "7", "0.2");
    let (data, out) = (folder.join("data"), folder.join("out"));
    let (log, accounts) = (text(&world.log), text(&world.accounts));
    succeed(&["hunt", log, "--accounts", accounts, "--data-dir", text(&data), "--out", text(&out), "--quiet"]);
    let path = out.join("campaigns.json");
    let mut found: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let case = found[0]["id"].as_str().unwrap().to_owned();
    let mut large = found[0].clone();
    let mut names: Vec<String> = (0..MEMBERS - HOSTILE.len()).map(|at| format!("acct_{at}")).collect();
    names.extend(HOSTILE.map(str::to_owned));
    large["id"] = "C-large000".into();
    large["accounts"] = names.clone().into();
    found.as_array_mut().unwrap().push(large);
    fs::write(&path, found.to_string()).unwrap();
    let path = out.join("accounts.jsonl");
    let known = fs::read_to_string(&path).unwrap();
    let first: Value = serde_json::from_str(known.lines().next().unwrap()).unwrap();
    let taken: BTreeSet<String> = known
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["account"].as_str().unwrap().to_owned())
        .collect();
    let line = |name: &String| {
        let mut account = first.clone();
        account["account"] = name.as_str().into();
        account["campaign"] = "C-large000".into();
        account["campaigns"] = json!(["C-large000"]);
        format!("{account}\n")
    };
    let more: String = names.iter().filter(|name| !taken.contains(*name)).map(line).collect();
    fs::write(&path, known + &more).unwrap();
    (data, out, case)
}

pub fn is_problem(answer: &(u16, Value, ureq::http::HeaderMap), status: u16) {
    let (told, body, headers) = answer;
    assert_eq!(*told, status, "{body}");
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!((&body["status"], &body["type"]), (&status.into(), &"about:blank".into()), "{body}");
    assert!(!body["detail"].as_str().unwrap().is_empty());
}

#[test]
fn the_api_serves_what_a_hunt_found() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out, case) = hunted(folder.path());
    let (status, told) = failed(&["serve", "--data-dir", text(&data), "--found", text(&out), "--listen", "0.0.0.0:0"]);
    assert!(status == 2 && told.contains("--tls-cert"), "{status} {told}");
    let reader = token(&data, "rita", "reader");
    let served = Served::start(&data, &out, &[]);
    is_problem(&served.get("/api/v1/campaigns", ""), 401);
    is_problem(&served.get("/api/v1/campaigns", "sw_wrong_token"), 401);
    is_problem(&served.get("/metrics", ""), 401);
    is_problem(&served.get("/api/v1/none", &reader), 404);
    assert_eq!(served.get("/healthz", "").0, 200);
    let (status, ready, headers) = served.get("/readyz", "");
    assert_eq!((status, &ready["ready"], &ready["degraded"]), (200, &true.into(), &json!([])), "{ready}");
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    // What is found.
    let (_, list, _) = served.get("/api/v1/campaigns?limit=1000", &reader);
    let ids: Vec<&str> = list["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&case.as_str()) && ids.contains(&"C-large000") && list["next"].is_null(), "{ids:?}");
    let (_, large, _) = served.get("/api/v1/campaigns/C-large000", &reader);
    assert_eq!((&large["account_count"], large.get("accounts")), (&MEMBERS.into(), None));
    is_problem(&served.get("/api/v1/campaigns/C-none", &reader), 404);
    let (_, charts, _) = served.get(&format!("/api/v1/campaigns/{case}/charts"), &reader);
    assert!(charts["days"][0]["exchanges"].as_u64().unwrap() > 0 && charts["shared"][0]["in_log"].is_u64(), "{charts}");
    assert_eq!(served.get("/api/v1/campaigns/C-large000/charts", &reader).1["days"], json!([]), "none were written");
    is_problem(&served.get("/api/v1/campaigns/C-none/charts", &reader), 404);
    let (_, summary, _) = served.get("/api/v1/summary", &reader);
    assert!(summary["accepted"].as_u64().unwrap() > 0 && summary["calibration"].is_string(), "{summary}");
    assert_eq!(served.get("/api/v1/health", &reader).1["degraded"], json!([]));
    assert!(served.get("/api/v1/leads", &reader).1["items"].is_array());
    members_are_paged(&served, &reader);
    items_lead_to_who_shares_them(&served, &reader, &case, &charts["shared"][0]);
    // Verdicts and rules.
    let (_, verdict, _) = served.get("/api/v1/verdicts/acct_1", &reader);
    assert!(verdict["campaigns"].as_array().unwrap().iter().any(|one| one == "C-large000"), "{verdict}");
    let (_, verdict, _) = served.get("/api/v1/verdicts/a-stranger", &reader);
    assert_eq!((&verdict["decision"], &verdict["tier"]), (&"allow".into(), &Value::Null), "{verdict}");
    assert!(!served.get("/api/v1/rules", &reader).1["items"].as_array().unwrap().is_empty());
    // No gate runs beside this server: it says so, and how to have both.
    for path in ["/api/v1/budgets", "/api/v1/budgets/campaign/C-large000"] {
        let answer = served.get(path, &reader);
        is_problem(&answer, 503);
        assert!(answer.1["code"] == "no_gate" && answer.1["detail"].as_str().unwrap().contains("stillwatch up"));
    }
    // The ledger.
    let checkpoint = fs::read_to_string(data.join("ledger/checkpoint")).unwrap();
    assert_eq!(served.get("/api/v1/ledger/checkpoint", &reader).1, Value::String(checkpoint));
    for path in ["../records", "%2e%2e/records", "..%2frecords", "entries/..%2f..%2fsalts", "0/..%2f..%2fkey"] {
        assert_eq!(served.get(&format!("/api/v1/ledger/tile/{path}"), &reader).0, 404, "{path}");
    }
    let (_, metrics, _) = served.get("/metrics", &reader);
    let metrics = metrics.as_str().unwrap();
    assert!(metrics.contains("route=\"/api/v1/verdicts/{account}\"") && !metrics.contains("acct_1"), "{metrics}");
    let spec = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../product/console/openapi.json")).unwrap();
    assert_eq!(served.get("/api/v1/openapi.json", &reader).1, serde_json::from_str::<Value>(&spec).unwrap());
    // A token that was taken back is none at once; results that are gone are told, and the last ones served.
    let listed: Value =
        serde_json::from_str(&succeed(&["token", "list", "--data-dir", text(&data), "--json"])).unwrap();
    fs::rename(&out, folder.path().join("gone")).unwrap();
    assert_eq!(served.get("/readyz", "").1["degraded"], json!(["found", "verdicts"]));
    let (_, health, _) = served.get("/api/v1/health", &reader);
    assert!(health["degraded"][0]["reason"].as_str().unwrap().contains("campaigns.json"), "{health}");
    assert_eq!(served.get("/api/v1/campaigns/C-large000", &reader).0, 200);
    succeed(&["token", "revoke", listed[0]["id"].as_str().unwrap(), "--data-dir", text(&data)]);
    is_problem(&served.get("/api/v1/campaigns", &reader), 401);
}

/// An item of a campaign's shared ones is found by its kind and value, with the accounts that have it as evidence.
fn items_lead_to_who_shares_them(served: &Served, reader: &str, case: &str, shared: &Value) {
    let path = format!("/api/v1/entities/{}/{}", shared["kind"].as_str().unwrap(), shared["item"].as_str().unwrap());
    let (status, item, _) = served.get(&path, reader);
    assert_eq!((status, &item["in_log"]), (200, &shared["in_log"]), "{item}");
    let of_case = item["campaigns"].as_array().unwrap().iter().find(|one| one["id"] == case).unwrap();
    assert_eq!(of_case["with_item"], shared["accounts"], "{item}");
    let (mut accounts, mut next) = (Vec::new(), String::new());
    loop {
        let (status, page, _) = served.get(&format!("{path}/accounts?limit=1000{next}"), reader);
        assert_eq!(status, 200, "{page}");
        accounts
            .extend(page["items"].as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(after) => next = format!("&after={after}"),
            None => break,
        }
    }
    assert!(accounts.is_sorted_by(|one, other| one < other), "each account comes once, by name");
    assert_eq!(item["account_count"], accounts.len(), "{item}");
    is_problem(&served.get("/api/v1/entities/device/%3Cscript%3E", reader), 404);
    is_problem(&served.get(&format!("{path}/accounts?after=bm9uZQ"), reader), 400);
}

fn members_are_paged(served: &Served, reader: &str) {
    let path = "/api/v1/campaigns/C-large000/accounts";
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page, _) = served.get(&format!("{path}?limit=1000{after}"), reader);
        assert_eq!(status, 200, "{page}");
        names.extend(page["items"].as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert!(names.is_sorted() && names.len() == MEMBERS, "{}", names.len());
    assert!(HOSTILE.iter().all(|hostile| names.iter().any(|name| name == hostile)));
    let (_, members, _) = served.get("/api/v1/campaigns/C-large000/members", reader);
    let lines = members["items"].as_array().unwrap();
    assert!(lines.iter().map(|one| one["account"].as_str().unwrap()).eq(names.iter().map(String::as_str)));
    let first = served.get("/api/v1/campaigns/C-large000/accounts?limit=1", reader).1["items"][0].clone();
    let evidence = first["evidence"].as_array().unwrap();
    let families: BTreeSet<&str> = evidence.iter().map(|one| one["family"].as_str().unwrap()).collect();
    assert_eq!((&lines[0]["items"], &lines[0]["families"]), (&evidence.len().into(), &json!(families)));
    let (_, page, _) = served.get("/api/v1/campaigns/C-large000/members?limit=2", reader);
    assert!(page["items"].as_array().unwrap().len() == 2 && page["next"].is_string(), "{page}");
    is_problem(&served.get("/api/v1/campaigns/C-large000/members?limit=100001", reader), 400);
    is_problem(&served.get("/api/v1/campaigns/C-none/members", reader), 404);
    for bad in ["?limit=0", "?limit=1001", "?limit=x", "?after=!", "?after=AAAA", "?offset=3"] {
        is_problem(&served.get(&format!("{path}{bad}"), reader), 400);
    }
    let (_, other, _) = served.get("/api/v1/campaigns?limit=1", reader);
    is_problem(&served.get(&format!("{path}?after={}", other["next"].as_str().unwrap()), reader), 400);
    // Names in paths, escaped as clients do it.
    let escaped: String = HOSTILE[0].bytes().map(|byte| format!("%{byte:02x}")).collect();
    assert_eq!(served.get(&format!("/api/v1/accounts/{escaped}"), reader).1["account"], HOSTILE[0]);
    let (_, _, headers) = served.get(&format!("/api/v1/accounts/{escaped}"), reader);
    assert_eq!(headers["content-type"], "application/json");
}

#[test]
fn people_decide_cases_over_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out, case) = hunted(folder.path());
    let [reader, ann, bob, second] = [("rita", "reader"), ("ann", "analyst"), ("bob", "analyst"), ("sue", "second")]
        .map(|(who, role)| token(&data, who, role));
    let served = Served::start(&data, &out, &[]);
    let act = |token: &str, saw: Option<u64>, body: Value| served.act(&case, token, saw, &body);
    assert_eq!(served.get(&format!("/api/v1/cases/{case}"), &reader).0, 404);
    assert_eq!(act(&reader, None, json!({ "act": "open" })).0, 403);
    assert_eq!(act(&ann, None, json!({ "act": "open" })).0, 200);
    assert_eq!(act(&ann, None, json!({ "act": "open" })).0, 409);
    let note = |text: &str| json!({ "act": "note", "text": text });
    assert_eq!(act(&ann, None, note("blind")).0, 428);
    let (status, _, headers) = served.get(&format!("/api/v1/cases/{case}"), &reader);
    assert_eq!((status, headers["etag"].to_str().unwrap()), (200, "\"1\""));
    // Two at once: one is done, the other is told.
    for saw in 1..=5 {
        let told: Vec<u16> = thread::scope(|scope| {
            let both = [&ann, &bob].map(|token| scope.spawn(|| act(token, Some(saw), note(HOSTILE[2])).0));
            both.map(|one| one.join().unwrap()).to_vec()
        });
        let mut told = told;
        told.sort_unstable();
        assert_eq!(told, [200, 412], "version {saw}");
    }
    for (body, expected) in [
        (json!({ "act": "clear" }), 422),
        (json!({ "act": "clear", "why": " " }), 400),
        (json!({ "act": "note", "text": "x", "extra": 1 }), 422),
        (json!({ "act": "propose", "measure": "shoot", "why": "x" }), 400),
        (json!({ "act": "cut", "accounts": ["nobody"], "why": "x" }), 404),
        (json!({ "act": "note", "text": "x".repeat((8 << 20) + 10) }), 413),
        (json!({ "act": "approve", "of": 1, "why": "x" }), 403),
    ] {
        let (status, told) = act(&ann, Some(6), body);
        assert_eq!(status, expected, "{told}");
        assert!(told["detail"].is_string(), "{told}");
    }
    assert_eq!(act(&ann, Some(6), json!({ "act": "propose", "measure": "deny", "why": "terms" })).0, 200);
    assert_eq!(act(&second, Some(7), json!({ "act": "approve", "of": 7, "why": "seen" })).0, 200);
    let (_, listed, _) = served.get("/api/v1/cases", &reader);
    assert_eq!(listed["items"][0]["enforcement"]["approved_by"], "sue", "{listed}");
    let (_, audit, _) = served.get("/api/v1/audit?limit=1000", &reader);
    let acts: Vec<&str> = audit["items"].as_array().unwrap().iter().map(|one| one["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["open", "note", "note", "note", "note", "note", "propose", "approve"]);
    let (_, newest, _) = served.get("/api/v1/audit?newest=true&limit=3", &reader);
    let (_, then, _) =
        served.get(&format!("/api/v1/audit?newest=true&after={}", newest["next"].as_str().unwrap()), &reader);
    let turned = [newest, then].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let mut all = audit["items"].as_array().unwrap().clone();
    all.reverse();
    assert_eq!(turned, all);
    // The command line sees the same, and what it does is seen here.
    succeed(&["case", "note", &case, "--data-dir", text(&data), "--as", "zoe", "--text", "by hand"]);
    assert_eq!(served.get(&format!("/api/v1/cases/{case}"), &reader).1["version"], 9);
    succeed(&["ledger", "verify", "--data-dir", text(&data), "--quiet", "--log-only"]);
}

#[test]
fn changes_of_decisions_are_streamed() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out, _) = hunted(folder.path());
    let rules = folder.path().join("rules");
    succeed(&["policy", "init", text(&rules), "--live"]);
    // Rules on who is verified hold back everybody of whom no record is known, whatever the verdict.
    for name in ["caps", "embargo", "information", "resale", "verification"] {
        fs::remove_file(rules.join(format!("{name}.cedar"))).unwrap();
        fs::remove_file(rules.join(format!("tests/{name}.toml"))).unwrap();
    }
    let reader = token(&data, "rita", "reader");
    let served = Served::start(&data, &out, &["--policies", text(&rules)]);
    let path = "/api/v1/decisions/stream";
    let (status, first, _) = served.get(path, &reader);
    assert_eq!(status, 200, "{first}");
    let changes = first["changes"].as_array().unwrap();
    assert!(changes.len() == 1_000, "a full answer of many: {}", changes.len());
    for change in changes.iter().take(3) {
        assert_eq!(change["before"], "allow");
        let name: String = change["account"].as_str().unwrap().bytes().map(|byte| format!("%{byte:02x}")).collect();
        assert_eq!(served.get(&format!("/api/v1/verdicts/{name}"), &reader).1["decision"], change["decision"]);
    }
    let (mut next, mut held) = (first["next"].as_str().unwrap().to_owned(), changes.len());
    loop {
        let (_, more, _) = served.get(&format!("{path}?since={next}"), &reader);
        next = more["next"].as_str().unwrap().to_owned();
        match more["changes"].as_array().unwrap().len() {
            0 => break,
            count => held += count,
        }
    }
    let (_, now, _) = served.get(&format!("{path}?since=now"), &reader);
    assert_eq!((&now["changes"], &now["next"]), (&json!([]), &json!(next)), "nothing is yet to come");
    for (query, status) in [("?since=elsewhere.7", 410), ("?since=x", 410), ("?wait=26", 400), ("?wait=-1", 400)] {
        is_problem(&served.get(&format!("{path}{query}"), &reader), status);
    }
    // Events from the same place, and results in which nothing is held any more.
    let request = served.agent.get(format!("{}{path}?since={next}", served.url));
    let request = request.header("authorization", format!("Bearer {reader}")).header("accept", "text/event-stream");
    let mut events = BufReader::new(request.call().unwrap().into_body().into_reader());
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    for (name, content) in [("campaigns.json", "[]"), ("leads.json", "[]"), ("accounts.jsonl", "")] {
        fs::write(empty.join(name), content).unwrap();
    }
    fs::rename(&out, folder.path().join("before")).unwrap();
    fs::rename(&empty, &out).unwrap();
    let (_, changed, _) = served.get(&format!("{path}?since={next}&wait=20"), &reader);
    let changed = changed["changes"].as_array().unwrap();
    assert!(!changed.is_empty() && changed.iter().all(|change| change["decision"] == "allow"), "{changed:?}");
    let mut told = String::new();
    while !told.contains("data:") {
        assert!(events.read_line(&mut told).unwrap() > 0, "the stream ended: {told}");
    }
    let data = told.lines().find_map(|line| line.strip_prefix("data:")).unwrap();
    let event: Value = serde_json::from_str(data).unwrap();
    assert_eq!(event["changes"][0], changed[0]);
    assert!(held > MEMBERS / 2, "{held}");
}
