//! What people do with cases from the command line, and what later hunts make of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use journal::Kind;
use serde_json::Value;

use crate::common::World;
use crate::common::command;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

struct Hunted {
    world: World,
    data: PathBuf,
    out: PathBuf,
}

impl Hunted {
    fn new(folder: &Path, scale: &str) -> Self {
        let world = world(folder, "7", scale);
        let (data, out) = (folder.join("data"), folder.join("out"));
        succeed(&["ingest", text(&world.log), "--data-dir", text(&data), "--quiet"]);
        Self { world, data, out }
    }

    /// The campaigns of a hunt.
    fn hunt(&self) -> Vec<Value> {
        let (data, accounts, out) = (text(&self.data), text(&self.world.accounts), text(&self.out));
        succeed(&["hunt", data, "--accounts", accounts, "--data-dir", data, "--out", out, "--quiet"]);
        self.read("campaigns.json").as_array().unwrap().clone()
    }

    fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.out.join(name)).unwrap()).unwrap()
    }

    /// A command on a case.
    fn case<'a>(&'a self, what: &'a str, id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let own = ["case", what, id, "--data-dir", text(&self.data)];
        let who = if more.contains(&"--as") { &[][..] } else { &["--as", "ann"] };
        [&own[..], who, more].concat()
    }
}

fn accounts(campaign: &Value) -> BTreeSet<String> {
    campaign["accounts"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn id(campaign: &Value) -> &str {
    campaign["id"].as_str().unwrap()
}

#[test]
fn people_act_on_cases_and_the_ledger_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let hunted = Hunted::new(folder.path(), "0.2");
    let found = hunted.hunt();
    let case = id(&found[0]);
    let data = text(&hunted.data);
    let before = succeed(&["case", "show", case, "--data-dir", data, "--json"]);
    assert!(!before.contains("decided\""), "{before}");
    assert!(!hunted.data.join("cases.sqlite").exists(), "looking makes no file");
    succeed(&hunted.case("open", case, &[]));
    succeed(&hunted.case("assign", case, &["--to", "bob"]));
    succeed(&hunted.case("note", case, &["--text", "odd \u{1b}[31m\u{202e} words\n   9  2026  eve  clear"]));
    succeed(&hunted.case("enforce", case, &["deny", "--why", "terms, 3.2"]));
    let (status, told) = failed(&hunted.case("approve", case, &["--why", "yes"]));
    assert!(status == 1 && told.contains("second person"), "{status} {told}");
    let (status, told) = failed(&hunted.case("approve", case, &["--as", "bob", "--why", "yes", "--version", "3"]));
    assert!(status == 4 && told.contains("version 4"), "{status} {told}");
    succeed(&hunted.case("approve", case, &["--as", "bob", "--why", "yes", "--version", "4"]));
    let (status, told) = failed(&hunted.case("close", case, &[]));
    assert!(status == 2 && told.contains("reason"), "{status} {told}");
    let shown = succeed(&["case", "show", case, "--data-dir", data]);
    assert!(shown.contains("decided, assigned to bob, deny: proposed by ann, approved by bob, version 5"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}') && !shown.contains("\n   9  2026"), "{shown}");
    let listed: Value = serde_json::from_str(&succeed(&["case", "list", "--data-dir", data, "--json"])).unwrap();
    let row = listed.as_array().unwrap().iter().find(|row| row["id"] == case).unwrap();
    assert_eq!((&row["case"]["phase"], &row["case"]["version"]), (&"decided".into(), &5.into()));
    assert_eq!(hunted.case_version(case), 5);
    for (arguments, expected) in [
        (hunted.case("open", "C-none", &[]), case),
        (hunted.case("cut", case, &["nobody", "--why", "x"]), "nobody"),
        (hunted.case("open", case, &["--as", "<b>"]), "name"),
    ] {
        let (status, told) = failed(&arguments);
        assert!(status == 2 && told.contains(expected), "{arguments:?}: {status} {told}");
    }
    succeed(&["ledger", "verify", "--data-dir", data, "--quiet"]);
    assert_eq!(in_ledger(&hunted.data), 5);
    killed(&hunted, case);
}

impl Hunted {
    fn case_version(&self, case: &str) -> u64 {
        let shown = succeed(&["case", "show", case, "--data-dir", text(&self.data), "--json"]);
        let shown: Value = serde_json::from_str(&shown).unwrap();
        shown["decided"]["version"].as_u64().unwrap()
    }
}

/// How many acts the ledger of a data directory has; none of them twice.
fn in_ledger(data: &Path) -> usize {
    let log = ledger::Reader::open(&data.join("ledger")).unwrap();
    let kinds = log.kinds().unwrap();
    let mut acts = Vec::new();
    log.for_each_record(&mut |index, record| {
        if kinds[index as usize] == Kind::Act.number() {
            let act: Value = serde_json::from_slice(journal::document_of(record).unwrap()).unwrap();
            acts.push((act["case"].to_string(), act["number"].as_u64().unwrap()));
        }
        Ok(())
    })
    .unwrap();
    let distinct: BTreeSet<_> = acts.iter().cloned().collect();
    assert_eq!(distinct.len(), acts.len(), "an act is in the ledger twice");
    acts.len()
}

/// Runs that are killed at any moment: what was acknowledged is there, and store and ledger hold the same.
fn killed(hunted: &Hunted, case: &str) {
    let mut acknowledged = hunted.case_version(case);
    for round in 0..25_u64 {
        let note = format!("round {round}");
        let mut child = command()
            .args(hunted.case("note", case, &["--text", &note]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(2 + round * 3));
        let _ = child.kill();
        let is_done = child.wait().unwrap().success();
        let version = hunted.case_version(case);
        assert!(version == acknowledged || version == acknowledged + 1, "{version} after {acknowledged}");
        assert!(!is_done || version == acknowledged + 1, "an acknowledged act is gone");
        acknowledged = version;
        assert_eq!(in_ledger(&hunted.data) as u64, acknowledged, "after round {round}");
    }
    succeed(&["ledger", "verify", "--data-dir", text(&hunted.data), "--quiet", "--log-only"]);
}

#[test]
fn later_hunts_follow_cuts_pins_and_cleared_cases() {
    let folder = tempfile::tempdir().unwrap();
    let hunted = Hunted::new(folder.path(), "0.4");
    let found = hunted.hunt();
    let whole = found.iter().max_by_key(|campaign| accounts(campaign).len()).unwrap();
    let (case, everybody) = (id(whole).to_owned(), accounts(whole));
    succeed(&hunted.case("open", &case, &[]));
    // Three of them are said to be others, and then half of them.
    for (number, count) in [(2, 3), (4, everybody.len() / 2)] {
        let apart: BTreeSet<String> = everybody.iter().take(count).cloned().collect();
        let list = folder.path().join("apart.txt");
        fs::write(&list, apart.iter().map(|one| format!("{one}\n")).collect::<String>()).unwrap();
        succeed(&hunted.case("cut", &case, &["--accounts-file", text(&list), "--why", "two firms"]));
        let is_parted = |group: &Value| {
            let inside = accounts(group).intersection(&apart).count();
            inside == 0 || inside == accounts(group).len()
        };
        let found = hunted.hunt();
        assert!(found.iter().all(is_parted), "a campaign holds both sides of a cut of {count}");
        let groups = fs::read_to_string(hunted.out.join("groups.jsonl")).unwrap();
        let groups: Vec<Value> = groups.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(groups.iter().all(is_parted), "a group holds both sides of a cut of {count}");
        if count == 3 {
            let rest = found.iter().find(|campaign| id(campaign) == case).expect("the rest is asserted by itself");
            // Nobody comes in. Who goes had its items in common with those who were cut.
            let left: BTreeSet<String> = everybody.difference(&apart).cloned().collect();
            let found = accounts(rest);
            assert!(found.is_subset(&left) && found.len() + count >= left.len(), "{} of {}", found.len(), left.len());
        }
        succeed(&hunted.case("withdraw", &case, &[&number.to_string(), "--why", "one firm after all"]));
        // The case has them again with the next hunt.
        hunted.hunt();
    }
    // A stranger who is pinned to it is no member: it has no evidence of its own.
    succeed(&hunted.case("pin", &case, &["a-stranger", "--why", "we think so"]));
    let again = hunted.hunt();
    let again = again.iter().find(|campaign| id(campaign) == case).expect("taken back, it is one again");
    assert_eq!(accounts(again), everybody);
    succeed(&hunted.case("clear", &case, &["--why", "a class that told us so"]));
    let own = |hunted: &Hunted| hunted.read("summary.json")["calibration"].as_str().unwrap().to_owned();
    assert!(own(&hunted).contains(", 0 of them this deployment's own"));
    assert!(hunted.hunt().iter().all(|campaign| accounts(campaign).is_disjoint(&everybody)));
    let leads = hunted.read("leads.json");
    let lead = leads.as_array().unwrap().iter().find(|lead| lead["set_aside_by"] == "cleared").expect("it is a lead");
    assert!(!accounts(lead).is_disjoint(&everybody));
    assert!(!own(&hunted).contains(", 0 of them this deployment's own"), "its groups are in the bank");
    succeed(&hunted.case("reopen", &case, &["--why", "the class was none"]));
    assert!(hunted.hunt().iter().any(|campaign| id(campaign) == case), "opened again, it is asserted again");
}
