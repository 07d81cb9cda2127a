//! What one record of a log says for another: whose a key is, and what a call's log event says beside its span.
//!
//! Records that need another to be read are held until all are read, within bounds. What is beyond the bounds is read as
//! it stands alone, all of it, so that the order of reading never shows.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use record::Call;
use record::Exchange;
use record::Origin;
use record::Reject;
use record::native;
use sketch::HashKey;

use crate::counts::Counts;
use crate::error::Error;
use crate::fill::fill;
use crate::fill::has_no_text;

/// Bytes of held records, of each kind.
const MAX_HELD_BYTES: usize = 64 * 1024 * 1024;
/// Spans that are remembered, and the bytes of those that have no text of their own.
const MAX_SPANS: usize = 4_000_000;
/// Keys whose accounts are remembered.
const MAX_KEYS: usize = 4_000_000;
/// Stands in a held record for an account that is not known yet.
const NOBODY: &str = "?";

/// What an ingest remembers for its joins.
#[derive(Debug, Default)]
pub(crate) struct Joins {
    key: HashKey,
    /// The account of each key by the key's hash; `None` for a key of several.
    owners: Mutex<HashMap<u64, Option<Box<str>>>>,
    /// The account of each trace by the trace's hash; `None` for a trace of several.
    trace_owners: Mutex<HashMap<u64, Option<Box<str>>>>,
    by_key: Mutex<Pile>,
    orphans: Mutex<Pile>,
    events: Mutex<Pile>,
    parts: Mutex<Pile>,
    spans: Mutex<Spans>,
}

/// Held records of one kind.
#[derive(Debug, Default)]
struct Pile {
    held: Vec<Held>,
    bytes: usize,
    /// Records that were not held.
    left_out: u64,
}

/// Spans by the hash of trace and span; those without a text in the native form.
#[derive(Debug, Default)]
struct Spans {
    seen: HashMap<u64, Option<Box<[u8]>>>,
    bytes: usize,
}

/// One record that is held.
#[derive(Debug)]
pub(crate) struct Held {
    /// The exchange in the native form.
    line: Box<[u8]>,
    /// Why it cannot be read alone.
    orphan: Option<Reject>,
    event: Option<u64>,
    trace: Option<u64>,
    /// The trace that the record is a part of, where all calls of a trace have one account.
    in_trace: Option<u64>,
    /// The hash of the call that the record is a part of, and its number.
    part: Option<(u64, u64)>,
    /// Further records that are read with this one.
    others: u64,
}

impl Held {
    /// How the record's call is named: an event's as its span is.
    fn call(&self) -> Option<Call> {
        self.event.map(Call::Span).or(self.trace.map(Call::Trace))
    }

    /// Further records that are read with this one.
    fn others(&self) -> u64 {
        self.others
    }
}

/// What becomes of a held record.
enum Settled<'a> {
    /// It is an exchange of its own, of the account that it names.
    Alone(Exchange<'a>),
    /// It is an exchange of its own, of the account that another record names.
    Owned(Exchange<'a>),
    /// It and its span are one call: this one.
    Joined(Exchange<'a>),
    /// It was held as it is, and names its own account.
    Whole(Exchange<'a>),
    /// Another record says all that it says: which.
    Told(&'static str),
    /// Nobody told whose it is.
    Refused(Reject),
}

/// Takes records that were held.
pub(crate) trait SettledSink {
    /// Where they are counted.
    fn counts(&mut self) -> &mut Counts;
    /// Takes an exchange.
    fn take(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> Result<(), Error>;
    /// Takes an exchange in place of the record of the same call that says less.
    fn supersede(&mut self, exchange: &Exchange<'_>, call: Option<Call>) -> Result<(), Error>;
    /// Takes a record that nobody told the account of.
    fn refuse(&mut self, reject: Reject);
}

/// What a worker remembers, so that it need not ask for each record.
#[derive(Debug, Default)]
pub(crate) struct Told(HashSet<u64>);

impl Joins {
    /// Hashes under a key, so that nobody can make two of them fall together.
    pub(crate) fn new(key: HashKey) -> Self {
        Self { key, ..Self::default() }
    }

    /// Remembers what a record says for others.
    pub(crate) fn learn(&self, exchange: &Exchange<'_>, origin: &Origin, told: &mut Told) {
        if let (Some(key), false, None) = (&exchange.key, origin.is_by_key, &origin.orphan) {
            let hash = self.key.value(key);
            // A worker says each pair of a key and its account once.
            if told.0.len() < MAX_KEYS && told.0.insert(hash ^ self.key.value(&exchange.account).rotate_left(17)) {
                learn_owner(&self.owners, hash, &exchange.account);
            }
        }
        if let (Some(trace), false, None) = (trace_of(origin), origin.is_by_key, &origin.orphan) {
            self.learn_trace(trace, &exchange.account, told);
        }
        if let Some(Call::Span(span)) = origin.call {
            let mut spans = locked(&self.spans);
            if spans.seen.len() >= MAX_SPANS {
                return;
            }
            let is_poor = has_no_text(exchange) && origin.orphan.is_none() && spans.bytes < MAX_HELD_BYTES;
            let line = is_poor.then(|| line(exchange, &exchange.account).into_boxed_slice());
            spans.bytes += line.as_ref().map_or(0, |line| line.len());
            spans.seen.insert(span, line);
        }
    }

    /// Remembers whose a trace is.
    pub(crate) fn learn_trace(&self, trace: u64, account: &str, told: &mut Told) {
        let pair = trace.rotate_left(29) ^ self.key.value(account).rotate_left(17);
        if told.0.len() < MAX_KEYS && told.0.insert(pair) {
            learn_owner(&self.trace_owners, trace, account);
        }
    }

    /// Holds a record that needs another; gives back one that stands alone.
    pub(crate) fn hold<'a>(&self, exchange: Exchange<'a>, origin: Origin) -> Option<Result<Exchange<'a>, Reject>> {
        let (event, trace, part) = match origin.call {
            Some(Call::Event(event)) => (Some(event), None, None),
            Some(Call::Trace(trace)) => (None, Some(trace), None),
            Some(Call::Part { call, number }) => (None, None, Some((call, number))),
            Some(Call::Span(_)) | None => (None, None, None),
        };
        let in_trace = trace_of(&origin);
        let pile = match (&origin.orphan, event, part, origin.is_by_key) {
            (_, _, Some(_), _) => &self.parts,
            (_, Some(_), ..) => &self.events,
            (Some(_), ..) => &self.orphans,
            (None, None, None, true) => &self.by_key,
            (None, None, None, false) => return Some(Ok(exchange)),
        };
        let mut pile = locked(pile);
        if pile.bytes >= MAX_HELD_BYTES {
            pile.left_out += 1;
            // A later part says nothing alone.
            if part.is_some_and(|(_, number)| number > 0) {
                return None;
            }
            let alone = if part.is_some() { record::join_parts(&[exchange])? } else { exchange };
            return Some(origin.orphan.map_or(Ok(alone), Err));
        }
        let account = if origin.orphan.is_some() { NOBODY } else { &exchange.account };
        let line = line(&exchange, account).into_boxed_slice();
        pile.bytes += line.len() + 128;
        let in_trace = in_trace.filter(|_| origin.orphan.is_some());
        pile.held.push(Held { line, orphan: origin.orphan, event, trace, in_trace, part, others: 0 });
        None
    }

    /// The records that were held, in the order of what they say.
    fn held(&self) -> Vec<Held> {
        let mut all = Vec::new();
        for pile in [&self.by_key, &self.orphans] {
            all.append(&mut locked(pile).held);
        }
        all.extend(whole_events(std::mem::take(&mut locked(&self.events).held)));
        all.extend(self.whole_calls());
        all.sort_by(|a, b| a.line.cmp(&b.line));
        all
    }

    /// The calls that were logged in parts, each as its first part. Where not all parts could be held, first parts stand
    /// alone.
    fn whole_calls(&self) -> Vec<Held> {
        let mut pile = locked(&self.parts);
        let is_full = pile.left_out > 0;
        let mut held = std::mem::take(&mut pile.held);
        held.sort_by(|a, b| (a.part, &a.line).cmp(&(b.part, &b.line)));
        let of_call = |a: &Held, b: &Held| a.part.map(|(call, _)| call) == b.part.map(|(call, _)| call);
        held.chunk_by(of_call).filter_map(|parts| whole_call(parts, is_full)).collect()
    }

    /// Records that were read alone because too many were held.
    pub(crate) fn left_out(&self) -> u64 {
        [&self.by_key, &self.orphans, &self.events, &self.parts].iter().map(|pile| locked(pile).left_out).sum()
    }

    /// Gives on the records that were held, now that all records are read, each as what it turned out to be.
    ///
    /// # Errors
    /// Those of `sink`.
    pub(crate) fn settle_all(&self, sink: &mut dyn SettledSink) -> Result<(), Error> {
        let mut span = Vec::new();
        for held in &self.held() {
            span.clear();
            (0..held.others()).for_each(|_| sink.counts().pass_over("a part of a call that is read with its first"));
            match self.settle(held, &mut span) {
                Settled::Alone(exchange) => {
                    sink.counts().accounts_by_key += u64::from(exchange.key.as_ref() == Some(&exchange.account));
                    sink.take(&exchange, held.call())?;
                }
                Settled::Owned(exchange) => {
                    sink.counts().accounts_joined += 1;
                    sink.take(&exchange, held.call())?;
                }
                Settled::Joined(exchange) => {
                    let counts = sink.counts();
                    counts.pass_over("an event of a call whose span is read");
                    // The span was counted as one without a text.
                    counts.now_with_text += u64::from(!has_no_text(&exchange));
                    sink.supersede(&exchange, held.call())?;
                }
                Settled::Whole(exchange) => sink.take(&exchange, held.call())?,
                Settled::Told(kind) => sink.counts().pass_over(kind),
                Settled::Refused(reject) => sink.refuse(reject),
            }
        }
        Ok(())
    }

    /// Says what becomes of a held record, now that all records are read. `span` is where the span's own line is put.
    fn settle<'a>(&self, held: &'a Held, span: &'a mut Vec<u8>) -> Settled<'a> {
        let refused = |reason: &str| {
            Settled::Refused(Reject { file: String::new(), line: 0, byte_offset: None, reason: reason.to_owned() })
        };
        if held.line.is_empty() {
            return Settled::Told("a part of a call whose first part is not with it");
        }
        let Some(exchange) = read(&held.line) else { return refused("a held record could not be read again") };
        if held.part.is_some() && held.orphan.is_none() {
            return Settled::Whole(exchange);
        }
        if let Some(event) = held.event {
            match locked(&self.spans).seen.get(&event) {
                Some(Some(line)) => span.extend_from_slice(line),
                Some(None) => return Settled::Told("an event of a call whose span is read"),
                None => {}
            }
        }
        if let Some(mut own) = read(span) {
            fill(&mut own, exchange);
            return Settled::Joined(own);
        }
        let is_full = [&self.by_key, &self.orphans].iter().any(|pile| locked(pile).left_out > 0);
        let owner =
            exchange.key.as_ref().and_then(|key| locked(&self.owners).get(&self.key.value(key)).cloned().flatten());
        let of_trace = || locked(&self.trace_owners).get(&held.in_trace?).cloned().flatten();
        match (owner.or_else(of_trace).filter(|_| !is_full), &held.orphan) {
            // Messages of a call of which nothing else is known.
            (_, Some(_)) if held.event.is_some() && exchange.request.model.is_none() => {
                Settled::Told("an event of one message, of a call whose span is not in the log")
            }
            (Some(owner), _) => Settled::Owned(Exchange { account: owner.into_string().into(), ..exchange }),
            (None, Some(reject)) => Settled::Refused(reject.clone()),
            (None, None) => Settled::Alone(exchange),
        }
    }
}

/// A call from its parts, sorted by their numbers; one without the first of them has an empty line.
fn whole_call(parts: &[Held], is_full: bool) -> Option<Held> {
    let first = parts.first()?;
    let number = |held: &Held| held.part.map(|(_, number)| number);
    let others = parts.len() as u64 - 1;
    let told =
        Held { line: Box::default(), orphan: None, event: None, trace: None, in_trace: None, part: first.part, others };
    if number(first) != Some(0) {
        return Some(told);
    }
    // Of a part that was logged twice one counts.
    let mut different: Vec<&Held> = parts.iter().collect();
    different.dedup_by_key(|held| number(held));
    different.truncate(if is_full { 1 } else { different.len() });
    let read: Vec<Exchange<'_>> = different.iter().filter_map(|held| read(&held.line)).collect();
    let mut whole = record::join_parts(&read)?;
    let owner = different.iter().zip(&read).find(|(held, _)| held.orphan.is_none()).map(|(_, part)| &part.account);
    let account = owner.unwrap_or(&whole.account).clone();
    let orphan = if owner.is_some() { None } else { first.orphan.clone() };
    for mut part in read {
        (part.request.messages, part.response.content) = (Vec::new(), None);
        fill(&mut whole, part);
    }
    Some(Held { line: line(&whole, &account).into_boxed_slice(), orphan, ..told })
}

/// Events as they came, but for the messages of one call that came in several exports, which become one.
fn whole_events(mut held: Vec<Held>) -> Vec<Held> {
    held.sort_by(|a, b| (a.event, &a.line).cmp(&(b.event, &b.line)));
    held.dedup_by(|a, b| a.event == b.event && a.line == b.line);
    let mut whole = Vec::new();
    let mut rest = held.into_iter().peekable();
    while let Some(mut first) = rest.next() {
        let mut others = Vec::new();
        while let Some(other) = rest.next_if(|other| other.event == first.event) {
            others.push(other);
        }
        match joined_event(&first, &others) {
            Some(line) => {
                first.line = line;
                first.others = others.len() as u64;
                whole.push(first);
            }
            None => {
                whole.push(first);
                whole.append(&mut others);
            }
        }
    }
    whole
}

/// The messages that several events tell of one call, in the order of time.
fn joined_event(first: &Held, others: &[Held]) -> Option<Box<[u8]>> {
    let mut read: Vec<Exchange<'_>> =
        std::iter::once(first).chain(others).filter_map(|held| read(&held.line)).collect();
    if others.is_empty() || read.len() != others.len() + 1 || read.iter().any(|part| part.request.model.is_some()) {
        return None;
    }
    read.sort_by_key(|part| part.at_us);
    let mut parts = read.into_iter();
    let mut whole = parts.next()?;
    for mut part in parts {
        whole.request.messages.append(&mut part.request.messages);
        fill(&mut whole, part);
    }
    Some(line(&whole, &whole.account).into_boxed_slice())
}

/// The trace of a record whose trace is one customer's: a program's, and not a batch's or a gateway's.
fn trace_of(origin: &Origin) -> Option<u64> {
    origin.trace.filter(|_| matches!(origin.call, Some(Call::Span(_) | Call::Event(_))))
}

/// Remembers whose a key or a trace is.
fn learn_owner(owners: &Mutex<HashMap<u64, Option<Box<str>>>>, of: u64, account: &str) {
    let mut owners = locked(owners);
    if owners.len() >= MAX_KEYS && !owners.contains_key(&of) {
        return;
    }
    let owner = owners.entry(of).or_insert_with(|| Some(account.into()));
    if owner.as_deref().is_some_and(|owner| owner != account) {
        *owner = None;
    }
}

fn line(exchange: &Exchange<'_>, account: &str) -> Vec<u8> {
    let mut line = Vec::new();
    native::write_exchange(&Exchange { account: account.into(), ..exchange.clone() }, &mut line);
    line
}

fn read(line: &[u8]) -> Option<Exchange<'_>> {
    native::read_exchange(str::from_utf8(line).ok()?).ok()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
