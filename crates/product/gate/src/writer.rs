//! The one thread that writes: exchanges as native JSON lines, and records of decisions. It settles budgets as well, since
//! it reads what answers cost. Nothing on the way of a request waits for it.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::TrySendError;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use budget::Amounts;
use budget::NodeBudgets;
use budget::Receipt;
use bytes::Bytes;
use policy::DecisionRecord;
use record::Client;
use record::Exchange;
use record::Passed;
use serde::Serialize;
use sketch::HashKey;

use crate::caller::Caller;
use crate::config::Config;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::metrics::class;
use crate::room::Room;
use crate::spool::Spool;
use crate::unfold::Encoding;
use crate::unfold::unfolded;

/// Time after which written lines are handed to the system.
const FLUSH: Duration = Duration::from_millis(200);
/// Time in which requests gather to be written together.
const BATCH: Duration = Duration::from_millis(5);
/// Bytes that make about one token of an answer whose usage is not told.
const BYTES_OF_TOKEN: usize = 4;

/// Status of what ends before an answer began.
pub(crate) const UNANSWERED: u16 = 499;

/// What is known of a request when it is over.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) id: String,
    pub(crate) at_us: i64,
    pub(crate) ended_us: i64,
    /// The way by which it came.
    pub(crate) door: Door,
    pub(crate) caller: Arc<Caller>,
    pub(crate) endpoint: Endpoint,
    pub(crate) request: Bytes,
    /// The memory that the bodies take, until they are written.
    pub(crate) room: Room,
    pub(crate) answer: Vec<u8>,
    pub(crate) encoding: Encoding,
    pub(crate) is_stream: bool,
    pub(crate) status: u16,
    /// Whether its body is shown, so that it tells what it cost.
    pub(crate) sees_answer: bool,
    pub(crate) receipt: Option<Receipt>,
    /// Tokens that it was held to cost.
    pub(crate) tokens: u64,
    pub(crate) decision: Option<Decided>,
}

/// A decision that is recorded.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) record: Option<DecisionRecord>,
    pub(crate) mode: &'static str,
    pub(crate) refused: Option<(u16, String)>,
    pub(crate) failure: Option<&'static str>,
}

/// The way to the thread.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    /// `None` is the end.
    queue: SyncSender<Option<Finished>>,
    metrics: Metrics,
}

impl Writer {
    /// Hands over what is over. Where the queue is full it is lost and counted; its budgets stay spent at the estimate.
    pub(crate) fn finish(&self, finished: Finished) {
        let Err(TrySendError::Full(Some(lost)) | TrySendError::Disconnected(Some(lost))) =
            self.queue.try_send(Some(finished))
        else {
            return;
        };
        if lost.endpoint != Endpoint::Other && lost.door.sees_answers() {
            Metrics::count(&self.metrics.lost, "exchange");
        }
        if lost.decision.is_some() {
            Metrics::count(&self.metrics.lost, "decision");
        }
        if lost.receipt.is_some() {
            Metrics::count(&self.metrics.lost, "settlement");
        }
    }

    /// Lets the thread write what waits, and end.
    pub(crate) fn end(&self) {
        // It is gone already where this fails.
        let _ = self.queue.send(None);
    }
}

/// Starts the thread, which ends by [`Writer::end`].
pub(crate) fn start(
    config: &Arc<Config>,
    hashes: &HashKey,
    budgets: &Arc<NodeBudgets>,
    metrics: &Metrics,
) -> Result<(Writer, JoinHandle<()>), Error> {
    let told =
        |key: &str, error: std::io::Error| Error::config(vec![format!("{key}: the folder cannot be made: {error}")]);
    let spool = config.spool.as_ref().map(|spool| {
        Spool::new(&spool.folder, "exchanges", spool.file_bytes, spool.file_age).map_err(|e| told("spool.folder", e))
    });
    let decisions = config.decisions.as_ref().map(|folder| {
        let day = Duration::from_secs(86_400);
        Spool::new(folder, "decisions", 64 << 20, day).map_err(|e| told("decisions.folder", e))
    });
    let (queue, finished) = sync_channel(config.spool.as_ref().map_or(8192, |spool| spool.queue));
    let mut thread = Thread {
        spool: spool.transpose()?,
        decisions: decisions.transpose()?,
        config: Arc::clone(config),
        hashes: hashes.clone(),
        budgets: Arc::clone(budgets),
        metrics: metrics.clone(),
        line: Vec::new(),
    };
    let spawned = std::thread::Builder::new().name("gate-writer".to_owned()).spawn(move || thread.run(&finished));
    let handle = spawned.map_err(|error| Error::system(format!("no thread can be started: {error}")))?;
    Ok((Writer { queue, metrics: metrics.clone() }, handle))
}

/// A line of the records of decisions.
#[derive(Serialize)]
struct Line<'a> {
    at_us: i64,
    id: &'a str,
    account: &'a str,
    endpoint: &'static str,
    /// Where it was not the proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    door: Option<&'static str>,
    mode: &'static str,
    refused: Option<u16>,
    reason: Option<&'a str>,
    undecided: Option<&'static str>,
    decision: Option<&'a DecisionRecord>,
}

struct Thread {
    spool: Option<Spool>,
    decisions: Option<Spool>,
    config: Arc<Config>,
    hashes: HashKey,
    budgets: Arc<NodeBudgets>,
    metrics: Metrics,
    line: Vec<u8>,
}

impl Thread {
    fn run(&mut self, queue: &Receiver<Option<Finished>>) {
        let mut flushed = Instant::now();
        loop {
            match queue.recv_timeout(FLUSH) {
                Ok(Some(finished)) => self.take(&finished),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(None) | Err(RecvTimeoutError::Disconnected) => return self.flush(),
            }
            // To be woken for each request would cost a switch of threads each: under load they come in batches.
            while let Ok(next) = queue.try_recv() {
                match next {
                    Some(finished) => self.take(&finished),
                    None => return self.flush(),
                }
            }
            if flushed.elapsed() >= FLUSH {
                self.flush();
                flushed = Instant::now();
            }
            std::thread::sleep(BATCH);
        }
    }

    fn flush(&mut self) {
        for (spool, kind) in [(&mut self.spool, "exchange_file"), (&mut self.decisions, "decision_file")] {
            let done = spool.as_mut().map_or(Ok(()), |spool| spool.turn().and_then(|()| spool.flush()));
            if done.is_err() {
                Metrics::count(&self.metrics.lost, kind);
            }
        }
    }

    fn take(&mut self, finished: &Finished) {
        self.decide(finished);
        if !finished.door.sees_answers() {
            return self.settle_unseen(finished);
        }
        if finished.endpoint == Endpoint::Other {
            return self.settle(finished, finished.tokens);
        }
        if self.spool.is_none() && finished.receipt.is_none() {
            return;
        }
        let answer = unfolded(&finished.answer, finished.encoding, self.config.limits.capture_bytes);
        if answer.is_none() {
            Metrics::count(&self.metrics.lost, "unreadable_answer");
        }
        let address = finished.caller.address.to_string();
        let clear = self.config.spool.as_ref().is_some_and(|spool| spool.clear_identifiers);
        let keyed = |value: &str| format!("sip:{:016x}", self.hashes.value(value));
        let address = if clear { address } else { keyed(&address) };
        let country = finished.caller.country.map(|code| String::from_utf8_lossy(&code).into_owned());
        let passed = Passed {
            id: &finished.id,
            at_us: finished.at_us,
            account: &finished.caller.account,
            key: finished.caller.key.as_deref(),
            endpoint: finished.endpoint.as_str(),
            client: Client {
                ip: Some(Cow::Borrowed(&address)),
                country: country.as_deref().map(Cow::Borrowed),
                user_agent: finished.caller.user_agent.as_deref().map(Cow::Borrowed),
                ja4: finished.caller.ja4.as_deref().map(Cow::Borrowed),
                ..Client::default()
            },
            request: &finished.request,
            answer: answer.as_deref().unwrap_or_default(),
            is_stream: finished.is_stream,
            status: finished.status,
            latency_ms: u64::try_from(finished.ended_us.saturating_sub(finished.at_us) / 1000).unwrap_or(0),
        };
        let texts = self.config.spool.as_ref().is_some_and(|spool| spool.texts);
        let line = &mut self.line;
        line.clear();
        let used = passed.read(|mut exchange| {
            let used = used(&exchange);
            if !clear {
                exchange.end_user = exchange.end_user.map(|user| Cow::Owned(keyed(&user)));
            }
            if !texts {
                exchange.request.system = None;
                exchange.request.messages.clear();
                exchange.response.content = None;
            }
            record::native::write_exchange(&exchange, line);
            used
        });
        if finished.sees_answer {
            self.settle(finished, used);
        } else {
            self.settle_unseen(finished);
        }
        if let Some(spool) = &mut self.spool {
            match spool.write(&self.line, finished.ended_us) {
                Ok(()) => _ = self.metrics.written.inc(),
                Err(_) => Metrics::count(&self.metrics.lost, "exchange"),
            }
        }
    }

    /// What the answer costs is never told: the estimate stays, but for what was refused. Where not even its status was shown to a door
    /// that sees answers, nobody knows whether there was one.
    fn settle_unseen(&self, finished: &Finished) {
        let is_unknown = finished.status == UNANSWERED && finished.door.sees_answers();
        if finished.status >= 400 && !is_unknown {
            return self.settle(finished, 0);
        }
        if finished.receipt.is_some() {
            let class = if is_unknown { "unknown" } else { class(finished.status) };
            self.metrics.estimated(finished.door, class);
        }
        self.settle(finished, finished.tokens);
    }

    fn settle(&self, finished: &Finished, tokens: u64) {
        let Some(receipt) = finished.receipt else { return };
        let actual = Amounts::request(tokens.min(budget::MAX_AMOUNT));
        let now_us = u64::try_from(finished.ended_us).unwrap_or(0);
        // One that expired stays spent at its estimate.
        let _ = self.budgets.settle(receipt, &finished.id, actual, now_us);
    }

    fn decide(&mut self, finished: &Finished) {
        let (Some(decided), Some(spool)) = (&finished.decision, &mut self.decisions) else { return };
        let line = Line {
            at_us: finished.at_us,
            id: &finished.id,
            account: &finished.caller.account,
            endpoint: finished.endpoint.as_str(),
            door: (finished.door != Door::Proxy).then(|| finished.door.as_str()),
            mode: decided.mode,
            refused: decided.refused.as_ref().map(|(status, _)| *status),
            reason: decided.refused.as_ref().map(|(_, reason)| reason.as_str()),
            undecided: decided.failure,
            decision: decided.record.as_ref(),
        };
        let text = serde_json::to_vec(&line).map(|mut text| {
            text.push(b'\n');
            text
        });
        if !text.is_ok_and(|text| spool.write(&text, finished.ended_us).is_ok()) {
            Metrics::count(&self.metrics.lost, "decision");
        }
    }
}

/// Tokens that an exchange cost: as the provider tells, else by the length of the texts. What was refused cost none.
fn used(exchange: &Exchange<'_>) -> u64 {
    let (request, response) = (&exchange.request, &exchange.response);
    if response.status.is_some_and(|status| status >= 400) {
        return 0;
    }
    let texts = request.messages.iter().map(|message| message.text.len()).sum::<usize>();
    let asked = texts + request.system.as_ref().map_or(0, |text| text.len());
    let answered = response.content.as_ref().map_or(0, |text| text.len());
    let of = |told: Option<u64>, bytes: usize| told.unwrap_or((bytes / BYTES_OF_TOKEN) as u64);
    of(response.input_tokens, asked).saturating_add(of(response.output_tokens, answered))
}
