//! Log records: the event that carries a whole call, and what coding agents report of theirs.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::attributes::Attributes;

use super::call;
use super::pieces;
use super::pieces::Pieces;
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

/// The messages of one call, which an export tells one by one.
struct Told<'s> {
    signal: Signal<'s>,
    call: u64,
    pieces: Pieces,
}

/// Reads the log records of one export.
pub(super) fn read_all(logs: &[Signal<'_>], maps: &Maps, emit: &mut Emit<'_>) {
    let mut told: Vec<Told<'_>> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for signal in logs {
        let own = Attributes::of(signal.value.get("attributes"));
        let name = name_of(signal.value, &own).unwrap_or_default();
        let Some(call) = pieces::role_of(name).and_then(|_| call_hash(signal.value)) else {
            read(signal, maps, emit);
            continue;
        };
        let place = *places.entry(call).or_insert(told.len());
        match told.get_mut(place) {
            Some(told) => {
                emit(Record::PassedOver("an event of one message (the older convention)"));
                told.pieces.add_log(name, signal.value, &own);
            }
            None => {
                let mut pieces = Pieces::default();
                pieces.add_log(name, signal.value, &own);
                told.push(Told { signal: *signal, call, pieces });
            }
        }
    }
    told.into_iter().for_each(|told| told.read(maps, emit));
}

impl Told<'_> {
    /// Says what the messages say, for the span that they are of.
    fn read(self, maps: &Maps, emit: &mut Emit<'_>) {
        let value = self.signal.value;
        if self.pieces.is_empty() {
            return emit(Record::PassedOver("an event of one message (the older convention)"));
        }
        // Of the record's own attributes those count that say who asked.
        let own = Attributes::of(value.get("attributes"));
        let resource = Attributes::of(self.signal.resource);
        match call::exchange(value, &call::Who { own: &own, above: &[], resource: &resource, maps }) {
            Ok((mut exchange, mut origin)) => {
                exchange.response.status = None;
                self.pieces.complete(&mut exchange);
                origin.call = Some(Call::Event(self.call));
                origin.trace = trace_id(value).map(trace_hash);
                emit(Record::Exchange(exchange, origin));
            }
            Err(reason) => emit(Err(reason).into()),
        }
    }
}

/// The name of a log record's event.
fn name_of<'v>(value: &'v Value, own: &Attributes<'v>) -> Option<&'v str> {
    let named = text(value, &["eventName"]).or_else(|| text(value, &["event_name"])).or_else(|| own.text("event.name"));
    named.or_else(|| call::body_text(value))
}

/// Reads one log record.
fn read(signal: &Signal<'_>, maps: &Maps, emit: &mut Emit<'_>) {
    let value = signal.value;
    let own = Attributes::of(value.get("attributes"));
    let resource = Attributes::of(signal.resource);
    let who = call::Who { own: &own, above: &[], resource: &resource, maps };
    let name = name_of(value, &own).unwrap_or_default();
    let read = match name {
        DETAILS => call::exchange(value, &who).map(|(exchange, mut origin)| {
            origin.call = call_hash(value).map(Call::Event);
            origin.trace = trace_id(value).map(trace_hash);
            (exchange, origin)
        }),
        name if own.has("model") && is_agent_call(name, &own) => agent_call(value, &who),
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

/// Whether an event with a model is a call that a coding agent made: one with its tokens, or one that failed. Where an
/// agent tells of a request and of its answer, the answer is the call.
fn is_agent_call(name: &str, own: &Attributes<'_>) -> bool {
    let has_tokens = READ.iter().chain(&WRITTEN).any(|name| own.count(name).is_some());
    let has_failed = name.ends_with("api_error") || STATUS.iter().any(|name| own.count(name) >= Some(400));
    has_tokens || has_failed
}

/// Tokens of a call in the telemetry of coding agents. What is read from a cache is counted apart by some.
const READ: [&str; 4] = ["input_tokens", "input_token_count", "cache_read_tokens", "cache_creation_tokens"];
const WRITTEN: [&str; 3] = ["output_tokens", "output_token_count", "thoughts_token_count"];
const STATUS: [&str; 2] = ["status_code", "http.response.status_code"];

/// A call as the telemetry of coding agents reports it: written at its end, without texts.
fn agent_call<'v>(signal: &'v Value, who: &call::Who<'_, 'v>) -> Result<(Exchange<'v>, Origin), String> {
    let own = who.own;
    let ended_us = call::started(signal).ok_or("no time (`timeUnixNano` is absent or no time)")?;
    let latency_ms = own.count("duration_ms");
    let begun = |ms: u64| ended_us.checked_sub(i64::try_from(ms).ok()?.checked_mul(1000)?);
    let account = ["user.account_uuid", "user.account_id", "organization.id", "user.email", "user.id"];
    let account = bounded("user.account_uuid", who.name(&account, Some(Field::Account)))?;
    let mut origin = Origin::default();
    if account.is_none() {
        origin.orphan = Some(unplaced("no account (`user.account_uuid` and `organization.id` are absent)".to_owned()));
    }
    let sum = |names: &[&str]| names.iter().filter_map(|name| own.count(name)).reduce(u64::saturating_add);
    let status = STATUS.iter().find_map(|name| own.count(name)).and_then(|status| u16::try_from(status).ok());
    let has_failed = own.has("error") || own.has("error.message") || status.is_some_and(|status| status >= 400);
    let id = bounded("request_id", own.name("request_id"))?;
    // Claude Code's own names; the failures of others say no more than these have.
    let is_anthropic = own.has("input_tokens") || who.name(&["user.account_uuid"], None).is_some();
    let endpoint = if is_anthropic { "messages" } else { "chat" };
    let exchange = Exchange {
        id: id.unwrap_or_else(|| Cow::Owned(hashed(signal.to_string().as_bytes()))),
        at_us: latency_ms.and_then(begun).unwrap_or(ended_us),
        account: account.unwrap_or_default(),
        channel: Some(Cow::Borrowed("api")),
        conversation: bounded("session.id", who.name(&["session.id", "conversation.id"], Some(Field::Conversation)))?,
        request: Request {
            model: label(own.text("model")),
            endpoint: Some(Cow::Borrowed(endpoint)),
            ..Request::default()
        },
        response: Response {
            status: status.or((!has_failed).then_some(200)),
            input_tokens: sum(&READ),
            output_tokens: sum(&WRITTEN),
            latency_ms,
            ..Response::default()
        },
        ..Exchange::default()
    };
    Ok((exchange, origin))
}
