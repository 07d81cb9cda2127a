//! The way of one request.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http::Version;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_LENGTH;
use http::header::UPGRADE;
use http::request::Parts;
use hyper::body::Incoming;
use policy::Ask;
use record::clock::now_us;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::answer::refused;
use crate::asked::Asked;
use crate::caller::Caller;
use crate::config::Route;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::head::Head;
use crate::head::Seen;
use crate::headers;
use crate::hops::is_trusted;
use crate::judge::denial;
use crate::mode::GateMode;
use crate::refusal::Refusal;
use crate::sent::Sent;
use crate::shared::Shared;
use crate::tap::Recheck;
use crate::tap::Stream;
use crate::tap::Tapped;
use crate::tap::Watch;
use crate::unfold::Encoding;
use crate::upstream::Upstream;

/// What one thread serves with.
pub(crate) struct Core {
    pub(crate) shared: Arc<Shared>,
    pub(crate) upstream: Upstream,
}

/// Serves one request.
pub(crate) async fn serve(core: Arc<Core>, peer: IpAddr, request: Request<Incoming>) -> Response<Answer> {
    let shared = &core.shared;
    let config = &shared.config;
    let (mut parts, body) = request.into_parts();
    let (id, at_us) = (shared.new_id(), now_us());
    let endpoint = Endpoint::of(&parts.method, parts.uri.path());
    let dialect = endpoint.dialect(&parts.headers);
    let Some(route) = config.routes.iter().find(|route| parts.uri.path().starts_with(&route.path)) else {
        return refused(&Refusal::new(404, "no_route", "There is nothing at this path."), dialect, &id);
    };
    // Some clients offer HTTP/2 without TLS this way, and go on without it.
    let is_offer = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"h2c");
    if parts.method == Method::CONNECT || parts.headers.get(UPGRADE).is_some_and(|value| !is_offer(value)) {
        let text = "Connections cannot be changed to another protocol here.";
        return refused(&Refusal::new(501, "no_upgrade", text), dialect, &id);
    }
    let (caller, unknown) = Caller::of(config, &shared.hashes, &shared.live.keys(), peer, &parts.headers);
    let (failure, channel) = (route.failure, route.channel);
    let head = Head { id, at_us, door: Door::Proxy, endpoint, dialect, caller: Arc::new(caller), failure, channel };
    let (mut watch, entered) = head.enter(shared);
    let requests_before = match entered {
        Ok(requests_before) => requests_before,
        Err(refusal) => return head.refuse(shared, &refusal, watch),
    };
    if let Some(refusal) = unknown.filter(|refusal| head.acts(shared, refusal)) {
        return head.refuse(shared, &refusal, watch);
    }
    let mut body = if endpoint == Endpoint::Other {
        Sent::passed(body, config.limits.body_timeout)
    } else {
        match Sent::read(body, config.limits.inspect_bytes, config.limits.body_timeout, watch.room()).await {
            Ok(body) => body,
            Err(refusal) => return head.refuse(shared, &refusal, watch),
        }
    };
    let seen = Seen {
        path: parts.uri.path(),
        begun: body.begun(),
        is_whole: body.whole().is_some(),
        encoding: headers::encoding(&parts.headers),
        length: headers::content_length(&parts.headers),
    };
    match head.decide(shared, requests_before, &seen, &mut watch).await {
        Err(refusal) => return head.refuse(shared, &refusal, watch),
        Ok(Some(rewritten)) => {
            shared.metrics.rewritten.inc();
            parts.headers.remove(CONTENT_ENCODING);
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(rewritten.len()));
            body = body.replaced(rewritten);
        }
        Ok(None) => {}
    }
    forward(&head, route, &core, (peer, parts, body), watch).await
}

/// Passes a request on, and its answer back.
async fn forward(
    head: &Head,
    route: &Route,
    core: &Core,
    (peer, mut parts, body): (IpAddr, Parts, Sent),
    mut watch: Watch,
) -> Response<Answer> {
    let shared = &core.shared;
    let config = &shared.config;
    let ask = head.ask(&Asked::default(), parts.uri.path());
    let Some(uri) = target(route, &parts.uri) else {
        return head.refuse(shared, &Refusal::new(400, "bad_path", "This path cannot be passed on."), watch);
    };
    (parts.uri, parts.version) = (uri, Version::HTTP_11);
    let for_trusted = [&config.accounts.header, &config.hops.country_header, &config.hops.ja4_header];
    let for_trusted: Vec<&str> = for_trusted.into_iter().flatten().map(String::as_str).collect();
    let is_believed = is_trusted(peer, &config.hops.trusted);
    headers::to_upstream(&mut parts.headers, &for_trusted, is_believed);
    headers::forwarded(&mut parts.headers, &config.hops.address_header, peer, is_believed);
    if config.mode == GateMode::Enforce && head.endpoint != Endpoint::Other {
        headers::readable_encodings(&mut parts.headers);
    }
    let asked = core.upstream.request(Request::from_parts(parts, body));
    let response = match timeout(config.limits.answer_timeout, asked).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return head.refuse(shared, &unreachable(&error), watch),
        Err(_) => {
            let text = "The service did not answer in time. Please try again.";
            return head.refuse(shared, &Refusal::for_now(504, "upstream_silent", text), watch);
        }
    };
    let (mut parts, body) = response.into_parts();
    headers::strip_hop(&mut parts.headers);
    let (is_stream, encoding) = (headers::is_stream(&parts.headers), headers::encoding(&parts.headers));
    watch.answered(parts.status.as_u16(), is_stream, encoding);
    let can_write = is_stream && encoding == Encoding::Plain && parts.status == StatusCode::OK;
    let stream = can_write.then(|| Stream {
        dialect: head.dialect,
        id: head.id.clone(),
        recheck: recheck(head, shared, ask),
        generation: shared.live.generation(),
        is_between: true,
    });
    parts.version = Version::HTTP_11;
    Response::from_parts(parts, Answer::Passed(Box::new(Tapped::new(body, watch, stream))))
}

/// Asks again while a stream runs, when verdicts or rules have changed. In shadow nobody is cut off.
fn recheck(head: &Head, shared: &Shared, ask: Ask) -> Option<Recheck> {
    if shared.config.mode == GateMode::Shadow || shared.config.policy.is_none() {
        return None;
    }
    let caller = Arc::clone(&head.caller);
    Some(Box::new(move |shared| denial(&shared.config, &shared.live, &caller.account, &ask, now_us())))
}

/// Where a request goes: the upstream, its own path, and the path and query of the request as they are.
fn target(route: &Route, uri: &Uri) -> Option<Uri> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let base = route.upstream.path().trim_end_matches('/');
    let mut builder = Uri::builder();
    builder = builder.scheme(route.upstream.scheme()?.clone()).authority(route.upstream.authority()?.clone());
    let builder =
        if base.is_empty() { builder.path_and_query(path) } else { builder.path_and_query(format!("{base}{path}")) };
    builder.build().ok()
}

fn unreachable(error: &hyper_util::client::legacy::Error) -> Refusal {
    if error.is_connect() {
        return Refusal::for_now(502, "upstream_unreachable", "The service cannot be reached. Please try again.");
    }
    Refusal::for_now(502, "upstream_broke_off", "The service broke off. Please try again.")
}
