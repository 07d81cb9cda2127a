//! One call of a model from a span's or an event's attributes.

use std::borrow::Cow;

use serde_json::Value;

use super::attributes::Attributes;
use super::content;
use super::names;
use super::pieces::Pieces;
use super::signal::span_id;
use super::signal::trace_id;
use crate::Client;
use crate::Exchange;
use crate::Params;
use crate::Request;
use crate::Response;
use crate::address::client_address;
use crate::formats::account::is_account;
use crate::formats::api;
use crate::formats::headers::hashed;
use crate::formats::value::at;
use crate::formats::value::bounded;
use crate::formats::value::count;
use crate::formats::value::elapsed_ms;
use crate::formats::value::is_none;
use crate::formats::value::label;
use crate::formats::value::text;
use crate::formats::value::time_us;
use crate::found::Origin;
use crate::found::unplaced;
use crate::json;
use crate::maps::Field;
use crate::maps::Maps;
use crate::time::in_range_us;

const STARTED: [&str; 10] = [
    "startTimeUnixNano",
    "start_time_unix_nano",
    "start_time",
    "startTime",
    "timeUnixNano",
    "time_unix_nano",
    "timestamp",
    "observedTimeUnixNano",
    "observed_time_unix_nano",
    "observed_timestamp",
];
const ENDED: [&str; 4] = ["endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime"];

/// Where the attributes of one call stand: on it, on the spans above it, on its resource.
pub(super) struct Who<'s, 'v> {
    pub(super) own: &'s Attributes<'v>,
    pub(super) above: &'s [&'s Attributes<'v>],
    pub(super) resource: &'s Attributes<'v>,
    pub(super) maps: &'s Maps,
}

impl<'v> Who<'_, 'v> {
    /// The first of a field's names that stands anywhere; on the call itself before the spans above it, and these before
    /// the resource, which is the program and not its customer.
    pub(super) fn name(&self, names: &[&str], field: Option<Field>) -> Option<Cow<'v, str>> {
        let is_good = |name: &Cow<'_, str>| field != Some(Field::Account) || is_account(name);
        let of_maps = |own| field.into_iter().flat_map(move |field| self.maps.attributes(field, own));
        let places = std::iter::once(self.own).chain(self.above.iter().copied());
        let on = |place: &Attributes<'v>| {
            let names = of_maps(true).chain(names.iter().copied()).chain(of_maps(false));
            names.filter_map(|name| place.name(name)).find(is_good)
        };
        let on_resource = || {
            let names = of_maps(true).chain(names.iter().copied());
            names.filter_map(|name| self.resource.name(name)).find(is_good)
        };
        places.into_iter().find_map(on).or_else(on_resource)
    }
}

/// The account that attributes name.
pub(super) fn account<'v>(who: &Who<'_, 'v>) -> Result<Option<Cow<'v, str>>, String> {
    bounded("enduser.id", who.name(&names::ACCOUNT, Some(Field::Account)))
}

/// The exchange of a span or event. Without an account it is an orphan, which another record of its call may name.
pub(super) fn exchange<'v>(signal: &'v Value, who: &Who<'_, 'v>) -> Result<(Exchange<'v>, Origin), String> {
    let own = who.own;
    let at_us = started(signal).ok_or("no time (`startTimeUnixNano` and `timeUnixNano` are absent or no times)")?;
    let account = account(who)?;
    let key = bounded("api_key.id", who.name(&names::KEY, Some(Field::Key)))?.filter(|key| is_account(key));
    let mut origin = Origin { is_by_key: account.is_some() && account == key, ..Origin::default() };
    let account = account.or_else(|| {
        origin.is_by_key = key.is_some();
        key.clone()
    });
    let account = account.unwrap_or_else(|| {
        origin.orphan = Some(unplaced(format!(
            "no account (set one of {} on the span or its resource, or name another attribute with --map)",
            names::ACCOUNT.iter().take(8).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        )));
        Cow::Borrowed("")
    });
    let ended_us = ENDED.iter().find_map(|key| time(signal.get(*key)?));
    let end_user = who.name(&names::END_USER, Some(Field::EndUser));
    let of = |names: &[&str], field| who.name(names, Some(field)).map(json::cut);
    let mut exchange = Exchange {
        id: id(signal, own)?,
        at_us,
        account,
        key,
        channel: Some(Cow::Borrowed("api")),
        conversation: bounded("gen_ai.conversation.id", who.name(&names::CONVERSATION, Some(Field::Conversation)))?,
        end_user: bounded("enduser.pseudo.id", end_user)?,
        client: Client {
            ip: who
                .name(&names::IP, Some(Field::Ip))
                .and_then(|ip| Some(Cow::Owned(client_address(&ip)?.into_owned()))),
            asn: None,
            country: of(&names::COUNTRY, Field::Country),
            user_agent: of(&names::USER_AGENT, Field::UserAgent),
            ja4: of(&names::JA4, Field::Ja4),
            headers: None,
        },
        request: request(own, who.maps),
        response: response(signal, own, ended_us.and_then(|ended| elapsed_ms(at_us, ended))),
    };
    if exchange.request.messages.is_empty() || exchange.response.content.is_none() {
        Pieces::of_span(signal, own).complete(&mut exchange);
        content::complete_from_any(own, &mut exchange);
    }
    Ok((exchange, origin))
}

/// The provider's id of the answer, which spans and events of one call share; else the span's own, else a hash.
fn id<'v>(signal: &'v Value, own: &Attributes<'v>) -> Result<Cow<'v, str>, String> {
    let answered = names::RESPONSE_ID.iter().filter_map(|name| own.text(name)).find(|id| !is_none(id));
    if let Some(id) = bounded("gen_ai.response.id", answered.map(Cow::Borrowed))? {
        return Ok(id);
    }
    Ok(Cow::Owned(match (trace_id(signal), span_id(signal)) {
        (Some(trace), Some(span)) => format!("{trace}-{span}"),
        _ => hashed(signal.to_string().as_bytes()),
    }))
}

/// When a call began. Zero stands for "not set".
pub(super) fn started(signal: &Value) -> Option<i64> {
    STARTED.iter().find_map(|key| time(signal.get(*key)?))
}

/// A time: nanoseconds since 1970, or text.
fn time(value: &Value) -> Option<i64> {
    match count(value) {
        Some(nanoseconds) => i64::try_from(nanoseconds / 1000).ok().filter(|us| *us > 0).and_then(in_range_us),
        None => time_us(value),
    }
}

/// Tokens read and written.
pub(super) fn tokens(own: &Attributes<'_>) -> (Option<u64>, Option<u64>) {
    let first = |names: &[&str]| names.iter().filter(|name| name.contains('.')).find_map(|name| own.count(name));
    match (first(&names::INPUT_TOKENS), first(&names::OUTPUT_TOKENS)) {
        (None, None) => {
            let usage = names::USAGE.iter().find_map(|name| own.structure(name));
            usage.map_or((None, None), |usage| api::usage(&usage))
        }
        told => told,
    }
}

fn request<'v>(own: &Attributes<'v>, maps: &Maps) -> Request<'v> {
    let operation = names::OPERATION.iter().find_map(|name| own.text(name)).unwrap_or("chat");
    let endpoint = match operation {
        "text_completion" | "completion" if own.text("gen_ai.operation.name") != Some("completion") => "completions",
        "completion" => "completions",
        operation if operation.contains("mbed") => "embeddings",
        _ if names::KIND.iter().filter_map(|name| own.text(name)).any(|kind| kind.contains("EMBED")) => "embeddings",
        operation if operation.ends_with("responses") => "responses",
        operation if operation.ends_with("messages") => "messages",
        _ => "chat",
    };
    let narrow = |name: &str| own.count(name).and_then(|count| u32::try_from(count).ok());
    let settings = own.structure("llm.invocation_parameters").unwrap_or_default();
    let settings = api::params(&settings);
    let first_number = |names: [&str; 2]| names.iter().find_map(|name| own.number(name));
    let model = maps.attributes(Field::Model, true).chain(names::MODEL).chain(maps.attributes(Field::Model, false));
    let model = model.filter_map(|name| own.text(name)).next().map(|model| model.trim_matches('"'));
    let mut request = Request {
        model: label(model),
        endpoint: Some(Cow::Borrowed(endpoint)),
        system: content::system(own),
        messages: content::asked(own, maps),
        tools: content::tools(own),
        params: Params {
            temperature: first_number(["gen_ai.request.temperature", "ai.settings.temperature"])
                .or(settings.temperature),
            top_p: first_number(["gen_ai.request.top_p", "ai.settings.topP"]).or(settings.top_p),
            max_tokens: ["gen_ai.request.max_tokens", "ai.settings.maxOutputTokens", "ai.settings.maxTokens"]
                .iter()
                .find_map(|name| own.count(name))
                .or(settings.max_tokens),
            n: narrow("gen_ai.request.choice.count"),
            stream: ["gen_ai.request.stream", "llm.is_streaming", "llm.request.is_streaming"]
                .iter()
                .find_map(|name| own.flag(name))
                .or(settings.stream),
            ..settings
        },
    };
    crate::native::lift_system(&mut request);
    request
}

fn response<'v>(signal: &'v Value, own: &Attributes<'v>, latency_ms: Option<u64>) -> Response<'v> {
    let code = at(signal, &["status", "code"])
        .or_else(|| at(signal, &["status", "status_code"]))
        .or_else(|| at(signal, &["status_code"]));
    let has_failed = code.is_some_and(|code| {
        count(code) == Some(2) || matches!(code.as_str(), Some("STATUS_CODE_ERROR" | "ERROR" | "Error"))
    });
    let error = own.text("error.type").or_else(|| own.text("exception.type"));
    let status = ["http.response.status_code", "http.status_code"]
        .iter()
        .find_map(|name| own.count(name))
        .and_then(|status| u16::try_from(status).ok())
        .or_else(|| error?.parse().ok())
        .or_else(|| api::status_of_error(error?));
    let (input_tokens, output_tokens) = tokens(own);
    let finish = names::FINISH
        .iter()
        .find_map(|name| own.first_of(name))
        .or_else(|| content::finish_reason(own).map(Cow::Owned));
    Response {
        status: status.or((!has_failed && error.is_none()).then_some(200)),
        stop_reason: finish.map(json::cut).or_else(|| label(error)),
        input_tokens,
        output_tokens,
        latency_ms,
        content: content::answered(own),
        signature: None,
    }
}

/// The text of a log record's body, where it is one.
pub(super) fn body_text(signal: &Value) -> Option<&str> {
    text(signal, &["body", "stringValue"]).or_else(|| text(signal, &["body"]))
}
