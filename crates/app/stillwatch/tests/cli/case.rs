//! Cases from the command line: exported, checked by somebody who has the archive alone, and refused when changed.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use dossier::Audience;
use dossier::Options;
use dossier::Texts;
use dossier::read_archive;
use dossier::write_archive;
use ledger::VerifyingKey;
use serde_json::Value;

use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

/// One-byte changes that are tried.
const CHANGES: u64 = 10_000;

/// A data directory with a hunted world, and one of its cases.
pub fn hunted(folder: &Path) -> (PathBuf, String) {
    let world = world(folder, "7", "0.2");
    let (data, out) = (folder.join("data"), folder.join("out"));
    succeed(&["ingest", text(&world.log), "--data-dir", text(&data), "--quiet", "--keep-text"]);
    let accounts = text(&world.accounts);
    succeed(&["hunt", text(&data), "--accounts", accounts, "--data-dir", text(&data), "--out", text(&out), "--quiet"]);
    let found: Value = serde_json::from_slice(&fs::read(out.join("campaigns.json")).unwrap()).unwrap();
    (data, found[0]["id"].as_str().expect("the world has a campaign").to_owned())
}

fn export(data: &Path, id: &str, out: &Path, more: &[&str]) -> Vec<u8> {
    succeed(&[&["case", "export", id, "--data-dir", text(data), "--out", text(out), "--quiet"], more].concat());
    fs::read(out).unwrap()
}

fn verified(file: &Path, more: &[&str]) -> (i32, Value) {
    let output = stillwatch(&[&["verify", text(file), "--json"], more].concat());
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).expect("verify prints JSON"))
}

fn basis<'a>(told: &'a Value, id: &str) -> &'a str {
    let claims = told["claims"].as_array().unwrap();
    claims.iter().find(|claim| claim["id"] == id).map_or("missing", |claim| claim["basis"].as_str().unwrap())
}

/// Numbers that look random and are the same at every run.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 24
}

#[test]
fn a_case_is_exported_and_checked_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (data, id) = hunted(folder.path());
    assert!(succeed(&["case", "list", "--data-dir", text(&data)]).contains(&id));
    let shown: Value =
        serde_json::from_str(&succeed(&["case", "show", &id, "--data-dir", text(&data), "--json"])).unwrap();
    assert_eq!(shown["case"], id.as_str());
    let (one, other) = (folder.path().join("one.zip"), folder.path().join("other.zip"));
    let bytes = export(&data, &id, &one, &[]);
    assert_eq!(bytes, export(&data, &id, &other, &[]), "the same case gives the same bytes");
    // Nothing but the archive and the key is left.
    let key = folder.path().join("key.pub");
    fs::copy(data.join("ledger/key.pub"), &key).unwrap();
    let (status, told) = verified(&one, &["--trust", text(&key)]);
    assert_eq!((status, &told["verified"]), (0, &true.into()), "{told:#}");
    for claim in
        ["accounts", "exchanges", "input-tokens", "output-tokens", "first-seen", "last-seen", "e-value", "bank-rank"]
    {
        assert_eq!(basis(&told, claim), "recomputed", "{claim}: {told:#}");
    }
    assert_eq!(basis(&told, "confidence"), "stated");
    let items =
        told["claims"].as_array().unwrap().iter().filter(|claim| claim["id"].as_str().unwrap().starts_with("item-"));
    assert!(items.filter(|claim| claim["basis"] == "recomputed").count() > 0, "{told:#}");
    let page = read_archive(&bytes).unwrap().into_iter().find(|(name, _)| name == "report.html").unwrap().1;
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains(&id) && page.contains("href=\"#exchanges\"") && !page.contains("<script"));
    let (status, error) = failed(&["case", "export", "C-none", "--data-dir", text(&data), "--out", text(&one)]);
    assert!(status == 2 && error.contains(&id), "{status} {error}");
}

#[test]
fn each_audience_sees_what_it_is_to_see() {
    let folder = tempfile::tempdir().unwrap();
    let (data, id) = hunted(folder.path());
    let accounts: Value = serde_json::from_slice(&fs::read(folder.path().join("out/campaigns.json")).unwrap()).unwrap();
    let account = accounts[0]["accounts"][0].as_str().unwrap();
    let archive = folder.path().join("case.zip");
    for (audience, shows) in [("court", true), ("regulator", true), ("peer", false), ("public", false)] {
        let bytes = export(&data, &id, &archive, &["--for", audience]);
        assert_eq!(verified(&archive, &[]).0, 0, "{audience}");
        let held = |words: &str| {
            read_archive(&bytes).unwrap().iter().any(|(name, bytes)| unpacked(name, bytes).contains(words))
        };
        assert_eq!(held(account), shows, "{audience}: {account}");
    }
    let texts = |which: &str| {
        let bytes = export(&data, &id, &archive, &["--for", "court", "--text", which]);
        assert_eq!(verified(&archive, &[]).0, 0, "{which}");
        let rows = read_archive(&bytes).unwrap().into_iter().find(|(name, _)| name == "records/rows.jsonl.gz").unwrap();
        let rows = unpacked(&rows.0, &rows.1);
        let rows = rows.lines().map(|line| serde_json::from_str::<journal::RowProof>(line).unwrap());
        rows.filter(|row| matches!(row.parts[2], journal::Part::Shown { .. })).count()
    };
    let (none, claims, all) = (texts("none"), texts("claims"), texts("all"));
    assert!(none == 0 && claims <= all && all > 0, "{none} {claims} {all}");
    let refused =
        ["case", "export", &id, "--data-dir", text(&data), "--out", text(&archive), "--for", "public", "--text", "all"];
    assert_eq!(failed(&refused).0, 2);
}

fn unpacked(name: &str, bytes: &[u8]) -> String {
    use std::io::Read;
    let mut text = Vec::new();
    if name.ends_with(".gz") {
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    } else {
        text.extend(bytes);
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn any_changed_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (data, id) = hunted(folder.path());
    let options = Options { audience: Audience::Regulator, text: Texts::None };
    let good = dossier::export(&data, &id, &options, &workers::Silent::default()).unwrap();
    assert!(dossier::verify(&good, None).holds());
    let mut state = 7;
    for _ in 0..CHANGES {
        let at = (draw(&mut state) % good.len() as u64) as usize;
        let mut bad = good.clone();
        bad[at] ^= 1 << (draw(&mut state) % 8);
        assert!(!dossier::verify(&bad, None).holds(), "byte {at} was changed unseen");
    }
    for _ in 0..200 {
        let at = (draw(&mut state) % good.len() as u64) as usize;
        assert!(!dossier::verify(&good[..at], None).holds(), "it was cut at {at} unseen");
        let mut longer = good.clone();
        longer.insert(at, 0);
        assert!(!dossier::verify(&longer, None).holds(), "a byte more at {at} is not seen");
    }
}

/// Whoever can sign again has another key, and changes in what was recorded need another ledger.
#[test]
fn forgeries_are_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let (data, id) = hunted(folder.path());
    let archive = folder.path().join("case.zip");
    let good = export(&data, &id, &archive, &[]);
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    drop(ledger::Ledger::open(&other).unwrap());
    let foreign = fs::read_to_string(other.join("key.pub")).unwrap();
    let foreign = VerifyingKey::parse(&foreign).unwrap();
    let told = dossier::verify(&good, Some(&foreign));
    assert!(
        !told.holds() && told.lines.iter().any(|line| line.text.contains("not by the key that you trust")),
        "{told:?}"
    );
    // Each file changed, left out, or put in the place of another, with a manifest to match but without the key to sign it.
    let files = read_archive(&good).unwrap();
    for at in 0..files.len() {
        let mut changed = files.clone();
        changed[at].1.push(b'\n');
        assert!(
            !dossier::verify(&write_archive(&changed).unwrap(), None).holds(),
            "{} was changed unseen",
            files[at].0
        );
        changed.remove(at);
        assert!(
            !dossier::verify(&write_archive(&changed).unwrap(), None).holds(),
            "{} was left out unseen",
            files[at].0
        );
    }
    // A proof of one exchange, from the same ledger.
    let proof = folder.path().join("proof.json");
    succeed(&[
        "ledger",
        "proof",
        "--data-dir",
        text(&data),
        "--exchange",
        &first_exchange(&files),
        "--out",
        text(&proof),
    ]);
    assert_eq!(verified(&proof, &["--trust", text(&data.join("ledger/key.pub"))]).0, 0);
    assert_eq!(verified(&proof, &["--trust", &foreign.to_string()]).0, 4);
    let changed = fs::read_to_string(&proof).unwrap().replacen("\"rows\": ", "\"rows\": 1", 1);
    fs::write(&proof, changed).unwrap();
    assert_eq!(verified(&proof, &[]).0, 4);
    let (status, error) = failed(&["verify", text(&folder.path().join("none.zip"))]);
    assert_eq!(status, 2, "{error}");
    let (status, error) = failed(&["verify", text(&archive), "--trust", "no key"]);
    assert!(status == 2 && error.contains("--trust"), "{error}");
}

/// The id of an exchange that an archive shows.
fn first_exchange(files: &[(String, Vec<u8>)]) -> String {
    let rows = files.iter().find(|(name, _)| name == "records/rows.jsonl.gz").unwrap();
    let rows = unpacked(&rows.0, &rows.1);
    let row: journal::RowProof = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
    let journal::Part::Shown { values, .. } = &row.parts[0] else { panic!("facts are shown") };
    match journal::decode(values).unwrap().remove(0) {
        journal::Owned::Text(id) => id,
        other => panic!("an id is a text, and not {other}"),
    }
}
