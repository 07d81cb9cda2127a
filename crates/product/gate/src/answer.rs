//! The answers that the gate gives itself, and the bodies of all answers.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use budget::Unit;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use jiff::Timestamp;

use crate::dialect::Dialect;
use crate::refusal::Refusal;
use crate::refusal::Spent;
use crate::sent::BodyError;
use crate::tap::Tapped;

/// The body of an answer.
pub(crate) enum Answer {
    /// The gate's own.
    Own(Option<Bytes>),
    /// Messages over gRPC.
    #[cfg(feature = "envoy")]
    Grpc(tonic::body::Body),
    /// The upstream's.
    Passed(Box<Tapped>),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Own(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            #[cfg(feature = "envoy")]
            Self::Grpc(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Passed(tapped) => Pin::new(&mut **tapped).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_none(),
            #[cfg(feature = "envoy")]
            Self::Grpc(body) => body.is_end_stream(),
            Self::Passed(tapped) => tapped.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            #[cfg(feature = "envoy")]
            Self::Grpc(body) => body.size_hint(),
            Self::Passed(tapped) => tapped.size_hint(),
        }
    }
}

/// The answer of a refusal.
pub(crate) fn refused(refusal: &Refusal, dialect: Dialect, id: &str) -> Response<Answer> {
    let body = Bytes::from(dialect.body(refusal, id));
    let mut response = Response::new(Answer::Own(Some(body)));
    *response.status_mut() = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| put(headers, name, value);
    set("content-type", "application/json");
    set("x-stillwatch-reason", &refusal.reason);
    set("x-request-id", id);
    if dialect == Dialect::Anthropic {
        set("request-id", id);
    }
    set("x-should-retry", if refusal.retry_after_s.is_some() { "true" } else { "false" });
    if let Some(seconds) = refusal.retry_after_s {
        set("retry-after", &seconds.to_string());
    }
    if !refusal.link.is_empty() {
        set("link", &format!("<{}>; rel=\"help\"", refusal.link));
    }
    if let Some(spent) = &refusal.budget {
        // The time is told even where waiting for it is futile in one request.
        set("retry-after", &spent.resets_s.to_string());
        set("ratelimit-policy", &format!("\"{}\";q={};w={}", spent.name, spent.limit, spent.window_s));
        set("ratelimit", &format!("\"{}\";r=0;t={}", spent.name, spent.resets_s));
        provider_headers(headers, dialect, spent);
    }
    response
}

/// The headers by which the providers tell the same.
fn provider_headers(headers: &mut HeaderMap, dialect: Dialect, spent: &Spent) {
    let unit = match spent.unit {
        Unit::Requests => "requests",
        Unit::Tokens => "tokens",
        Unit::Privacy => return,
    };
    let (limit, resets_s) = (spent.limit.to_string(), spent.resets_s);
    let prefix = if dialect == Dialect::Anthropic { "anthropic-ratelimit" } else { "x-ratelimit" };
    let name = |what: &str| match dialect {
        Dialect::Anthropic => format!("{prefix}-{unit}-{what}"),
        Dialect::OpenAi | Dialect::Responses => format!("{prefix}-{what}-{unit}"),
    };
    let resets = match dialect {
        Dialect::Anthropic => {
            let at_s = Timestamp::now().as_second().saturating_add(i64::try_from(resets_s).unwrap_or(0));
            Timestamp::from_second(at_s).map(|at| at.to_string()).unwrap_or_default()
        }
        Dialect::OpenAi | Dialect::Responses => format!("{resets_s}s"),
    };
    for (what, value) in [("limit", limit.as_str()), ("remaining", "0"), ("reset", &resets)] {
        put(headers, &name(what), value);
    }
}

/// Sets a header; a value that no header may have is left out.
pub(crate) fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}
