//! The providers' own Python clients through the gate.

use std::env;
use std::io::Write;
use std::process::Command;

use super::running::HARVESTER;
use super::running::HONEST;
use super::running::Setting;

/// Variable with a Python that has `openai` and `anthropic`; `cargo xtask test` sets it.
const PYTHON: &str = "STILLWATCH_TEST_SDK";

#[test]
fn the_providers_clients_see_what_they_know() {
    let Ok(python) = env::var(PYTHON) else {
        let text = format!("SKIPPED the_providers_clients: no {PYTHON} (run `cargo xtask test`, which makes one)\n");
        // Not captured, unlike `eprintln!`.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return;
    };
    let setting = Setting::new();
    setting.verdicts(3, &["harvester-1"]);
    setting.change("settings.toml", "requests = 50\n", "requests = 1\n");
    let gate = setting.start();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/gate/sdk.py");
    let output = Command::new(python)
        .args([script, &format!("http://{}", gate.address), HONEST, HARVESTER, "sk-unverified"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    gate.until("the upstream's word that nobody reads", |gate| gate.upstream.gone() >= 2);
}
