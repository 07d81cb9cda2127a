//! What an ingest counts beside the rows that it writes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use record::Exchange;

/// Counts by kind. What each kind is called is fixed in the readers, so that there are few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Signals that tell of no exchange, by what they are.
    pub passed_over: BTreeMap<String, u64>,
    /// Exchanges without a text of the caller.
    pub without_text: u64,
    /// Exchanges that were counted as such, and got a text from another record.
    pub(crate) now_with_text: u64,
    /// Exchanges without a status.
    pub without_status: u64,
    /// Exchanges without the text of the answer.
    pub without_answer: u64,
    /// Exchanges without a count of tokens.
    pub without_tokens: u64,
    /// Exchanges without the caller's address.
    pub without_address: u64,
    /// Exchanges without a fingerprint of the client: of its headers, or of TLS.
    pub without_fingerprint: u64,
    /// Exchanges whose account is the key that they came with, since nothing names a customer.
    pub accounts_by_key: u64,
    /// Exchanges whose account another record of their key or call names.
    pub accounts_joined: u64,
    /// Records that were read alone because too many others waited for a join.
    pub joins_left_out: u64,
}

impl Counts {
    /// Adds one signal that is passed over.
    pub(crate) fn pass_over(&mut self, kind: &str) {
        match self.passed_over.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.passed_over.insert(kind.to_owned(), 1)),
        }
    }

    /// Counts what an exchange lacks.
    pub(crate) fn look_at(&mut self, exchange: &Exchange<'_>) {
        let Exchange { client, response, .. } = exchange;
        let count = |is_absent: bool| u64::from(is_absent);
        self.without_text += count(exchange.request.messages.iter().all(|message| message.text.is_empty()));
        self.without_status += count(response.status.is_none());
        self.without_answer += count(response.content.is_none());
        self.without_tokens += count(response.input_tokens.is_none() && response.output_tokens.is_none());
        self.without_address += count(client.ip.is_none());
        self.without_fingerprint += count(client.headers.is_none() && client.ja4.is_none());
    }

    /// Adds the counts of another part.
    pub fn add(&mut self, other: Self) {
        let Self {
            passed_over,
            without_text,
            now_with_text,
            without_status,
            without_answer,
            without_tokens,
            without_address,
            without_fingerprint,
            accounts_by_key,
            accounts_joined,
            joins_left_out,
        } = other;
        for (kind, count) in passed_over {
            *self.passed_over.entry(kind).or_default() += count;
        }
        self.without_text += without_text;
        self.now_with_text += now_with_text;
        self.without_status += without_status;
        self.without_answer += without_answer;
        self.without_tokens += without_tokens;
        self.without_address += without_address;
        self.without_fingerprint += without_fingerprint;
        self.accounts_by_key += accounts_by_key;
        self.accounts_joined += accounts_joined;
        self.joins_left_out += joins_left_out;
    }
}

/// A file that could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// Counts that several threads add to.
#[derive(Debug, Default)]
pub(crate) struct SharedCounts(Mutex<Counts>);

impl SharedCounts {
    pub(crate) fn add(&self, counts: Counts) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(counts);
    }

    pub(crate) fn into_inner(self) -> Counts {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
