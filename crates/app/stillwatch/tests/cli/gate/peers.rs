//! Other gateways, for real: Envoy, nginx and LiteLLM ask at the doors.

use std::env;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::doors::ALL;
use super::running::Answered;
use super::running::HARVESTER;
use super::running::HONEST;
use super::running::SECOND_HARVESTER;
use super::running::Setting;
use super::running::answer;
use super::running::lines;
use super::running::verdicts;
use super::upstream;
use crate::common::text;
use crate::process::Part;

/// Variables with the programs; `cargo xtask test` sets them.
const ENVOY: &str = "STILLWATCH_TEST_ENVOY";
const NGINX: &str = "STILLWATCH_TEST_NGINX";
const LITELLM: &str = "STILLWATCH_TEST_LITELLM";

const CHAT: &str = "/v1/chat/completions";

/// A program, or a word that its test is left out.
fn program(variable: &str) -> Option<String> {
    let program = env::var(variable).ok();
    if program.is_none() {
        // Not captured, unlike `eprintln!`.
        let told = format!("SKIPPED a test of the doors: no {variable} (run `cargo xtask test`, which sets it)\n");
        let _ = std::io::stderr().write_all(told.as_bytes());
    }
    program
}

/// A gateway that runs; it is ended when this is dropped.
struct Gateway {
    child: Child,
    stderr: std::path::PathBuf,
}

impl Gateway {
    fn start(command: &mut Command, stderr: &Path, ports: &[u16]) -> Self {
        let output = fs::File::create(stderr).unwrap();
        let child = command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output).spawn().unwrap();
        let mut own = Self { child, stderr: stderr.to_owned() };
        let began = Instant::now();
        while !ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()) {
            assert!(
                began.elapsed() < Duration::from_secs(90) && own.child.try_wait().unwrap().is_none(),
                "{}",
                own.told()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        own
    }

    fn told(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ports that are free now.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn send(port: u16, path: &str, key: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
         connection: close\r\nx-original-uri: /v1/models\r\nx-forwarded-uri: /v1/models\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn ask(port: u16, path: &str, key: &str, body: &str) -> Answered {
    answer(send(port, path, key, body))
}

/// Reads until a text came; what came.
fn until(stream: &mut TcpStream, wanted: &str) -> String {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&all).contains(wanted) {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "{wanted} does not come: {}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// A listener of Envoy's with one filter before the upstream.
fn envoy_listener(port: u16, filter: &str, filter_type: &str, mut settings: Value) -> Value {
    let of = |kind: &str| format!("type.googleapis.com/envoy.extensions.filters.{kind}");
    settings["@type"] = json!(of(filter_type));
    let route = json!({ "match": { "prefix": "/" }, "route": { "cluster": "upstream", "timeout": "0s" } });
    let router =
        json!({ "name": "envoy.filters.http.router", "typed_config": { "@type": of("http.router.v3.Router") } });
    let manager = json!({
        "@type": of("network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": filter,
        "use_remote_address": true,
        "route_config": { "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": [route] }] },
        "http_filters": [{ "name": filter, "typed_config": settings }, router],
    });
    json!({
        "address": { "socket_address": { "address": "127.0.0.1", "port_value": port } },
        "filter_chains": [{ "filters": [{ "name": "envoy.filters.network.http_connection_manager", "typed_config": manager }] }],
    })
}

fn envoy_cluster(name: &str, address: &str, is_grpc: bool) -> Value {
    let (host, port) = address.rsplit_once(':').unwrap();
    let socket = json!({ "address": host, "port_value": port.parse::<u16>().unwrap() });
    let endpoint = json!({ "endpoint": { "address": { "socket_address": socket } } });
    let mut cluster = json!({
        "name": name,
        "type": "STATIC",
        "load_assignment": { "cluster_name": name, "endpoints": [{ "lb_endpoints": [endpoint] }] },
    });
    if is_grpc {
        cluster["typed_extension_protocol_options"] = json!({ "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": { "http2_protocol_options": {} },
        }});
    }
    cluster
}

/// Envoy with external authorisation over HTTP and, in two failure modes, over gRPC, and with external processing.
fn envoy(program: &str, folder: &Path, doors: &str, upstream: &str) -> (Gateway, [u16; 4]) {
    let ports = free_ports();
    let [by_http, by_grpc, that_opens, that_processes] = ports;
    let body = json!({ "max_request_bytes": 1_048_576, "allow_partial_message": true, "pack_as_bytes": true });
    let grpc = json!({ "envoy_grpc": { "cluster_name": "doors_grpc" }, "timeout": "1s" });
    let http = json!({ "path_prefix": "/ext-authz", "server_uri": { "uri": format!("http://{doors}"), "cluster": "doors", "timeout": "1s" } });
    let allowed =
        ["x-api-key", "anthropic-version", "content-type", "content-encoding", "user-agent", "x-forwarded-for"];
    let allowed: Vec<Value> = allowed.iter().map(|name| json!({ "exact": name })).collect();
    let authz = |failure_mode_allow: bool| {
        let grpc = grpc.clone();
        json!({ "transport_api_version": "V3", "grpc_service": grpc, "with_request_body": body, "failure_mode_allow": failure_mode_allow,
                "status_on_error": { "code": 503 } })
    };
    let by_http_settings = json!({ "transport_api_version": "V3", "http_service": http, "with_request_body": body,
        "allowed_headers": { "patterns": allowed }, "status_on_error": { "code": 503 } });
    let modes = json!({ "request_header_mode": "SEND", "request_body_mode": "BUFFERED", "response_header_mode": "SEND",
        "response_body_mode": "STREAMED", "request_trailer_mode": "SKIP", "response_trailer_mode": "SKIP" });
    let process = json!({ "grpc_service": grpc, "processing_mode": modes, "message_timeout": "1s" });
    let (name, kind) = ("envoy.filters.http.ext_authz", "http.ext_authz.v3.ExtAuthz");
    let listeners = [
        envoy_listener(by_http, name, kind, by_http_settings),
        envoy_listener(by_grpc, name, kind, authz(false)),
        envoy_listener(that_opens, name, kind, authz(true)),
        envoy_listener(that_processes, "envoy.filters.http.ext_proc", "http.ext_proc.v3.ExternalProcessor", process),
    ];
    let clusters = [("upstream", upstream, false), ("doors", doors, false), ("doors_grpc", doors, true)];
    let clusters = clusters.map(|(name, address, is_grpc)| envoy_cluster(name, address, is_grpc));
    let settings = json!({ "static_resources": { "listeners": listeners, "clusters": clusters } });
    fs::write(folder.join("envoy.json"), settings.to_string()).unwrap();
    let mut command = Command::new(program);
    command.args([
        "-c",
        text(&folder.join("envoy.json")),
        "--concurrency",
        "1",
        "-l",
        "error",
        "--disable-hot-restart",
    ]);
    (Gateway::start(&mut command, &folder.join("envoy.log"), &ports), ports)
}

fn all_doors(lines: &str) -> Setting {
    let mut setting = Setting::new();
    setting.lines = ALL.replace("\"ext_authz\"", "\"ext_authz\", \"ext_proc\"") + lines;
    setting
}

#[cfg(feature = "envoy")]
#[test]
fn envoy_asks_over_http_and_grpc() {
    let Some(program) = program(ENVOY) else { return };
    let setting = all_doors("[information.everyone]\nmax_n = 1\n");
    setting.verdicts(3, &["harvester-1"]);
    let gate = setting.start();
    let own = tempfile::tempdir().unwrap();
    let (gateway, ports) = envoy(&program, own.path(), &gate.doors, &gate.upstream.address.to_string());
    let [_, _, that_opens, that_processes] = ports;
    for port in ports {
        let served =
            ask(port, CHAT, HONEST, r#"{"model":"m","n":1,"messages":[{"role":"user","content":"Say hello"}]}"#);
        assert_eq!((served.status, served.body), (200, upstream::CHAT.as_bytes().to_vec()), "{}", gateway.told());
        let streamed = ask(port, CHAT, HONEST, r#"{"model":"m","stream":true}"#);
        assert!(streamed.body.ends_with(b"data: [DONE]\n\n"), "{port}");
        for (path, code) in [(CHAT, "access_restricted"), ("/v1/messages", "permission_error")] {
            let refused = ask(port, path, HARVESTER, "{}");
            assert_eq!((refused.status, refused.header("x-stillwatch-reason")), (403, Some("coordinated_extraction")));
            assert!(String::from_utf8_lossy(&refused.body).contains(code) && refused.json()["error"].is_object());
        }
        let before = gate.upstream.got().len();
        let more = ask(port, CHAT, HONEST, r#"{"model":"m", "n" : 9,"messages":[]}"#);
        if port == that_processes {
            assert_eq!(more.status, 200);
            assert_eq!(gate.upstream.got()[before].body, br#"{"model":"m", "n" : 1,"messages":[]}"#, "rewritten");
        } else {
            assert_eq!((more.status, more.header("x-stillwatch-reason")), (403, Some("asks_for_too_much")));
            assert_eq!(gate.upstream.got().len(), before);
        }
    }
    let metrics = String::from_utf8(gate.operators("/metrics").body).unwrap();
    for counted in ["door=\"ext_authz\",decision=\"deny\"} 6", "door=\"ext_proc\",decision=\"deny\"} 2"] {
        assert!(metrics.contains(counted), "{metrics}");
    }
    let (_, folder) = gate.stop();
    let exchanges = lines(&folder.path().join("spool"));
    let said = exchanges.iter().filter(|exchange| exchange["response"]["content"] == "Hello there");
    let said: Vec<&Value> = said.filter(|exchange| exchange["response"]["output_tokens"] == 3).collect();
    assert_eq!(said.len(), 3, "external processing sees answers, whole and streamed: {exchanges:?}");
    assert!(said.iter().all(|exchange| exchange["account"] == "honest"));
    // The gate is gone: each listener does what Envoy was told.
    for (port, status) in ports.into_iter().zip([503, 503, 200, 500]) {
        assert_eq!(ask(port, CHAT, HONEST, r#"{"model":"m"}"#).status, status, "{that_opens} alone is open");
    }
}

#[cfg(feature = "envoy")]
#[test]
fn envoy_ends_a_stream_when_the_verdict_changes() {
    let Some(program) = program(ENVOY) else { return };
    let gate = all_doors("").start();
    let own = tempfile::tempdir().unwrap();
    let (_gateway, ports) = envoy(&program, own.path(), &gate.doors, &gate.upstream.address.to_string());
    let mut stream = send(ports[3], CHAT, HARVESTER, r#"{"model":"endless","stream":true}"#);
    until(&mut stream, "Hello");
    verdicts(gate.folder.path(), 3, &["harvester-1"]);
    let last = until(&mut stream, "access_restricted");
    assert!(last.contains("data: {\"error\":"), "{last}");
    // Nothing of the answer comes after it.
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut rest = [0; 4096];
    let read = stream.read(&mut rest).unwrap_or(0);
    assert!(!String::from_utf8_lossy(&rest[..read]).contains("Hello"));
}

#[test]
fn nginx_asks_by_auth_request() {
    let Some(program) = program(NGINX) else { return };
    let setting = all_doors("");
    setting.verdicts(3, &["harvester-1"]);
    let gate = setting.start();
    let own = tempfile::tempdir().unwrap();
    let [port] = free_ports();
    let settings = include_str!("nginx.conf")
        .replace("PORT", &port.to_string())
        .replace("DOORS", &gate.doors)
        .replace("UPSTREAM", &gate.upstream.address.to_string());
    fs::write(own.path().join("nginx.conf"), settings).unwrap();
    let folder = text(own.path()).to_owned() + "/";
    let mut command = Command::new(program);
    command.args(["-p", &folder, "-c", "nginx.conf", "-e", "stderr"]);
    let gateway = Gateway::start(&mut command, &own.path().join("log"), &[port]);
    // The path that the caller writes into its own header is not the one that is decided on.
    let served = ask(port, CHAT, HONEST, r#"{"model":"m"}"#);
    assert_eq!((served.status, served.body), (200, upstream::CHAT.as_bytes().to_vec()), "{}", gateway.told());
    let refused = ask(port, CHAT, HARVESTER, r#"{"model":"m"}"#);
    assert_eq!((refused.status, refused.header("x-stillwatch-reason")), (403, Some("coordinated_extraction")));
    assert_eq!(refused.json()["error"]["code"], "coordinated_extraction");
    let metrics = String::from_utf8(gate.operators("/metrics").body).unwrap();
    assert!(metrics.contains("door=\"auth_request\",decision=\"allow\"} 1"), "{metrics}");
    drop(gate.stop());
    assert_eq!(ask(port, CHAT, HONEST, "{}").status, 500, "nginx is closed when nobody answers it");
}

#[cfg(feature = "watch")]
#[test]
fn litellm_asks_by_its_generic_guardrail() {
    let Some(program) = program(LITELLM) else { return };
    let setting = all_doors("");
    setting.verdicts(3, &["harvester-1"]);
    let gate = setting.start();
    let own = tempfile::tempdir().unwrap();
    let [port] = free_ports();
    // Its log goes to the engine, which acknowledges what it keeps.
    let watched = "data_dir = 'data'\nfound = 'found'\nsnapshot = 'verdicts'\nlisten = '127.0.0.1:0'\n";
    fs::write(own.path().join("watch.toml"), watched).unwrap();
    let engine = Part::start(own.path(), &["watch", "--config", text(&own.path().join("watch.toml"))]);
    let settings = include_str!("litellm.yaml")
        .replace("DOORS", &gate.doors)
        .replace("WATCH", engine.place.trim_start_matches("http://"))
        .replace("UPSTREAM", &gate.upstream.address.to_string());
    fs::write(own.path().join("litellm.yaml"), settings).unwrap();
    fs::write(own.path().join("accounts.py"), include_str!("accounts.py")).unwrap();
    let mut command = Command::new(program);
    command.current_dir(own.path()).args(["--config", "litellm.yaml", "--host", "127.0.0.1", "--telemetry", "False"]);
    command.args(["--port", &port.to_string(), "--num_workers", "1"]);
    command.envs([("LITELLM_LOCAL_MODEL_COST_MAP", "True"), ("LITELLM_LOG", "ERROR"), ("LITELLM_MODE", "PRODUCTION")]);
    command.envs([("LITELLM_MASTER_KEY", "sk-of-this-test"), ("DEFAULT_FLUSH_INTERVAL_SECONDS", "1")]);
    command.envs([("HONEST", HONEST), ("HARVESTER", HARVESTER), ("SECOND", SECOND_HARVESTER)]);
    let gateway = Gateway::start(&mut command, &own.path().join("log"), &[port]);
    let question = r#"{"model":"m-large","messages":[{"role":"user","content":"Say hello"}]}"#;
    let served = ask(port, CHAT, HONEST, question);
    assert_eq!(served.status, 200, "{} {}", String::from_utf8_lossy(&served.body), gateway.told());
    assert_eq!(served.json()["choices"][0]["message"]["content"], "Hello there");
    let refused = ask(port, CHAT, HARVESTER, question);
    assert!(refused.status >= 400 && String::from_utf8_lossy(&refused.body).contains("You can appeal"), "{refused:?}");
    let metrics = String::from_utf8(gate.operators("/metrics").body).unwrap();
    for counted in ["decision=\"allow\"} 1", "decision=\"deny\"} 1", "decision=\"goes_on\"} 1"] {
        assert!(metrics.contains(&format!("door=\"litellm\",{counted}")), "{counted}: {metrics}");
    }
    // An answer that is under way ends when the verdict changes: LiteLLM asks again at every fifth piece.
    let mut stream = send(
        port,
        CHAT,
        SECOND_HARVESTER,
        r#"{"model":"endless","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#,
    );
    until(&mut stream, "Hello");
    verdicts(gate.folder.path(), 3, &["harvester-1", "harvester-2"]);
    until(&mut stream, "You can appeal");
    drop(stream);
    let kept = || {
        let mut stream = TcpStream::connect(engine.place.trim_start_matches("http://")).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        String::from_utf8(answer(stream).body).unwrap()
    };
    // The call that was served; LiteLLM may log the others too.
    let count = |outcome: &str| {
        let name = format!("stillwatch_watch_records_total{{outcome=\"{outcome}\"}} ");
        kept().lines().find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok()).unwrap_or(0)
    };
    gate.until("LiteLLM's log", |_| count("accepted") >= 1);
    assert_eq!(count("refused"), 0, "the engine reads all that LiteLLM sends");
    drop(gate.stop());
    assert!(ask(port, CHAT, HONEST, question).status >= 500, "it is closed, as unreachable_fallback says");
}
