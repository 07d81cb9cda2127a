//! What goes in and what comes out, on the real binary.

use std::collections::BTreeSet;
use std::fs;

use crate::common::results;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;
use serde_json::Value;

fn json(path: &std::path::Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_demo_world_is_hunted_as_the_contract_says() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "1");
    let found = folder.path().join("found");
    let shown = succeed(&["hunt", text(&world.log), "--accounts", text(&world.accounts), "--out", text(&found)]);
    assert!(shown.contains("discovered") && shown.contains("campaigns.json"), "{shown}");
    let campaigns = json(&found.join("campaigns.json"));
    let campaigns = campaigns.as_array().unwrap();
    assert!(!campaigns.is_empty());
    for campaign in campaigns {
        for field in [
            "id",
            "status",
            "accounts",
            "pools",
            "exchanges",
            "input_tokens",
            "output_tokens",
            "first_seen",
            "last_seen",
            "confidence",
            "corroboration",
            "impact",
            "e_value",
            "families",
            "capabilities",
            "links",
            "attribution",
            "leak",
            "innocent",
            "strengths",
            "limitations",
            "would_change",
            "fdr_at",
            "bank",
            "overturned_by",
            "survives",
            "parts",
        ] {
            assert!(!campaign[field].is_null(), "{field} is missing");
        }
        let accounts: Vec<&str> = campaign["accounts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(accounts.is_sorted());
        let (confidence, corroboration) =
            (campaign["confidence"].as_u64().unwrap(), campaign["corroboration"].as_u64().unwrap());
        assert!(corroboration <= 5, "rhythm is none of them");
        assert!(confidence <= 90, "none of the honest groups are the deployment's own");
        assert!(corroboration >= 2 || confidence <= 70);
        assert!(campaign["status"] != "discovered" || corroboration >= 2);
        assert!((1..=10).contains(&campaign["impact"].as_u64().unwrap()));
        let leak = &campaign["leak"];
        assert!(
            leak["low"].as_u64() <= leak["exchanges"].as_u64() && leak["exchanges"].as_u64() <= leak["high"].as_u64()
        );
        assert!(campaign["attribution"].as_array().unwrap().iter().any(|a| a["entity"] == "none of these"));
    }
    assert!(campaigns.windows(2).all(|pair| pair[0]["confidence"].as_u64() >= pair[1]["confidence"].as_u64()));
    let implicated: BTreeSet<String> = fs::read_to_string(found.join("accounts.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|account| account["verdict"] == "implicated")
        .inspect(|account| assert!(!account["reasons"].as_array().unwrap().is_empty(), "{account} has no reason"))
        .map(|account| account["account"].as_str().unwrap().to_owned())
        .collect();
    let truth = json(&world.truth);
    let hostile: BTreeSet<String> = truth["campaigns"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|campaign| campaign["accounts"].as_array().unwrap())
        .filter_map(|account| account.as_str().map(str::to_owned))
        .collect();
    assert!(implicated.is_subset(&hostile), "{} honest accounts implicated", implicated.difference(&hostile).count());
    // The pool of one mail domain on shared cards looks like a firm that declared nothing: it is the first of the leads, and
    // the other campaign is discovered. See docs/results.md.
    let first_lead = json(&found.join("leads.json"))[0]["accounts"].to_string();
    let is_seen = |account: &&String| implicated.contains(*account) || first_lead.contains(account.as_str());
    let seen = hostile.iter().filter(is_seen).count();
    assert!(seen * 20 >= hostile.len() * 19, "{seen} of {} are implicated or in the first lead", hostile.len());
    assert!(implicated.len() * 2 >= hostile.len(), "{} are implicated", implicated.len());
    let score = succeed(&["range", "score", "--truth", text(&world.truth), "--found", text(&found), "--json"]);
    assert!(serde_json::from_str::<Value>(&score).unwrap().is_object());
}

#[test]
fn order_duplicates_threads_and_the_way_in_never_show() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "3", "0.4");
    let at = |name: &str| folder.path().join(name);
    let hunt = |log: &std::path::Path, found: &str, more: &[&str]| {
        let found = at(found);
        let mut arguments =
            vec!["hunt", text(log), "--accounts", text(&world.accounts), "--out", text(&found), "--quiet"];
        arguments.extend(more);
        succeed(&arguments);
        results(&found)
    };
    let straight = hunt(&world.log, "straight", &["--threads", "1"]);
    // The same lines backwards, some of them twice, by more threads.
    let lines = fs::read_to_string(&world.log).unwrap();
    let mut turned: Vec<&str> = lines.lines().rev().collect();
    turned.extend(lines.lines().take(40));
    fs::write(at("turned.jsonl"), turned.join("\n")).unwrap();
    let again = hunt(&at("turned.jsonl"), "turned", &["--threads", "3"]);
    for ((name, one), (_, other)) in straight.iter().zip(&again).filter(|((name, _), _)| name != "summary.json") {
        assert_eq!(one, other, "{name} depends on the order");
    }
    assert!(again[5].1.contains("\"duplicates\": 40"), "{}", again[5].1);
    // Through the columnar form, ingested twice.
    for _ in 0..2 {
        succeed(&["ingest", text(&world.log), "--data-dir", text(&at("data")), "--quiet"]);
    }
    let columnar = hunt(&at("data"), "columnar", &[]);
    assert_eq!(straight[..3], columnar[..3], "the columnar form is hunted differently");
    // In two parts, over a data directory.
    let half = lines.lines().count() / 2;
    let part = |name: &str, lines: Vec<&str>| fs::write(at(name), lines.join("\n")).unwrap();
    part("a.jsonl", lines.lines().take(half).collect());
    part("b.jsonl", lines.lines().skip(half).collect());
    succeed(&["ingest", text(&at("a.jsonl")), text(&at("b.jsonl")), "--data-dir", text(&at("parts")), "--quiet"]);
    assert_eq!(straight[..3], hunt(&at("parts"), "parted", &[])[..3], "the split shows");
}

#[test]
fn ids_stay_over_runs_in_a_data_directory() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "1");
    let at = |name: &str| folder.path().join(name);
    let ids = |found: &std::path::Path| -> BTreeSet<String> {
        let campaigns = json(&found.join("campaigns.json"));
        campaigns.as_array().unwrap().iter().map(|campaign| campaign["id"].as_str().unwrap().to_owned()).collect()
    };
    let hunt = |log: &str, found: &str| {
        let (data, found) = (at("data"), at(found));
        succeed(&[
            "hunt",
            log,
            "--accounts",
            text(&world.accounts),
            "--data-dir",
            text(&data),
            "--out",
            text(&found),
            "-q",
        ]);
        ids(&found)
    };
    // Nine tenths of the log first, and then all of it: membership changes a little.
    let lines = fs::read_to_string(&world.log).unwrap();
    let most: Vec<&str> = lines.lines().enumerate().filter(|(at, _)| at % 10 != 0).map(|(_, line)| line).collect();
    fs::write(at("most.jsonl"), most.join("\n")).unwrap();
    let first = hunt(text(&at("most.jsonl")), "first");
    let second = hunt(text(&world.log), "second");
    assert!(!first.is_empty());
    assert_eq!(first, second);
}

#[test]
fn a_window_and_a_trusted_reference_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "5", "0.5");
    let at = |name: &str| folder.path().join(name);
    let summary = |found: &str| json(&at(found).join("summary.json"));
    let base = ["hunt", text(&world.log), "--accounts", text(&world.accounts), "--quiet", "--out"];
    succeed(&[&base[..], &[text(&at("all"))]].concat());
    succeed(&[&base[..], &[text(&at("part")), "--since", "2026-04-24", "--until", "2026-04-26T12:00:00Z"]].concat());
    assert!(summary("part")["exchanges"].as_u64() < summary("all")["exchanges"].as_u64());
    assert!(summary("part")["exchanges"].as_u64() > Some(0));
    // Honest accounts of another world are the reference.
    let other = crate::common::world(folder.path(), "6", "0.5");
    let truth = json(&other.truth);
    let hostile: BTreeSet<&str> = truth["campaigns"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|campaign| campaign["accounts"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    let honest: Vec<String> = fs::read_to_string(&other.log)
        .unwrap()
        .lines()
        .filter(|line| {
            let exchange: Value = serde_json::from_str(line).unwrap();
            !hostile.contains(exchange["account"].as_str().unwrap())
        })
        .map(str::to_owned)
        .collect();
    fs::write(at("honest.jsonl"), honest.join("\n")).unwrap();
    let trusted =
        ["--reference", text(&at("honest.jsonl")), "--reference-accounts", text(&other.accounts)].map(str::to_owned);
    let trusted: Vec<&str> = trusted.iter().map(String::as_str).collect();
    succeed(&[&base[..], &[text(&at("trusted"))], &trusted[..]].concat());
    let own = |found: &str| summary(found)["calibration"].as_str().unwrap().split(", ").nth(1).unwrap().to_owned();
    assert!(own("all").starts_with("0 "), "{}", own("all"));
    assert!(!own("trusted").starts_with("0 "), "{}", own("trusted"));
}

/// The options of the contract, and an example of each command.
#[test]
fn help_names_every_option_of_the_contract() {
    let hunt = [
        "--out",
        "--format",
        "--accounts",
        "--reference",
        "--reference-accounts",
        "--actions",
        "--entities",
        "--fdr",
        "--fdr-suspected",
        "--bank",
        "--since",
        "--until",
        "--engine",
        "--data-dir",
        "--progress",
        "--quiet",
        "--json",
        "--max-rejects",
        "Exit status",
        "stillwatch hunt logs/",
    ];
    let commands: [(&[&str], &[&str]); 6] = [
        (&["--help"], &["hunt", "ingest", "fold", "range", "completions"]),
        (&["hunt", "--help"], &hunt),
        (&["ingest", "--help"], &["--data-dir", "--keep-text", "stillwatch ingest logs/"]),
        (&["range", "--help"], &["generate", "score", "worlds"]),
        (&["bank", "--help"], &["build", "show", "merge", "add-cleared", "stillwatch bank build"]),
        (&["range", "generate", "--help"], &["--world", "--seed", "--out", "--parquet"]),
    ];
    for (command, words) in commands {
        let help = succeed(command);
        for word in words {
            assert!(help.contains(word), "`stillwatch {}` does not name {word}", command.join(" "));
        }
    }
    let completions = succeed(&["completions", "bash"]);
    assert!(completions.contains("--reference-accounts") && completions.contains("complete -F"), "{completions}");
    let worlds = succeed(&["range", "worlds"]);
    assert!(["demo", "yardstick", "record"].iter().all(|name| worlds.lines().any(|line| line.starts_with(name))));
}
