//! One record's text to its exchanges, by format.

use serde_json::Value;

use crate::Exchange;
use crate::Format;
use crate::json;
use crate::native;

mod api;
mod bedrock;
mod capture;
mod emit;
mod headers;
mod litellm;
mod otel;
mod sse;
mod value;

use emit::Emit;

/// Reads one record. A record may hold many exchanges, or none if it is of a kind that tells of none.
pub(crate) fn parse(format: Format, record: &str, emit: &mut Emit<'_>) {
    if format == Format::Native {
        return emit(native::parse(record));
    }
    let value: Value = match serde_json::from_str(record) {
        Ok(value) => value,
        Err(error) => return emit(Err(json::reason(&error))),
    };
    if !value.is_object() {
        return emit(Err("not a record: expected a JSON object".to_owned()));
    }
    match format {
        Format::Native => {}
        Format::LiteLlm => litellm::parse(record, &value, emit),
        Format::Otel => otel::parse(&value, emit),
        Format::Bedrock => emit_one(emit, bedrock::parse(&value)),
        Format::Anthropic | Format::OpenAi => capture::parse(record, &value, emit),
    }
}

/// Helps inference with the lifetime of the one exchange that a record holds.
fn emit_one<'v>(emit: &mut Emit<'_>, exchange: Result<Exchange<'v>, String>) {
    emit(exchange);
}
