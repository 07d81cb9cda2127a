//! The body of a request on its way to the upstream: what was read of it, and what is still to come.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use bytes::BytesMut;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::idle::Idle;
use crate::refusal::Refusal;
use crate::room::Room;

/// Why a body did not come to its end.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request on its way to the upstream.
#[derive(Debug)]
pub(crate) struct Sent {
    first: Option<Bytes>,
    rest: Option<Incoming>,
    idle: Idle,
}

impl Sent {
    /// A body that is passed on as it comes.
    pub(crate) fn passed(rest: Incoming, most_idle: Duration) -> Self {
        Self { first: None, rest: Some(rest), idle: Idle::new(most_idle) }
    }

    /// Reads a body up to a bound; what is beyond it stays in the body and is passed on as it comes.
    /// The memory of what is read comes out of `room`.
    pub(crate) async fn read(
        mut body: Incoming,
        most: usize,
        most_idle: Duration,
        mut room: Option<&mut Room>,
    ) -> Result<Self, Refusal> {
        let mut first = Bytes::new();
        let mut more = BytesMut::new();
        loop {
            if body.is_end_stream() || first.len() + more.len() > most {
                break;
            }
            match timeout(most_idle, body.frame()).await {
                Err(_) => {
                    let text = "The body of the request came too slowly.";
                    return Err(Refusal::for_now(408, "slow_body", text));
                }
                Ok(Some(Err(_))) => {
                    return Err(Refusal::new(400, "broken_body", "The body of the request ended early."));
                }
                Ok(None) => break,
                Ok(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if room.as_mut().is_some_and(|room| !room.take(data.len())) {
                        let text = "Too much is being read at present. Please try again.";
                        return Err(Refusal::for_now(503, "no_memory", text));
                    }
                    if first.is_empty() && more.is_empty() {
                        // Most bodies come in one piece, which is not copied.
                        first = data;
                    } else {
                        more.extend_from_slice(&std::mem::take(&mut first));
                        more.extend_from_slice(&data);
                    }
                }
            }
        }
        let first = if more.is_empty() { first } else { more.freeze() };
        let rest = (!body.is_end_stream()).then_some(body);
        Ok(Self { first: Some(first), rest, idle: Idle::new(most_idle) })
    }

    /// What was read, if that is all of it.
    pub(crate) fn whole(&self) -> Option<&Bytes> {
        self.first.as_ref().filter(|_| self.rest.is_none())
    }

    /// What was read.
    pub(crate) fn begun(&self) -> Bytes {
        self.first.clone().unwrap_or_default()
    }

    /// Another body in the place of one that was read to its end.
    pub(crate) fn replaced(self, by: Bytes) -> Self {
        Self { first: Some(by), rest: None, ..self }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let this = &mut *self;
        let Some(rest) = &mut this.rest else { return Poll::Ready(None) };
        match Pin::new(rest).poll_frame(cx) {
            Poll::Ready(frame) => {
                this.idle.touch();
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => this.idle.poll_expired(cx).map(|()| Some(Err("the body came too slowly".into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.as_ref().is_none_or(Bytes::is_empty) && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, Bytes::len) as u64;
        let rest = self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(first));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(first));
        }
        hint
    }
}
