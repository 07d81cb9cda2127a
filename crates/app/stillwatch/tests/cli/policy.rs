//! Rules, from outside.

use std::fs;

use serde_json::Value;

use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

/// The day that is asked about, so that the tests hold after the rules expired.
const AT: [&str; 2] = ["--at", "2026-12-01"];

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&succeed(&[arguments, &AT[..], &["--json"]].concat())).unwrap()
}

/// Exit status and standard output of a run, whatever it is.
fn told(arguments: &[&str]) -> (i32, Value) {
    let output = stillwatch(&[arguments, &AT[..], &["--json"]].concat());
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_folder_is_made_checked_tested_and_broken() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    let rules = text(&rules);
    assert!(succeed(&["policy", "init", rules]).contains("in shadow"));
    assert_eq!(failed(&["policy", "init", rules]).0, 2, "what is there is not written over");
    let checked = json(&["policy", "check", rules]);
    assert_eq!((checked["fit"].as_bool(), checked["faults"].as_array().unwrap().len()), (Some(true), 0));
    assert_eq!(checked["policy"], json(&["policy", "check"])["policy"], "the folder is what the program holds");
    assert!(succeed(&["policy", "check", rules, "--at", "2026-12-01"]).contains("24 rules, fit to be used"));
    let tested = json(&["policy", "test", rules]);
    assert!(tested["held"].as_u64().unwrap() > 40);
    // After the day on which they expire, rules are told, and the status is that of a check that does not hold.
    let output = stillwatch(&["policy", "check", rules, "--at", "2027-06-01"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("caps.unverified: it expired on 2027-05-31"));
    let file = format!("{rules}/caps.cedar");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, good.replace("principal.firstDay", "principal.firstWeek")).unwrap();
    let (code, checked) = told(&["policy", "check", rules]);
    assert_eq!((code, checked["fit"].as_bool()), (4, Some(false)));
    let fault = checked["faults"][0].as_str().unwrap();
    assert!(fault.starts_with("caps.cedar, caps.first-day: ") && fault.contains("firstWeek"), "{fault}");
    for command in ["test", "explain", "backtest"] {
        let more: &[&str] = match command {
            "explain" => &["--account", "a"],
            "backtest" => &["--data-dir", rules, "--found", rules],
            _ => &[],
        };
        let (code, message) = failed(&[&["policy", command, rules], more].concat());
        assert_eq!(code, 4, "{command}: {message}");
        assert!(message.contains("firstWeek"), "{message}");
    }
    fs::write(&file, good.replace("@reason(\"unverified\")", "@reason(\"other\")")).unwrap();
    let (code, tested) = told(&["policy", "test", rules]);
    assert_eq!(code, 4);
    assert!(
        tested["faults"][0].as_str().unwrap().contains("the reason is other, and unverified was expected"),
        "{tested}"
    );
    let (code, message) = failed(&["policy", "check", &format!("{rules}/tests")]);
    assert_eq!(code, 2);
    assert!(message.contains("holds no policies"), "{message}");
}

#[test]
fn recorded_exchanges_say_whom_a_rule_would_hit() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "3", "0.5");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (data, found, rules, changed) = (at("data"), at("found"), at("rules"), at("changed"));
    let accounts = text(&world.accounts);
    succeed(&["ingest", text(&world.log), "--data-dir", &data, "--quiet"]);
    succeed(&["hunt", &data, "--accounts", accounts, "--out", &found, "--quiet"]);
    succeed(&["policy", "init", &rules]);
    succeed(&["policy", "init", &changed, "--live"]);
    let verdicts: Vec<Value> = fs::read_to_string(format!("{found}/accounts.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let implicated: Vec<&str> = verdicts
        .iter()
        .filter(|one| one["verdict"] == "implicated")
        .map(|one| one["account"].as_str().unwrap())
        .collect();
    assert!(implicated.len() > 20, "the world's campaign is found");

    let radius = json(&["policy", "backtest", &rules, "--data-dir", &data, "--found", &found, "--accounts", accounts]);
    let of = |rule: &str| radius.as_array().unwrap().iter().find(|one| one["rule"] == rule).unwrap().clone();
    let ladder = of("ladder.budget");
    assert_eq!((ladder["mode"].as_str(), ladder["accounts"].as_u64()), (Some("shadow"), Some(implicated.len() as u64)));
    assert!(implicated.contains(&ladder["sample"][0].as_str().unwrap()));
    // What the rule would have hit is what the hunt says that these accounts did.
    let campaigns: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(format!("{found}/campaigns.json")).unwrap()).unwrap();
    let exchanges: u64 = campaigns
        .iter()
        .filter(|one| one["status"] == "discovered")
        .map(|one| one["exchanges"].as_u64().unwrap())
        .sum();
    let summary: Value = serde_json::from_str(&fs::read_to_string(format!("{found}/summary.json")).unwrap()).unwrap();
    let a_day = ladder["exchanges_per_day"].as_f64().unwrap();
    assert!(a_day > 0.0 && a_day <= exchanges as f64, "{a_day} of {exchanges}");
    let all: f64 = summary["exchanges"].as_f64().unwrap();
    assert!(of("caps.unverified")["exchanges_per_day"].as_f64().unwrap() <= all);
    for field in ["rule", "mode", "accounts", "paying_accounts", "exchanges_per_day", "tokens_per_day", "sample"] {
        assert!(!ladder[field].is_null(), "{field}");
    }
    let table = succeed(&["policy", "backtest", &rules, "--data-dir", &data, "--found", &found]);
    assert!(table.contains("EXCHANGES/DAY") && table.contains("every account counts as not verified"), "{table}");

    let one = implicated[0];
    let explain =
        |rules: &str| json(&["policy", "explain", rules, "--account", one, "--found", &found, "--accounts", accounts]);
    let (shadow, live) = (explain(&rules), explain(&changed));
    assert_ne!(live["decision"]["decision"], "allow");
    let rule = live["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "ladder.budget").unwrap();
    assert_eq!(rule["decided_by"][0]["attribute"], "principal.verdict");
    assert!(shadow["decision"]["shadow"].as_array().unwrap().iter().any(|one| one["rule"] == "ladder.budget"));
    let words = succeed(&["policy", "explain", &changed, "--account", one, "--found", &found, "--country", "kp"]);
    assert!(
        words.contains("decision: deny, reason place_not_served") && words.contains("it would not match with"),
        "{words}"
    );

    let diff = json(&["policy", "diff", &rules, &changed, "--found", &found, "--accounts", accounts]);
    let hit: u64 = diff["accounts"].as_array().unwrap().iter().map(|one| one["accounts"].as_u64().unwrap()).sum();
    assert!(hit >= implicated.len() as u64 && hit <= diff["of"].as_u64().unwrap(), "{hit}");
    assert!(diff["changes"].as_array().unwrap().iter().any(|one| one["after"]["rule"] == "ladder.discovered"));
    assert_eq!(succeed(&["policy", "diff", &rules, &rules]), "nothing changes for anybody\n");
    let words = succeed(&["policy", "diff", &rules, &changed, "--found", &found]);
    assert!(words.contains("would see a change") && words.contains("where principal.verdict is "), "{words}");
}

#[test]
fn what_cannot_be_is_refused() {
    for (arguments, words) in [
        (["policy", "explain", "--account", "a", "--country", "Cuba"], "two letters"),
        (["policy", "explain", "--account", "a", "--asks", "teleport"], "one of reasoning, agent"),
        (["policy", "backtest", "--data-dir", "/nowhere", "--found", "/nowhere"], "/nowhere"),
    ] {
        let (code, message) = failed(&arguments);
        assert_eq!(code, 2, "{message}");
        assert!(message.contains(words), "{message}");
    }
}

/// What a gate is given is the same, whether it is made of a run in memory or of its files.
#[test]
fn a_snapshot_of_a_run_is_that_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "4", "0.4");
    let out = folder.path().join("found");
    let options = hunt::Options {
        inputs: vec![text(&world.log).to_owned()],
        accounts: vec![text(&world.accounts).to_owned()],
        out: out.clone(),
        ..hunt::Options::default()
    };
    let outcome = hunt::hunt(&options, &workers::Silent::default()).unwrap();
    let files = hunt::read_snapshot(&out, 7).unwrap();
    let leads = serde_json::from_slice(&fs::read(out.join("leads.json")).unwrap()).unwrap();
    let campaigns = outcome.campaigns.iter().map(campaign::FoundCampaign::from).collect();
    let accounts = outcome.accounts.iter().map(campaign::FoundAccount::from).collect();
    let memory = campaign::snapshot(7, files.window(), campaigns, accounts, leads).unwrap();
    assert_eq!(memory.id(), files.id());
    assert!(files.accounts().len() >= outcome.accounts.len() && !outcome.campaigns.is_empty());
    for verdict in &outcome.accounts {
        let held = files.account(&verdict.account).unwrap();
        assert_eq!(held.standing(), Some(verdict.verdict));
        assert!(verdict.campaigns.iter().all(|id| held.campaigns().any(|campaign| campaign.id == *id)));
        assert_eq!(held.families().is_empty(), verdict.evidence.is_empty());
    }
    for found in &outcome.campaigns {
        let held = files.campaign(&found.id).unwrap();
        assert_eq!(usize::from(held.corroboration), found.corroboration);
        let members: Vec<&str> = files.members(&found.id).map(|member| member.name()).collect();
        assert!(found.accounts.iter().all(|account| members.contains(&account.as_str())));
    }
    // Written whole, and read as it was.
    let place = folder.path().join("verdicts");
    hunt::write_snapshot(&files, &place).unwrap();
    assert_eq!(verdict::VerdictSnapshot::read_file(&place).unwrap().id(), files.id());
}
