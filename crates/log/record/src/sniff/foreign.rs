//! Says in words what a file or a record is that is no log, or none that is read, and what to do.

use serde_json::Value;

use crate::json::shown_names;
use crate::messages::Framing;
use crate::rows::Header;

/// Magic bytes of files that end up in log folders.
const MAGIC: [(&[u8], &str); 16] = [
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or Office document (unpack it)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database (export it as JSON lines)"),
    (b"BZh", "bzip2 (unpack it, or pack it as gzip or zstd)"),
    (b"\xfd7zXZ", "xz (unpack it, or pack it as gzip or zstd)"),
    (b"\x04\"M\x18", "lz4 (unpack it, or pack it as gzip or zstd)"),
    (b"\xff\xfe", "UTF-16 text (convert it to UTF-8)"),
    (b"\xfe\xff", "UTF-16 text (convert it to UTF-8)"),
    (b"ORC", "an ORC table (convert it to Parquet)"),
    (b"Obj\x01", "an Avro file (convert it to Parquet)"),
    (b"ARROW1", "an Arrow file (convert it to Parquet)"),
];

/// What the bytes look like.
#[cold]
pub(crate) fn describe(head: &[u8]) -> String {
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return (*name).to_owned();
    }
    if head.get(257..262) == Some(b"ustar") {
        return "a tar archive (unpack it)".to_owned();
    }
    let sample = head.get(..head.len().min(4096)).unwrap_or_default();
    if Framing::of(head).is_some() {
        return "OTLP as protobuf".to_owned();
    }
    let text = match str::from_utf8(sample) {
        Ok(text) => text,
        // The sample may end within a character.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(sample.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return binary(head),
    };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b')) {
        return binary(head);
    }
    let text = text.trim_start();
    let lower = text.get(..text.floor_char_boundary(64)).unwrap_or(text).to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return "HTML".to_owned();
    }
    if lower.starts_with("<?xml") {
        return "XML".to_owned();
    }
    if lower.starts_with("event:") || lower.starts_with("data:") {
        return "a bare event stream (put it into a record with `at`, `account` and `request`, as `response`)"
            .to_owned();
    }
    if let Some((_, name)) = TEXTS.iter().find(|(marks, _)| marks.iter().all(|mark| text.contains(mark))) {
        return (*name).to_owned();
    }
    // The text itself is not said: it may be a prompt.
    if text.starts_with(['{', '[']) { "JSON without objects" } else { "text that is no JSON" }.to_owned()
}

/// What a table of comma-separated values is that no map is of.
#[cold]
pub(crate) fn table(header: &Header) -> String {
    format!("a table with the columns {} (say with --map which of them is what)", header.shown())
}

/// Logs of text by what stands in them.
const TEXTS: [(&[&str], &str); 6] = [
    (
        &["Received request", "params:"],
        "a vLLM server's log (it names no account: log requests at the gateway in front of it)",
    ),
    (&[":type;4:http;"], "a mitmproxy flow file (export it: `mitmdump -nr FILE --set hardump=FILE.har`)"),
    (
        &["resourceSpans"],
        "OTLP that is no plain JSON (set the collector's file exporter to `format: json` without compression)",
    ),
    (&["HTTP/1.", "\" 200 "], "a web server's access log in text (log JSON with the bodies and an account)"),
    (
        &["gen_ai.request.model="],
        "a log of names and values in text (set the gateway to log JSON: agentgateway by `logging.format: json`)",
    ),
    (&["INFO:", "HTTP/1."], "a server's access log in text (log JSON with the bodies and an account)"),
];

/// Records by the keys that tell them, all of which are there.
const NAMED: [(&[&str], &str); 26] = [
    (
        &["custom_id", "url", "body"],
        "a request of an OpenAI batch, which tells of no answer and no account (give the results, and this file with --join)",
    ),
    (
        &["custom_id", "params"],
        "a request of an Anthropic message batch, which tells of no answer and no account (give the results, and this file with --join)",
    ),
    (&["custom_id", "response"], "a request of a batch that was not answered"),
    (
        &["inference_id", "model_provider_name"],
        "TensorZero's table ModelInference, which names no account (give ChatInference, and this file with --join)",
    ),
    (
        &["sessionId", "cwd", "uuid"],
        "a transcript of Claude Code, which names no account (log at the gateway, or collect its OpenTelemetry)",
    ),
    (
        &["leafUuid", "summary"],
        "a transcript of Claude Code, which names no account (log at the gateway, or collect its OpenTelemetry)",
    ),
    (&["timestamp", "type", "payload"], "a rollout of Codex, which names no account (log at the gateway)"),
    (
        &["protoPayload", "logName"],
        "a Google Cloud audit log, which holds no call's texts and tokens (give the request-response log)",
    ),
    (
        &["eventSource", "eventName", "userIdentity"],
        "AWS CloudTrail, which holds no call's texts and tokens (give the model-invocation log, and this one with --join)",
    ),
    (
        &["request", "status", "remote_addr"],
        "a web server's access log (it names no account: log at the gateway, name its columns with --map, or give it with --join beside another log)",
    ),
    (
        &["severity_number", "body", "resource"],
        "OpenTelemetry's console exporter (export OTLP/JSON with the collector's file exporter)",
    ),
    (&["account", "email"], "account records (give them with --accounts)"),
    (&["account", "payment"], "account records (give them with --accounts)"),
    (&["account", "phone"], "account records (give them with --accounts)"),
    (&["account", "organization"], "account records (give them with --accounts)"),
    (&["account", "device"], "account records (give them with --accounts)"),
    (&["account", "signup_ip"], "account records (give them with --accounts)"),
    (&["account", "plan"], "account records (give them with --accounts)"),
    (&["account", "created_at"], "account records (give them with --accounts)"),
    (&["account", "referrer"], "account records (give them with --accounts)"),
    (
        &["object", "has_more", "data"],
        "a page of an API's list, whose answers name no account and no question (log at the gateway)",
    ),
    (&["object", "choices"], "an answer of an API alone (log `at`, `account` and `request` beside it, as `response`)"),
    (&["object", "data"], "a page of an API's report, which holds sums and no calls (log at the gateway)"),
    (&["workflow_name", "group_id"], "the head of a trace of an agent (its spans are read)"),
    (&["trace", "observations", "projectId"], "a trace of Langfuse (export its observations, or its OpenTelemetry)"),
    (&["anthropic_version", "messages"], "the body of a request alone (log `at`, `account` and the answer beside it)"),
];

/// The name of a record's kind, where it is one that is known and not read.
#[cold]
pub(crate) fn name(record: &Value) -> Option<&'static str> {
    let has = |key: &&str| record.get(*key).is_some();
    let named = NAMED.iter().find(|(keys, _)| keys.iter().all(has)).map(|(_, name)| *name);
    // Two fields more may name a text and say where it is from.
    let is_bare = || record.as_object().is_some_and(|object| object.len() <= 3);
    named.or_else(|| ["messages", "conversations"].iter().any(|key| has(key) && is_bare()).then_some(TRAINING))
}

/// Messages without anything that says whose they are.
const TRAINING: &str =
    "messages alone, as files for training hold them (log `at`, `account` and the answer beside them)";

/// What a record is that is of no format that is read.
#[cold]
pub(crate) fn unknown(record: &Value) -> String {
    if let Some(name) = name(record) {
        return name.to_owned();
    }
    let names: Vec<&str> = record.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    format!("a JSON object with the keys {} (say with --map which of them is what)", shown_names(names.into_iter(), 8))
}

fn binary(head: &[u8]) -> String {
    let hex: String = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("binary data beginning 0x{hex}")
}
