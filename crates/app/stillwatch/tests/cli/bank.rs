//! Banks of honest groups, from outside.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

fn shown(arguments: &[&str]) -> Value {
    serde_json::from_str(&succeed(arguments)).unwrap()
}

/// How many honest groups a bank holds.
fn groups(bank: &str) -> u64 {
    shown(&["bank", "show", bank, "--json"])["groups"].as_u64().unwrap()
}

#[test]
fn the_built_in_bank_says_what_it_supports() {
    let built_in = shown(&["bank", "show", "--json"]);
    let classes = built_in["classes"].as_array().unwrap();
    let kinds: BTreeSet<String> = classes.iter().map(|class| format!("{} {}", class["ties"], class["open"])).collect();
    assert_eq!(kinds.len(), 10, "five kinds of ties, openly tied and not: {kinds:?}");
    for class in classes {
        let (groups, e_value) = (class["groups"].as_f64().unwrap(), class["largest_e_value"].as_f64().unwrap());
        assert!((e_value - 0.6983 * (groups + 1.0)).abs() < 0.01 * (groups + 1.0), "{class}");
        assert_eq!(class["own"], 0);
    }
    let table = succeed(&["bank", "show"]);
    assert!(table.contains("transferred content") && table.contains("e-value to"), "{table}");
}

/// The scores of each section of a bank's file, by kind of ties, size and openness, ascending.
fn scores(bank: &str) -> BTreeMap<String, Vec<u64>> {
    let mut all: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for line in bank.lines().skip(1) {
        let section: Value = serde_json::from_str(line).unwrap();
        let class = format!("{} {} {}", section["ties"], section["size"], section["open"]);
        let scores = section["all"].as_array().unwrap().iter();
        all.entry(class).or_default().extend(scores.map(|score| (100.0 * score.as_f64().unwrap()).round() as u64));
    }
    all.values_mut().for_each(|scores| scores.sort_unstable());
    all
}

/// The share of scores that the built-in bank may lack. It was made with the quotes of version 3 of the columns, and in twelve worlds one score
/// in thirteen is another since; docs/results.md says that ranks are not. Zero again when the bank is made anew.
const MAY_DIFFER: f64 = 0.1;

/// A change of a detector, of the search for groups or of the world changes what honest groups score. The built-in bank has
/// to be made anew then, by `cargo xtask bank`: scores are compared with scores that were made in the same way.
#[test]
fn the_built_in_bank_is_made_by_this_program() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (world, bank) = (at("world"), at("one.bank"));
    // This seed is in the first voice, and its firms declare nothing: see the chore.
    succeed(&["range", "generate", "--world", "crowds", "--seed", "2", "--out", &world, "--quiet"]);
    let (log, accounts) = (format!("{world}/exchanges.jsonl.zst"), format!("{world}/accounts.jsonl"));
    let base = ["bank", "build", "--reference", &log, "--reference-accounts", &accounts, "--invented"];
    succeed(&[&base[..], &["--undeclared", "--out", &bank, "--quiet"]].concat());
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/../../core/campaign/bank/built_in.jsonl");
    let shipped = scores(&fs::read_to_string(built_in).unwrap());
    let (mut compared, mut other) = (0_u32, Vec::new());
    for (class, own) in scores(&fs::read_to_string(&bank).unwrap()) {
        let known = shipped.get(&class).map(Vec::as_slice).unwrap_or_default();
        let mut rest = known.iter();
        for score in own {
            compared += 1;
            let before = rest.clone();
            if !rest.any(|known| *known == score) {
                other.push(format!("{class}: {score}"));
                rest = before;
            }
        }
    }
    assert!(compared > 50, "{compared}");
    assert!(other.len() as f64 <= MAY_DIFFER * f64::from(compared), "{} of {compared}: {other:?}", other.len());
}

#[test]
fn honest_logs_make_a_bank_and_banks_are_joined() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "11", "0.3");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let build = |more: &[&str], out: &str| {
        let base = ["bank", "build", "--reference", text(&world.log), "--reference-accounts", text(&world.accounts)];
        succeed(&[&base[..], more, &["--out", out, "--quiet"]].concat());
    };
    let (own, threads, undeclared) = (at("own.bank"), at("threads.bank"), at("undeclared.bank"));
    build(&["--threads", "1"], &own);
    build(&["--threads", "3"], &threads);
    build(&["--undeclared"], &undeclared);
    assert_eq!(fs::read(&own).unwrap(), fs::read(&threads).unwrap());
    assert!(groups(&own) > 10);
    // Firms whose organisation is not believed are groups too.
    assert_ne!(fs::read(&own).unwrap(), fs::read(&undeclared).unwrap());
    let joined = at("joined.bank");
    succeed(&["bank", "merge", &own, &undeclared, "--out", &joined]);
    assert_eq!(groups(&joined), groups(&own) + groups(&undeclared));
    let found = at("found");
    succeed(&["hunt", text(&world.log), "--bank", &own, "--out", &found, "--quiet"]);
    let summary: Value = serde_json::from_str(&fs::read_to_string(format!("{found}/summary.json")).unwrap()).unwrap();
    let calibration = summary["calibration"].as_str().unwrap();
    assert!(calibration.contains(&format!("{} of them", groups(&own))), "{calibration}");
}

#[test]
fn what_an_analyst_clears_is_an_honest_group() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "12", "0.5");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (found, bank) = (at("found"), at("own.bank"));
    succeed(&["hunt", text(&world.log), "--accounts", text(&world.accounts), "--out", &found, "--quiet"]);
    let listed = |name: &str| -> Vec<Value> {
        serde_json::from_str(&fs::read_to_string(format!("{found}/{name}")).unwrap()).unwrap()
    };
    let all = [listed("campaigns.json"), listed("leads.json")].concat();
    let largest = all.iter().max_by_key(|one| one["accounts"].as_array().unwrap().len()).unwrap();
    let id = largest["id"].as_str().unwrap();
    succeed(&["bank", "add-cleared", id, "--found", &found, "--bank", &bank]);
    let once = groups(&bank);
    assert!(once > 0);
    succeed(&["bank", "add-cleared", id, "--found", &found, "--bank", &bank]);
    assert_eq!(groups(&bank), 2 * once, "adding it again counts it again, as the help says of joining");
    let (code, message) = failed(&["bank", "add-cleared", "C-nothere", "--found", &found, "--bank", &bank]);
    assert_eq!(code, 2);
    assert!(message.contains("no campaign or lead C-nothere"), "{message}");
}

#[test]
fn a_damaged_bank_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.bank");
    fs::write(&path, "{\"bank\":3,\"sections\":3}\n").unwrap();
    let (code, message) = failed(&["bank", "show", text(&path)]);
    assert_eq!(code, 2);
    assert!(message.contains("cut.bank") && message.contains("it was cut"), "{message}");
    let log = folder.path().join("empty.jsonl");
    fs::write(&log, "").unwrap();
    let (code, message) = failed(&["bank", "build", "--reference", text(&log), "--out", text(&path)]);
    assert_ne!(code, 0);
    assert!(!message.is_empty());
}
