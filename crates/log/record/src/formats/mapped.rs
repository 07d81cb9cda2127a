//! Records of a flat foreign log, read as a map says.

use std::borrow::Cow;

use serde_json::Value;

use super::account::is_account;
use super::api;
use super::calls;
use super::emit::Emit;
use super::headers::Headers;
use super::headers::hashed;
use super::parts;
use super::sse;
use super::value::bounded;
use super::value::count;
use super::value::elapsed_ms;
use super::value::first_text;
use super::value::flag;
use super::value::label;
use super::value::name_of;
use super::value::no_time;
use super::value::number;
use super::value::status;
use super::value::time_us;
use super::value::unwrapped;
use super::written;
use crate::Client;
use crate::Exchange;
use crate::Request;
use crate::Response;
use crate::Role;
use crate::address::client_address;
use crate::envelope;
use crate::found::Call;
use crate::found::Origin;
use crate::found::Record;
use crate::found::trace_hash;
use crate::found::trace_of;
use crate::found::unplaced;
use crate::json;
use crate::maps::Field;
use crate::maps::Map;
use crate::maps::get;
use crate::time::in_range_us;

/// Reads one record.
pub(crate) fn parse(map: &Map, record: &Value, emit: &mut Emit<'_>) {
    let (raw, record) = (record, &*with_objects(record));
    for (column, values) in &map.only {
        let held = get(record, column).and_then(name_of);
        if !held.is_some_and(|held| values.iter().any(|value| *value == held)) {
            return emit(Record::PassedOver("a record of another kind in a log read by a map"));
        }
    }
    if !map.needs.is_empty() && !map.needs.iter().any(|column| get(record, column).is_some()) {
        return emit(Record::PassedOver("a record of another kind in a log read by a map"));
    }
    let read = Reader { map, raw, record, request: Value::Null, response: Value::Null };
    if let Some(reason) = calls::no_call(read.name(Field::Path).as_deref(), None) {
        return emit(Record::PassedOver(reason));
    }
    match read.with_bodies().exchange() {
        // What a second log may say more of is no other web server's record.
        Ok((exchange, origin))
            if super::capture::is_empty(&exchange)
                && (origin.trace.is_none() || exchange.response.status.is_none()) =>
        {
            emit(Record::PassedOver("a record without model, text and status"));
        }
        Ok((exchange, origin)) => emit(Record::Exchange(exchange, origin)),
        Err(reason) => emit(Err(format!("{reason} (read as: {})", map.name)).into()),
    }
}

/// Reads one record of a second log.
pub(crate) fn parse_addition(map: &Map, record: &Value, emit: &mut Emit<'_>) {
    let (raw, record) = (record, &*with_objects(record));
    let read = Reader { map, raw, record, request: Value::Null, response: Value::Null };
    match read.with_bodies().addition() {
        Ok((exchange, origin)) => emit(Record::Exchange(exchange, origin)),
        Err(reason) => emit(Err(format!("{reason} (read as: {})", map.name)).into()),
    }
}

/// A record whose members are objects where they hold one as text, so that names lead into them.
fn with_objects(record: &Value) -> Cow<'_, Value> {
    let Some(object) = record.as_object() else { return Cow::Borrowed(record) };
    let is_object = |value: &Value| value.as_str().is_some_and(|text| text.trim_start().starts_with('{'));
    if !object.values().any(is_object) {
        return Cow::Borrowed(record);
    }
    let members = object.iter().map(|(key, value)| (key.clone(), unwrapped(value).into_owned()));
    Cow::Owned(Value::Object(members.collect()))
}

/// One record and its map.
struct Reader<'v> {
    map: &'v Map,
    /// The record as it stands.
    raw: &'v Value,
    /// The record with objects where it holds one as text.
    record: &'v Value,
    request: Value,
    response: Value,
}

impl Reader<'_> {
    /// With a provider's request and answer, where the record holds them.
    fn with_bodies(self) -> Self {
        Self { request: self.body(Field::Request), response: self.body(Field::Response), ..self }
    }

    fn values(&self, field: Field) -> impl Iterator<Item = &Value> {
        self.map.names(field).iter().filter_map(|name| get(self.record, name))
    }

    fn name(&self, field: Field) -> Option<Cow<'_, str>> {
        self.values(field).find_map(name_of)
    }

    /// What somebody wrote, which stays text where it looks like an object.
    fn written(&self, field: Field) -> Option<Cow<'_, str>> {
        let raw = self.map.names(field).iter().filter_map(|name| get(self.raw, name)).find_map(Value::as_str);
        raw.map(Cow::Borrowed).or_else(|| self.name(field))
    }

    fn ident(&self, field: Field, name: &str) -> Result<Option<Cow<'_, str>>, String> {
        bounded(name, self.name(field))
    }

    fn count(&self, field: Field) -> Option<u64> {
        self.values(field).find_map(count)
    }

    fn number(&self, field: Field) -> Option<f64> {
        self.values(field).find_map(number)
    }

    /// A body that may be JSON as text, alone or in a list.
    fn body(&self, field: Field) -> Value {
        let body = self.values(field).map(|value| match value {
            Value::Array(list) if list.len() == 1 => list.first().unwrap_or(value),
            value => value,
        });
        let decoded = |value: &Value| match unwrapped(value) {
            Cow::Borrowed(value @ Value::String(text)) => {
                envelope::unpacked(text).map_or_else(|| value.clone(), |text| unwrapped(&text.into()).into_owned())
            }
            value => value.into_owned(),
        };
        body.map(decoded).next().unwrap_or(Value::Null)
    }

    fn exchange(&self) -> Result<(Exchange<'_>, Origin), String> {
        let at_us = self.time()?;
        let mut origin = Origin { trace: self.trace(), ..Origin::default() };
        let secret = self.name(Field::Secret).filter(|secret| !super::account::is_masked(secret));
        let key = self.ident(Field::Key, "key")?.or_else(|| Some(Cow::Owned(hashed(secret?.as_bytes()))));
        let named = self.values(Field::Account).filter_map(name_of).find(|name| is_account(name));
        let account = match bounded("account", named)? {
            Some(account) => account,
            None => match key.clone().filter(|key| is_account(key)) {
                Some(key) => {
                    origin.is_by_key = true;
                    key
                }
                None => {
                    origin.orphan = Some(unplaced(format!("{} (read as: {})", self.no_account(), self.map.name)));
                    Cow::Borrowed("")
                }
            },
        };
        let mut request = self.request();
        let mut response = self.response(at_us);
        // A log of whole conversations has the answer among the messages.
        if response.content.is_none() && request.messages.last().is_some_and(|last| last.role == Role::Assistant) {
            response.content = request.messages.pop().map(|last| last.text);
        }
        let id = self.ident(Field::Id, "id")?;
        let mut exchange = Exchange {
            id: id.unwrap_or_else(|| Cow::Owned(hashed(self.record.to_string().as_bytes()))),
            at_us,
            account,
            key,
            channel: Some(label_of(self.name(Field::Channel)).unwrap_or(Cow::Borrowed("api"))),
            conversation: self.ident(Field::Conversation, "conversation")?,
            end_user: self.ident(Field::EndUser, "end_user")?.or_else(|| api::end_user(&self.request)),
            client: self.client(),
            request,
            response,
        };
        if let (Some(call), Some(number)) = (origin.trace, self.count(Field::Part)) {
            let (asked, answered) = (self.as_logged(Field::Messages), self.as_logged(Field::Content));
            if number > 0 || !parts::says_all(asked.as_deref(), answered.as_deref()) {
                parts::with_texts(&mut exchange, asked, answered);
                origin.call = Some(Call::Part { call, number });
            }
        }
        Ok((exchange, origin))
    }

    /// A text as it was logged, or the JSON of what is no text.
    fn as_logged(&self, field: Field) -> Option<Cow<'_, str>> {
        let raw = self.map.names(field).iter().find_map(|name| get(self.raw, name));
        match raw.or_else(|| self.values(field).next())? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            value => Some(Cow::Owned(value.to_string())),
        }
    }

    /// What the record says of an exchange, whose id or trace it must name.
    fn addition(&self) -> Result<(Exchange<'_>, Origin), String> {
        let id = self.ident(Field::Id, "id")?.unwrap_or_default();
        let trace = self.trace();
        if id.is_empty() && trace.is_none() {
            let names = [self.map.names(Field::Id), self.map.names(Field::Trace)].concat();
            return Err(format!("no id of a request or a trace (looked for {})", listed(&names)));
        }
        let named = self.values(Field::Account).filter_map(name_of).find(|name| is_account(name));
        let mut response = self.response(0);
        response.latency_ms = None;
        let exchange = Exchange {
            id,
            at_us: 0,
            account: bounded("account", named)?.unwrap_or_default(),
            key: self.ident(Field::Key, "key")?,
            channel: None,
            conversation: self.ident(Field::Conversation, "conversation")?,
            end_user: self.ident(Field::EndUser, "end_user")?,
            client: self.client(),
            request: self.request(),
            response,
        };
        Ok((exchange, Origin { trace, ..Origin::default() }))
    }

    fn trace(&self) -> Option<u64> {
        self.name(Field::Trace).map(|id| trace_hash(trace_of(&id)))
    }

    fn time(&self) -> Result<i64, String> {
        if let Some(us) = self.values(Field::At).find_map(time_us) {
            return Ok(us);
        }
        // A log that is written at the end tells when that was, and how long it took.
        if let Some(us) = self.values(Field::EndedAt).find_map(time_us) {
            let took_us = i64::try_from(self.latency_ms().unwrap_or(0)).unwrap_or(0).saturating_mul(1000);
            // Who took longer than since 1970 did not.
            return Ok(in_range_us(us.saturating_sub(took_us)).unwrap_or(us));
        }
        let held = self.map.names(Field::At).iter().find_map(|name| Some((name, get(self.record, name)?)));
        Err(match held {
            Some((name, value)) => no_time(name, value),
            None => {
                format!("no time (looked for {}; name another column with --map)", listed(self.map.names(Field::At)))
            }
        })
    }

    fn no_account(&self) -> String {
        let names = listed(self.map.names(Field::Account));
        format!(
            "no account (looked for {names}; name another column with --map, or give a log that says it with --join)"
        )
    }

    fn client(&self) -> Client<'_> {
        let headers = self.values(Field::Headers).next().map(|value| Headers::at(value, &[]));
        let asn = self.count(Field::Asn).and_then(|asn| u32::try_from(asn).ok());
        let ip = self.values(Field::Ip).filter_map(Value::as_str).find_map(client_address);
        Client {
            ip,
            asn,
            country: label_of(self.name(Field::Country)),
            user_agent: label_of(self.name(Field::UserAgent)),
            ja4: label_of(self.name(Field::Ja4)),
            headers: headers.and_then(|headers| headers.fingerprint()).map(Cow::Owned),
        }
    }

    fn request(&self) -> Request<'_> {
        let mut request = api::request(&self.request);
        if let Some(messages) = self.values(Field::Messages).next() {
            request.messages = written::messages(&unwrapped(messages));
        }
        if let Some(text) = self.written(Field::Text).filter(|_| request.messages.is_empty()) {
            request.messages = api::user(&text).into_iter().map(api::into_owned).collect();
        }
        let system = self.written(Field::System).filter(|_| request.system.is_none());
        request.system = system.or(request.system);
        crate::native::lift_system(&mut request);
        let answered = || label(first_text(&self.response, &["model", "modelVersion"]));
        let of_path = || Some(Cow::Owned(api::model_of_path(&self.name(Field::Path)?)?.to_owned()));
        let named = label_of(self.name(Field::Model)).map(last_part);
        request.model = named.or(request.model).or_else(of_path).or_else(answered);
        let path = self.name(Field::Path).and_then(|path| api::endpoint(&path));
        request.endpoint = path.map(Cow::Borrowed).or_else(|| label_of(self.name(Field::Endpoint)));
        let params = &mut request.params;
        params.temperature = self.number(Field::Temperature).or(params.temperature);
        params.top_p = self.number(Field::TopP).or(params.top_p);
        params.max_tokens = self.count(Field::MaxTokens).or(params.max_tokens);
        params.stream = self.values(Field::Stream).find_map(flag).or(params.stream);
        request
    }

    fn response(&self, at_us: i64) -> Response<'_> {
        let (mut response, _) = match &self.response {
            Value::Null => Default::default(),
            body => sse::response(body),
        };
        if let Some(content) = self.values(Field::Content).next() {
            response.content = written::answer(&unwrapped(content)).map(Cow::Owned);
        }
        response.stop_reason = label_of(self.name(Field::StopReason)).or(response.stop_reason);
        let by_value = || {
            let mut columns = self.map.status_when.iter();
            columns.find_map(|(column, values)| values.get(name_of(get(self.record, column)?)?.as_ref()).copied())
        };
        response.status = by_value().or_else(|| self.values(Field::Status).find_map(status_of)).or(response.status);
        let has_answer = response.content.is_some()
            || (response.stop_reason.is_some() && self.response.get("error").is_none())
            || api::is_answer(&self.response);
        response.status = response.status.or(has_answer.then_some(200));
        let cached = self.values(Field::CachedTokens).filter_map(count).fold(0, u64::saturating_add);
        let thought = self.values(Field::ThoughtTokens).filter_map(count).fold(0, u64::saturating_add);
        response.input_tokens =
            self.count(Field::InputTokens).map(|read| read.saturating_add(cached)).or(response.input_tokens);
        response.output_tokens =
            self.count(Field::OutputTokens).map(|written| written.saturating_add(thought)).or(response.output_tokens);
        let ended = || elapsed_ms(at_us, self.values(Field::EndedAt).find_map(time_us)?);
        response.latency_ms = self.latency_ms().or_else(ended).or(response.latency_ms);
        response
    }

    fn latency_ms(&self) -> Option<u64> {
        let ms = self.values(Field::LatencyMs).find_map(|value| milliseconds(value, 1.0));
        let ms = ms.or_else(|| self.values(Field::LatencyS).find_map(|value| milliseconds(value, 1e3)));
        json::whole(ms?.round())
    }
}

/// A duration: a number in a unit, or text with its own.
fn milliseconds(value: &Value, unit: f64) -> Option<f64> {
    let Value::String(text) = value else { return Some(number(value)? * unit) };
    let text = text.trim();
    let units = [("ms", 1.0), ("µs", 1e-3), ("us", 1e-3), ("ns", 1e-6), ("s", 1e3)];
    let with_unit =
        units.iter().find_map(|(name, unit)| Some(text.strip_suffix(name)?.trim().parse::<f64>().ok()? * unit));
    with_unit.or_else(|| Some(text.parse::<f64>().ok()? * unit))
}

/// A status as a number, in words, or inside a text such as `status_code=429`.
fn status_of(value: &Value) -> Option<u16> {
    let Value::String(text) = value else { return status(value) };
    let words = [("success", 200), ("succeeded", 200), ("ok", 200)];
    status(value)
        .or_else(|| words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, status)| *status))
        .or_else(|| {
            let (_, after) = text.split_once("status_code=").or_else(|| text.split_once("status code "))?;
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok().filter(|status| (100..600).contains(status))
        })
        .or_else(|| {
            // Words about an error, with its class or its number.
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').take(40);
            words.find_map(|word| {
                let number = word.parse().ok().filter(|status| (400..600).contains(status) && word.len() == 3);
                number.or_else(|| api::status_of_error(word))
            })
        })
}

fn label_of(text: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    text.map(json::cut)
}

/// A model's name without the resource path before it.
fn last_part(name: Cow<'_, str>) -> Cow<'_, str> {
    match name.rsplit_once("/models/") {
        Some((_, last)) => Cow::Owned(last.to_owned()),
        None => name,
    }
}

fn listed(names: &[String]) -> String {
    names.iter().take(8).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
