//! Changed archives, the same for the same seed: bytes, files, records and claims, with and without the ledger's signature.

use serde_json::Value;
use serde_json::json;

use crate::archive::read;
use crate::archive::write;
use crate::tests::parts::ACCOUNTS;
use crate::tests::parts::OPENINGS;
use crate::tests::parts::Parts;
use crate::tests::parts::ROWS;

/// Changes of each kind.
const BYTES: usize = 120;
const FILES: usize = 60;
const RECORDS: usize = 120;

/// An archive, and what was done to it.
pub struct Mutant {
    pub what: String,
    pub bytes: Vec<u8>,
}

/// Numbers that look random and are the same at every run.
pub struct Draws(pub u64);

impl Draws {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() % end.max(1)
    }
}

/// All of them, the unchanged archives first.
pub fn mutants(seed: u64) -> Vec<Mutant> {
    let mut draws = Draws(seed);
    let bases = [Parts::court(), Parts::regulator(), Parts::public()];
    let names = ["court", "regulator", "public"];
    let mut all = Vec::new();
    for (parts, name) in bases.iter().zip(names) {
        all.push(Mutant { what: format!("{name}, unchanged"), bytes: parts.sealed() });
    }
    for at in 0..BYTES {
        let base = all[at % bases.len()].bytes.clone();
        let (what, bytes) = changed_bytes(base, at, &mut draws);
        all.push(Mutant { what, bytes });
    }
    for at in 0..FILES {
        let (what, bytes) = changed_files(&bases[at % bases.len()], at, &mut draws);
        all.push(Mutant { what, bytes });
    }
    for at in 0..RECORDS {
        let mut parts = bases[at % 2].clone();
        let what = changed_records(&mut parts, at / 2, &mut draws);
        all.push(Mutant { what, bytes: parts.sealed() });
    }
    for (at, (is_verdict, what, change)) in recorded_again().into_iter().enumerate() {
        let mut parts = bases[if is_verdict { at % bases.len() } else { at % 2 }].clone();
        parts.record_again(is_verdict, change);
        all.push(Mutant { what: format!("recorded again: {what}"), bytes: parts.sealed() });
    }
    all
}

/// Bytes that are changed, cut, put in or moved.
fn changed_bytes(mut bytes: Vec<u8>, kind: usize, draws: &mut Draws) -> (String, Vec<u8>) {
    // One in four is near an end, where the directory of the zip is.
    let at = if kind.is_multiple_of(4) { bytes.len() - 1 - draws.below(1500) } else { draws.below(bytes.len()) };
    let what = match kind % 10 {
        0..6 => {
            bytes[at] ^= 1 << draws.below(8);
            format!("byte {at} changed")
        }
        6 => {
            bytes.truncate(at);
            format!("cut at {at}")
        }
        7 => {
            bytes.insert(at, draws.below(256) as u8);
            format!("a byte more at {at}")
        }
        8 => {
            bytes.remove(at);
            format!("a byte less at {at}")
        }
        _ => {
            let other = draws.below(bytes.len());
            bytes.swap(at, other);
            format!("bytes {at} and {other} swapped")
        }
    };
    (what, bytes)
}

/// Files that are left out, changed, doubled or swapped; every second time signed again.
fn changed_files(parts: &Parts, kind: usize, draws: &mut Draws) -> (String, Vec<u8>) {
    // What the page does not make again is changed only where no signature follows.
    let signed =
        ["claims.json", "verdict.json", OPENINGS, ACCOUNTS, ROWS, "entries", "checkpoint", "key.pub", "README.txt"];
    if kind.is_multiple_of(2) {
        let mut parts = parts.clone();
        let (name, other) = (signed[draws.below(signed.len())], signed[draws.below(signed.len() - 1)]);
        let what = match kind / 2 % 3 {
            0 => {
                parts.files.remove(name);
                format!("signed again without {name}")
            }
            1 => {
                parts.files.get_mut(name).unwrap().push(b'\n');
                format!("signed again with a line more in {name}")
            }
            _ => {
                parts.files.insert(name.to_owned(), parts.files[other].clone());
                format!("signed again with {other} as {name}")
            }
        };
        // A byte behind the end of a gzip stream is read by no reader in the same way.
        let is_packed = what.contains("a line more") && name.ends_with(".gz");
        return if is_packed { (format!("{what}, and not signed"), unsigned(&parts)) } else { (what, parts.sealed()) };
    }
    let mut files = read(&parts.sealed()).unwrap();
    let (at, other) = (draws.below(files.len()), draws.below(files.len()));
    let what = match kind / 2 % 4 {
        0 => format!("without {}", files.remove(at).0),
        1 => {
            files.swap(at, other);
            format!("{at} and {other} in each other's place")
        }
        2 => {
            let data = files[other].1.clone();
            files[at].1 = data;
            format!("file {other} in the place of {at}")
        }
        _ => {
            let again = files[at].clone();
            files.push(again);
            format!("file {at} twice")
        }
    };
    (what, write(&files).unwrap())
}

fn unsigned(parts: &Parts) -> Vec<u8> {
    let mut files = read(&Parts::court().sealed()).unwrap();
    for (name, data) in &mut files {
        if let Some(changed) = parts.files.get(name.as_str()) {
            data.clone_from(changed);
        }
    }
    write(&files).unwrap()
}

/// One line of the records changed, and signed again.
fn changed_records(parts: &mut Parts, kind: usize, draws: &mut Draws) -> String {
    let name = [OPENINGS, ACCOUNTS, ROWS][draws.below(3)];
    let mut records: Vec<Value> = parts.records(name);
    let (at, other) = (draws.below(records.len()), draws.below(records.len()));
    let what = match kind % 6 {
        0 => {
            records.remove(at);
            "without line"
        }
        1 => {
            let again = records[at].clone();
            records.push(again);
            "twice line"
        }
        2 => {
            records.swap(at, other);
            "in another place line"
        }
        3 => {
            records[at]["more"] = json!(1);
            "a field more in line"
        }
        4 => {
            let fields: Vec<String> = records[at].as_object().unwrap().keys().cloned().collect();
            let field = &fields[draws.below(fields.len())];
            let theirs = records[other][field].clone();
            records[at][field] = theirs;
            "a field of another in line"
        }
        _ => {
            change_value(&mut records[at], draws);
            "a value changed in line"
        }
    };
    parts.set_records(name, &records);
    // Every second time the claims are those of the changed records.
    if kind.is_multiple_of(2) {
        parts.derive();
    }
    format!("{name}: {what} {at}")
}

/// Changes one value, somewhere.
fn change_value(value: &mut Value, draws: &mut Draws) {
    match value {
        Value::Object(fields) => {
            let at = draws.below(fields.len());
            if let Some((_, field)) = fields.iter_mut().nth(at) {
                change_value(field, draws);
            }
        }
        Value::Array(values) => {
            let at = draws.below(values.len());
            if let Some(one) = values.get_mut(at) {
                change_value(one, draws);
            }
        }
        Value::Number(number) => *value = json!(number.as_i64().unwrap_or(0) + [1, -1, 256][draws.below(3)]),
        Value::String(text) => {
            let at = draws.below(text.chars().count());
            let letters = ['A', 'z', '=', ' ', '+', '7', 'é', '\n'];
            let letter = letters[draws.below(letters.len())];
            *text = text.chars().enumerate().map(|(place, old)| if place == at { letter } else { old }).collect();
        }
        other => *other = json!([]),
    }
}

/// What an adversary would call things: markup, marks of direction, controls.
const HOSTILE: &str = "<b onclick='x'>&\u{202e}\u{0}\u{7f}\u{1f600}\u{fffd}\u{2028}";

type Change = Box<dyn FnOnce(&mut Value)>;

fn to(path: &'static str, new: Value) -> Change {
    Box::new(move |document| *document.pointer_mut(path).expect("the document has it") = new)
}

fn scaled(path: &'static str, factor: f64) -> Change {
    Box::new(move |document| {
        let number = document.pointer_mut(path).expect("the document has it");
        *number = match number.as_u64() {
            Some(whole) => json!((whole as f64 * factor).round() as u64),
            None => json!(number.as_f64().expect("it is a number") * factor),
        };
    })
}

/// Gives every list of honest groups scores of their other families, as verdicts of today have them, and the campaign so many
/// families that corroborate.
fn others_score(score: f64, corroboration: Option<u64>) -> Change {
    Box::new(move |document| {
        for peers in document["judgement"]["peers"].as_array_mut().unwrap() {
            let groups = peers["groups"].as_u64().unwrap() as usize;
            peers["without_strongest"] = json!(vec![score; groups.min(200)]);
        }
        if let Some(corroboration) = corroboration {
            document["campaign"]["corroboration"] = json!(corroboration);
        }
    })
}

/// Documents that are another from the beginning: the ledger commits to them, and the claims follow from them.
fn recorded_again() -> Vec<(bool, &'static str, Change)> {
    let long = "x".repeat(700);
    let text = |document: &Value, path: &str| document.pointer(path).and_then(Value::as_str).unwrap().to_owned();
    vec![
        (true, "the same", Box::new(|_| {})),
        (true, "another e-value", scaled("/campaign/e_value", 1.5)),
        (true, "an e-value that is nearly the same", scaled("/campaign/e_value", 1.0 + 1e-13)),
        (true, "a huge e-value", scaled("/campaign/e_value", 1e9)),
        (true, "a negative e-value", to("/campaign/e_value", json!(-0.00001))),
        (true, "an e-value that is a text", to("/campaign/e_value", json!("80"))),
        (true, "another e-value of a family", scaled("/campaign/families/0/e_value", 0.5)),
        (true, "a family that nobody knows", to("/campaign/families/0/family", json!("weather"))),
        (true, "a family with hostile letters", to("/campaign/families/0/family", json!(HOSTILE))),
        (true, "a family with a long name", to("/campaign/families/0/family", json!(long))),
        (true, "another rank", scaled("/campaign/bank/rank", 3.0)),
        (true, "another bank", scaled("/campaign/bank/size", 0.9)),
        (true, "more exchanges", scaled("/campaign/exchanges", 1.1)),
        (true, "fewer exchanges", scaled("/campaign/exchanges", 0.9)),
        (true, "more accounts", scaled("/campaign/accounts", 1.5)),
        (true, "fewer tokens", scaled("/campaign/input_tokens", 0.99)),
        (true, "tokens beyond 53 bits", to("/campaign/output_tokens", json!(u64::MAX))),
        (true, "a number of tokens with a point", to("/campaign/output_tokens", json!(1.5))),
        (true, "a count below zero", to("/campaign/exchanges", json!(-1))),
        (true, "another first moment", to("/campaign/first_seen", json!("2026-01-01T00:00:00Z"))),
        (
            true,
            "the same first moment with a zero more",
            Box::new(move |document| {
                let same = text(document, "/campaign/first_seen").replace('Z', "000Z");
                document["campaign"]["first_seen"] = json!(same);
            }),
        ),
        (true, "a moment that is none", to("/campaign/last_seen", json!("yesterday"))),
        (true, "another score", scaled("/judgement/parts/0/score", 0.25)),
        (true, "a group that does not tell", to("/judgement/parts/0/tells", json!(false))),
        (true, "another weight", scaled("/judgement/parts/1/accounts", 7.0)),
        (true, "lowered scores", to("/judgement/parts/0/lowered", json!(2.5))),
        (true, "no peers", to("/judgement/parts/0/peers", Value::Null)),
        (true, "peers that are not there", to("/judgement/parts/0/peers", json!(99))),
        (true, "more honest groups", scaled("/judgement/peers/0/groups", 2.0)),
        (true, "no honest scores", to("/judgement/peers/0/scores", json!([]))),
        (true, "scores of the other families", others_score(0.0, None)),
        (true, "the same and another corroboration", others_score(0.0, Some(5))),
        (
            true,
            "the same at an earlier look",
            Box::new(|document| {
                others_score(0.0, Some(5))(document);
                document["campaign"]["looks"] = json!({"taken": 3});
            }),
        ),
        (true, "high scores of the other families", others_score(300.0, Some(1))),
        (true, "a score of the other families that is none", others_score(f64::NAN, None)),
        (true, "another strongest group", to("/judgement/strongest", json!(99))),
        (true, "no scores", to("/judgement", Value::Null)),
        (true, "a window of time", to("/since_us", json!(1))),
        (true, "another directory", to("/other_sources", json!(1))),
        (true, "a shorter table", to("/table_entries", json!(3))),
        (true, "another case", to("/case", json!("C-other"))),
        (true, "a small rate", to("/campaign/fdr_at", json!(1e-9))),
        (true, "a large rate", to("/campaign/fdr_at", json!(1.25e22))),
        (true, "another confidence", to("/campaign/confidence", json!(u64::from(u32::MAX) + 1))),
        (true, "no leak", Box::new(|document| drop(document["campaign"].as_object_mut().unwrap().remove("leak")))),
        (true, "a field that nobody knows", Box::new(|document| document["note"] = json!({"a": [1.0e5, HOSTILE]}))),
        (false, "the same accounts", Box::new(|_| {})),
        (false, "an account less", Box::new(|document| drop(document["accounts"].as_array_mut().unwrap().remove(3)))),
        (
            false,
            "an account more",
            Box::new(|document| document["accounts"].as_array_mut().unwrap().push(json!("\u{1f600}"))),
        ),
        (
            false,
            "accounts that are not sorted",
            Box::new(|document| document["accounts"].as_array_mut().unwrap().swap(1, 2)),
        ),
        (false, "the accounts of another case", to("/case", json!("C-other"))),
        (false, "an item of another kind", to("/verdicts/0/evidence/0/kind", json!("constructor"))),
        (false, "an item that nobody holds", to("/verdicts/0/evidence/0/item", json!("0000000000000001"))),
        (false, "an item that is no hash", to("/verdicts/0/evidence/0/item", json!(HOSTILE))),
        (false, "a verdict less", Box::new(|document| drop(document["verdicts"].as_array_mut().unwrap().remove(0)))),
        (false, "a kind with hostile letters", to("/verdicts/1/evidence/0/kind", json!(HOSTILE))),
    ]
}
