//! Questions that describe the request itself: by its headers, and by its path where the gateway tells it.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use hyper::body::Incoming;

use super::question::arrival;
use super::question::fault;
use crate::answer::Answer;
use crate::answer::put;
use crate::answer::refused;
use crate::caller::Caller;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::head::Head;
use crate::head::Seen;
use crate::headers;
use crate::mode::GateMode;
use crate::refusal::Refusal;
use crate::sent::Sent;
use crate::shared::Shared;
use crate::tap::Watch;
use crate::unfold::Encoding;

/// Envoy's word that it shows only the beginning of a body.
const PARTIAL: &str = "x-envoy-auth-partial-body";

/// Answers with 200, or with the status, headers and body of a refusal.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    door: Door,
    prefix: &str,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response<Answer> {
    let (parts, body) = request.into_parts();
    let original = match door {
        Door::ForwardAuth => told(&parts.headers, "x-forwarded-method", "x-forwarded-uri"),
        Door::AuthRequest => told(&parts.headers, "x-original-method", "x-original-uri"),
        _ => Ok((parts.method.clone(), parts.uri.path().get(prefix.len()..).unwrap_or("/").to_owned())),
    };
    let (method, path) = match original {
        Ok(original) => original,
        Err(text) => {
            shared.metrics.asked(door, "not_understood");
            return fault(500, &text);
        }
    };
    let Some((head, unknown)) = head(shared, door, peer, (&method, &path), &parts.headers) else {
        return fault(404, "there are no doors");
    };
    let (mut watch, entered) = head.enter(shared);
    let requests_before = match entered {
        Ok(requests_before) => requests_before,
        Err(refusal) => return refuse(shared, &head, &refusal, &mut watch),
    };
    if let Some(refusal) = unknown.filter(|refusal| head.acts(shared, refusal)) {
        return refuse(shared, &head, &refusal, &mut watch);
    }
    let mut seen = Seen { path: &path, begun: Bytes::new(), is_whole: false, encoding: Encoding::Plain, length: None };
    if door.may_see_bodies() && head.endpoint != Endpoint::Other {
        let limits = &shared.config.limits;
        let sent = match Sent::read(body, limits.inspect_bytes, limits.body_timeout, watch.room()).await {
            Ok(sent) => sent,
            Err(refusal) => return refuse(shared, &head, &refusal, &mut watch),
        };
        let is_partial = is_partial(&parts.headers);
        seen.begun = sent.begun();
        seen.is_whole = sent.whole().is_some() && !is_partial;
        seen.encoding = headers::encoding(&parts.headers);
    }
    match head.decide(shared, requests_before, &seen, &mut watch).await {
        Ok(_) => allow(shared, &head, watch),
        Err(refusal) => refuse(shared, &head, &refusal, &mut watch),
    }
}

/// What is known of a request that is described; and why it is not known who asks, where that is so.
pub(super) fn head(
    shared: &Shared,
    door: Door,
    peer: IpAddr,
    (method, path): (&Method, &str),
    headers: &HeaderMap,
) -> Option<(Head, Option<Refusal>)> {
    let doors = shared.config.doors.as_ref()?;
    let (id, at_us) = arrival(shared);
    let endpoint = Endpoint::of(method, path);
    let dialect = endpoint.dialect(headers);
    let (caller, unknown) = Caller::of(&shared.config, &shared.hashes, &shared.live.keys(), peer, headers);
    let (failure, channel) = (doors.failure, doors.channel);
    let head = Head { id, at_us, door, endpoint, dialect, caller: Arc::new(caller), failure, channel };
    Some((head, unknown))
}

fn allow(shared: &Shared, head: &Head, mut watch: Watch) -> Response<Answer> {
    watch.answered(200, false, Encoding::Plain);
    let mut response = Response::new(Answer::Own(None));
    let headers = response.headers_mut();
    put(headers, "x-stillwatch-decision", watch.said());
    put(headers, "x-stillwatch-request", &head.id);
    if shared.config.mode == GateMode::Shadow {
        put(headers, "x-stillwatch-mode", "shadow");
    }
    shared.metrics.asked(head.door, watch.said());
    response
}

/// The answer of a refusal, with words for the gateway.
pub(super) fn refuse(shared: &Shared, head: &Head, refusal: &Refusal, watch: &mut Watch) -> Response<Answer> {
    head.record_refusal(shared, refusal, watch);
    shared.metrics.asked(head.door, watch.said());
    let mut response = refused(refusal, head.dialect, &head.id);
    put(response.headers_mut(), "x-stillwatch-decision", watch.said());
    put(response.headers_mut(), "x-stillwatch-request", &head.id);
    put(response.headers_mut(), "x-stillwatch-status", &refusal.status.to_string());
    // nginx takes any other status for a failure of the service that it asked.
    if head.door == Door::AuthRequest && refusal.status != 401 {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    response
}

/// Whether Envoy says that it shows only the beginning of a body. What a caller writes there itself only adds to that.
pub(super) fn is_partial(headers: &HeaderMap) -> bool {
    headers.get_all(PARTIAL).iter().any(|value| value.as_bytes() != b"false")
}

/// The method and the path of the request, from two headers that the gateway sets.
fn told(headers: &HeaderMap, method: &'static str, uri: &'static str) -> Result<(Method, String), String> {
    let one = |name: &'static str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().and_then(|value| value.to_str().ok());
        // With two of them one is the caller's own.
        value.filter(|_| values.next().is_none()).ok_or_else(|| {
            format!(
                "the gateway must set the header {name} once, in the place of what its caller sends (docs/doors.md)"
            )
        })
    };
    let unclear = |name: &str| format!("the header {name} cannot be read");
    let method = one(method)?.parse().map_err(|_| unclear(method))?;
    let uri: Uri = one(uri)?.parse().map_err(|_| unclear(uri))?;
    Ok((method, uri.path().to_owned()))
}

#[cfg(test)]
mod tests;
