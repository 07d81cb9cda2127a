//! The files of `packaging/`: what they name is there.

use std::collections::BTreeSet;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;

use crate::common::command;
use crate::common::succeed;
use crate::common::text;

fn packaged(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../packaging")).join(name)
}

/// The shipped configuration with a folder in the place of the state directory, and any free ports.
fn configuration(folder: &Path) -> PathBuf {
    let shipped = fs::read_to_string(packaged("up.toml")).unwrap();
    let here = shipped.replace("/var/lib/stillwatch", text(folder));
    let free = [":8080\"", ":9090\"", ":8480\""].iter().fold(here, |here, port| {
        assert!(here.contains(port), "{port}");
        here.replace(port, ":0\"")
    });
    let place = folder.join("up.toml");
    fs::write(&place, free).unwrap();
    place
}

/// The program with a configuration, and where its gate, its API and the gate's counts are.
fn started(config: &Path) -> (Child, String, String, String) {
    let mut child = command().args(["up", "--config", text(config)]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut place = |part: &str| {
        let line = lines.next().unwrap_or_else(|| panic!("{part} does not start")).unwrap();
        line.strip_prefix(&format!("{part} at ")).unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    let (gate, api, admin) = (place("gate listens"), place("API listens"), place("gate's counts"));
    thread::spawn(move || lines.for_each(drop));
    (child, gate, api, admin)
}

/// The names of what is counted in a text for Prometheus.
fn counted(counts: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let samples = counts.lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.chars().take_while(|letter| is_name(*letter)).collect()).collect()
}

/// The names of counts that a text asks for.
fn asked_for(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let is_count = |word: &&str| {
        ["stillwatch_watch_", "stillwatch_gate_", "stillwatch_api_"].iter().any(|part| word.starts_with(part))
    };
    words.filter(is_count).map(str::to_owned).collect()
}

#[test]
fn dashboard_and_alerts_ask_for_what_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path());
    let (mut child, gate, api, admin) = started(&config);
    let data = folder.path().join("data");
    let token = succeed(&["token", "create", "--data-dir", text(&data), "--as", "ann", "--role", "analyst"]);
    let bearer = format!("Bearer {}", token.trim());
    let agent = ureq::Agent::new_with_defaults();
    // The upstream of the shipped configuration is nobody's: the request is refused, and counted.
    let asked = agent.post(format!("http://{gate}/v1/chat/completions")).send(r#"{"model":"m","messages":[]}"#);
    assert!(asked.is_err());
    let read = |place: String| -> String {
        let mut answer = agent.get(place).header("authorization", &bearer).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    };
    let of_api = read(format!("http://{api}/metrics"));
    assert_eq!(of_api.matches("# EOF").count(), 1, "one text, that ends once");
    let there = counted(&(of_api + &read(format!("http://{admin}/metrics"))));
    let _ = child.kill();
    let _ = child.wait();
    for file in ["prometheus/alerts.yml", "grafana/stillwatch.json"] {
        let asked = asked_for(&fs::read_to_string(packaged(file)).unwrap());
        assert!(asked.len() > 8, "{asked:?}");
        let missing: Vec<&String> = asked.difference(&there).collect();
        assert!(missing.is_empty(), "{file} asks for {missing:?}, which nobody counts");
    }
}

#[test]
fn the_shipped_configuration_is_fit() {
    let folder = tempfile::tempdir().unwrap();
    let told = succeed(&["up", "--config", text(&configuration(folder.path())), "--check"]);
    assert!(told.contains("every 600 s"), "{told}");
}

/// What an alert and a runbook are called is the same.
#[test]
fn each_alert_has_a_runbook() {
    let alerts = fs::read_to_string(packaged("prometheus/alerts.yml")).unwrap();
    let operate = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/operate.md");
    let operate = fs::read_to_string(operate).unwrap().to_lowercase();
    let named: Vec<String> = alerts
        .lines()
        .filter_map(|line| Some(line.split_once("Runbook: ")?.1.trim_end_matches(['.', '"']).to_lowercase()))
        .collect();
    assert_eq!(named.len(), alerts.matches("- alert:").count());
    for runbook in named {
        assert!(operate.contains(&format!("### {runbook}\n")), "no runbook {runbook:?}");
    }
}

/// Checked by systemd itself where it is installed.
#[test]
fn the_unit_is_one_that_systemd_reads() {
    let unit = fs::read_to_string(packaged("systemd/stillwatch.service")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("stillwatch.service");
    // The program is not installed where tests run.
    fs::write(&place, unit.replace("/usr/bin/stillwatch", "/bin/true")).unwrap();
    let Ok(checked) = Command::new("systemd-analyze").arg("verify").arg(&place).output() else { return };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

/// What packages have beside the program comes from the program.
#[test]
fn every_command_has_a_page_of_the_manual_and_completions() {
    let folder = tempfile::tempdir().unwrap();
    succeed(&["manual", "--out", text(folder.path())]);
    let page = |name: &str| fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap();
    for name in ["stillwatch", "stillwatch-hunt", "stillwatch-backup", "stillwatch-case-export"] {
        assert!(page(name).contains(".SH NAME"), "{name}");
    }
    assert!(page("stillwatch-restore").contains("\\-\\-check"), "{}", page("stillwatch-restore"));
    let pages: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    assert!(pages.len() > 40 && !pages.iter().any(|name| name.contains("decode-table")), "{pages:?}");
    for shell in ["bash", "fish", "zsh"] {
        assert!(succeed(&["completions", shell]).contains("backup"), "{shell}");
    }
}

#[test]
fn the_container_is_not_root_and_takes_what_is_there() {
    let file = fs::read_to_string(packaged("Containerfile")).unwrap();
    let joined = file.replace("\\\n", " ");
    let lines: Vec<&str> = joined.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let last = |word: &str| lines.iter().rposition(|line| line.starts_with(word)).unwrap_or_else(|| panic!("{word}"));
    assert!(lines[last("USER")] == "USER 10001:10001" && last("USER") > last("RUN"), "it would run as root");
    assert!(lines[last("FROM")].split(':').nth(1).is_some_and(|tag| tag != "latest"), "{}", lines[last("FROM")]);
    for line in lines.iter().filter(|line| line.starts_with("COPY")) {
        let from = line.split(' ').nth(2).unwrap();
        assert!(from == "stillwatch" || packaged("..").join(from).is_file(), "{line}");
    }
}

/// What a container engine asks says whether the API answers.
#[test]
fn the_health_check_of_the_container_sees_the_api() {
    let file = fs::read_to_string(packaged("Containerfile")).unwrap();
    let check = file.lines().find_map(|line| line.trim().strip_prefix("CMD [\"/bin/bash\"")).unwrap();
    let check: Vec<String> = serde_json::from_str(&format!("[\"/bin/bash\"{check}")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut child, _, api, _) = started(&configuration(folder.path()));
    let port = api.rsplit(':').next().unwrap();
    let script = check[2].replace("8480", port);
    assert_ne!(script, check[2], "it asks another port than the shipped configuration has");
    let is_well = || Command::new(&check[0]).args(["-c", &script]).stderr(Stdio::null()).status().unwrap().success();
    let seen = is_well();
    let _ = child.kill();
    let _ = child.wait();
    assert!(seen && !is_well(), "{script}");
}
