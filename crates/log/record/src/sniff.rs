//! Finds from a file's first bytes how its records are laid out and in which format they are.

use serde::de::IgnoredAny;

use crate::Format;
use crate::elements;
use crate::elements::Scanner;
use crate::elements::Span;
use crate::format::Records;

mod foreign;
mod outline;

pub(crate) use outline::Outline;

/// Records that are looked at before a file is called no log: a file may begin in the middle of one.
const RECORDS_LOOKED_AT: usize = 32;

/// How records lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One record, or one list of records, a line.
    Lines,
    /// Elements of arrays, or documents spread over lines.
    Elements,
}

/// Layout and format; `Err` says what was found in place of a log.
pub(crate) fn find(head: &[u8], ended: bool, records: Records) -> Result<(Layout, Option<Format>), String> {
    let text = head.trim_ascii_start();
    if text.is_empty() {
        // A file of white space has no records, which is no error. One that goes on so for long is none of ours.
        return if ended { Ok((Layout::Lines, None)) } else { Err("1 MiB of white space".to_owned()) };
    }
    let layout = layout(text, ended);
    let candidates = candidates(text, layout);
    if candidates.is_empty() {
        return Err(foreign::describe(head));
    }
    match records {
        Records::Accounts => Ok((layout, None)),
        Records::Exchanges(Some(format)) => Ok((layout, Some(format))),
        Records::Exchanges(None) => {
            let outlines: Vec<_> = candidates.iter().map(|record| Outline::of(record)).collect();
            match outlines.iter().find_map(classify) {
                Some(format) => Ok((layout, Some(format))),
                None => Err(unknown(head, &outlines)),
            }
        }
    }
}

/// What a file should have been.
pub(crate) fn expected(records: Records) -> String {
    match records {
        Records::Accounts => "account records, one JSON object a line, or Parquet".to_owned(),
        Records::Exchanges(Some(format)) => format!("JSON records in the format {format}, or Parquet"),
        Records::Exchanges(None) => format!("JSON records in one of the formats {}, or Parquet", Format::names()),
    }
}

fn layout(text: &[u8], ended: bool) -> Layout {
    if text.first() == Some(&b'[') {
        return Layout::Elements;
    }
    let mut lines = text.split(|byte| *byte == b'\n');
    let first_line = lines.next().unwrap_or_default();
    let has_more_lines = first_line.len() < text.len();
    if !has_more_lines {
        // One line, perhaps without an end: an export that wraps all its records must be taken apart to be held.
        let is_wrapped = !ended && elements::wrapper(text).is_some();
        return if is_wrapped { Layout::Elements } else { Layout::Lines };
    }
    let mut spans = Vec::new();
    let mut scanner = Scanner::new(1);
    scanner.scan(text, ended, &mut spans);
    // A document spread over lines: its first line stops where a value goes on.
    let goes_on = matches!(first_line.trim_ascii_end().last(), Some(b'{' | b'[' | b',' | b':'));
    let first_end = spans.first().map_or(usize::MAX, |span| span.end);
    if first_end > first_line.len() && goes_on && !is_record(lines.next().unwrap_or_default()) {
        Layout::Elements
    } else {
        Layout::Lines
    }
}

/// Whether a line is a whole record of a known format: then the line before it was cut, and does not go on in it.
fn is_record(line: &[u8]) -> bool {
    let Ok(line) = str::from_utf8(line) else { return false };
    serde_json::from_str::<IgnoredAny>(line).is_ok() && classify(&Outline::of(line)).is_some()
}

/// The first records, as text, the last of them perhaps cut; without those that are not JSON by their first byte.
fn candidates(text: &[u8], layout: Layout) -> Vec<&str> {
    let mut spans = Vec::new();
    if layout == Layout::Elements {
        Scanner::new(1).scan(text, true, &mut spans);
    } else {
        let mut start = 0;
        for line in text.split(|byte| *byte == b'\n').take(RECORDS_LOOKED_AT) {
            if line.trim_ascii_start().first() == Some(&b'[') {
                let mut inner = Vec::new();
                Scanner::new(1).scan(line, true, &mut inner);
                let moved = |span: Span| Span { start: span.start + start, end: span.end + start, ..span };
                spans.extend(inner.into_iter().map(moved));
            } else {
                spans.push(Span { start, end: start + line.len(), line: 1, dropped: 0 });
            }
            start += line.len() + 1;
        }
    }
    let record = |span: &Span| {
        let bytes = text.get(span.start..span.end)?.trim_ascii();
        let valid = match str::from_utf8(bytes) {
            Ok(text) => text,
            // The head may end within a character.
            Err(error) => str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
        };
        valid.starts_with('{').then_some(valid)
    };
    spans.iter().take(RECORDS_LOOKED_AT).filter_map(record).collect()
}

/// The format that a record's keys tell.
fn classify(outline: &Outline) -> Option<Format> {
    if outline.has_any(&["resourceSpans", "resourceLogs", "resource_spans", "resource_logs", "scopeSpans", "scopeLogs"])
        || (outline.has("traceId") && outline.has("spanId") && outline.has("attributes"))
    {
        return Some(Format::Otel);
    }
    if outline.is("schemaType", "ModelInvocationLog")
        || (outline.has("modelId")
            && outline.has_any(&["input", "output"])
            && outline.has_any(&["identity", "operation"]))
    {
        return Some(Format::Bedrock);
    }
    let litellm =
        ["litellm_call_id", "call_type", "startTime", "custom_llm_provider", "model_parameters", "model_group"];
    if outline.count(&litellm) >= 2 || outline.has("body.litellm_call_id") || outline.has("body.call_type") {
        return Some(Format::LiteLlm);
    }
    if is_capture(outline) {
        return Some(if is_anthropic(outline) { Format::Anthropic } else { Format::OpenAi });
    }
    let needed = ["id", "at", "account"];
    let native = ["at", "client", "request", "response", "end_user", "conversation"];
    if outline.count(&needed) == needed.len() || (outline.has_any(&needed) && outline.count(&native) >= 2) {
        return Some(Format::Native);
    }
    None
}

/// A capture keeps the provider's own bodies; the native form has `params` and plain tokens in their place.
fn is_capture(outline: &Outline) -> bool {
    let own = ["request.params", "request.endpoint", "response.output_tokens", "response.latency_ms"];
    if !outline.has("request") || outline.has("client") || outline.has_any(&own) {
        return false;
    }
    let body = ["max_tokens", "temperature", "stream", "input", "max_completion_tokens", "body", "headers", "prompt"];
    let answer = ["choices", "usage", "output", "body", "type", "object"];
    outline.has("headers")
        || outline.is_not_object("response")
        || body.iter().any(|key| outline.has(&format!("request.{key}")))
        || answer.iter().any(|key| outline.has(&format!("response.{key}")))
}

fn is_anthropic(outline: &Outline) -> bool {
    outline.is("response.type", "message")
        || outline.has("headers.anthropic-version")
        || outline.has("headers.x-api-key")
        || outline.has_any(&["request.anthropic_version", "request.headers.anthropic-version", "response.stop_reason"])
        || ["path", "url", "request.path", "request.url"].iter().any(|key| outline.text(key).contains("/v1/messages"))
        || outline.text("response").contains("message_start")
}

#[cold]
fn unknown(head: &[u8], outlines: &[Outline]) -> String {
    let Some(outline) = outlines.iter().find(|outline| !outline.is_empty()) else {
        return foreign::describe(head);
    };
    let account =
        ["created_at", "organization", "email", "phone", "payment", "device", "signup_ip", "plan", "referrer"];
    if outline.has("account") && outline.has_any(&account) {
        return "account records (give them with --accounts)".to_owned();
    }
    format!("a JSON object with the keys {}", outline.first_keys())
}

#[cfg(test)]
mod tests;
