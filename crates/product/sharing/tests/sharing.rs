//! What leaves, what does not, and what comes in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::Write;
use std::process::Command;

use columns::Secret;
use record::Account;
use serde_json::Value;
use serde_json::json;
use sharing::Ask;
use sharing::Campaign;
use sharing::Content;
use sharing::ErrorKind;
use sharing::Guard;
use sharing::Tlp;
use sharing::keep;
use sharing::kept;
use sharing::matches;
use sharing::parse;
use sharing::stix::bundle;

/// Variable with a Python that has the foreign libraries; `cargo xtask test` sets it.
const PYTHON: &str = "STILLWATCH_TEST_STIX";
const AT: &str = "2026-11-26T12:00:00.000Z";

fn secret(folder: &std::path::Path, name: &str) -> Secret {
    Secret::read_or_make(&folder.join(name)).unwrap()
}

fn campaign(named: bool) -> Campaign {
    let accounts: Vec<String> = (0..137).map(|at| format!("acct_{at}")).collect();
    serde_json::from_value(json!({
        "id": "C-test0000", "status": "discovered", "accounts": accounts, "exchanges": 12_345, "confidence": 97,
        "first_seen": "2026-04-22T10:11:12Z", "last_seen": "2026-06-05T01:02:03Z",
        "families": [{ "family": "content" }, { "family": "identity" }],
        "capabilities": [{ "name": "reasoning", "share": 0.9 }, { "name": "vision", "share": 0.01 }],
        "attribution": [
            { "entity": "Northmere Cognition Works", "likelihood": "very likely", "posterior": 0.9, "named": named },
            { "entity": "none of these", "likelihood": "very unlikely", "posterior": 0.1, "named": false },
        ],
    }))
    .unwrap()
}

/// A card that many accounts have, one that four have, and a telephone that strangers have too.
fn records() -> Vec<Account> {
    let account = |at: usize| Account {
        account: format!("acct_{at}"),
        payment: Some(if at < 20 { "card-of-many".to_owned() } else { format!("card-{}", at / 4) }),
        email: Some(format!("person{at}@mail.example")),
        ..Account::default()
    };
    let mut records: Vec<Account> = (0..137).map(account).collect();
    records.push(Account { account: "stranger".to_owned(), payment: Some("card-of-many".to_owned()), ..account(900) });
    records
}

#[test]
fn as_little_as_serves_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let key = secret(folder.path(), "group");
    let content = Content::new("Example Models", &campaign(false), &records(), Some(&key)).unwrap();
    assert_eq!((content.accounts, content.exchanges), (130, 12_000));
    assert_eq!((content.first_seen.as_str(), content.capabilities.len()), ("2026-04-22T00:00:00.000Z", 1));
    // One card that twenty accounts have; those of four each stay.
    assert_eq!((content.indicators.len(), content.indicators[0].accounts, content.held_back), (1, 20, 30));
    let text = serde_json::to_string(&bundle(&content, Tlp::Amber, AT)).unwrap()
        + &sharing::misp::event(&content, Tlp::Amber, AT).to_string();
    for secret in ["card-of-many", "card-9", "acct_", "mail.example", "Northmere", " 137 ", "12345"] {
        assert!(!text.contains(secret), "{secret} left");
    }
    // Under another key it is another value.
    let other =
        Content::new("Example Models", &campaign(false), &records(), Some(&secret(folder.path(), "b"))).unwrap();
    assert_ne!(content.indicators[0].keyed_hash, other.indicators[0].keyed_hash);
    let few = Campaign { accounts: BTreeSet::from(["a".to_owned()]), ..campaign(false) };
    assert_eq!(Content::new("x", &few, &[], None).unwrap_err().kind(), ErrorKind::Guarded);
}

#[test]
fn the_same_campaign_has_the_same_ids_and_an_intrusion_set_only_where_somebody_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let key = secret(folder.path(), "group");
    let of = |named: bool, at: &str| {
        let content = Content::new("Example Models", &campaign(named), &records(), Some(&key)).unwrap();
        bundle(&content, Tlp::Green, at)
    };
    let ids = |bundle: &Value| -> BTreeSet<String> {
        bundle["objects"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let (early, late) = (of(true, AT), of(true, "2026-12-01T00:00:00.000Z"));
    assert_eq!(ids(&early), ids(&late));
    assert_ne!(early["id"], late["id"]);
    let has = |bundle: &Value| bundle["objects"].as_array().unwrap().iter().any(|one| one["type"] == "intrusion-set");
    assert!(has(&early) && !has(&of(false, AT)));
}

#[test]
fn nothing_leaves_unasked_or_above_its_marking() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |tlp: Tlp, confirmed: Option<&'static str>| Ask {
        with: "forum",
        by: "ann",
        confirmed,
        tlp,
        campaign: Some("C-test0000"),
        format: "stix",
        indicators: 3,
        at: AT,
    };
    let pass = |ask: &Ask<'_>| Guard::open(folder.path()).unwrap().pass(ask);
    let told = pass(&ask(Tlp::Green, None)).unwrap_err();
    assert!(told.kind() == ErrorKind::Guarded && told.to_string().contains("--confirm-first-share"), "{told}");
    assert_eq!(pass(&ask(Tlp::Green, Some("forun"))).unwrap_err().kind(), ErrorKind::Guarded);
    pass(&ask(Tlp::Green, Some("forum"))).unwrap();
    pass(&ask(Tlp::Clear, None)).unwrap();
    let told = pass(&ask(Tlp::Amber, Some("forum"))).unwrap_err();
    assert!(told.to_string().contains("up to TLP:GREEN"), "{told}");
    assert_eq!(pass(&ask(Tlp::Red, Some("forum"))).unwrap_err().kind(), ErrorKind::Guarded);
    assert_eq!(Guard::open(folder.path()).unwrap().groups()["forum"].shared.len(), 2);
    // What cannot be read lets nothing out.
    fs::write(folder.path().join("shares.json"), "{").unwrap();
    assert_eq!(Guard::open(folder.path()).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn what_was_shared_is_found_again_by_who_has_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = secret(folder.path(), "group");
    let content = Content::new("Example Models", &campaign(false), &records(), Some(&key)).unwrap();
    let documents = [bundle(&content, Tlp::Amber, AT), sharing::misp::event(&content, Tlp::Amber, AT)];
    for document in documents {
        let inbound = parse("Other Models", AT, document.to_string().as_bytes()).unwrap();
        assert_eq!((inbound.indicators.len(), inbound.tlp), (1, Tlp::Amber));
        keep(folder.path(), &inbound).unwrap();
        let found = matches(&inbound, &campaign(false).accounts, &records(), &key);
        assert_eq!((found.values, found.inside, found.inside_of, found.outside, found.outside_of), (1, 20, 137, 1, 1));
        let none = matches(&inbound, &campaign(false).accounts, &records(), &secret(folder.path(), "other"));
        assert_eq!((none.values, none.inside), (0, 0));
    }
    // The same values from the same sender are kept once.
    assert_eq!(kept(folder.path()).unwrap().len(), 1);
}

#[test]
fn what_comes_in_is_only_what_it_is() {
    let of = |objects: Value| parse("x", AT, json!({ "type": "bundle", "objects": objects }).to_string().as_bytes());
    let pattern = |kind: &str, hash: &str| {
        json!({ "type": "indicator", "pattern":
            format!("[x-stillwatch-observable:kind = '{kind}' AND x-stillwatch-observable:keyed_hash = '{hash}']") })
    };
    let hash = "00112233445566aa";
    let told = of(json!([
        pattern("payment", hash), pattern("payment", hash), pattern("payment", "0011"), pattern("country", hash),
        pattern("payment", "' OR '1'='1"), { "type": "indicator" }, { "type": "x-flood-1" }, { "type": "x-flood-2" }, 7,
        { "type": "note", "object_marking_refs": ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"] },
    ]))
    .unwrap();
    assert_eq!((told.indicators.len(), told.tlp), (1, Tlp::Red));
    let counts: Vec<(&str, u64)> = told.passed_over.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(counts, [("indicator with another pattern", 4), ("note", 1), ("unknown type", 3)]);
    let revoked = json!([{ "type": "indicator", "revoked": true, "pattern": pattern("payment", hash)["pattern"] }]);
    assert_eq!(of(revoked).unwrap().indicators.len(), 0);
    for bytes in [&b"{"[..], b"[]", b"{\"type\":\"bundle\"}", b"{\"Event\":1}", &[b'['; 1_000]] {
        assert_eq!(parse("x", AT, bytes).unwrap_err().kind(), ErrorKind::Malformed);
    }
    assert_eq!(parse("<b>", AT, b"{\"Event\":{}}").unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn foreign_libraries_read_what_is_shared() {
    let Ok(python) = env::var(PYTHON) else {
        let text = format!("SKIPPED foreign_libraries_read: no {PYTHON} (run `cargo xtask test`, which makes one)\n");
        // Not captured, unlike `eprintln!`.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let key = secret(folder.path(), "group");
    for named in [false, true] {
        let content = Content::new("Example Models", &campaign(named), &records(), Some(&key)).unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("bundle.json"), bundle(&content, Tlp::Amber, AT).to_string()).unwrap();
        fs::write(place("event.json"), sharing::misp::event(&content, Tlp::Amber, AT).to_string()).unwrap();
        let output = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sharing.py"))
            .args([place("bundle.json"), place("event.json")])
            .arg(if named { "named" } else { "unnamed" })
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
    }
}
