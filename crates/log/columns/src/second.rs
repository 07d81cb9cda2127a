//! A second log, which says more of exchanges that the first log tells: their addresses, clients, texts.
//!
//! It is read before the first log and held in memory, by the hash of an exchange's id or of its trace. Only what an
//! exchange lacks is taken from it. Where a log tells of one exchange twice, the record counts that is first in order of
//! what it says, so that the order of reading never shows.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use record::Addition;
use record::Exchange;
use record::Maps;
use record::Origin;
use record::Reject;
use record::native;
use sketch::HashKey;
use workers::Progress;
use workers::check;

use crate::error::Error;

/// Most bytes that are held: some two million records.
const MAX_HELD_BYTES: usize = 512 * 1024 * 1024;
/// What a record costs beside its text.
const RECORD_BYTES: usize = 48;
/// Stands in a held record for an account or an id that it does not name.
const NONE: &str = "?";

/// What a second log says, by exchange.
#[derive(Debug, Default)]
pub(crate) struct SecondLog {
    key: HashKey,
    by_id: HashMap<u64, Box<[u8]>>,
    by_trace: HashMap<u64, Box<[u8]>>,
    bytes: usize,
    records: u64,
    refused: u64,
    first_refused: Option<String>,
    used: AtomicU64,
}

/// What became of a second log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecondLogCounts {
    /// Its records.
    pub records: u64,
    /// Records of it that could not be read.
    pub refused: u64,
    /// Place and reason of the first of these.
    pub first_refused: Option<String>,
    /// Exchanges that one of its records says more of.
    pub exchanges: u64,
}

impl SecondLog {
    /// Reads the files of a second log; none is a log that says nothing.
    ///
    /// # Errors
    /// [`Error`] where a file cannot be read or is none, or where the log is too long to be held.
    pub(crate) fn read(paths: &[String], maps: &Maps, key: HashKey, progress: &dyn Progress) -> Result<Self, Error> {
        let mut log = Self { key, ..Self::default() };
        if paths.is_empty() {
            return Ok(log);
        }
        for input in record::expand(paths)? {
            check(progress)?;
            let mut is_full = false;
            record::read_additions(&input, maps, &mut |addition| match addition {
                Ok(_) if log.bytes >= MAX_HELD_BYTES => is_full = true,
                Ok(addition) => log.hold(&addition),
                Err(reject) => log.refuse(&reject),
            })?;
            if is_full {
                return Err(Error::Usage(format!(
                    "the log to join is too long: {} holds more than {} MiB can keep (give the part of it that is of the days of the log)",
                    input.name(),
                    MAX_HELD_BYTES >> 20
                )));
            }
        }
        Ok(log)
    }

    fn hold(&mut self, addition: &Addition<'_>) {
        let exchange = &addition.exchange;
        let mut line = Vec::new();
        let or_none = |text: &str| if text.is_empty() { NONE } else { text }.to_owned();
        let named = Exchange { id: NONE.into(), account: or_none(&exchange.account).into(), ..exchange.clone() };
        native::write_exchange(&named, &mut line);
        self.records += 1;
        let id = (!exchange.id.is_empty()).then(|| self.key.value(&exchange.id));
        for (table, key) in [(&mut self.by_id, id), (&mut self.by_trace, addition.trace)] {
            let Some(key) = key else { continue };
            let held = table.entry(key).or_insert_with(|| {
                self.bytes += line.len() + RECORD_BYTES;
                line.clone().into_boxed_slice()
            });
            if *line < **held {
                *held = line.clone().into_boxed_slice();
            }
        }
    }

    fn refuse(&mut self, reject: &Reject) {
        self.refused += 1;
        if self.first_refused.is_none() {
            self.first_refused = Some(format!("{}, line {}: {}", reject.file, reject.line, reject.reason));
        }
    }

    /// Gives an exchange what it lacks and this log says.
    pub(crate) fn complete<'a>(&'a self, exchange: Exchange<'a>, origin: &mut Origin) -> Exchange<'a> {
        if self.records == 0 {
            return exchange;
        }
        let by_id = self.by_id.get(&self.key.value(&exchange.id));
        let line = by_id.or_else(|| self.by_trace.get(&origin.trace?));
        let read = |line: &'a [u8]| native::read_exchange(str::from_utf8(line).ok()?).ok();
        let Some(addition) = line.and_then(|line| read(line)) else { return exchange };
        self.used.fetch_add(1, Ordering::Relaxed);
        completed(exchange, addition, origin)
    }

    pub(crate) fn counts(&self) -> SecondLogCounts {
        SecondLogCounts {
            records: self.records,
            refused: self.refused,
            first_refused: self.first_refused.clone(),
            exchanges: self.used.load(Ordering::Relaxed),
        }
    }
}

fn completed<'a>(mut exchange: Exchange<'a>, addition: Exchange<'a>, origin: &mut Origin) -> Exchange<'a> {
    let Exchange { account, key, conversation, end_user, client, request, response, .. } = addition;
    if account != NONE && (origin.orphan.is_some() || origin.is_by_key) {
        exchange.account = account;
        (origin.orphan, origin.is_by_key) = (None, false);
    }
    exchange.key = exchange.key.or(key);
    exchange.conversation = exchange.conversation.or(conversation);
    exchange.end_user = exchange.end_user.or(end_user);
    let own = &mut exchange.client;
    own.ip = own.ip.take().or(client.ip);
    own.asn = own.asn.or(client.asn);
    own.country = own.country.take().or(client.country);
    own.user_agent = own.user_agent.take().or(client.user_agent);
    own.ja4 = own.ja4.take().or(client.ja4);
    own.headers = own.headers.take().or(client.headers);
    if crate::joins::has_no_text(&exchange) {
        exchange.request.messages = request.messages;
        exchange.request.system = exchange.request.system.or(request.system);
    }
    exchange.response.content = exchange.response.content.or(response.content);
    exchange.response.status = exchange.response.status.or(response.status);
    exchange
}

#[cfg(test)]
mod tests {
    use std::fs;

    use workers::Silent;

    use super::*;

    fn log(lines: &str) -> SecondLog {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("second.jsonl");
        fs::write(&path, lines).unwrap();
        SecondLog::read(&[path.display().to_string()], &Maps::default(), HashKey::public(), &Silent::default()).unwrap()
    }

    fn exchange(id: &str, more: &str) -> String {
        format!(r#"{{"id":"{id}","at":"2026-04-22T00:00:00Z","account":"acct_1","client":{{{more}}}}}"#)
    }

    fn completed_line(log: &SecondLog, line: &str, origin: &mut Origin) -> String {
        let mut out = Vec::new();
        native::write_exchange(&log.complete(native::read_exchange(line).unwrap(), origin), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_an_exchange_lacks_is_taken_and_nothing_else() {
        let cloudtrail = r#"{"eventSource":"bedrock.amazonaws.com","eventName":"InvokeModel","userIdentity":{"arn":"arn:aws:iam::1:role/x"},"requestID":"r-1","sourceIPAddress":"203.0.113.7","userAgent":"harness/1"}"#;
        let log = log(&format!("{cloudtrail}\n{{\"remote_addr\":\"203.0.113.9\",\"status\":200}}\n"));
        let reason = log.counts().first_refused.unwrap();
        assert!(reason.contains("line 2") && reason.contains("no id of a request or a trace"), "{reason}");
        let with = completed_line(&log, &exchange("r-1", r#""user_agent":"own/2""#), &mut Origin::default());
        assert!(with.contains(r#""ip":"203.0.113.7""#) && with.contains("own/2") && with.contains("acct_1"), "{with}");
        let other = completed_line(&log, &exchange("r-2", ""), &mut Origin::default());
        assert!(!other.contains("203.0.113.7"));
        let counts = log.counts();
        assert_eq!((counts.records, counts.refused, counts.exchanges), (1, 1, 1));
    }

    #[test]
    fn an_exchange_of_nobody_gets_its_account() {
        let log = log("{\"id\":\"r-1\",\"account\":\"acct_9\"}\n");
        let nobody = || Reject { file: String::new(), line: 1, byte_offset: None, reason: "no account".to_owned() };
        let mut origin = Origin { orphan: Some(nobody()), ..Origin::default() };
        assert!(completed_line(&log, &exchange("r-1", ""), &mut origin).contains("acct_9"));
        assert!(origin.orphan.is_none());
    }

    #[test]
    fn the_order_of_records_does_not_show() {
        let lines = ["{\"id\":\"r\",\"ip\":\"203.0.113.7\"}", "{\"id\":\"r\",\"ip\":\"203.0.113.8\"}"];
        let of = |order: [&str; 2]| {
            let log = log(&format!("{}\n{}\n", order[0], order[1]));
            completed_line(&log, &exchange("r", ""), &mut Origin::default())
        };
        assert_eq!(of(lines), of([lines[1], lines[0]]));
    }

    #[test]
    fn a_trace_tells_of_its_calls() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let log = log(&format!(
            "{{\"remote_addr\":\"203.0.113.7\",\"status\":200,\"http_traceparent\":\"00-{trace}-b7ad6b7169203331-01\"}}\n"
        ));
        let line = |origin: &mut Origin| completed_line(&log, &exchange("span", ""), origin);
        assert!(!line(&mut Origin::default()).contains("203.0.113.7"));
        let hash = Origin { trace: Some(xxhash_rust::xxh3::xxh3_64(trace.as_bytes())), ..Origin::default() };
        assert!(line(&mut { hash }).contains("203.0.113.7"));
    }
}
