//! Failures, slow and hostile callers, and the end of a gate.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;
use std::time::Instant;

use super::running::Answered;
use super::running::HARVESTER;
use super::running::HONEST;
use super::running::Setting;
use super::running::answer;
use super::running::lines;

#[test]
fn without_verdicts_each_route_fails_as_it_says() {
    for (failure, status) in [("open", 200), ("closed", 503), ("last", 503)] {
        let mut setting = Setting::new();
        setting.failure = failure;
        fs::remove_file(setting.path("verdicts")).unwrap();
        let gate = setting.start();
        let answered = gate.ask("/v1/messages", HONEST, "", b"{}");
        assert_eq!(answered.status, status, "{failure}");
        if status == 503 {
            let error = answered.json();
            assert_eq!(
                (error["type"].as_str(), error["error"]["type"].as_str()),
                (Some("error"), Some("overloaded_error"))
            );
            assert_eq!(answered.header("x-stillwatch-reason"), Some("no_verdicts"));
            assert_eq!(answered.header("retry-after"), Some("1"));
        }
        assert!(
            String::from_utf8_lossy(&gate.operators("/metrics").body)
                .contains("undecided_total{kind=\"no_verdicts\"} 1")
        );
    }
    // Verdicts that are too old.
    for (failure, status) in [("open", 200), ("closed", 503), ("last", 403)] {
        let mut setting = Setting::new();
        setting.failure = failure;
        setting.verdicts(3, &["harvester-1"]);
        setting.change_configuration("snapshot = \"verdicts\"", "snapshot = \"verdicts\"\nmax_age = \"1ms\"");
        let gate = setting.start();
        assert_eq!(gate.ask("/v1/messages", HARVESTER, "", b"{}").status, status, "{failure}");
    }
}

#[test]
fn an_upstream_that_is_gone_or_breaks_off_is_told_in_the_callers_dialect() {
    let mut setting = Setting::new();
    setting.lines = "[limits]\ntoken_timeout = \"500ms\"\n[[routes]]\npath = \"/gone/\"\nupstream = \"http://127.0.0.1:1\"\nfailure = \"open\"\n".to_owned();
    let gate = setting.start();
    let gone = gate.ask("/gone/v1/messages", HONEST, "", b"{}");
    assert_eq!((gone.status, gone.json()["error"]["type"].as_str()), (502, Some("api_error")));
    assert_eq!(gone.header("x-stillwatch-reason"), Some("upstream_unreachable"));
    for model in ["breaks-off", "falls-silent"] {
        let body = format!("{{\"model\":\"{model}\",\"stream\":true}}");
        for (path, ends) in [
            ("/v1/chat/completions", "data: "),
            ("/v1/messages", "event: error\ndata: "),
            ("/v1/responses", "event: error\ndata: "),
        ] {
            let began = Instant::now();
            let ended = String::from_utf8(gate.ask(path, HONEST, "", body.as_bytes()).body).unwrap();
            let last = ended.trim_end().rsplit("\n\n").next().unwrap();
            let event: serde_json::Value = serde_json::from_str(last.strip_prefix(ends).unwrap()).unwrap();
            assert!(event["type"] == "error" || event["error"]["type"] == "api_error", "{model} {path}: {ended}");
            assert!(!ended.contains("[DONE]") && !ended.contains("response.completed"), "{model} {path}: {ended}");
            assert!(began.elapsed() < Duration::from_secs(10));
        }
    }
}

#[test]
fn nobody_is_cut_off_when_the_gate_is_stopped() {
    let gate = Setting::new().start();
    let streams: Vec<TcpStream> =
        (0..30).map(|_| gate.send("/v1/chat/completions", HONEST, "", br#"{"model":"slow","stream":true}"#)).collect();
    gate.until("the streams", |gate| gate.upstream.got().len() == 30);
    gate.terminate();
    gate.until("the closed door", |gate| TcpStream::connect(&gate.address).is_err());
    for stream in streams {
        assert!(answer(stream).body.ends_with(b"data: [DONE]\n\n"));
    }
    let (_, folder) = gate.stop_after_signal();
    assert_eq!(lines(&folder.path().join("spool")).len(), 30, "all are written down");
}

#[test]
fn slow_large_and_odd_requests_end_early() {
    let mut setting = Setting::new();
    setting.lines =
        "[limits]\nheader_timeout = \"1s\"\nbody_timeout = \"1s\"\nheader_bytes = 8192\nheaders = 30\n".to_owned();
    let gate = setting.start();
    let raw = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(&gate.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        String::from_utf8_lossy(&all).into_owned()
    };
    let began = Instant::now();
    raw(b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-slow: ");
    assert!(began.elapsed() < Duration::from_secs(8), "headers that do not end");
    let slow = raw(b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 10\r\n\r\n{");
    assert!(slow.starts_with("HTTP/1.1 408") && slow.contains("slow_body"), "{slow}");
    let large = raw(format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(20_000)).as_bytes());
    // A caller that still writes may miss the answer.
    assert!(large.is_empty() || large.starts_with("HTTP/1.1 431"), "{large}");
    let many = raw(format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(40)).as_bytes());
    assert!(many.starts_with("HTTP/1.1 431"), "{many}");
    let upgrade =
        raw(b"GET /v1/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n");
    assert!(upgrade.starts_with("HTTP/1.1 501"), "{upgrade}");
    // Two lengths, or a length beside pieces, reach the upstream as one request or not at all.
    for framing in [
        "content-length: 4\r\ncontent-length: 5\r\n",
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding : chunked\r\n",
    ] {
        let smuggled = "5\r\nHELLO\r\n0\r\n\r\nPOST /smuggled HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
        raw(format!("POST /v1/files HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{framing}\r\n{smuggled}").as_bytes());
    }
    assert!(gate.upstream.got().iter().all(|got| got.path != "/smuggled"), "{:?}", gate.upstream.got());
}

#[test]
fn only_trusted_hops_say_who_and_where_a_caller_is() {
    let headers = "x-account: harvester-1\r\nx-country: KP\r\nx-forwarded-for: 198.51.100.1, 203.0.113.9\r\n";
    let ask = |trusted: &str| -> (Answered, String, Vec<serde_json::Value>) {
        let mut setting = Setting::new();
        setting.lines =
            format!("header = \"x-account\"\n[hops]\ntrusted = [\"{trusted}\"]\ncountry_header = \"x-country\"\n");
        setting.verdicts(3, &["harvester-1"]);
        setting.clear_identifiers();
        let gate = setting.start();
        let answered = gate.ask("/v1/messages", HONEST, headers, b"{}");
        let head = gate.upstream.got().pop().map(|got| got.head).unwrap_or_default();
        let (_, folder) = gate.stop();
        (answered, head, lines(&folder.path().join("spool")))
    };
    let (answered, head, written) = ask("192.0.2.0/24");
    assert_eq!((answered.status, written[0]["account"].as_str()), (200, Some("honest")), "a stranger says it");
    assert_eq!(written[0]["client"]["ip"], "127.0.0.1");
    assert!(
        !head.contains("x-account") && !head.contains("x-country") && head.contains("x-forwarded-for: 127.0.0.1"),
        "{head}"
    );
    let (answered, _, written) = ask("127.0.0.0/8");
    assert_eq!(answered.status, 403);
    assert_eq!(answered.header("x-stillwatch-reason"), Some("place_not_served"), "law comes first");
    assert_eq!(
        (written[0]["account"].as_str(), written[0]["client"]["ip"].as_str()),
        (Some("harvester-1"), Some("203.0.113.9"))
    );
}

#[test]
fn an_account_that_is_said_twice_is_nobody() {
    let mut setting = Setting::new();
    setting.lines = "header = \"x-account\"\n[hops]\ntrusted = [\"127.0.0.0/8\"]\n".to_owned();
    let gate = setting.start();
    let answered = gate.ask("/v1/messages", HONEST, "x-account: chosen\r\nx-account: real\r\n", b"{}");
    assert_eq!((answered.status, answered.header("x-stillwatch-reason")), (400, Some("two_accounts")));
    assert!(gate.upstream.got().is_empty());
}

#[test]
fn keys_are_told_apart() {
    let mut setting = Setting::new();
    setting.lines = "unknown = \"refuse\"\n".to_owned();
    let gate = setting.start();
    assert_eq!(gate.ask("/v1/chat/completions", "sk-nobody-knows", "", b"{}").status, 401);
    let two = gate.ask("/v1/chat/completions", HONEST, &format!("x-api-key: {HARVESTER}\r\n"), b"{}");
    assert_eq!((two.status, two.header("x-stillwatch-reason")), (400, Some("two_keys")));
    assert_eq!(gate.ask("/v1/chat/completions", HONEST, &format!("x-api-key: {HONEST}\r\n"), b"{}").status, 200);
    // A key that is added counts without a restart.
    let all = fs::read_to_string(gate.path("keys.jsonl")).unwrap();
    fs::write(gate.path("keys.jsonl"), all.replace("sip:", "sap:")).unwrap();
    gate.until("the fault", |gate| String::from_utf8_lossy(&gate.operators("/readyz").body).contains("line 1"));
    assert_eq!(gate.ask("/v1/chat/completions", HONEST, "", b"{}").status, 200, "the last good file stays");
    fs::write(gate.path("keys.jsonl"), "").unwrap();
    gate.until("the new file", |gate| gate.ask("/v1/chat/completions", HONEST, "", b"{}").status == 401);
}
