//! Test vectors that the program and the page have in common: `fixtures/vectors.json`.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evidence::RankedScores;
use journal::AccountNode;
use journal::Owned;
use journal::decode;
use ledger::Entry;
use ledger::Hash;
use ledger::MemoryTree;
use ledger::Note;
use ledger::VerifyingKey;
use ledger::leaf_hash;
use ledger::verify_inclusion;
use report::Html;
use report::grouped;
use serde_json::Value;
use serde_json::json;

use crate::export::hex;
use crate::numbers::is_same_time;
use crate::numbers::short;
use crate::numbers::time;
use crate::tests::parts::home;
use crate::verifier::verifier_page;

fn bytes(digits: &Value) -> Vec<u8> {
    let digits = digits.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn hash(digits: &Value) -> Hash {
    bytes(digits).try_into().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A number that is a text, since JSON's would not be read by everybody in the same way.
fn number<T: std::str::FromStr>(value: &Value) -> T {
    text(value).parse().ok().unwrap()
}

fn value_of(value: &Owned) -> Value {
    match value {
        Owned::Null => Value::Null,
        Owned::Text(text) => json!(text),
        Owned::Integer(number) => json!(number.to_string()),
        Owned::Number(number) => json!(number),
        Owned::Flag(flag) => json!(flag),
        Owned::Bytes(bytes) => json!(hex(bytes)),
        Owned::Hashes(hashes) => json!(hashes.iter().map(ToString::to_string).collect::<Vec<_>>()),
    }
}

/// What the program makes of a vector; null where it refuses it.
fn given(vector: &Value) -> Value {
    match text(&vector["kind"]) {
        "base64" => STANDARD.decode(text(&vector["text"])).map_or(Value::Null, |bytes| json!(hex(&bytes))),
        "root" => {
            let leaves = list(&vector["entries"]).iter().map(|entry| leaf_hash(&bytes(entry)));
            json!(hex(&MemoryTree::of(leaves).root()))
        }
        "included" => {
            let path: Vec<Hash> = list(&vector["path"]).iter().map(hash).collect();
            let (index, size) = (vector["index"].as_u64().unwrap(), vector["size"].as_u64().unwrap());
            json!(verify_inclusion(&hash(&vector["leaf"]), index, size, &path, &hash(&vector["root"])))
        }
        "entry" => {
            let kind = u8::try_from(vector["kind_number"].as_u64().unwrap()).unwrap();
            json!(hex(&Entry::of(kind, &hash(&vector["salt"]), &bytes(&vector["record"])).to_bytes()))
        }
        "account" => {
            let numbers = list(&vector["numbers"]);
            let node = AccountNode {
                account: text(&vector["account"]).to_owned(),
                rows: number(&numbers[0]),
                input_tokens: number(&numbers[1]),
                output_tokens: number(&numbers[2]),
                first_us: number(&numbers[3]),
                last_us: number(&numbers[4]),
                root: hash(&vector["root"]),
            };
            json!(hex(&node.leaf(&hash(&vector["salt"]))))
        }
        "signed" => match (Note::parse(text(&vector["note"]).as_bytes()), VerifyingKey::parse(text(&vector["key"]))) {
            (Ok(note), Ok(key)) => json!(note.is_signed_by(&key) == Some(true)),
            _ => Value::Null,
        },
        "grouped" => json!(grouped(number(&vector["number"]))),
        "short" => json!(short(number(&vector["number"]))),
        "plain" => json!(number::<f64>(&vector["number"]).to_string()),
        "time" => json!(time(number(&vector["at_us"]))),
        "same_time" => json!(is_same_time(text(&vector["one"]), text(&vector["other"]))),
        "ranked" => {
            let scores: Vec<f64> = list(&vector["scores"]).iter().filter_map(Value::as_f64).collect();
            let groups = usize::try_from(vector["groups"].as_u64().unwrap()).unwrap();
            let (ranked, score) = (RankedScores::new(scores, groups), vector["score"].as_f64().unwrap());
            json!([ranked.len(), ranked.above(score), ranked.e_value(score), ranked.family_e_value(score)])
        }
        "values" => match decode(&bytes(&vector["row"])) {
            Ok(values) => values.iter().map(value_of).collect(),
            Err(_) => Value::Null,
        },
        "escaped" => {
            let mut html = Html::default();
            html.text(text(&vector["text"]));
            json!(html.into_string())
        }
        other => json!(format!("no vector is of the kind {other}")),
    }
}

/// Numbers are compared as numbers, but for their last digit: readers of JSON differ about it.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| crate::numbers::is_same(one, other))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        _ => one == other,
    }
}

#[test]
fn vectors_are_as_the_program_has_them() {
    let vectors: Value = serde_json::from_slice(&std::fs::read(home().join("fixtures/vectors.json")).unwrap()).unwrap();
    assert!(list(&vectors).len() > 80);
    for vector in list(&vectors) {
        let own = given(vector);
        assert!(is_same(&own, &vector["gives"]), "{vector:#}\nthe program gives {own}");
    }
}

#[test]
fn vectors_are_as_the_page_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("verify.html");
    std::fs::write(&page, verifier_page()).unwrap();
    let mut command = Command::new("node");
    command.arg("--no-warnings").arg(home().join("web/tests/vectors.mjs")).arg(&page);
    match command.arg(home().join("fixtures/vectors.json")).output() {
        Err(_) => eprintln!("skipped: the page's vectors, since Node is missing (install nodejs 20 or later)"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
    }
}
