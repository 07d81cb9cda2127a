//! Two processes and a real Redis-protocol server. A process and the server are killed, and the server comes back empty.
//!
//! The nodes are this test's own program, run again with a variable set. `STILLWATCH_TEST_REDIS` names the server's program;
//! `cargo xtask test` sets it.

#![cfg(feature = "redis")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeMap;
use std::env;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::SystemTime;

use budget::Amounts;
use budget::Bounds;
use budget::Draw;
use budget::Key;
use budget::Limit;
use budget::Nodes;
use budget::RedisServer;
use budget::Scope;
use budget::SharedBudgets;

const SERVER: &str = "STILLWATCH_TEST_REDIS";
/// Makes this program a node: the URL of the server.
const NODE: &str = "STILLWATCH_TEST_NODE";
/// Of one quota.
const LIMIT: u64 = 2_000;
const PERIOD_US: u64 = 1_000_000;

fn now_us() -> u64 {
    u64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// A node: asks as fast as it can until it is killed, and says each window of what it admits.
#[test]
fn node() {
    let Ok(url) = env::var(NODE) else { return };
    let server = RedisServer::new(&url, now_us).unwrap();
    let budgets = SharedBudgets::new(Bounds::default(), Nodes { count: 2, started_us: now_us() }, server);
    let most = Amounts { requests: LIMIT, tokens: u64::MAX, privacy: u64::MAX };
    let draws = [Draw { key: Key::new(Scope::Campaign, "b", "C-1"), limit: Limit { most, period_us: PERIOD_US } }];
    let mut out = std::io::stdout();
    for number in 0_u64.. {
        let at = now_us();
        match budgets.reserve_or_lease(&number.to_string(), &draws, Amounts::request(1), at) {
            // Told before the next one is asked for: a killed node has told all but its last.
            Ok(_) => writeln!(out, "admitted {}", at / PERIOD_US).unwrap(),
            Err(_) => thread::sleep(Duration::from_micros(200)),
        }
    }
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(program: &str, port: u16) -> Self {
        let port_text = port.to_string();
        let child = Command::new(program)
            .args(["--port", &port_text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .current_dir(env::temp_dir())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{program} does not answer");
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Node {
    child: Child,
    admitted: JoinHandle<BTreeMap<u64, u64>>,
}

impl Node {
    fn start(url: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "node", "--nocapture"])
            .env(NODE, url)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let admitted = thread::spawn(move || {
            let mut windows = BTreeMap::new();
            for line in out.lines().map_while(Result::ok) {
                if let Some(window) = line.strip_prefix("admitted ").and_then(|window| window.parse().ok()) {
                    *windows.entry(window).or_default() += 1;
                }
            }
            windows
        });
        Self { child, admitted }
    }

    fn kill(mut self) -> BTreeMap<u64, u64> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.admitted.join().unwrap()
    }
}

fn wait(windows: u32) {
    thread::sleep(Duration::from_micros(PERIOD_US) * windows);
}

#[test]
fn two_nodes_with_one_quota_admit_at_most_one() {
    let Ok(program) = env::var(SERVER) else {
        let text = format!(
            "SKIPPED two_nodes_with_one_quota: no {SERVER} (run `cargo xtask test`, which installs a server)\n"
        );
        std::io::stderr().write_all(text.as_bytes()).unwrap();
        return;
    };
    assert!(Path::new(&program).exists() || !program.contains('/'), "{program}");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Server::start(&program, port);
    budget::lease_server(&server.url(), now_us).unwrap().set_up().unwrap();
    let begun = now_us() / PERIOD_US;
    let (first, second) = (Node::start(&server.url()), Node::start(&server.url()));
    wait(4);
    let both = begun + 2..now_us() / PERIOD_US;
    let mut counts = vec![first.kill()];
    let third = Node::start(&server.url());
    wait(3);
    server.kill();
    let gone = now_us() / PERIOD_US;
    wait(4);
    let without = gone + 1..now_us() / PERIOD_US;
    let server = Server::start(&program, port);
    wait(4);
    let back = now_us() / PERIOD_US - 1;
    counts.extend([second.kill(), third.kill()]);
    drop(server);
    let mut windows: BTreeMap<u64, u64> = BTreeMap::new();
    for (window, count) in counts.iter().flatten() {
        *windows.entry(*window).or_default() += count;
    }
    let most = windows.values().copied().max().unwrap();
    let text = format!("of {LIMIT} a window: {:?}\n", windows.values().collect::<Vec<_>>());
    std::io::stderr().write_all(text.as_bytes()).unwrap();
    assert!(most <= LIMIT + LIMIT / 20, "{most} of {LIMIT}");
    // And it is no small share of it that they admit.
    for window in both {
        assert!(windows[&window] >= LIMIT * 9 / 10, "with both nodes and the server: {windows:?}, window {window}");
    }
    for window in without {
        assert_eq!(
            windows[&window],
            LIMIT / 2,
            "without the server each has its quarter: {windows:?}, window {window}"
        );
    }
    assert!(windows[&back] >= LIMIT * 9 / 10, "the server that came back empty leases again: {windows:?}");
}

/// What an operator is told of a server must not tell how to sign in to it.
#[test]
fn a_url_is_never_repeated() {
    let word = "hunter2";
    for url in [
        format!("redis://:{word}@ host"),
        format!("rediss://user:{word}@127.0.0.1:1"),
        word.to_owned(),
        format!("http://user:{word}@127.0.0.1"),
    ] {
        let error = budget::lease_server(&url, now_us).err().unwrap_or_else(|| panic!("{url} is taken"));
        assert!(!format!("{error} {error:?}").contains(word), "{error}");
    }
    let mut server = budget::lease_server(&format!("redis://user:{word}@127.0.0.1:1"), now_us).unwrap();
    let error = server.since_us().unwrap_err();
    assert!(!format!("{error} {server:?}").contains(word), "{error}");
    assert!(error.to_string().contains("nobody listens"), "{error}");
    assert_eq!(server.since_us(), Err(error), "it is left alone for a while, and the reason stays");
}
