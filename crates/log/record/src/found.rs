//! What a log's records turn out to be.

use std::borrow::Cow;

use crate::Exchange;
use crate::Reject;

/// One record of a log, or one signal of a record that holds many.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are exchanges; a box would be an allocation for each of them"
)]
pub enum Record<'a> {
    /// An exchange, with what the log says of its place among others.
    Exchange(Exchange<'a>, Origin),
    /// What could not be read.
    Refused(Reject),
    /// What tells of no exchange, by kind.
    PassedOver(&'static str),
    /// What tells of no exchange, and whose the calls of its trace are.
    Owner {
        /// The kind, as of what is passed over.
        kind: &'static str,
        /// The hash of the trace.
        trace: u64,
        /// The account.
        account: Cow<'a, str>,
    },
}

/// What a log says of an exchange beside the exchange itself: what it needs to be joined with other records.
#[derive(Debug, Default)]
pub struct Origin {
    /// Why the exchange has no account, where it has none; another record of its key or call may name it.
    pub orphan: Option<Reject>,
    /// Whether the account is the key, or something wider than a customer, for want of anything better: then the account
    /// that other records name for the key counts.
    pub is_by_key: bool,
    /// What the call is named by in all records of it: the hash of a trace and span, or of a trace.
    pub call: Option<Call>,
    /// The hash of the trace that the call is a part of, by which a second log may tell of it.
    pub trace: Option<u64>,
}

/// What a second log says of an exchange that another log tells.
#[derive(Debug)]
pub struct Addition<'a> {
    /// What it says. `id` is the exchange's, or empty where only the trace is known, and so is `account`; the time is none.
    pub exchange: Exchange<'a>,
    /// The hash of the trace that the call is a part of.
    pub trace: Option<u64>,
}

/// How a record names its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A span: the hash of its trace and itself.
    Span(u64),
    /// A trace that all records of one call have in common, and other calls too.
    Trace(u64),
    /// A log event inside a span: the hash of that trace and span.
    Event(u64),
    /// One of the parts in which a call is logged: the hash of what they have in common, and the part's number. The texts of
    /// such a record are as they were logged, and are read by [`crate::join_parts`].
    Part {
        /// The hash.
        call: u64,
        /// The number, from 0.
        number: u64,
    },
}

impl<'a> From<Result<Exchange<'a>, String>> for Record<'a> {
    fn from(read: Result<Exchange<'a>, String>) -> Self {
        match read {
            Ok(exchange) => Self::Exchange(exchange, Origin::default()),
            Err(reason) => Self::Refused(unplaced(reason)),
        }
    }
}

/// The id of a trace, from the id alone or from a `traceparent` header.
pub(crate) fn trace_of(text: &str) -> &str {
    text.split('-').nth(1).filter(|trace| trace.len() == 32).unwrap_or(text)
}

/// The hash of a trace's id.
pub(crate) fn trace_hash(id: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(id.to_ascii_lowercase().as_bytes())
}

/// A reject whose place is told by whoever cut the record.
pub(crate) fn unplaced(reason: String) -> Reject {
    Reject { file: String::new(), line: 0, byte_offset: None, reason }
}
