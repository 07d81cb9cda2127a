//! What a person sees: the page, the terminal, and `stillwatch show`, by the real binary.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A number as the page and the terminal write it.
fn grouped(number: &Value) -> String {
    let digits = number.as_u64().unwrap().to_string();
    let parts: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
    parts.join(",")
}

/// A name that is markup, with what hides and what turns text.
const HOSTILE: &str = "<script>alert(1)</script>\"'\u{202e}\u{2028}";

#[test]
fn the_page_and_the_terminal_say_what_the_files_say() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "1");
    // One account of the campaign that is found calls itself by markup, in the log and in its record.
    let truth = json(&world.truth);
    let name = truth["campaigns"][1]["accounts"][0].as_str().unwrap();
    let new = Value::from(HOSTILE).to_string();
    for path in [&world.log, &world.accounts] {
        let lines = fs::read_to_string(path).unwrap().replace(&format!("\"{name}\""), &new);
        fs::write(path, lines).unwrap();
    }
    let found = folder.path().join("found");
    let hunt = || succeed(&["hunt", text(&world.log), "--accounts", text(&world.accounts), "--out", text(&found)]);
    let shown = hunt();
    let page = fs::read_to_string(found.join("report.html")).unwrap();
    let campaigns = json(&found.join("campaigns.json"));
    let campaigns = campaigns.as_array().unwrap();
    assert!(!campaigns.is_empty());
    for campaign in campaigns {
        let id = campaign["id"].as_str().unwrap();
        let section = page.split(&format!("id=\"{id}\"")).nth(1).expect("each campaign has its section");
        let section = section.split("</section>").next().unwrap();
        let count = Value::from(campaign["accounts"].as_array().unwrap().len());
        let tiles = [
            format!("<dd class=\"big\">{} of 100<", campaign["confidence"]),
            format!("<dd class=\"big\">{}<", grouped(&count)),
            format!("<dd class=\"big\">{}<", grouped(&campaign["exchanges"])),
            format!("<dd class=\"big\">{}<", grouped(&campaign["leak"]["exchanges"])),
            format!("<dd class=\"big\">{} of 10<", campaign["impact"]),
            grouped(&campaign["output_tokens"]),
        ];
        let line = shown.lines().find(|line| line.starts_with(id)).expect("each campaign has its line");
        for number in [grouped(&count), grouped(&campaign["exchanges"]), campaign["confidence"].to_string()] {
            assert!(line.split_whitespace().any(|cell| cell == number), "{number} in {line}");
        }
        for tile in tiles {
            assert!(section.contains(&tile), "{tile} of {id}");
        }
        for family in campaign["families"].as_array().unwrap() {
            let name = family["family"].as_str().unwrap();
            assert!(section.contains(&format!("<b>{name}</b>")), "{name} of {id}");
        }
    }
    assert!(page.contains("Growth") && page.contains("Hours of the day") && page.contains("Who shares what"));
    assert!(!page.contains("<script") && !page.contains(['\u{202e}', '\u{2028}']), "names are escaped");
    assert!(
        fs::read_to_string(found.join("accounts.jsonl")).unwrap().contains("<script>"),
        "the name is in the results"
    );
    assert!(
        !shown.contains("e-value 0.0") && !shown.lines().any(|line| line.trim_start().starts_with("- ")),
        "{shown}"
    );
    hunt();
    assert!(page == fs::read_to_string(found.join("report.html")).unwrap(), "the same input gives another page");
    shown_again(&found, campaigns);
}

/// `stillwatch show` of what a hunt found.
fn shown_again(found: &Path, campaigns: &[Value]) {
    let show = |name: &str, more: &[&str]| succeed(&[&["show", name, "--found", text(found)], more].concat());
    let id = campaigns[0]["id"].as_str().unwrap();
    let campaign = show(id, &[]);
    assert!(campaign.contains(&grouped(&campaigns[0]["exchanges"])) && campaign.contains("FAMILY"), "{campaign}");
    let same: Value = serde_json::from_str(&show(id, &["--json"])).unwrap();
    assert_eq!(same["campaigns"][0], campaigns[0]);
    let accounts = fs::read_to_string(found.join("accounts.jsonl")).unwrap();
    let accounts: Vec<Value> = accounts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let with_items = |account: &&Value| !account["evidence"].as_array().unwrap().is_empty();
    let account = accounts.iter().find(with_items).unwrap();
    let name = account["account"].as_str().unwrap();
    let item = account["evidence"][0]["item"].as_str().unwrap();
    let words = show(name, &[]);
    assert!(words.contains(item) && words.contains(account["reasons"][0].as_str().unwrap()), "{words}");
    let holders: Value = serde_json::from_str(&show(item.get(..8).unwrap(), &["--json"])).unwrap();
    let holders = holders["items"].as_array().unwrap();
    assert!(holders.iter().any(|holder| holder["account"] == account["account"]), "{holders:?}");
    let hostile = show(HOSTILE, &[]);
    assert!(hostile.contains("<script>") && !hostile.contains('\u{202e}'), "{hostile}");
    let (status, error) = failed(&["show", "nobody", "--found", text(found)]);
    assert!(status == 2 && error.contains("names no account"), "{status}: {error}");
}

#[test]
fn what_cannot_be_read_is_one_error_and_no_summary() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("passwd");
    fs::write(&log, "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/bin/sh\n").unwrap();
    let output = stillwatch(&["hunt", text(&log), "--out", text(&folder.path().join("found"))]);
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(out.is_empty(), "{out}");
    assert_eq!(error.matches("error:").count(), 1, "{error}");
    assert!(!error.contains("Look next"), "{error}");
}

#[test]
fn what_is_missing_is_one_line_that_says_what_it_costs() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "3", "0.3");
    let shown = succeed(&["hunt", text(&world.log), "--out", text(&folder.path().join("found"))]);
    let lines: Vec<&str> = shown.lines().filter(|line| line.contains("--accounts")).collect();
    assert!(lines.len() == 1 && lines[0].contains("cannot be seen"), "{shown}");
    assert!(shown.contains("report.html"), "{shown}");
}
