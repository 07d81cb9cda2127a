//! The doors at which other gateways ask, with the questions written by hand. The gateways themselves are in `peers.rs`.

use std::fs;

use super::running::Answered;
use super::running::HARVESTER;
use super::running::HONEST;
use super::running::Running;
use super::running::SECOND_HARVESTER;
use super::running::Setting;
use super::running::lines;
use super::running::verdicts;
use crate::common::command;
use crate::common::text;

pub const ALL: &str = "[doors]\nlisten = \"127.0.0.1:0\"\nfailure = \"closed\"\nunseen = \"nothing\"\nopen = [\"forward_auth\", \"auth_request\", \
                       \"ext_authz\", \"litellm\", \"agentgateway\"]\n";

fn setting(lines: &str) -> Setting {
    let mut setting = Setting::new();
    setting.lines = format!("{ALL}{lines}");
    setting
}

fn key(key: &str) -> String {
    format!("authorization: Bearer {key}\r\n")
}

fn forward(gate: &Running, secret: &str, path: &str) -> Answered {
    let described = format!("x-forwarded-method: POST\r\nx-forwarded-uri: {path}\r\n{}", key(secret));
    gate.at_door("GET /forward-auth", &described, b"")
}

fn nginx(gate: &Running, secret: &str, path: &str) -> Answered {
    let described = format!("x-original-method: POST\r\nx-original-uri: {path}\r\n{}", key(secret));
    gate.at_door("GET /auth-request", &described, b"")
}

fn envoy(gate: &Running, secret: &str, path: &str, body: &str) -> Answered {
    gate.at_door(&format!("POST /ext-authz{path}"), &key(secret), body.as_bytes())
}

fn litellm(gate: &Running, kind: &str, user: &str) -> serde_json::Value {
    let question = format!(
        r#"{{"input_type":"{kind}","litellm_call_id":"c-1","texts":["Say hello"],"structured_messages":[{{"role":"user","content":"Say hello"}}],"tools":null,"model":"m","request_data":{{"user_api_key_user_id":"{user}","user_api_key_hash":"9f"}}}}"#
    );
    gate.at_door("POST /beta/litellm_basic_guardrail_api", "", question.as_bytes()).json()
}

fn agentgateway(gate: &Running, path: &str, secret: &str) -> serde_json::Value {
    let question = if path == "/request" {
        r#"{"body":{"messages":[{"role":"user","content":"Say hello"}]}}"#
    } else {
        r#"{"body":{"choices":[{"message":{"role":"assistant","content":"Hello"}}]}}"#
    };
    gate.at_door(&format!("POST {path}"), &key(secret), question.as_bytes()).json()
}

#[test]
fn every_door_decides_as_the_proxy_does() {
    let setting = setting("");
    setting.verdicts(3, &["harvester-1"]);
    let gate = setting.start();
    for answered in [
        forward(&gate, HONEST, "/v1/messages?beta=true"),
        nginx(&gate, HONEST, "/v1/messages"),
        envoy(&gate, HONEST, "/v1/messages", r#"{"model":"m"}"#),
    ] {
        assert_eq!((answered.status, answered.header("x-stillwatch-decision")), (200, Some("allow")));
        assert!(answered.header("x-stillwatch-request").unwrap().starts_with("gate_") && answered.body.is_empty());
    }
    let refused = forward(&gate, HARVESTER, "/v1/chat/completions");
    assert_eq!((refused.status, refused.header("x-stillwatch-decision")), (403, Some("deny")));
    assert_eq!(refused.header("x-stillwatch-reason"), Some("coordinated_extraction"));
    assert_eq!(refused.json()["error"]["code"], "access_restricted");
    let refused = envoy(&gate, HARVESTER, "/v1/messages", "{}");
    assert_eq!((refused.status, refused.json()["error"]["type"].as_str()), (403, Some("permission_error")));
    assert_eq!(nginx(&gate, HARVESTER, "/v1/messages").status, 403);
    assert_eq!(litellm(&gate, "request", "honest")["action"], "NONE");
    let blocked = litellm(&gate, "request", "harvester-1");
    assert_eq!(blocked["action"], "BLOCKED");
    assert!(blocked["blocked_reason"].as_str().unwrap().contains("You can appeal"), "{blocked}");
    assert!(agentgateway(&gate, "/request", HONEST)["action"]["body"].is_null());
    let rejected = agentgateway(&gate, "/request", HARVESTER);
    assert_eq!(rejected["action"]["status_code"], 403);
    assert!(rejected["action"]["body"].as_str().unwrap().contains("access_restricted"), "{rejected}");
    let metrics = String::from_utf8(gate.operators("/metrics").body).unwrap();
    for door in ["forward_auth", "auth_request", "ext_authz", "litellm", "agentgateway"] {
        for decision in ["allow", "deny"] {
            let counted = format!("door_requests_total{{door=\"{door}\",decision=\"{decision}\"}} 1");
            assert!(metrics.contains(&counted), "{counted} is not in {metrics}");
        }
    }
    assert!(gate.upstream.got().is_empty(), "nothing is passed on");
    let (told, folder) = gate.stop();
    let decisions = lines(&folder.path().join("decisions"));
    let doors: Vec<&str> = decisions.iter().map(|decision| decision["door"].as_str().unwrap()).collect();
    assert_eq!(doors, ["forward_auth", "ext_authz", "auth_request", "litellm", "agentgateway"]);
    assert!(decisions.iter().all(|decision| decision["account"] == "harvester-1" && decision["refused"] == 403));
    assert!(lines(&folder.path().join("spool")).is_empty(), "no answer is seen, so that there is no exchange");
    let written = told + &format!("{decisions:?}") + &metrics;
    assert!(!written.contains(HARVESTER) && !written.contains(HONEST));
}

#[test]
fn a_verdict_ends_an_answer_that_is_under_way() {
    let gate = setting("").start();
    assert_eq!(litellm(&gate, "response", "harvester-1")["action"], "NONE");
    assert!(agentgateway(&gate, "/response", HARVESTER)["action"]["status_code"].is_null());
    verdicts(gate.folder.path(), 3, &["harvester-1"]);
    gate.until("the verdict", |gate| litellm(gate, "response", "harvester-1")["action"] == "BLOCKED");
    assert_eq!(agentgateway(&gate, "/response", HARVESTER)["action"]["status_code"], 403);
    assert_eq!(litellm(&gate, "response", "honest")["action"], "NONE");
}

#[test]
fn what_a_door_cannot_rewrite_it_refuses() {
    let mut setting = setting("[information.everyone]\nmax_n = 1\n");
    setting.change_configuration("unseen = \"nothing\"", "unseen = \"everything\"");
    let gate = setting.start();
    let ask = |body: &str| envoy(&gate, HONEST, "/v1/chat/completions", body);
    assert_eq!(ask(r#"{"model":"m","n":1}"#).status, 200);
    let refused = ask(r#"{"model":"m","n":4}"#);
    assert_eq!((refused.status, refused.header("x-stillwatch-reason")), (403, Some("asks_for_too_much")));
    assert_eq!(ask("no json").header("x-stillwatch-reason"), Some("unreadable_body"));
    let unseen = nginx(&gate, HONEST, "/v1/chat/completions");
    assert_eq!((unseen.status, unseen.header("x-stillwatch-reason")), (403, Some("cannot_be_limited")));
    assert_eq!(litellm(&gate, "request", "honest")["action"], "BLOCKED");
    // A part of a body may hide the rest.
    let partial = format!("{}x-envoy-auth-partial-body: true\r\n", key(HONEST));
    let partial = gate.at_door("POST /ext-authz/v1/messages", &partial, b"{\"n\":1}");
    assert_eq!(partial.header("x-stillwatch-reason"), Some("unreadable_body"));
}

#[test]
fn what_is_not_shown_can_count_as_nothing() {
    let gate = setting("[information.everyone]\nmax_n = 1\n").start();
    assert_eq!(nginx(&gate, HONEST, "/v1/chat/completions").status, 200);
    assert_eq!(litellm(&gate, "request", "honest")["action"], "NONE");
    assert_eq!(envoy(&gate, HONEST, "/v1/chat/completions", "{\"n\":2}").status, 403, "what is shown counts");
}

#[test]
fn doors_and_the_proxy_draw_on_one_budget() {
    let setting = setting("");
    setting.verdicts(1, &["harvester-1", "harvester-2"]);
    setting.change(
        "settings.toml",
        "requests = 500\ntokens = 1_000_000\nprivacy",
        "requests = 3\ntokens = 1_000_000\nprivacy",
    );
    let gate = setting.start();
    assert_eq!(envoy(&gate, HARVESTER, "/v1/messages", "{}").status, 200);
    assert_eq!(nginx(&gate, SECOND_HARVESTER, "/v1/messages").status, 200);
    assert_eq!(gate.ask("/v1/messages", HARVESTER, "", b"{}").status, 200);
    let refused = forward(&gate, SECOND_HARVESTER, "/v1/chat/completions");
    assert_eq!((refused.status, refused.header("x-stillwatch-decision")), (429, Some("refuse")));
    assert_eq!(refused.header("x-ratelimit-limit-requests"), Some("3"));
    let refused = nginx(&gate, HARVESTER, "/v1/messages");
    assert_eq!(
        (refused.status, refused.header("x-stillwatch-status")),
        (403, Some("429")),
        "nginx knows no other status"
    );
}

#[test]
fn in_shadow_every_door_lets_pass_and_says_what_it_would_do() {
    let mut setting = setting("");
    setting.mode = "shadow";
    setting.verdicts(3, &["harvester-1"]);
    let gate = setting.start();
    let passed = forward(&gate, HARVESTER, "/v1/messages");
    assert_eq!((passed.status, passed.header("x-stillwatch-decision")), (200, Some("deny")));
    assert_eq!(passed.header("x-stillwatch-mode"), Some("shadow"));
    assert_eq!(litellm(&gate, "request", "harvester-1")["action"], "NONE");
    assert_eq!(litellm(&gate, "response", "harvester-1")["action"], "NONE");
    assert!(agentgateway(&gate, "/request", HARVESTER)["action"]["status_code"].is_null());
}

#[test]
fn without_verdicts_a_door_fails_as_it_says() {
    for (failure, status) in [("closed", 503), ("open", 200)] {
        let mut setting = setting("");
        fs::remove_file(setting.path("verdicts")).unwrap();
        setting.change_configuration("failure = \"closed\"\nunseen", &format!("failure = \"{failure}\"\nunseen"));
        let gate = setting.start();
        assert_eq!(envoy(&gate, HONEST, "/v1/messages", "{}").status, status);
        assert_eq!(nginx(&gate, HONEST, "/v1/messages").status, if status == 200 { 200 } else { 403 });
        let action = if status == 200 { "NONE" } else { "BLOCKED" };
        assert_eq!(litellm(&gate, "request", "honest")["action"], action);
    }
}

#[test]
fn only_who_may_ask_is_answered() {
    let mut setting = Setting::new();
    setting.lines =
        "[doors]\nlisten = \"127.0.0.1:0\"\nfailure = \"closed\"\nunseen = \"nothing\"\ntoken = \"token\"\nopen = [\"auth_request\", \
                     \"litellm\"]\n"
            .to_owned();
    fs::write(setting.path("token"), "a-word-of-this-test\n").unwrap();
    let gate = setting.start();
    let described = format!("x-original-method: POST\r\nx-original-uri: /v1/messages\r\n{}", key(HONEST));
    let with = |token: &str| format!("{described}x-stillwatch-token: {token}\r\n");
    let ask = |headers: &str| gate.at_door("GET /auth-request", headers, b"");
    assert_eq!(ask(&with("a-word-of-this-test")).status, 200);
    // A failure and no decision: the gateway does what it does when its service is down.
    for headers in [described.clone(), with("another-word-here")] {
        let answered = ask(&headers);
        assert_eq!(answered.status, 500);
        assert!(answered.json()["error"].as_str().unwrap().contains("doors.token"));
    }
    let question = br#"{"input_type":"request","texts":["a"],"request_data":{"user_api_key_user_id":"honest"}}"#;
    let litellm = |headers: &str| gate.at_door("POST /beta/litellm_basic_guardrail_api", headers, question);
    assert_eq!(litellm("x-api-key: a-word-of-this-test\r\n").json()["action"], "NONE");
    assert_eq!(litellm("").status, 500);
    assert_eq!(gate.at_door("GET /forward-auth", &with("a-word-of-this-test"), b"").status, 404, "it is not open");
    // The caller's own word beside the gateway's.
    let twice = format!("{}x-original-uri: /v1/models\r\n", with("a-word-of-this-test"));
    let answered = ask(&twice);
    assert!(answered.status == 500 && answered.json()["error"].as_str().unwrap().contains("x-original-uri once"));
    let metrics = String::from_utf8(gate.operators("/metrics").body).unwrap();
    assert!(metrics.contains("door_requests_total{door=\"auth_request\",decision=\"no_token\"} 2"), "{metrics}");
    assert!(metrics.contains("door_requests_total{door=\"auth_request\",decision=\"not_understood\"} 1"), "{metrics}");
}

#[test]
fn hostile_questions_are_refused_and_escaped() {
    let setting = setting("[limits]\ninspect_bytes = 65_536\n");
    setting.verdicts(3, &["\"},{\"\u{1b}[31m<script>"]);
    let gate = setting.start();
    let path = "POST /beta/litellm_basic_guardrail_api";
    for question in
        [&b""[..], b"[]", b"{\"input_type\":\"other\"}", &[b'['; 40_000], b"{\"input_type\":\"request\",\"texts\":7}"]
    {
        assert_eq!(gate.at_door(path, "", question).status, 400, "{}", String::from_utf8_lossy(question));
        assert_eq!(gate.at_door("POST /request", "", question).status, 400);
    }
    let large = format!("{{\"input_type\":\"request\",\"texts\":[\"{}\"]}}", "a".repeat(100_000));
    assert_eq!(gate.at_door(path, "", large.as_bytes()).status, 413);
    // The name of an account is whatever somebody called it.
    let name = r#"\"},{\"\u001b[31m<script>"#;
    assert_eq!(litellm(&gate, "request", name)["action"], "BLOCKED");
    let odd = forward(&gate, "two\"} keys", "/v1/messages");
    assert_eq!(odd.status, 200);
    assert_eq!(forward(&gate, HONEST, "not a path").status, 500);
    let two =
        format!("{}x-api-key: sk-other\r\nx-forwarded-method: POST\r\nx-forwarded-uri: /v1/messages\r\n", key(HONEST));
    assert_eq!(gate.at_door("GET /forward-auth", &two, b"").header("x-stillwatch-reason"), Some("two_keys"));
    let joined = forward(&gate, &format!("{HONEST}, Bearer sk-other"), "/v1/messages");
    assert_eq!(joined.header("x-stillwatch-reason"), Some("two_keys"), "as gateways join headers of one name");
    for before in ["Basic b2RkOm9kZA==, ", ","] {
        let described = "x-forwarded-method: POST\r\nx-forwarded-uri: /v1/messages\r\n";
        let joined = format!("authorization: {before}Bearer {HONEST}\r\n{described}");
        let joined = gate.at_door("GET /forward-auth", &joined, b"");
        assert_eq!(joined.header("x-stillwatch-reason"), Some("two_keys"), "{before}");
    }
    let (_, folder) = gate.stop();
    let decisions = lines(&folder.path().join("decisions"));
    assert_eq!(decisions[0]["account"], "\"},{\"\u{1b}[31m<script>", "one line, escaped");
}

#[test]
fn a_configuration_of_doors_is_checked() {
    let setting = setting("");
    let file = setting.path("gate.toml");
    let check = |text_of: &str| {
        fs::write(&file, text_of).unwrap();
        let output = command().args(["gate", "--check", "--config", text(&file)]).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), told)
    };
    let good = format!("{}{ALL}", fs::read_to_string(&file).unwrap());
    let (code, told) = check(&good);
    assert!(code == 0 && told.contains("the door auth_request asks at /auth-request"), "{told}");
    assert!(told.contains("hops.trusted is empty") && told.contains("doors.unseen is nothing"), "{told}");
    for (from, to, words) in [
        ("listen = \"127.0.0.1:0\"\nfailure", "listen = \"0.0.0.0:0\"\nfailure", "others than this machine reach it"),
        ("open = [\"forward_auth\", ", "open = [\"proxy\", ", "unknown variant `proxy`"),
        ("failure = \"closed\"\nunseen", "failure = \"closed\"\ntls = true\nunseen", "there is no certificate"),
        ("failure = \"closed\"\nunseen", "failure = \"closed\"\ntoken = \"nowhere\"\nunseen", "doors.token"),
        ("failure = \"closed\"\nunseen", "unseen", "missing field `failure`"),
        ("unseen = \"nothing\"\n", "", "doors.unseen: forward_auth does not show"),
    ] {
        let (code, told) = check(&good.replace(from, to));
        assert!(code == 2 && told.contains(words), "{words}: {code} {told}");
    }
    fs::write(setting.path("short"), "short").unwrap();
    let (code, told) =
        check(&good.replace("failure = \"closed\"\nunseen", "failure = \"closed\"\ntoken = \"short\"\nunseen"));
    assert!(code == 2 && told.contains("16 or more") && !told.contains("\"short\""), "{told}");
    // Doors alone need no route.
    let (before, after) = good.split_once("[[routes]]").unwrap();
    let (_, after) = after.split_once("[policy]").unwrap();
    let (code, told) = check(&format!("{before}[policy]{after}"));
    assert_eq!(code, 0, "{told}");
}
