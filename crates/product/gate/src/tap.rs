//! An answer on its way to the caller. Each piece is passed on as it comes, and a bounded part of it is kept. A stream can be
//! ended by an error in the caller's dialect.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use budget::Receipt;
use bytes::Bytes;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use hyper::body::Incoming;
use policy::Measure;
use record::clock::now_us;

use crate::dialect::Dialect;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::idle::Idle;
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::sent::BodyError;
use crate::shared::Shared;
use crate::traffic::Place;
use crate::unfold::Encoding;
use crate::writer::Decided;
use crate::writer::Finished;

/// Bytes of the end of an answer that are kept where its beginning filled the room: usage is told at the end.
const TAIL_BYTES: usize = 16 << 10;

/// Whether a request is still served under what holds now; `None` where it is.
pub(crate) type Recheck = Box<dyn Fn(&Shared) -> Option<Refusal> + Send + Sync>;

/// What is kept of a request until it is over. When this is dropped it is over, however that came.
pub(crate) struct Watch {
    shared: Arc<Shared>,
    finished: Option<Finished>,
    tail: Vec<u8>,
    is_full: bool,
    /// What was decided.
    said: Option<(Measure, bool)>,
    /// Its place among the requests that are being served.
    place: Option<Place>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

impl Watch {
    pub(crate) fn new(shared: &Arc<Shared>, finished: Finished) -> Self {
        let shared = Arc::clone(shared);
        Self { shared, finished: Some(finished), tail: Vec::new(), is_full: false, said: None, place: None }
    }

    /// What the request has of the memory.
    pub(crate) fn room(&mut self) -> Option<&mut Room> {
        self.finished.as_mut().map(|finished| &mut finished.room)
    }

    /// The request has a place among those that are being served.
    pub(crate) fn hold(&mut self, place: Place) {
        self.place = Some(place);
    }

    /// What was asked, and what was decided about it.
    pub(crate) fn decided(&mut self, request: Bytes, tokens: u64, receipt: Option<Receipt>, decision: Option<Decided>) {
        if let Some(finished) = &mut self.finished {
            (finished.request, finished.tokens) = (request, tokens);
            (finished.receipt, finished.decision) = (receipt, decision);
        }
    }

    /// What the policy says, and whether the request is refused; in shadow, whether it would be.
    pub(crate) fn measured(&mut self, measure: Measure, is_refused: bool) {
        self.said = Some((measure, is_refused));
    }

    /// What was decided: the measure of the policy, or that the request is refused for another reason.
    pub(crate) fn said(&self) -> &'static str {
        match self.said {
            None => "refuse",
            Some((measure, true)) if measure < Measure::Verify => "refuse",
            Some((measure, _)) => measure.as_str(),
        }
    }

    /// Whether the body of the answer is shown.
    pub(crate) fn sees_answer(&mut self, is_seen: bool) {
        if let Some(finished) = &mut self.finished {
            finished.sees_answer = is_seen;
        }
    }

    /// The answer began.
    pub(crate) fn answered(&mut self, status: u16, is_stream: bool, encoding: Encoding) {
        if let Some(finished) = &mut self.finished {
            (finished.status, finished.is_stream, finished.encoding) = (status, is_stream, encoding);
        }
    }

    /// Keeps a piece of the answer.
    pub(crate) fn keep(&mut self, piece: &[u8]) {
        let Some(finished) = &mut self.finished else { return };
        if finished.endpoint == Endpoint::Other || !finished.door.sees_answers() {
            return;
        }
        let most = self.shared.config.limits.capture_bytes;
        if !self.is_full && finished.answer.len() + piece.len() <= most && finished.room.take(piece.len()) {
            finished.answer.extend_from_slice(piece);
            return;
        }
        if !self.is_full {
            self.is_full = true;
            Metrics::count(&self.shared.metrics.lost, "middle_of_answer");
        }
        let last = piece.len().saturating_sub(TAIL_BYTES);
        self.tail.extend_from_slice(piece.get(last..).unwrap_or_default());
        if self.tail.len() > 2 * TAIL_BYTES {
            self.tail.drain(..self.tail.len() - TAIL_BYTES);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let shared = &self.shared;
        let Some(mut finished) = self.finished.take() else { return };
        finished.ended_us = now_us();
        if self.is_full {
            // An event that was cut is no event; the first whole one begins after an empty line.
            finished.answer.extend_from_slice(b"\n\n");
            finished.answer.append(&mut self.tail);
        }
        if finished.door == Door::Proxy {
            let class = crate::metrics::class(finished.status);
            let labels = crate::metrics::Answered { endpoint: finished.endpoint.as_str(), class };
            shared.metrics.answered.get_or_create(&labels).inc();
        }
        let is_spooled = shared.config.spool.is_some() && finished.door.sees_answers();
        let is_needed = finished.receipt.is_some() || finished.decision.is_some() || is_spooled;
        if is_needed {
            shared.writer.finish(finished);
        }
    }
}

/// An answer on its way to the caller.
pub(crate) struct Tapped {
    inner: Incoming,
    watch: Watch,
    idle: Idle,
    /// How a stream is ended; `None` for what is no stream, or cannot be written into.
    stream: Option<Stream>,
    has_ended: bool,
}

/// A stream of events that the gate can write into.
pub(crate) struct Stream {
    pub(crate) dialect: Dialect,
    pub(crate) id: String,
    pub(crate) recheck: Option<Recheck>,
    pub(crate) generation: u64,
    /// Whether the last piece ended at the end of an event.
    pub(crate) is_between: bool,
}

impl Tapped {
    pub(crate) fn new(inner: Incoming, watch: Watch, stream: Option<Stream>) -> Self {
        let idle = Idle::new(watch.shared.config.limits.token_timeout);
        Self { inner, watch, idle, stream, has_ended: false }
    }

    /// Ends a stream by an event; what is none, or is inside an event, ends by breaking off, so that nobody takes it for
    /// whole.
    fn end(&mut self, refusal: &Refusal, kind: &'static str) -> Result<Frame<Bytes>, BodyError> {
        self.has_ended = true;
        Metrics::count(&self.watch.shared.metrics.cut, kind);
        match &self.stream {
            Some(stream) if stream.is_between => {
                let event = stream.dialect.event(refusal, &stream.id);
                self.watch.keep(&event);
                Ok(Frame::data(event.into()))
            }
            _ => Err(refusal.text.clone().into_owned().into()),
        }
    }

    /// Whether what holds of the account has changed so that the stream must end.
    fn recheck(&mut self) -> Option<Refusal> {
        let shared = &self.watch.shared;
        let stream = self.stream.as_mut().filter(|stream| stream.is_between)?;
        let generation = shared.live.generation();
        if generation == stream.generation {
            return None;
        }
        stream.generation = generation;
        stream.recheck.as_ref()?(shared)
    }
}

impl Body for Tapped {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        if this.has_ended {
            return Poll::Ready(None);
        }
        if let Some(refusal) = this.recheck() {
            return Poll::Ready(Some(this.end(&refusal, "verdict")));
        }
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.idle.touch();
                if let Some(data) = frame.data_ref() {
                    if let Some(stream) = &mut this.stream {
                        stream.is_between = data.ends_with(b"\n\n") || data.ends_with(b"\r\n\r\n");
                    }
                    this.watch.keep(data);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => {
                let refusal =
                    Refusal::for_now(502, "upstream_broke_off", "The answer was broken off. Please try again.");
                Poll::Ready(Some(this.end(&refusal, "upstream")))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending if this.idle.poll_expired(cx).is_ready() => {
                let refusal = Refusal::for_now(504, "upstream_silent", "The answer stopped coming. Please try again.");
                Poll::Ready(Some(this.end(&refusal, "token_timeout")))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
