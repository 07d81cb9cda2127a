//! The gate, from outside.

mod doors;
mod limits;
mod peers;
pub mod running;
mod safety;
mod sdk;
mod shared_budgets;
mod upstream;

use std::fs;
use std::io::Read;
use std::path::Path;

use running::HARVESTER;
use running::HONEST;
use running::SECOND_HARVESTER;
use running::Setting;
use running::answer;
use running::lines;
use running::verdicts;

use crate::common::command;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;

/// Odd on purpose: a name twice, an escape, spaces, a number that JSON writers would change.
const ASKED: &[u8] = br#"{ "model" :"m-large","messages":[{"role":"user","content":"Say \u0068ello"}],"temperature":1.0e0,"user":"u-1","user":"u-2" }"#;

#[test]
fn bytes_pass_as_they_came() {
    let gate = Setting::new().start();
    let answered = gate.ask("/v1/chat/completions?a=%2F&b", HONEST, "x-odd: 1\r\nupgrade: h2c\r\n", ASKED);
    assert_eq!((answered.status, answered.body.as_slice()), (200, upstream::CHAT.as_bytes()));
    assert_eq!(answered.header("x-own-header"), Some("Kept As It Is"));
    let binary: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let echoed = gate.ask("/v1/files/..%2fodd//path", HONEST, "", &binary);
    assert!(echoed.status == 200 && echoed.body == binary, "a body that is not looked at");
    let got = gate.upstream.got();
    assert_eq!(got[0].body, ASKED);
    assert_eq!(
        (got[0].path.as_str(), got[1].path.as_str()),
        ("/v1/chat/completions?a=%2F&b", "/v1/files/..%2fodd//path")
    );
    assert!(got[0].head.contains("x-odd: 1") && got[0].head.contains(HONEST), "{}", got[0].head);
    assert!(!got[0].head.to_ascii_lowercase().contains("connection: close"), "what is about one hop stays there");
    for model in ["m", "uses-tools"] {
        let body = format!("{{\"model\":\"{model}\",\"stream\":true}}");
        let streamed = gate.ask("/v1/chat/completions", HONEST, "", body.as_bytes());
        assert!(streamed.body.ends_with(b"data: [DONE]\n\n") && streamed.body.starts_with(b"data: {"), "{model}");
    }
}

#[test]
fn who_is_implicated_is_refused_in_the_callers_dialect() {
    let setting = Setting::new();
    setting.verdicts(3, &["harvester-1"]);
    let gate = setting.start();
    for (path, version) in [("/v1/chat/completions", ""), ("/v1/embeddings", ""), ("/v1/models", "")] {
        let refused = gate.ask(path, HARVESTER, version, b"{}");
        assert_eq!(refused.status, 403);
        let error = &refused.json()["error"];
        assert_eq!(
            (error["type"].as_str(), error["code"].as_str()),
            (Some("permission_error"), Some("access_restricted"))
        );
        assert!(error["message"].as_str().unwrap().contains("You can appeal"), "{error}");
        assert!(error["message"].as_str().unwrap().contains("https://help.example/limits"), "{error}");
        assert_eq!(refused.header("x-stillwatch-reason"), Some("coordinated_extraction"));
        assert_eq!(refused.header("x-should-retry"), Some("false"));
        assert_eq!(refused.header("retry-after"), None);
    }
    let refused = gate.ask("/v1/messages", HARVESTER, "anthropic-version: 2023-06-01\r\n", b"{}");
    let error = refused.json();
    assert_eq!((refused.status, error["type"].as_str()), (403, Some("error")));
    assert_eq!(error["error"]["type"], "permission_error");
    assert_eq!(refused.header("request-id"), error["request_id"].as_str());
    assert_eq!(gate.ask("/v1/messages", HONEST, "", b"{}").status, 200, "nobody else is touched");
    assert_eq!(gate.upstream.got().len(), 1, "what is refused does not reach the upstream");
    let (_, folder) = gate.stop();
    let decisions = lines(&folder.path().join("decisions"));
    assert_eq!(decisions.len(), 4);
    assert_eq!(decisions[0]["decision"]["rule"], "ladder.discovered");
    assert_eq!((decisions[0]["mode"].as_str(), decisions[0]["refused"].as_u64()), (Some("enforce"), Some(403)));
    let spooled = lines(&folder.path().join("spool"));
    let refused = spooled.iter().filter(|exchange| exchange["response"]["status"] == 403).count();
    assert_eq!(refused, 2, "attempts are written down");
}

#[test]
fn shadow_changes_no_byte_and_records_what_it_would_do() {
    let mut setting = Setting::new();
    setting.mode = "shadow";
    setting.lines = "unknown = \"refuse\"\n[information.everyone]\nmax_n = 1\n".to_owned();
    setting.verdicts(3, &["harvester-1"]);
    let gate = setting.start();
    let body = br#"{"model":"m","n":9,"logprobs":true,"messages":[]}"#;
    for key in [HARVESTER, HONEST, "sk-nobody-knows"] {
        assert_eq!(
            gate.ask("/v1/chat/completions", key, "accept-encoding: br\r\n", body).body,
            upstream::CHAT.as_bytes()
        );
    }
    for got in gate.upstream.got() {
        assert_eq!(got.body, body);
        assert!(got.head.contains("accept-encoding: br"), "{}", got.head);
    }
    let metrics = String::from_utf8(gate.operators("/metrics").body).unwrap();
    for counted in ["refusals_total{kind=\"policy\"} 1", "refusals_total{kind=\"key\"} 1"] {
        assert!(metrics.contains(counted), "{metrics}");
    }
    let (_, folder) = gate.stop();
    let decisions = lines(&folder.path().join("decisions"));
    let denied = decisions.iter().find(|decision| decision["account"] == "harvester-1").unwrap();
    assert_eq!((denied["mode"].as_str(), denied["refused"].as_u64()), (Some("shadow"), Some(403)));
}

#[test]
fn all_accounts_of_a_campaign_draw_on_one_budget() {
    let setting = Setting::new();
    setting.verdicts(1, &["harvester-1", "harvester-2"]);
    setting.change(
        "settings.toml",
        "requests = 500\ntokens = 1_000_000\nprivacy",
        "requests = 3\ntokens = 1_000_000\nprivacy",
    );
    let gate = setting.start();
    let ask = |key: &str, path: &str| gate.ask(path, key, "", br#"{"model":"m","max_tokens":10}"#);
    for key in [HARVESTER, SECOND_HARVESTER, HARVESTER] {
        assert_eq!(ask(key, "/v1/chat/completions").status, 200);
    }
    let refused = ask(SECOND_HARVESTER, "/v1/chat/completions");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["error"]["type"], "rate_limit_error");
    assert_eq!(refused.header("x-stillwatch-reason"), Some("shared_budget"));
    assert_eq!(refused.header("x-ratelimit-limit-requests"), Some("3"));
    assert_eq!(refused.header("x-ratelimit-remaining-requests"), Some("0"));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"campaign\";q=3;w=86400"));
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds <= 86_400);
    assert_eq!(refused.header("x-should-retry"), Some(if seconds <= 60 { "true" } else { "false" }));
    let refused = ask(HARVESTER, "/v1/messages");
    assert_eq!(refused.json()["error"]["type"], "rate_limit_error");
    assert!(refused.header("anthropic-ratelimit-requests-reset").unwrap().ends_with('Z'));
    assert_eq!(ask(HONEST, "/v1/messages").status, 200);
    let metrics = String::from_utf8(gate.operators("/metrics").body).unwrap();
    let counted = "budget_refusals_total{scope=\"campaign\",budget=\"campaign\",unit=\"requests\"} 2";
    assert!(metrics.contains(counted) && !metrics.contains("harvester") && !metrics.contains("C-1"), "{metrics}");
}

#[test]
fn tokens_are_reserved_by_estimate_and_settled_by_usage() {
    let setting = Setting::new();
    setting.verdicts(1, &["harvester-1"]);
    setting.change(
        "settings.toml",
        "requests = 500\ntokens = 1_000_000\nprivacy",
        "requests = 500\ntokens = 2_000\nprivacy",
    );
    let gate = setting.start();
    // Each holds 1,500 while it runs and costs 15, as the upstream says: one after another all are served.
    for stream in [false, true, false] {
        let body = format!("{{\"model\":\"m\",\"max_tokens\":1500,\"stream\":{stream}}}");
        gate.until("the settlement", |gate| {
            gate.ask("/v1/chat/completions", HARVESTER, "", body.as_bytes()).status == 200
        });
    }
    let two = br#"{"model":"m","max_tokens":1500,"n":2}"#;
    assert_eq!(gate.ask("/v1/chat/completions", HARVESTER, "", two).status, 429, "3,000 are more than there are");
}

#[test]
fn a_new_snapshot_counts_without_a_restart_and_ends_a_running_stream() {
    let gate = Setting::new().start();
    let open = |path: &str, key: &str| gate.send(path, key, "", br#"{"model":"endless","stream":true}"#);
    let mut chat = open("/v1/chat/completions", HARVESTER);
    let messages = open("/v1/messages", HARVESTER);
    let mut honest = open("/v1/chat/completions", HONEST);
    let mut first = [0; 400];
    chat.read_exact(&mut first).unwrap();
    verdicts(gate.folder.path(), 3, &["harvester-1"]);
    let ended = answer_after(&first, chat);
    assert!(ended.contains("\"code\":\"access_restricted\"") && !ended.contains("[DONE]"), "{ended}");
    assert!(ended.ends_with("\n\n"), "{ended}");
    let ended = String::from_utf8(answer(messages).body).unwrap();
    assert!(ended.contains("event: error\ndata: ") && ended.contains("permission_error"), "{ended}");
    honest.read_exact(&mut [0; 4000]).unwrap();
    drop(honest);
    gate.until("the upstream's word that nobody reads", |gate| gate.upstream.gone() >= 3);
    // A file that is no snapshot changes nothing, and is told.
    fs::write(gate.path("verdicts"), "no snapshot").unwrap();
    let told = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    gate.until("the fault", |gate| told(&gate.operators("/readyz").body).contains("no verdict snapshot"));
    assert_eq!(gate.ask("/v1/chat/completions", HARVESTER, "", b"{}").status, 403, "the last good one stays");
}

/// The rest of an answer as text, of which the beginning was read.
fn answer_after(first: &[u8], mut stream: std::net::TcpStream) -> String {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    String::from_utf8_lossy(&[first, &rest].concat()).replace("\r\n0\r\n\r\n", "")
}

#[test]
fn what_passed_is_a_log_that_a_hunt_reads_and_holds_no_key() {
    let mut setting = Setting::new();
    setting.lines = "unknown = \"hash\"\n".to_owned();
    let gate = setting.start();
    let user = br#"{"model":"m-large","messages":[{"role":"system","content":"Be kind"},{"role":"user","content":"Say hello"}],"safety_identifier":"person-77","n":1}"#;
    gate.ask("/v1/chat/completions", HONEST, "user-agent: tests/1\r\n", user);
    gate.ask(
        "/v1/chat/completions",
        "sk-a-stranger",
        "",
        br#"{"model":"m-large","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#,
    );
    gate.ask(
        "/v1/messages",
        HONEST,
        "",
        br#"{"model":"m-large","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#,
    );
    gate.ask("/v1/responses", HONEST, "", br#"{"model":"m-large","stream":true,"input":"Hi"}"#);
    let metrics = gate.operators("/metrics");
    let ready = gate.operators("/readyz");
    assert_eq!((ready.status, ready.json()["ready"].as_bool()), (200, Some(true)));
    let (told, folder) = gate.stop();
    let spool = folder.path().join("spool");
    let exchanges = lines(&spool);
    assert_eq!(exchanges.len(), 4);
    for exchange in &exchanges {
        assert_eq!(exchange["response"]["content"], "Hello there", "{exchange}");
        let tokens = (exchange["response"]["input_tokens"].as_u64(), exchange["response"]["output_tokens"].as_u64());
        assert_eq!(tokens, (Some(12), Some(3)), "{exchange}");
        assert!(exchange["client"]["ip"].as_str().unwrap().starts_with("sip:"), "{exchange}");
    }
    let first = exchanges.iter().find(|exchange| exchange["client"]["user_agent"] == "tests/1").unwrap();
    assert_eq!((first["account"].as_str(), first["request"]["system"].as_str()), (Some("honest"), Some("Be kind")));
    assert!(first["end_user"].as_str().unwrap().starts_with("sip:"), "{first}");
    assert!(exchanges.iter().any(|exchange| exchange["account"].as_str().unwrap().starts_with("sip:")));
    let found = folder.path().join("found");
    let arguments = ["hunt", text(&spool), "--out", text(&found), "--format", "native", "--json", "--quiet"];
    let summary: serde_json::Value = serde_json::from_str(&succeed(&arguments)).unwrap();
    assert_eq!((summary["summary"]["accepted"].as_u64(), summary["summary"]["refused"].as_u64()), (Some(4), Some(0)));
    let mut all = told.into_bytes();
    all.extend(metrics.body);
    gather(folder.path(), &mut all);
    for secret in [HONEST, HARVESTER, "sk-a-stranger", "person-77"] {
        let holds = all.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds, "an output holds {secret}");
    }
}

/// The bytes of all files below a folder.
fn gather(folder: &Path, all: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { gather(&path, all) } else { all.extend(fs::read(path).unwrap()) }
    }
}

#[test]
fn a_configuration_is_checked() {
    let setting = Setting::new();
    let folder = setting.path("");
    let file = setting.path("gate.toml");
    let good = fs::read_to_string(&file).unwrap();
    let check = || {
        let output = command().args(["gate", "--check", "--config", text(&file)]).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, told) = check();
    assert!(code == 0 && told.contains("is fit") && told.contains("ladder.reveal asks for noised_numbers"), "{told}");
    for (from, to, words) in [
        ("cores = 2", "cores = 0", "cores: between 1 and 1024"),
        ("cores = 2", "kores = 2", "unknown field `kores`"),
        ("path = \"/\"", "path = \"v1\"", "routes[0].path: a path begins with /"),
        ("upstream = \"http://", "upstream = \"ftp://", "routes[0].upstream: write it as https://HOST"),
        ("failure = \"closed\"", "failure = \"maybe\"", "unknown variant `maybe`"),
        ("[accounts]", "[accounts]\nheader = \"x-account\"", "nobody is trusted to set it"),
        ("[accounts]", "[limits]\ndrain = \"soon\"\n[accounts]", "limits.drain: \"soon\" is no length of time"),
        ("folder = \"rules\"", "folder = \"nowhere\"", "nowhere"),
        ("[accounts]", "[hops]\ntrusted = [\"10.0.0/8\"]\n[accounts]", "hops.trusted: \"10.0.0/8\" is no network"),
    ] {
        fs::write(&file, good.replace(from, to)).unwrap();
        let (code, told) = check();
        assert!(code == 2 && told.contains(words), "{words}: {code} {told}");
    }
    fs::write(&file, &good).unwrap();
    fs::write(folder.join("keys.jsonl"), "{\"key\":\"sk-in-the-clear\",\"account\":\"a\"}\n").unwrap();
    fs::write(&file, good.replace("[accounts]", "[accounts]\nkeys = \"keys.jsonl\"")).unwrap();
    let (code, told) = check();
    assert!(code == 2 && told.contains("line 1 is no") && !told.contains("sk-in-the-clear"), "{told}");
    assert_eq!(failed(&["gate", "--config", "/nowhere/gate.toml"]).0, 2);
}

/// The configuration in the document is one that the program takes.
#[test]
fn the_documented_configuration_is_fit() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/gate.md")).unwrap();
    let example = text.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
    gate::Config::parse(example, Path::new("/etc/stillwatch")).unwrap();
    let shared = ["[budgets]", "server = ", "gates = "];
    let shared = shared.iter().fold(example.to_owned(), |text, line| text.replace(&format!("# {line}"), line));
    match gate::Config::parse(&shared, Path::new("/etc/stillwatch")) {
        Ok(config) => assert_eq!(config.budgets.unwrap().gates, 2),
        Err(error) => assert!(error.to_string().contains("build it with the feature redis"), "{error}"),
    }
}

/// So are its doors.
#[test]
fn the_documented_doors_are_fit() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/doors.md")).unwrap();
    let example = text.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
    let whole = format!("listen = \"127.0.0.1:8080\"\nmode = \"shadow\"\nsecret = \"secret\"\n{example}");
    let config = gate::Config::parse(&whole, Path::new("/etc/stillwatch")).unwrap();
    assert_eq!(config.doors.unwrap().open, [gate::Door::AuthRequest]);
    let with_all =
        example.replace("\"auth_request\"]", "\"forward_auth\", \"ext_authz\", \"litellm\", \"agentgateway\"]");
    gate::Config::parse(&whole.replace(example, &with_all), Path::new("/etc/stillwatch")).unwrap();
}
