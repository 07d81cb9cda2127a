//! Which format a record is in, told by fields that the log's writer sets and a caller cannot.
//!
//! What a caller sends (a request's body, a user's name, a header's value) never decides, since one caller could then
//! have its records, or a whole file, read as something else.

use serde_json::Value;

use crate::Format;

mod inner;
mod top;

/// What a record's fields say of its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The format.
    Is(Format),
    /// The format that the caller's own part looks like: what the file's other records are counts for more.
    Looks(Format),
    /// None that is known.
    Unknown,
}

/// The bits of an object's keys; a key without a value does not count.
fn bits(value: Option<&Value>, of: fn(&str) -> u32) -> u32 {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    members.fold(0, |bits, (key, value)| if value.is_null() { bits } else { bits | of(key) })
}

/// The shape of one record.
pub(crate) fn of(record: &Value) -> Shape {
    let own = bits(Some(record), top::of);
    let has = |bits: u32| own & bits != 0;
    let in_context = || record.get("context").is_some_and(|context| context.get("span_id").is_some());
    let has_attributes = || record.get("attributes").is_some_and(|list| list.is_array() || list.is_object());
    let is_trace =
        || own & top::TRACE == top::TRACE && record.get("data").is_some_and(|data| data.get("spans").is_some());
    if has(top::EXPORT)
        || is_trace()
        || (has(top::ATTRIBUTES) && (has(top::SPAN) || (has(top::CONTEXT) && in_context())) && has_attributes())
    {
        return Shape::Is(Format::Otel);
    }
    if (has(top::SCHEMA) && record.get("schemaType").and_then(Value::as_str) == Some("ModelInvocationLog"))
        || (has(top::MODEL_ID) && has(top::BODY) && has(top::INVOCATION))
    {
        return Shape::Is(Format::Bedrock);
    }
    // The calls of LiteLLM's guardrail hook share a collector with its log.
    if (own & top::LITELLM).count_ones() >= 2 || (has(top::GUARDRAIL) && has(top::CALL_ID)) {
        return Shape::Is(Format::LiteLlm);
    }
    // The lines of a batch name their requests and no account.
    if has(top::CUSTOM_ID) { Shape::Unknown } else { of_exchange(record, own) }
}

/// The native form or a capture: both have a request and a response.
fn of_exchange(record: &Value, own: u32) -> Shape {
    let has = |bits: u32| own & bits != 0;
    let needed = (own & top::NEEDED).count_ones();
    let (request, response) = (record.get("request"), record.get("response"));
    // A web server's log has the request's line in this place.
    if request.and_then(Value::as_str).is_some_and(|text| !looks_like_json(text)) {
        return Shape::Unknown;
    }
    let (asked, answered) = (bits(request, inner::of), bits(response, inner::of));
    let has_client = has(top::CLIENT) && record.get("client").is_some_and(Value::is_object);
    let is_bare = needed == 3 && !has(top::REQUEST) && !has(top::RESPONSE);
    let is_native = has_client || answered & inner::NATIVE != 0 || is_bare;
    let is_capture = has(top::REQUEST)
        && (has(top::GATEWAY)
            || response.is_some_and(|response| response.is_string() || response.is_array())
            || answered & inner::ANSWER != 0
            || (asked & inner::MESSAGE != 0 && asked & inner::LINE != 0));
    match (is_native, is_capture) {
        // A client object is the native form's own; the others can be in an answer that has both spellings.
        (true, _) if has_client || !is_capture => Shape::Is(Format::Native),
        (_, true) => Shape::Is(provider(record)),
        _ if asked & inner::PARAMS != 0 && needed >= 2 => Shape::Looks(Format::Native),
        _ if needed == 3 => Shape::Looks(if asked & inner::BODY != 0 { provider(record) } else { Format::Native }),
        _ if has(top::REQUEST) && has(top::RESPONSE) => Shape::Looks(provider(record)),
        _ if needed > 0 && (has(top::REQUEST) || has(top::RESPONSE)) => {
            Shape::Looks(if asked & inner::MESSAGES != 0 { provider(record) } else { Format::Native })
        }
        _ => Shape::Unknown,
    }
}

/// The provider whose dialect a capture is in; both are read by one reader.
fn provider(record: &Value) -> Format {
    let header = |name: &str| {
        [record.get("headers"), record.get("request").and_then(|request| request.get("headers"))]
            .into_iter()
            .flatten()
            .any(|headers| has_header(headers, name))
    };
    let text = |path: &[&str]| {
        path.iter().try_fold(record, |value, key| value.get(*key)).and_then(Value::as_str).unwrap_or_default()
    };
    let paths: [&[&str]; 5] = [&["path"], &["url"], &["request", "path"], &["request", "url"], &["request", "uri"]];
    let is_anthropic = text(&["response", "type"]) == "message"
        || text(&["response", "body", "type"]) == "message"
        || header("anthropic-version")
        || header("x-api-key")
        || record.get("request").is_some_and(|request| request.get("anthropic_version").is_some())
        || record.get("response").is_some_and(|response| response.get("stop_reason").is_some())
        || paths.iter().any(|path| text(path).contains("/v1/messages"))
        || text(&["response"]).contains("message_start");
    if is_anthropic { Format::Anthropic } else { Format::OpenAi }
}

/// Whether headers (an object, or a list of pairs or of objects) hold a name.
fn has_header(headers: &Value, name: &str) -> bool {
    match headers {
        Value::Object(map) => map.keys().any(|held| held.eq_ignore_ascii_case(name)),
        Value::Array(pairs) => pairs.iter().any(|pair| {
            let held = pair.get(0).or_else(|| pair.get("name")).and_then(Value::as_str);
            held.is_some_and(|held| held.eq_ignore_ascii_case(name))
        }),
        _ => false,
    }
}

/// Whether a text can be the JSON of a record.
pub(crate) fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
