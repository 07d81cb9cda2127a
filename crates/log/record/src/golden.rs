//! Each fixture is read, written as native JSON lines, and compared with the file of the same name under
//! `fixtures/golden`. `UPDATE_GOLDEN=1` writes those files anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::Format;
use crate::Record;
use crate::native;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The format that was found, the exchanges in the native form, and the rejects in their places.
fn exchanges(path: &Path) -> (Option<Format>, String) {
    let inputs = crate::expand(&[path.display().to_string()]).unwrap();
    let mut out = String::new();
    let blocks = inputs[0].open(None).unwrap();
    let format = blocks.format();
    for block in blocks {
        block.unwrap().read_records(&mut |record| match record {
            Record::Exchange(exchange, origin) => {
                let mut line = Vec::new();
                native::write_exchange(&exchange, &mut line);
                if let Some(reject) = origin.orphan {
                    return writeln!(out, "orphan line {}: {}", reject.line, reject.reason).unwrap();
                }
                out.push_str(&String::from_utf8(line).unwrap());
            }
            Record::Refused(reject) => {
                let offset = reject.byte_offset.map_or(String::new(), |offset| format!(" offset {offset}"));
                writeln!(out, "refused line {}{offset}: {}", reject.line, reject.reason).unwrap();
            }
            Record::PassedOver(kind) => writeln!(out, "passed over: {kind}").unwrap(),
            Record::Owner { kind, account, .. } => {
                writeln!(out, "passed over: {kind}, whose account is {account}").unwrap();
            }
        });
    }
    (format, out)
}

fn compare(name: &str, found: &str) {
    let golden = fixtures().join("golden").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, found).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    for (index, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "{name}, line {} of its golden file", index + 1);
    }
    assert_eq!(expected.len(), found.len(), "{name} has more or fewer lines than its golden file");
}

#[track_caller]
fn check(name: &str, format: Format) {
    let (found_format, found) = exchanges(&fixtures().join(name));
    assert_eq!(found_format, Some(format));
    compare(name, &found);
    // What was written is native, and reads back as itself.
    let lines: String =
        found.lines().filter(|line| line.starts_with('{')).fold(String::new(), |all, line| all + line + "\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.jsonl");
    fs::write(&path, &lines).unwrap();
    assert_eq!(exchanges(&path), (Some(Format::Native), lines));
}

#[test]
fn native() {
    check("native.jsonl", Format::Native);
    check("native_array.json", Format::Native);
    check("native_documents.json", Format::Native);
}

#[test]
fn litellm() {
    check("litellm.jsonl", Format::LiteLlm);
    check("litellm_batches.jsonl", Format::LiteLlm);
    check("litellm_wrapped.jsonl", Format::LiteLlm);
    check("litellm_spend_logs.jsonl", Format::LiteLlm);
    check("litellm_kinds.jsonl", Format::LiteLlm);
    check("envelopes_queues.jsonl", Format::LiteLlm);
}

#[test]
fn otel() {
    check("otel_spans.json", Format::Otel);
    check("otel_old_names.jsonl", Format::Otel);
    check("otel_logs.json", Format::Otel);
    check("otel_vendors.jsonl", Format::Otel);
    check("otel_conventions.jsonl", Format::Otel);
}

/// The files in protobuf hold the exports of those in JSON, as the public schema's own library writes them.
#[test]
fn otel_in_protobuf() {
    check("otel_traces.pb", Format::Otel);
    check("otel_messages.pb", Format::Otel);
    check("otel_pieces.pb", Format::Otel);
    let read = |name: &str| {
        let (_, text) = exchanges(&fixtures().join(name));
        // The place of a record is another.
        text.lines().map(|line| line.split_once(": no account").map_or(line, |(_, rest)| rest).to_owned()).collect()
    };
    let (traces, logs): (Vec<String>, Vec<String>) = (read("otel_spans.json"), read("otel_logs.json"));
    assert_eq!(read("otel_traces.pb"), traces);
    assert_eq!(read("otel_pieces.pb"), [traces, logs].concat());
}

#[test]
fn bedrock() {
    check("bedrock.jsonl", Format::Bedrock);
    check("bedrock_bodies.jsonl", Format::Bedrock);
    check("bedrock_models.jsonl", Format::Bedrock);
    check("envelopes.jsonl", Format::Bedrock);
}

#[test]
fn captures() {
    check("anthropic.jsonl", Format::Anthropic);
    check("openai.jsonl", Format::OpenAi);
    check("captures_mixed.jsonl", Format::OpenAi);
    check("captures_servers.jsonl", Format::OpenAi);
    check("capture.har", Format::Anthropic);
}

#[test]
fn mapped() {
    check("mapped.jsonl", Format::Mapped);
    check("mapped_stores.jsonl", Format::Mapped);
    check("batches.jsonl", Format::Mapped);
    check("table.csv", Format::Mapped);
}

/// Every map of a second log that is shipped, once.
#[test]
fn second_log() {
    let inputs = crate::expand(&[fixtures().join("second_log.jsonl").display().to_string()]).unwrap();
    let mut found = Vec::new();
    crate::read_additions(&inputs[0], &crate::Maps::default(), &mut |addition| match addition {
        Ok(addition) => {
            found.extend_from_slice(if addition.trace.is_some() { b"by trace: " } else { b"by id: " });
            native::write_exchange(&addition.exchange, &mut found);
        }
        Err(reject) => found.extend_from_slice(format!("refused line {}: {}\n", reject.line, reject.reason).as_bytes()),
    })
    .unwrap();
    compare("second_log.jsonl", &String::from_utf8(found).unwrap());
}

#[test]
fn accounts() {
    let inputs = crate::expand(&[fixtures().join("accounts.jsonl").display().to_string()]).unwrap();
    let mut found = Vec::new();
    crate::read_accounts(&inputs[0], &mut |record| match record {
        Ok(account) => native::write_account(&account, &mut found),
        Err(reject) => found.extend_from_slice(format!("refused line {}: {}\n", reject.line, reject.reason).as_bytes()),
    })
    .unwrap();
    compare("accounts.jsonl", &String::from_utf8(found).unwrap());
}

#[test]
fn every_fixture_has_its_golden_file() {
    for entry in fs::read_dir(fixtures()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let name = entry.file_name().into_string().unwrap();
            assert!(fixtures().join("golden").join(format!("{name}.txt")).exists(), "{name}");
        }
    }
}
