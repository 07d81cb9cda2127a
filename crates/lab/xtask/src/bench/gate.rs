//! `cargo xtask bench gate`: what the gate costs a request, beside no gate and beside nginx.

use std::fs;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::at;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::python::have;
use crate::run::output;
use crate::run::run;
use crate::run::say;
use crate::run::scratch;
use crate::run::target;

/// What does a request cost at the gate, beside no gate and beside nginx?
///
/// Each stands on one core before the same upstream, which shares the other core with the load. Throughput is that of 32
/// connections as fast as they go; latency is at a fixed rate, from when each request was due. The gate has all shipped rules live, a
/// snapshot of none, budgets, and writes every exchange down. Needs nginx and Linux. docs/performance.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench gate --json gate.json")]
pub struct Arguments {
    /// Seconds of each measurement
    #[arg(long, value_name = "N", default_value_t = 5)]
    seconds: u32,
    /// Times that each is measured; the median is shown
    #[arg(long, value_name = "N", default_value_t = 3)]
    repeat: u32,
    /// Requests a second at which latency is measured
    #[arg(long, value_name = "N", default_value_t = 5000)]
    rate: u32,
    /// Folder with the examples `upstream` and `load` of the crate `gate` [default: a release build of this checkout]
    #[arg(long, value_name = "DIR")]
    examples: Option<String>,
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    figures: Figures,
}

/// A program that is ended when it is no longer needed.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What is measured: its name, its port, and the processes whose time counts.
struct Target {
    name: &'static str,
    port: u16,
    running: Option<Running>,
}

/// What the gate costs a request.
pub fn gate(arguments: &Arguments) -> Result<(), String> {
    have("nginx", &["-v"], "nginx-light")?;
    let binary = arguments.program.path()?;
    let examples = match &arguments.examples {
        Some(folder) => folder.clone(),
        None => {
            let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
            run(&cargo, &["build", "--release", "--package", "gate", "--examples", "--locked"])?;
            target().join("release").join("examples").display().to_string()
        }
    };
    let folder = scratch("gate")?;
    let (upstream, nginx, ours) = (free_port()?, free_port()?, free_port()?);
    let _upstream = start("0", &format!("{examples}/upstream"), &[&upstream.to_string()], upstream)?;
    let body = folder.join("body.json");
    fs::write(&body, request()).map_err(|error| error.to_string())?;
    let targets = [
        Target { name: "direct", port: upstream, running: None },
        Target { name: "nginx", port: nginx, running: Some(start_nginx(&folder, nginx, upstream)?) },
        Target { name: "stillwatch", port: ours, running: Some(start_gate(&binary, &folder, ours, upstream)?) },
    ];
    let mut rows: Vec<Value> = Vec::new();
    for target in &targets {
        rows.push(measured(arguments, &examples, &body.display().to_string(), target)?);
    }
    let mut table = Table::new(["target", "requests/s", "µs of CPU", "p50 µs", "p99 µs"]);
    for row in &rows {
        let figure = |name: &str, digits: usize| format!("{:.digits$}", at(row, name));
        let name = row.get("target").and_then(Value::as_str).unwrap_or_default().to_owned();
        table.row([
            name,
            figure("/requests_per_s", 0),
            figure("/cpu_us", 1),
            figure("/p50_us", 0),
            figure("/p99_us", 0),
        ]);
    }
    say(&format!("\n{}", table.text()));
    say(&format!("latency at {} requests a second", arguments.rate));
    let commit = output("git", &["rev-parse", "HEAD"]).unwrap_or_default();
    let cores = thread::available_parallelism().map_or(0, usize::from);
    arguments.figures.write(&json!({
        "commit": commit.trim(), "cores": cores, "command": command(), "rate": arguments.rate, "rows": rows,
    }))
}

/// The medians of one target.
fn measured(arguments: &Arguments, examples: &str, body: &str, target: &Target) -> Result<Value, String> {
    let place = format!("127.0.0.1:{}", target.port);
    let load = |rate: u32, seconds: u32| -> Result<Value, String> {
        let numbers = [rate.to_string(), "32".to_owned(), seconds.to_string()];
        let [rate, connections, seconds] = &numbers;
        let words = ["-c", "0", &format!("{examples}/load"), &place, rate, connections, seconds, body];
        let text = output("taskset", &words)?;
        let told: Value = serde_json::from_str(&text).map_err(|error| format!("{text}: {error}"))?;
        if at(&told, "/failed") > 0.0 {
            return Err(format!("{}: requests failed: {text}", target.name));
        }
        Ok(told)
    };
    load(0, 1)?;
    let (mut fast, mut cpu, mut p50, mut p99) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.repeat.max(1) {
        let before = cpu_ticks(target);
        let told = load(0, arguments.seconds)?;
        // A tick of the kernel's account is a hundredth of a second.
        let used_us = (cpu_ticks(target) - before) as f64 * 10_000.0;
        fast.push(at(&told, "/requests_per_s"));
        cpu.push(used_us / at(&told, "/sent").max(1.0));
        let told = load(arguments.rate, arguments.seconds)?;
        p50.push(at(&told, "/p50_us"));
        p99.push(at(&told, "/p99_us"));
    }
    let [fast, cpu, p50, p99] = [fast, cpu, p50, p99].map(median);
    Ok(json!({ "target": target.name, "requests_per_s": fast, "cpu_us": cpu, "p50_us": p50, "p99_us": p99 }))
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

/// Processor time of a target and its children so far, in hundredths of a second.
fn cpu_ticks(target: &Target) -> u64 {
    let Some(running) = &target.running else { return 0 };
    let own = running.0.id();
    let mut all = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(text) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name, in brackets, may hold spaces.
        let Some((head, rest)) = text.rsplit_once(')') else { continue };
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let id = head.split(' ').next().and_then(|text| text.parse::<u32>().ok());
        if id == Some(own) || number(1) == u64::from(own) {
            all += number(11) + number(12);
        }
    }
    all
}

/// A chat completion of about 700 bytes.
fn request() -> String {
    let text = "Explain what a hash table is, and when a tree is better. ".repeat(8);
    json!({ "model": "m-large", "temperature": 0.7, "max_tokens": 256, "user": "user-1", "messages": [
        { "role": "system", "content": "You answer in short words." }, { "role": "user", "content": text },
    ]})
    .to_string()
}

fn start_nginx(folder: &Path, port: u16, upstream: u16) -> Result<Running, String> {
    let place = folder.join("nginx");
    fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    let place = place.display();
    let text = format!(
        "daemon off; master_process off; pid {place}/pid; error_log {place}/error.log error;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/f;
uwsgi_temp_path {place}/u; scgi_temp_path {place}/s; client_body_buffer_size 2m; keepalive_requests 1000000000;
limit_req_zone $http_authorization zone=keys:10m rate=1000000r/s;
upstream model {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}
server {{ listen 127.0.0.1:{port}; tcp_nodelay on; location / {{ limit_req zone=keys burst=100000 nodelay;
proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; proxy_pass http://model; }} }} }}\n"
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, text).map_err(|error| error.to_string())?;
    start("1", "nginx", &["-c", &file.display().to_string(), "-e", &format!("{place}/error.log")], port)
}

fn start_gate(binary: &str, folder: &Path, port: u16, upstream: u16) -> Result<Running, String> {
    let path = |name: &str| folder.join(name).display().to_string();
    output(binary, &["policy", "init", &path("rules"), "--live"])?;
    // The account is known and pays: rules that cap strangers would end the measurement.
    let record = r#"{"account":"load","created_at":"2025-01-01T00:00:00Z","verified":["email","payment","identity"]}"#;
    fs::write(path("accounts.jsonl"), record).map_err(|error| error.to_string())?;
    // A rule that caps everybody, so that budgets are reserved and settled for each request.
    let rule = "@id(\"bench.budget\")\n@clause(\"Bench\")\n@severity(\"low\")\n@mode(\"live\")\n@expires(\"2099-12-31\")\n\
                @decision(\"cap\")\n@budget(\"bench\")\n@reason(\"bench\")\n@text(\"Bench.\")\n\
                forbid (principal, action == Action::\"spend\", resource) when { !principal.firstDay };\n";
    fs::write(path("rules/bench.cedar"), rule).map_err(|error| error.to_string())?;
    let settings = fs::read_to_string(path("rules/settings.toml")).map_err(|error| error.to_string())?;
    let budget = "\n[budgets.bench]\nscope = \"account\"\nperiod = \"day\"\nrequests = 1_000_000_000\ntokens = 1_000_000_000_000\n";
    fs::write(path("rules/settings.toml"), settings + budget).map_err(|error| error.to_string())?;
    let text = format!(
        "listen = \"127.0.0.1:{port}\"\ncores = 1\nmode = \"enforce\"\nsecret = \"secret\"\n[[routes]]\npath = \"/\"\n\
         upstream = \"http://127.0.0.1:{upstream}\"\nfailure = \"closed\"\n[policy]\nfolder = \"rules\"\n\
         [accounts]\nrecords = \"accounts.jsonl\"\nkeys = \"keys.jsonl\"\n[spool]\nfolder = \"spool\"\n[decisions]\nfolder = \"decisions\"\n"
    );
    fs::write(path("gate.toml"), text).map_err(|error| error.to_string())?;
    fs::write(path("keys.jsonl"), "").map_err(|error| error.to_string())?;
    let key = path("key");
    fs::write(&key, "sk-load").map_err(|error| error.to_string())?;
    let input = fs::File::open(&key).map_err(|error| error.to_string())?;
    let line = Command::new(binary)
        .args(["gate", "--config", &path("gate.toml"), "--key-line", "load"])
        .stdin(input)
        .output()
        .map_err(|error| error.to_string())?;
    fs::write(path("keys.jsonl"), line.stdout).map_err(|error| error.to_string())?;
    start("1", binary, &["gate", "--config", &path("gate.toml")], port)
}

/// Starts a program on one core, and waits until its port answers.
fn start(core: &str, program: &str, words: &[&str], port: u16) -> Result<Running, String> {
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]).args(words).stdin(Stdio::null()).stdout(Stdio::null());
    let mut running = Running(command.spawn().map_err(|error| format!("{program}: {error}"))?);
    for _ in 0..100 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(running);
        }
        if let Ok(Some(status)) = running.0.try_wait() {
            return Err(format!("{program} ended at once: {status}"));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err(format!("{program} does not answer after 10 seconds"))
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}
