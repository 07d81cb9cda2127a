//! The house's own laws: dependencies go down, imports run in no circle, and the documents name what there is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests may panic"
)]

mod imports;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The floors from the lowest to the highest: the folder of a crate below `crates`, and the orders inside it.
///
/// A crate may depend on every crate of a lower floor. On its own floor it may depend only on those before it in its
/// own order. A crate may be listed before it exists.
const FLOORS: [(&str, &[&[&str]]); 7] = [
    ("base", &[&["sketch"], &["evidence"], &["ledger"], &["timestamp"], &["workers"]]),
    ("log", &[&["journal", "record", "observation", "columns"]]),
    ("core", &[&["profile", "verdict", "cohort", "detect", "link", "campaign", "assess"], &["budget"]]),
    ("engine", &[&["hunt", "cluster", "watch"], &["query"]]),
    (
        "product",
        &[&[
            "report",
            "attribution",
            "audit",
            "notice",
            "delivery",
            "dossier",
            "policy",
            "gate",
            "case",
            "backup",
            "briefing",
            "sharing",
            "intersection",
            "peer",
            "taxii",
            "console",
        ]],
    ),
    ("app", &[&["stillwatch"]]),
    ("lab", &[&["range"], &["player"], &["attack", "baselines", "xtask"]]),
];

/// What may be used from a higher floor all the same: the program makes and scores worlds (`stillwatch range`), and plays them
/// (`stillwatch up --demo`).
const EXCEPTIONS: [(&str, &str); 2] = [("stillwatch", "range"), ("stillwatch", "player")];

/// The one crate that may depend on DataFusion.
const KNOWS_DATAFUSION: &str = "cluster";

/// Where a crate stands: its floor, its order there, and its place in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    floor: usize,
    order: usize,
    rank: usize,
}

impl Place {
    /// Where the lists have a crate, if they have it.
    fn of(name: &str) -> Option<Place> {
        FLOORS.iter().enumerate().find_map(|(floor, (_, orders))| {
            orders.iter().enumerate().find_map(|(order, names)| {
                let rank = names.iter().position(|one| *one == name)?;
                Some(Place { floor, order, rank })
            })
        })
    }

    /// Whether a crate here may depend on one there.
    fn may_use(self, other: Place) -> bool {
        let earlier_in_order = other.floor == self.floor && other.order == self.order && other.rank < self.rank;
        other.floor < self.floor || earlier_in_order
    }
}

/// One crate of the workspace.
struct Crate {
    name: String,
    /// The folder below `crates` that it is in.
    floor: String,
    folder: PathBuf,
    /// What it depends on, without what only its tests need.
    needs: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap().to_owned()
}

/// What is in a folder, in order of the names.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn crates() -> Vec<Crate> {
    let mut found = Vec::new();
    for floor in entries(&root().join("crates")) {
        for folder in entries(&floor) {
            let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else { continue };
            let manifest: toml::Table = manifest.parse().unwrap();
            let needs = manifest.get("dependencies").and_then(|table| table.as_table());
            found.push(Crate {
                name: manifest["package"]["name"].as_str().unwrap().to_owned(),
                floor: floor.file_name().unwrap().to_str().unwrap().to_owned(),
                needs: needs.map(|table| table.keys().cloned().collect()).unwrap_or_default(),
                folder,
            });
        }
    }
    assert!(!found.is_empty(), "no crate was found below crates");
    found
}

#[test]
fn every_crate_is_on_its_floor() {
    for one in crates() {
        let place = Place::of(&one.name)
            .unwrap_or_else(|| panic!("{} is in no list: add it to ARCHITECTURE.md and to FLOORS", one.name));
        assert_eq!(one.floor, FLOORS[place.floor].0, "the folder of {}", one.name);
        assert_eq!(one.folder.file_name().unwrap().to_str().unwrap(), one.name, "the folder of {}", one.name);
    }
}

#[test]
fn dependencies_go_down() {
    for one in crates() {
        let Some(place) = Place::of(&one.name) else { continue };
        for need in &one.needs {
            if EXCEPTIONS.contains(&(one.name.as_str(), need.as_str())) {
                continue;
            }
            if let Some(needed) = Place::of(need) {
                assert!(place.may_use(needed), "{} (in {}) must not depend on {need}", one.name, one.floor);
            }
        }
    }
}

#[test]
fn the_order_of_floors_allows_and_forbids() {
    let may = |name: &str, need: &str| Place::of(name).unwrap().may_use(Place::of(need).unwrap());
    for (name, need) in [("columns", "record"), ("record", "sketch"), ("watch", "assess"), ("xtask", "stillwatch")] {
        assert!(may(name, need), "{name} may use {need}");
        assert!(!may(need, name), "{need} may not use {name}");
    }
    for (one, other) in [("sketch", "workers"), ("range", "baselines"), ("range", "xtask")] {
        assert!(!may(one, other) && !may(other, one), "{one} and {other} know nothing of each other");
    }
    assert!(!may("hunt", "hunt"));
}

#[test]
fn one_crate_knows_the_engine() {
    for one in crates() {
        let knows = one.needs.iter().any(|need| need == "datafusion");
        assert!(!knows || one.name == KNOWS_DATAFUSION, "{} depends on datafusion", one.name);
    }
}

#[test]
fn the_code_map_names_every_crate() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for one in crates() {
        let row = format!("| `{}/{}` |", one.floor, one.name);
        assert!(text.lines().any(|line| line.starts_with(&row)), "ARCHITECTURE.md has no row that begins with {row}");
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let text = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    for one in crates() {
        for need in one.needs.iter().filter(|need| Place::of(need).is_none()) {
            assert!(
                text.contains(&format!("`{need}`")),
                "docs/dependencies.md does not say why {} needs {need}",
                one.name
            );
        }
    }
}

/// The source files below a folder.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(folder) {
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

#[test]
fn no_import_circles_inside_a_crate() {
    let mut found = String::new();
    for one in crates() {
        let folder = one.folder.join("src");
        let mut paths = Vec::new();
        sources(&folder, &mut paths);
        let below = |path: &PathBuf| path.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
        let files: BTreeMap<String, String> =
            paths.iter().map(|path| (below(path), fs::read_to_string(path).unwrap())).collect();
        for root in ["lib.rs", "main.rs"].into_iter().filter(|root| files.contains_key(*root)) {
            for circle in imports::circles(&files, root) {
                found.push_str(&format!("\n{}/{}: {circle}", one.floor, one.name));
            }
        }
    }
    assert!(found.is_empty(), "files that import each other in a circle:{found}");
}
