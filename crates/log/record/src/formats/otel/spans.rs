//! The spans of one export: which of them are calls of a model, and which stand around others that are.

use std::collections::HashMap;
use std::collections::HashSet;

use serde_json::Value;

use super::attributes::Attributes;

use super::call;
use super::names;
use super::signal::Signal;
use super::signal::call_hash;
use super::signal::span_id;
use super::signal::trace_id;
use crate::formats::calls::no_span;
use crate::formats::emit::Emit;
use crate::formats::value::text;
use crate::found::Call;
use crate::found::Record;
use crate::found::trace_hash;
use crate::maps::Field;
use crate::maps::Maps;

/// Spans above one that are looked at.
const MAX_ANCESTORS: usize = 64;

/// One span with its attributes, and what it is.
struct Span<'v> {
    signal: Signal<'v>,
    own: Attributes<'v>,
    no_call: Option<&'static str>,
    parent: Option<usize>,
}

/// Reads the spans of one export.
pub(super) fn read(signals: &[Signal<'_>], maps: &Maps, emit: &mut Emit<'_>) {
    let mut spans: Vec<Span<'_>> = signals.iter().map(|signal| span(*signal, maps)).collect();
    let places: HashMap<(Option<&str>, Option<&str>), usize> = (0..)
        .zip(&spans)
        .map(|(place, span)| ((trace_id(span.signal.value), span_id(span.signal.value)), place))
        .collect();
    let parents: Vec<Option<usize>> = spans
        .iter()
        .map(|span| {
            let value = span.signal.value;
            let parent = ["parentSpanId", "parent_span_id", "parent_id"].iter().find_map(|key| text(value, &[key]))?;
            let parent = parent.strip_prefix("0x").unwrap_or(parent);
            places.get(&(trace_id(value), Some(parent))).copied()
        })
        .collect();
    spans.iter_mut().zip(parents).for_each(|(span, parent)| span.parent = parent);
    let outer = outer_calls(&spans);
    for (place, span) in (0..).zip(&spans) {
        let no_call =
            span.no_call.or_else(|| outer.contains(&place).then_some("a span around a call that has one of its own"));
        let resource = Attributes::of(span.signal.resource);
        if let Some(kind) = no_call {
            let who = call::Who { own: &span.own, above: &[], resource: &Attributes::of(None), maps };
            let account = call::account(&who).ok().flatten();
            emit(match (trace_id(span.signal.value), account) {
                // Its calls may be in other exports.
                (Some(trace), Some(account)) => Record::Owner { kind, trace: trace_hash(trace), account },
                _ => Record::PassedOver(kind),
            });
            continue;
        }
        let above: Vec<&Attributes<'_>> =
            above(&spans, place).filter_map(|at| spans.get(at)).map(|span| &span.own).collect();
        let who = call::Who { own: &span.own, above: &above, resource: &resource, maps };
        match call::exchange(span.signal.value, &who) {
            Ok((exchange, mut origin)) => {
                origin.call = call_hash(span.signal.value).map(Call::Span);
                origin.trace = trace_id(span.signal.value).map(trace_hash);
                emit(Record::Exchange(exchange, origin));
            }
            Err(reason) => emit(Err(reason).into()),
        }
    }
}

fn span<'v>(signal: Signal<'v>, maps: &Maps) -> Span<'v> {
    let value = signal.value;
    let mut own = Attributes::of(value.get("attributes"));
    for event in value.get("events").and_then(Value::as_array).into_iter().flatten() {
        own.add_absent(event.get("attributes"));
    }
    let no_call = no_call(value, &own, maps);
    Span { signal, own, no_call, parent: None }
}

/// Why a span is no call of a model.
fn no_call(value: &Value, own: &Attributes<'_>, maps: &Maps) -> Option<&'static str> {
    let kinds = names::KIND.iter().filter_map(|name| own.text(name)).chain(text(value, &["span_kind"]));
    // Some stores write each attribute as JSON.
    let kinds = kinds.map(|kind| kind.trim_matches('"'));
    let named = names::OPERATION.iter().filter_map(|name| own.text(name));
    if let Some(reason) = named.chain(kinds).find_map(no_span) {
        return Some(reason);
    }
    // The Vercel AI SDK has a span around the spans of its steps.
    let operation = own.text("ai.operationId").unwrap_or_default();
    if operation.starts_with("ai.") && !operation.contains(".do") {
        return Some(if operation == "ai.toolCall" {
            "a tool's span"
        } else {
            "a span around a call that has one of its own"
        });
    }
    let has_model =
        names::MODEL.iter().any(|name| own.has(name)) || maps.attributes(Field::Model, true).any(|name| own.has(name));
    let has_tokens =
        names::INPUT_TOKENS.iter().chain(&names::OUTPUT_TOKENS).any(|name| name.contains('.') && own.has(name))
            || names::USAGE.iter().any(|name| own.has(name));
    (!has_model && !has_tokens).then_some("a span without a model and tokens")
}

/// The spans above one, the nearest first.
fn above<'s>(spans: &'s [Span<'_>], place: usize) -> impl Iterator<Item = usize> + 's {
    let parent = move |place: &usize| spans.get(*place).and_then(|span| span.parent);
    std::iter::successors(parent(&place), parent).take(MAX_ANCESTORS)
}

/// Calls that only repeat what the calls inside them say: without tokens of their own, or with the tokens of one of
/// these or of all together.
fn outer_calls(spans: &[Span<'_>]) -> HashSet<usize> {
    let mut inner: HashMap<usize, Vec<Option<u64>>> = HashMap::new();
    for (place, span) in (0..).zip(spans) {
        if span.no_call.is_some() {
            continue;
        }
        let is_call = |at: &usize| spans.get(*at).is_some_and(|span| span.no_call.is_none());
        if let Some(outer) = above(spans, place).find(is_call) {
            inner.entry(outer).or_default().push(call::tokens(&span.own).1);
        }
    }
    let is_repeated = |place: usize, inner: &[Option<u64>]| {
        let own = spans.get(place).and_then(|span| call::tokens(&span.own).1);
        let all = inner.iter().flatten().fold(0, |sum: u64, tokens| sum.saturating_add(*tokens));
        own.is_none() || own == Some(all) || inner.contains(&own) || inner.iter().all(Option::is_none)
    };
    inner.into_iter().filter(|(place, inner)| is_repeated(*place, inner)).map(|(place, _)| place).collect()
}
