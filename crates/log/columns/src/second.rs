//! A second log, which says more of exchanges that the first log tells: their addresses, clients, texts.
//!
//! It is read before the first log and held in memory, by the hash of an exchange's id or of its trace. Only what an
//! exchange lacks is taken from it. Where several records tell of one exchange, that counts which is first in order of
//! what they say, so that the order of reading never shows; of an account, and of a text, that they say differently none
//! does.

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
use crate::fill::fill;
use crate::fill::has_no_text;

/// Most bytes that are held: some two million records.
const MAX_HELD_BYTES: usize = 512 * 1024 * 1024;
/// What a record costs beside its text.
const RECORD_BYTES: usize = 48;
/// Records of one id or trace that are held, the first in order of what they say.
const MAX_LINES: usize = 16;
/// Stands in a held record for an account or an id that it does not name.
const NONE: &str = "?";

/// What a second log says, by exchange.
#[derive(Debug, Default)]
pub(crate) struct SecondLog {
    key: HashKey,
    by_id: HashMap<u64, Lines>,
    by_trace: HashMap<u64, Lines>,
    bytes: usize,
    records: u64,
    refused: u64,
    first_refused: Option<String>,
    used: AtomicU64,
}

/// Different records in the native form, in order of what they say.
type Lines = Vec<Box<[u8]>>;

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
            let held = table.entry(key).or_default();
            let Err(place) = held.binary_search_by(|other| (**other).cmp(&line)) else { continue };
            held.insert(place, line.clone().into_boxed_slice());
            self.bytes += line.len() + RECORD_BYTES;
            if held.len() > MAX_LINES {
                self.bytes -= held.pop().map_or(0, |last| last.len() + RECORD_BYTES);
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
    pub(crate) fn complete<'a>(&'a self, mut exchange: Exchange<'a>, origin: &mut Origin) -> Exchange<'a> {
        if self.records == 0 {
            return exchange;
        }
        let by_id = self.by_id.get(&self.key.value(&exchange.id));
        let by_trace = origin.trace.and_then(|trace| self.by_trace.get(&trace));
        let read = |line: &'a [u8]| native::read_exchange(str::from_utf8(line).ok()?).ok();
        let mut additions: Vec<Exchange<'a>> =
            [by_id, by_trace].into_iter().flatten().flatten().filter_map(|line| read(line)).collect();
        if additions.is_empty() {
            return exchange;
        }
        self.used.fetch_add(1, Ordering::Relaxed);
        let accounts = additions.iter().map(|addition| &addition.account).filter(|account| *account != NONE);
        if let (Some(account), true) = (one_of(accounts), origin.orphan.is_some() || origin.is_by_key) {
            exchange.account = account.clone();
            (origin.orphan, origin.is_by_key) = (None, false);
        }
        // Records that tell of two calls under one name say nobody's text.
        let asked = |addition: &&Exchange<'a>| !has_no_text(addition);
        let has_one_text = one_of(additions.iter().filter(asked).map(|addition| &addition.request.messages)).is_some();
        for addition in &mut additions {
            if !has_one_text {
                (addition.request.system, addition.request.messages) = (None, Vec::new());
            }
        }
        additions.into_iter().for_each(|addition| fill(&mut exchange, addition));
        exchange
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

/// What all of these are; `None` where they differ or there are none.
fn one_of<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
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
    fn records_of_one_id_are_taken_together_but_for_what_they_say_differently() {
        let one = r#"{"id":"r","account":"acct_1","text":"three rivers"}"#;
        let two = r#"{"id":"r","user_agent":"harness/1","text":"three rivers"}"#;
        let other = r#"{"id":"r","account":"acct_2","text":"four lakes"}"#;
        let of = |lines: &[&str]| {
            let mut origin = Origin { is_by_key: true, ..Origin::default() };
            completed_line(&log(&lines.join("\n")), &exchange("r", "").replace("acct_1", "own"), &mut origin)
        };
        let both = of(&[one, two]);
        assert!(both.contains("acct_1") && both.contains("harness/1") && both.contains("three rivers"), "{both}");
        let all = of(&[one, two, other]);
        assert!(all.contains("\"own\"") && all.contains("harness/1") && !all.contains("content"), "{all}");
        assert_eq!(all, of(&[other, two, one]));
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
