//! OTLP as protobuf, made into the tree that its JSON form has, which one reader reads.
//!
//! Only the fields that are read are declared here; the others are passed over. Each list is taken as bytes first, so
//! that its members are counted before they are read, and a damaged span costs itself and not its export.

use prost::Message;
use prost::Oneof;
use prost::bytes::Bytes;
use prost::decode_length_delimiter;
use serde_json::Value;

use super::emit::Emit;
use super::otel;
use crate::found::Record;
use crate::json;
use crate::maps::Maps;

/// Values within values of one attribute.
const MAX_DEPTH: u32 = 40;
/// Bytes of the id of a trace and of a span.
const ID_BYTES: (usize, usize) = (16, 8);

/// An export of traces, logs or metrics: they differ in what is below a scope.
#[derive(Clone, PartialEq, Message)]
struct Export {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    resources: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct OfResource {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    scopes: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    attributes: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct OfScope {
    #[prost(bytes = "bytes", repeated, tag = "2")]
    signals: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct Span {
    #[prost(bytes = "bytes", tag = "1")]
    trace_id: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    span_id: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    parent_span_id: Bytes,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(fixed64, tag = "7")]
    start: u64,
    #[prost(fixed64, tag = "8")]
    end: u64,
    #[prost(bytes = "bytes", repeated, tag = "9")]
    attributes: Vec<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "11")]
    events: Vec<Bytes>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(string, tag = "2")]
    name: String,
    #[prost(bytes = "bytes", repeated, tag = "3")]
    attributes: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct LogRecord {
    #[prost(fixed64, tag = "1")]
    time: u64,
    #[prost(fixed64, tag = "11")]
    observed: u64,
    #[prost(bytes = "bytes", optional, tag = "5")]
    body: Option<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "6")]
    attributes: Vec<Bytes>,
    #[prost(bytes = "bytes", tag = "9")]
    trace_id: Bytes,
    #[prost(bytes = "bytes", tag = "10")]
    span_id: Bytes,
    #[prost(string, tag = "12")]
    event_name: String,
}

/// The name and the unit of a metric, by which it is told.
#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "3")]
    unit: String,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(bytes = "bytes", optional, tag = "2")]
    value: Option<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(oneof = "Any", tags = "1, 2, 3, 4, 5, 6")]
    value: Option<Any>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Any {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Flag(bool),
    #[prost(int64, tag = "3")]
    Whole(i64),
    #[prost(double, tag = "4")]
    Number(f64),
    #[prost(bytes = "bytes", tag = "5")]
    List(Bytes),
    #[prost(bytes = "bytes", tag = "6")]
    Members(Bytes),
}

/// The values of a list, or the members of an object.
#[derive(Clone, PartialEq, Message)]
struct Values {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    values: Vec<Bytes>,
}

/// Reads one export.
pub(super) fn parse(message: &[u8], maps: &Maps, emit: &mut Emit<'_>) {
    let mut reading = Reading { room: json::MAX_OBJECTS, refused: Vec::new(), has_metrics: false, signals: 0 };
    let resources = match reading.export(Bytes::copy_from_slice(message)) {
        Ok(resources) => resources,
        Err(reason) => return emit(Err(reason).into()),
    };
    let others = usize::from(reading.has_metrics) + reading.refused.len();
    reading.refused.into_iter().for_each(|reason| emit(Err(reason).into()));
    if reading.has_metrics {
        emit(Record::PassedOver("metrics"));
    }
    if reading.signals > 0 || others == 0 {
        otel::parse(&object([("resourceSpans", resources.into())]), maps, emit);
    }
}

/// What is known of an export while it is read.
struct Reading {
    /// Members of lists that may still come.
    room: usize,
    /// Why a span or a log record is left out.
    refused: Vec<String>,
    has_metrics: bool,
    signals: usize,
}

impl Reading {
    fn export(&mut self, message: Bytes) -> Result<Vec<Value>, String> {
        let export: Export = decode(message)?;
        self.count(&export.resources)?;
        export.resources.into_iter().map(|resource| self.resource(resource)).collect()
    }

    fn resource(&mut self, bytes: Bytes) -> Result<Value, String> {
        let OfResource { resource, scopes } = decode(bytes)?;
        let attributes = self.attributes(resource.unwrap_or_default().attributes)?;
        self.count(&scopes)?;
        let scopes = scopes.into_iter().map(|scope| {
            let OfScope { signals } = decode(scope)?;
            self.count(&signals)?;
            let mut values = Vec::new();
            for signal in signals {
                values.extend(self.signal(signal)?);
            }
            Ok(object([("spans", values.into())]))
        });
        let scopes = scopes.collect::<Result<Vec<Value>, String>>()?;
        let resource = object([("attributes", attributes.into())]);
        Ok(object([("resource", resource), ("scopeSpans", scopes.into())]))
    }

    /// A span or a log record, told by the types of its fields; `None` for a metric and for what is damaged.
    ///
    /// # Errors
    /// Where the export is beyond its bounds.
    fn signal(&mut self, bytes: Bytes) -> Result<Option<Value>, String> {
        let found = match (decode::<Span>(bytes.clone()), decode::<LogRecord>(bytes.clone())) {
            (Ok(span), _) if span.start > 0 || (span.trace_id.len(), span.span_id.len()) == ID_BYTES => self.span(span),
            (_, Ok(log)) => self.log(log),
            (of_span, Err(of_log)) => {
                let is_metric = |metric: Metric| !metric.name.is_empty() && !metric.name.contains(char::is_control);
                if decode(bytes).is_ok_and(is_metric) {
                    self.has_metrics = true;
                    return Ok(None);
                }
                Err(of_span.err().unwrap_or(of_log))
            }
        };
        match found {
            Ok(value) => {
                self.signals += 1;
                Ok(Some(value))
            }
            Err(reason) if self.room == 0 => Err(reason),
            Err(reason) => {
                self.refused.push(reason);
                Ok(None)
            }
        }
    }

    fn span(&mut self, span: Span) -> Result<Value, String> {
        self.count(&span.events)?;
        let events = span.events.into_iter().map(|event| {
            let Event { name, attributes } = decode(event)?;
            Ok(object([("name", name.into()), ("attributes", self.attributes(attributes)?.into())]))
        });
        let events = events.collect::<Result<Vec<Value>, String>>()?;
        Ok(object([
            ("traceId", hex(&span.trace_id).into()),
            ("spanId", hex(&span.span_id).into()),
            ("parentSpanId", hex(&span.parent_span_id).into()),
            ("name", span.name.into()),
            ("startTimeUnixNano", span.start.into()),
            ("endTimeUnixNano", span.end.into()),
            ("attributes", self.attributes(span.attributes)?.into()),
            ("events", events.into()),
            ("status", object([("code", span.status.unwrap_or_default().code.into())])),
        ]))
    }

    fn log(&mut self, log: LogRecord) -> Result<Value, String> {
        let body = log.body.map(|body| self.value(body, MAX_DEPTH)).transpose()?;
        // A time of 0 is one that is not known.
        let time = |time: u64| if time > 0 { time.into() } else { Value::Null };
        Ok(object([
            ("traceId", hex(&log.trace_id).into()),
            ("spanId", hex(&log.span_id).into()),
            ("eventName", log.event_name.into()),
            ("timeUnixNano", time(log.time)),
            ("observedTimeUnixNano", time(log.observed)),
            ("attributes", self.attributes(log.attributes)?.into()),
            ("body", body.into()),
        ]))
    }

    fn attributes(&mut self, pairs: Vec<Bytes>) -> Result<Vec<Value>, String> {
        self.pairs(pairs, MAX_DEPTH)
    }

    fn pairs(&mut self, pairs: Vec<Bytes>, depth: u32) -> Result<Vec<Value>, String> {
        self.count(&pairs)?;
        let pair = |bytes: Bytes| {
            let KeyValue { key, value } = decode(bytes)?;
            let value = value.map(|value| self.value(value, depth)).transpose()?;
            Ok(object([("key", key.into()), ("value", value.into())]))
        };
        pairs.into_iter().map(pair).collect()
    }

    fn value(&mut self, bytes: Bytes, depth: u32) -> Result<Value, String> {
        let depth = depth.checked_sub(1).ok_or_else(|| format!("values nested deeper than {MAX_DEPTH} levels"))?;
        let (kind, value) = match decode::<AnyValue>(bytes)?.value {
            // Bytes are nothing that is read.
            None => return Ok(Value::Null),
            Some(Any::Text(text)) => ("stringValue", text.into()),
            Some(Any::Flag(flag)) => ("boolValue", flag.into()),
            Some(Any::Whole(number)) => ("intValue", number.into()),
            // As it is read from JSON, which may differ in the last digit: an export in both forms says the same.
            Some(Any::Number(number)) => {
                ("doubleValue", serde_json::from_str(&Value::from(number).to_string()).unwrap_or_default())
            }
            Some(Any::List(list)) => {
                let Values { values } = decode(list)?;
                self.count(&values)?;
                let values = values.into_iter().map(|value| self.value(value, depth));
                ("arrayValue", object([("values", values.collect::<Result<Vec<Value>, String>>()?.into())]))
            }
            Some(Any::Members(members)) => {
                let Values { values } = decode(members)?;
                ("kvlistValue", object([("values", self.pairs(values, depth)?.into())]))
            }
        };
        Ok(object([(kind, value)]))
    }

    /// Counts the members of a list.
    fn count(&mut self, members: &[Bytes]) -> Result<(), String> {
        let left = self.room.checked_sub(members.len());
        self.room = left.unwrap_or(0);
        left.map(drop).ok_or_else(too_many)
    }
}

/// Reads one message. The library's reasons name fields and types, and no values.
fn decode<M: Message + Default>(bytes: Bytes) -> Result<M, String> {
    // Few messages are long enough to be looked at.
    if bytes.len() > json::MAX_OBJECTS && fields(&bytes) > json::MAX_OBJECTS {
        return Err(too_many());
    }
    M::decode(bytes).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.strip_prefix("failed to decode Protobuf message: ").unwrap_or(&reason);
        format!("no OTLP in protobuf: {reason} (copy the file again)")
    })
}

/// The fields of a message, but for those inside its fields, up to where it is damaged: a list of empty members takes many
/// times the room of its bytes.
fn fields(mut rest: &[u8]) -> usize {
    let mut count = 0;
    // Marks and numbers are written as lengths are.
    while let Ok(mark) = decode_length_delimiter(&mut rest) {
        let length = match mark & 7 {
            0 => decode_length_delimiter(&mut rest).map(|_| 0),
            1 => Ok(8),
            2 => decode_length_delimiter(&mut rest),
            5 => Ok(4),
            _ => Ok(0),
        };
        let Some(after) = length.ok().and_then(|length| rest.get(length..)) else { break };
        (rest, count) = (after, count + 1);
    }
    count
}

#[cold]
fn too_many() -> String {
    format!("the export holds more than {} objects (split it)", json::MAX_OBJECTS)
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    json::sorted(Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

/// An id as text; an absent one is empty.
fn hex(id: &Bytes) -> String {
    // No id is longer than this, and what is longer is none.
    id.iter().take(32).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(export: &Export) -> Vec<String> {
        let mut reasons = Vec::new();
        parse(&export.encode_to_vec(), &Maps::default(), &mut |found| match found {
            Record::Refused(reject) => reasons.push(reject.reason),
            found => panic!("{found:?}"),
        });
        reasons
    }

    fn with_span(span: &Span) -> Export {
        let scope = OfScope { signals: vec![span.encode_to_vec().into()] };
        let resource = OfResource { resource: None, scopes: vec![scope.encode_to_vec().into()] };
        Export { resources: vec![resource.encode_to_vec().into()] }
    }

    fn nested(depth: u32) -> AnyValue {
        let value = match depth.checked_sub(1) {
            None => Any::Text("text".to_owned()),
            Some(depth) => {
                Any::List(Values { values: vec![nested(depth).encode_to_vec().into()] }.encode_to_vec().into())
            }
        };
        AnyValue { value: Some(value) }
    }

    #[test]
    fn the_fields_of_a_message_are_counted_before_it_is_read() {
        let event = Bytes::from(Event { name: "first".to_owned(), attributes: Vec::new() }.encode_to_vec());
        let status = Some(Status { code: 2 });
        let span = Span { name: "chat".to_owned(), start: 1, events: vec![event; 3], status, ..Span::default() };
        assert_eq!(fields(&span.encode_to_vec()), 6);
        assert_eq!(fields(&Status { code: 2 }.encode_to_vec()), 1);
        assert_eq!(fields(b"\x0a\x05cut"), 0);
        assert_eq!(fields(&[0x0a, 0].repeat(1000)), 1000);
    }

    #[test]
    fn an_export_has_its_bounds() {
        let many = Span { start: 1, attributes: vec![Bytes::new(); json::MAX_OBJECTS], ..Span::default() };
        assert_eq!(refused(&with_span(&many)), ["the export holds more than 200000 objects (split it)"]);
        let deep = |depth| {
            let pair = KeyValue { key: "deep".to_owned(), value: Some(nested(depth).encode_to_vec().into()) };
            let attributes = vec![pair.encode_to_vec().into()];
            with_span(&Span { start: 1, attributes, ..Span::default() })
        };
        assert_eq!(refused(&deep(MAX_DEPTH)), ["values nested deeper than 40 levels"]);
        let mut passed = 0;
        parse(&deep(MAX_DEPTH - 1).encode_to_vec(), &Maps::default(), &mut |found| {
            passed += usize::from(matches!(found, Record::PassedOver(_)));
        });
        assert_eq!(passed, 1);
    }
}
