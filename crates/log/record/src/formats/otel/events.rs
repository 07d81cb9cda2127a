//! Log records: the event that carries a whole call, and what coding agents report of theirs.

use std::borrow::Cow;

use serde_json::Value;

use super::attributes::Attributes;

use super::call;
use super::signal::Signal;
use super::signal::call_hash;
use super::signal::trace_id;
use crate::Exchange;
use crate::Request;
use crate::Response;
use crate::formats::emit::Emit;
use crate::formats::headers::hashed;
use crate::formats::value::bounded;
use crate::formats::value::label;
use crate::formats::value::text;
use crate::found::Call;
use crate::found::Origin;
use crate::found::Record;
use crate::found::trace_hash;
use crate::found::unplaced;
use crate::maps::Field;
use crate::maps::Maps;

/// The log event that carries a whole call.
const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// Reads one log record.
pub(super) fn read(signal: &Signal<'_>, maps: &Maps, emit: &mut Emit<'_>) {
    let value = signal.value;
    let own = Attributes::of(value.get("attributes"));
    let resource = Attributes::of(signal.resource);
    let who = call::Who { own: &own, above: &[], resource: &resource, maps };
    let named = text(value, &["eventName"]).or_else(|| text(value, &["event_name"])).or_else(|| own.text("event.name"));
    let name = named.or_else(|| call::body_text(value)).unwrap_or_default();
    let name = name.strip_prefix("claude_code.").unwrap_or(name);
    let read = match name {
        DETAILS => call::exchange(value, &who).map(|(exchange, mut origin)| {
            origin.call = call_hash(value).map(Call::Event);
            origin.trace = trace_id(value).map(trace_hash);
            (exchange, origin)
        }),
        "api_request" | "api_error" if own.has("model") => agent_call(value, &who),
        name if name.starts_with("gen_ai.") => {
            return emit(Record::PassedOver("an event of one message (the older convention)"));
        }
        _ => return emit(Record::PassedOver("a log record that is no call of a model")),
    };
    match read {
        Ok((exchange, origin)) => emit(Record::Exchange(exchange, origin)),
        Err(reason) => emit(Err(reason).into()),
    }
}

/// A call as Claude Code's telemetry reports it: written at its end, without texts.
fn agent_call<'v>(signal: &'v Value, who: &call::Who<'_, 'v>) -> Result<(Exchange<'v>, Origin), String> {
    let own = who.own;
    let ended_us = call::started(signal).ok_or("no time (`timeUnixNano` is absent or no time)")?;
    let latency_ms = own.count("duration_ms");
    let begun = |ms: u64| ended_us.checked_sub(i64::try_from(ms).ok()?.checked_mul(1000)?);
    let account = ["user.account_uuid", "user.account_id", "organization.id", "user.id"];
    let account = bounded("user.account_uuid", who.name(&account, Some(Field::Account)))?;
    let mut origin = Origin::default();
    if account.is_none() {
        origin.orphan = Some(unplaced("no account (`user.account_uuid` and `organization.id` are absent)".to_owned()));
    }
    let tokens = ["input_tokens", "cache_read_tokens", "cache_creation_tokens"];
    let read: Vec<u64> = tokens.iter().filter_map(|name| own.count(name)).collect();
    let status = own.count("status_code").and_then(|status| u16::try_from(status).ok());
    let has_failed = own.has("error") || status.is_some();
    let id = bounded("request_id", own.name("request_id"))?;
    let exchange = Exchange {
        id: id.unwrap_or_else(|| Cow::Owned(hashed(signal.to_string().as_bytes()))),
        at_us: latency_ms.and_then(begun).unwrap_or(ended_us),
        account: account.unwrap_or_default(),
        channel: Some(Cow::Borrowed("api")),
        conversation: bounded("session.id", who.name(&["session.id"], Some(Field::Conversation)))?,
        request: Request {
            model: label(own.text("model")),
            endpoint: Some(Cow::Borrowed("messages")),
            ..Request::default()
        },
        response: Response {
            status: status.or((!has_failed).then_some(200)),
            input_tokens: (!read.is_empty()).then(|| read.iter().fold(0, |sum: u64, read| sum.saturating_add(*read))),
            output_tokens: own.count("output_tokens"),
            latency_ms,
            ..Response::default()
        },
        ..Exchange::default()
    };
    Ok((exchange, origin))
}
