//! The house's own laws: dependencies go down, files and crates are what ARCHITECTURE.md says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The floor of each crate, as ARCHITECTURE.md has it.
const FLOORS: [(&str, u32); 14] = [
    ("sketch", 0),
    ("evidence", 0),
    ("record", 1),
    ("profile", 2),
    ("columns", 3),
    ("detect", 3),
    ("link", 3),
    ("campaign", 4),
    ("hunt", 5),
    ("range", 6),
    ("yardstick", 6),
    ("stillwatch", 7),
    ("xtask", 8),
    ("stillwatch-fuzz", 8),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap().to_owned()
}

/// Dependencies of every crate, without those for tests.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let manifest = entry.unwrap().path().join("Cargo.toml");
        let parsed: toml::Table = fs::read_to_string(&manifest).unwrap().parse().unwrap();
        let name = parsed["package"]["name"].as_str().unwrap().to_owned();
        let names = parsed.get("dependencies").and_then(|table| table.as_table());
        found.insert(name, names.map(|table| table.keys().cloned().collect()).unwrap_or_default());
    }
    found
}

#[test]
fn dependencies_go_down() {
    let floors: BTreeMap<&str, u32> = FLOORS.into_iter().collect();
    for (name, needs) in dependencies() {
        let own = *floors
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} has no floor: add it to ARCHITECTURE.md and here"));
        for need in needs {
            if let Some(floor) = floors.get(need.as_str()) {
                assert!(*floor < own, "{name} (floor {own}) depends on {need} (floor {floor})");
            }
        }
    }
}

#[test]
fn one_crate_knows_the_engine() {
    for (name, needs) in dependencies() {
        assert!(name == "hunt" || !needs.iter().any(|need| need == "datafusion"), "{name} depends on datafusion");
    }
}

#[test]
fn the_code_map_names_every_crate_and_floor() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in dependencies().keys() {
        let floor = FLOORS.iter().find(|(known, _)| known == name).unwrap().1;
        assert!(
            text.contains(&format!("| {floor} | `{name}` |")),
            "ARCHITECTURE.md has no row `| {floor} | `{name}` |`"
        );
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let text = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let ours = dependencies();
    for (name, needs) in &ours {
        for need in needs.iter().filter(|need| !ours.contains_key(*need)) {
            assert!(text.contains(&format!("`{need}`")), "docs/dependencies.md does not say why {name} needs {need}");
        }
    }
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn no_source_file_is_over_500_lines() {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    for file in files {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines", file.display());
    }
}
