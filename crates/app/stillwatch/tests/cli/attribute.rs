//! Attribution, sources and sharing from the command line.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

/// The organisations of the examples.
const ENTITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../product/attribution/examples/entities");

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON is printed")
}

#[test]
fn hypotheses_are_in_the_results_and_detection_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "0.2");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let read = |folder: &str| json(&fs::read_to_string(format!("{folder}/campaigns.json")).unwrap());
    let (log, accounts) = (text(&world.log), text(&world.accounts));
    succeed(&["hunt", log, "--accounts", accounts, "--out", &place("first"), "--quiet"]);
    let first = read(&place("first"));
    // Whose the pool is shows nothing in a world of `range`: let a part of it have one organisation's mail addresses, and another
    // come from its network.
    let pool: Vec<&str> = first[0]["accounts"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let edited = |path: &std::path::Path, edit: &dyn Fn(&mut Value)| {
        let lines: Vec<String> = fs::read_to_string(path)
            .unwrap()
            .lines()
            .map(|line| {
                let mut value = json(line);
                edit(&mut value);
                value.to_string()
            })
            .collect();
        fs::write(path, lines.join("\n")).unwrap();
    };
    let at = |value: &Value| pool.iter().position(|name| value["account"] == **name);
    edited(&world.accounts, &|record| {
        if let Some(at) = at(record).filter(|at| *at < 6) {
            record["email"] = format!("p{at}@northmere.example").into();
        }
    });
    let seen = RefCell::new(BTreeSet::new());
    edited(&world.log, &|exchange| {
        // One exchange of each, so that what ties the pool stays.
        if at(exchange).is_some_and(|at| (8..16).contains(&at) && seen.borrow_mut().insert(at)) {
            exchange["client"]["ip"] = "198.51.100.7".into();
        }
    });
    let (data, plain, with) = (place("data"), place("plain"), place("with"));
    succeed(&["ingest", log, "--data-dir", &data, "--quiet"]);
    succeed(&["hunt", &data, "--accounts", accounts, "--out", &plain, "--quiet"]);
    let hunt = ["hunt", &data, "--accounts", accounts, "--data-dir", &data, "--entities", ENTITIES];
    succeed(&[&hunt[..], &["--out", &with, "--quiet"]].concat());
    let (before, after) = (read(&plain), read(&with));
    let found = after.as_array().unwrap().iter().find(|one| {
        let accounts = one["accounts"].as_array().unwrap();
        pool.iter().filter(|name| accounts.contains(&Value::from(**name))).count() > pool.len() / 2
    });
    let found = found.expect("the pool is found");
    for (one, other) in before.as_array().unwrap().iter().zip(after.as_array().unwrap()) {
        assert_eq!((&one["accounts"], &one["e_value"]), (&other["accounts"], &other["e_value"]));
        assert_eq!(one["attribution"][0]["likelihood"], "not assessed");
    }
    let attribution = found["attribution"].as_array().unwrap();
    assert_eq!(attribution.len(), 5, "three organisations, none of these, and several");
    // The stored addresses are keyed hashes: the network is found by trying each of its addresses.
    let evidence = |name: &str| {
        let one = attribution.iter().find(|one| one["entity"] == name).unwrap();
        one["evidence"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
    };
    let told = evidence("Northmere Cognition Works");
    assert!(told.contains("exchanges from its own networks") && told.contains("verified mail addresses"), "{told}");
    let named = attribution.iter().filter(|one| one["named"] == true).map(|one| one["entity"].as_str().unwrap());
    assert_eq!(named.collect::<Vec<_>>(), ["Northmere Cognition Works"]);
    let id = found["id"].as_str().unwrap();
    let asked =
        ["attribute", id, "--found", &with, "--data-dir", &data, "--entities", ENTITIES, "--accounts", accounts];
    let shown = succeed(&asked);
    assert!(shown.contains("Named: Northmere Cognition Works.") && shown.contains("none of these"), "{shown}");
    let told = json(&succeed(&[&asked[..], &["--json"]].concat()));
    assert_eq!(told["hypotheses"].as_array().unwrap().len(), 5);
    let network = |name: &str| {
        let one = told["hypotheses"].as_array().unwrap().iter().find(|one| one["entity"] == name).unwrap();
        let item = one["items"].as_array().unwrap().iter().find(|one| one["item"] == "exchange_network").unwrap();
        item["accounts"][0].as_u64().unwrap()
    };
    assert!(network("Northmere Cognition Works") >= 8 && network("Oriel Basin Labs") == 0, "{told}");
    let (status, told) =
        failed(&["attribute", "C-none", "--found", &with, "--data-dir", &data, "--entities", ENTITIES]);
    assert!(status == 2 && told.contains(id), "{status} {told}");
    sources(&data, id);
    shared(&place("out.json"), [&data, &with, accounts, id], &place("group.key"));
}

/// What sources tell of the case.
fn sources(data: &str, id: &str) {
    let own = ["--data-dir", data];
    succeed(&[&["case", "open", id, "--as", "ann"][..], &own].concat());
    let source = |name: &'static str, publisher: &'static str| {
        [
            "--id",
            name,
            "--citation",
            "https://x.example/",
            "--publisher",
            publisher,
            "--tier",
            "wire",
            "--at",
            "2026-05-01",
        ]
    };
    let claim = ["--claim", "the pool is sold on a forum", "--as", "ann"];
    let add = |one: &[&str], more: &[&str]| {
        succeed(&[&["case", "source", "add", id][..], &own, &claim, one, more].concat());
    };
    add(&source("one", "A"), &[]);
    add(&source("two", "B"), &["--cites", "one"]);
    let contest = ["case", "source", "contest", id, "2", "--as", "bob", "--why", "it says so"];
    succeed(&[&contest[..], &own, &source("three", "C")].concat());
    let shown = succeed(&[&["case", "source", "list", id][..], &own].concat());
    assert!(shown.contains("ONE independent source (of 2)") && shown.contains("CONTRADICTED by 1"), "{shown}");
    let (status, told) = failed(
        &[&["case", "source", "contest", id, "1", "--as", "bob", "--why", "x"][..], &own, &source("four", "D")]
            .concat(),
    );
    assert!(status == 1 && told.contains("no source"), "{status} {told}");
    succeed(&[&["ledger", "verify", "--quiet"][..], &own].concat());
}

/// What is shared of the campaign.
fn shared(out: &str, [data, found, accounts, id]: [&str; 4], key: &str) {
    fs::write(key, "5a".repeat(32)).unwrap();
    let export = |tlp: &'static str, more: &[&str]| -> Vec<String> {
        let own = ["share", "export", id, "--found", found, "--data-dir", data, "--accounts", accounts, "--key", key];
        let form = ["--format", "stix", "--tlp", tlp, "--provider", "Example Models", "--with", "forum", "--as", "ann"];
        [&own[..], &form, &["--out", out], more].concat().into_iter().map(str::to_owned).collect()
    };
    let run = |arguments: &[String]| failed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (status, told) = run(&export("green", &[]));
    assert!(status == 4 && told.contains("--confirm-first-share") && !fs::exists(out).unwrap(), "{status} {told}");
    assert_eq!(run(&export("green", &["--confirm-first-share", "forum"])).0, 0);
    assert_eq!(run(&export("amber", &[])).0, 4);
    assert_eq!(run(&export("pink", &[])).0, 2);
    let told = json(&succeed(&["share", "import", out, "--from", "Other Models", "--data-dir", data, "--json"]));
    assert_eq!(told["tlp"], "green");
    let values = told["indicators"].as_array().unwrap().len();
    let matched = json(&succeed(&[
        "share",
        "match",
        "--found",
        found,
        "--data-dir",
        data,
        "--accounts",
        accounts,
        "--key",
        key,
        "--json",
    ]));
    assert_eq!(matched.as_array().unwrap().is_empty(), values == 0, "{matched}");
    assert!(succeed(&["share", "list", "--data-dir", data]).contains("up to TLP:GREEN, confirmed by ann"));
}

#[test]
fn a_file_of_an_organisation_that_is_not_fit_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    fs::write(&file, "name = \"X\"\ncountry = \"XX\"\n").unwrap();
    let out = folder.path().join("out");
    let (status, told) = failed(&["hunt", "nothing.jsonl", "--entities", text(&file), "--out", text(&out)]);
    assert!(status == 2 && told.contains("x.toml: line 2") && told.contains("no evidence"), "{status} {told}");
}
