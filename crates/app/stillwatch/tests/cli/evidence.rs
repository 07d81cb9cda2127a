//! What an account itself did, by the real binary.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::common::succeed;
use crate::common::text;
use crate::common::world;

#[test]
fn evidence_names_the_exchanges_in_which_it_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "1");
    let found = folder.path().join("found");
    succeed(&["hunt", text(&world.log), "--accounts", text(&world.accounts), "--out", text(&found), "--quiet"]);
    let of_account: BTreeSet<(String, String)> = fs::read_to_string(&world.log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|exchange| (exchange["account"].as_str().unwrap().to_owned(), exchange["id"].as_str().unwrap().to_owned()))
        .collect();
    let accounts = fs::read_to_string(found.join("accounts.jsonl")).unwrap();
    let mut seen = 0;
    for account in accounts.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        for item in account["evidence"].as_array().unwrap() {
            let exchanges = item["exchanges"].as_array().unwrap();
            // What an account registered with was seen in no exchange; all else was.
            assert_eq!(exchanges.is_empty(), item["detector"] == "registration", "{item}");
            assert!(exchanges.len() <= 5, "{item}");
            for id in exchanges {
                let pair = (account["account"].as_str().unwrap().to_owned(), id.as_str().unwrap().to_owned());
                assert!(of_account.contains(&pair), "{pair:?} is no exchange of the account");
            }
            seen += exchanges.len();
        }
    }
    assert!(seen > 100, "{seen} exchanges are named");
}
