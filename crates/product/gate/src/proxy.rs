//! The way of one request.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
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
use policy::Capability;
use record::clock::now_us;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::answer::refused;
use crate::asked::Asked;
use crate::caller::Caller;
use crate::config::Route;
use crate::dialect::Dialect;
use crate::dialect::Endpoint;
use crate::edit::Limit;
use crate::edit::edited;
use crate::headers;
use crate::hops::is_trusted;
use crate::judge::Judged;
use crate::judge::Question;
use crate::judge::denial;
use crate::judge::judge;
use crate::members::Members;
use crate::metrics::Metrics;
use crate::mode::GateMode;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::sent::Sent;
use crate::shared::Shared;
use crate::tap::Recheck;
use crate::tap::Stream;
use crate::tap::Tapped;
use crate::tap::Watch;
use crate::traffic::NoPlace;
use crate::unfold::Encoding;
use crate::unfold::unfolded;
use crate::upstream::Upstream;
use crate::writer::Decided;
use crate::writer::Finished;

/// What one thread serves with.
pub(crate) struct Core {
    pub(crate) shared: Arc<Shared>,
    pub(crate) upstream: Upstream,
}

/// What is known of a request before its body is read.
struct Head {
    id: String,
    at_us: i64,
    endpoint: Endpoint,
    dialect: Dialect,
    caller: Arc<Caller>,
    /// The route's place in the configuration.
    route: usize,
}

/// Serves one request.
pub(crate) async fn serve(core: Arc<Core>, peer: IpAddr, request: Request<Incoming>) -> Response<Answer> {
    let shared = &core.shared;
    let config = &shared.config;
    let (mut parts, body) = request.into_parts();
    let (id, at_us) = (shared.new_id(), now_us());
    let endpoint = Endpoint::of(&parts.method, parts.uri.path());
    let dialect = endpoint.dialect(&parts.headers);
    let Some(route) = config.routes.iter().position(|route| parts.uri.path().starts_with(&route.path)) else {
        return refused(&Refusal::new(404, "no_route", "There is nothing at this path."), dialect, &id);
    };
    // Some clients offer HTTP/2 without TLS this way, and go on without it.
    let is_offer = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"h2c");
    if parts.method == Method::CONNECT || parts.headers.get(UPGRADE).is_some_and(|value| !is_offer(value)) {
        let text = "Connections cannot be changed to another protocol here.";
        return refused(&Refusal::new(501, "no_upgrade", text), dialect, &id);
    }
    let (caller, unknown) = Caller::of(config, &shared.hashes, &shared.live.keys(), peer, &parts.headers);
    let (requests_before, place) = shared.traffic.enter(&caller.account, at_us);
    let caller = Arc::new(caller);
    let head = Head { id, at_us, endpoint, dialect, caller, route };
    let mut watch = Watch::new(shared, head.finished(shared));
    match place {
        Ok(place) => watch.hold(place),
        // The bound of the gate is for its own safety, in shadow too.
        Err(NoPlace::Gate) => {
            let text = "Too many requests are being served at present. Please try again.";
            return head.refuse(shared, &Refusal::for_now(503, "too_many_requests", text), watch);
        }
        Err(NoPlace::Account) => {
            let text = "Too many requests of this account are being served at present.";
            let refusal = Refusal::for_now(429, "too_many_at_once", text);
            if head.acts(shared, &refusal) {
                return head.refuse(shared, &refusal, watch);
            }
        }
    }
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
    match head.decide(shared, requests_before, &parts, &body, &mut watch) {
        Err(refusal) => return head.refuse(shared, &refusal, watch),
        Ok(Some(rewritten)) => {
            shared.metrics.rewritten.inc();
            parts.headers.remove(CONTENT_ENCODING);
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(rewritten.len()));
            body = body.replaced(rewritten);
        }
        Ok(None) => {}
    }
    head.forward(&core, peer, parts, body, watch).await
}

impl Head {
    fn finished(&self, shared: &Shared) -> Finished {
        Finished {
            id: self.id.clone(),
            at_us: self.at_us,
            ended_us: self.at_us,
            caller: Arc::clone(&self.caller),
            endpoint: self.endpoint,
            request: Bytes::new(),
            room: Room::new(&shared.memory),
            answer: Vec::new(),
            encoding: Encoding::Plain,
            is_stream: false,
            // What ends before its answer was ended by the caller.
            status: 499,
            receipt: None,
            tokens: 0,
            decision: None,
        }
    }

    /// Whether a refusal acts. In shadow it is counted and does not.
    fn acts(&self, shared: &Shared, refusal: &Refusal) -> bool {
        if shared.config.mode == GateMode::Shadow {
            Metrics::count(&shared.metrics.refused, kind_of(refusal));
        }
        shared.config.mode == GateMode::Enforce
    }

    fn refuse(&self, shared: &Shared, refusal: &Refusal, mut watch: Watch) -> Response<Answer> {
        Metrics::count(&shared.metrics.refused, kind_of(refusal));
        watch.answered(refusal.status, false, Encoding::Plain);
        watch.keep(&self.dialect.body(refusal, &self.id));
        refused(refusal, self.dialect, &self.id)
    }

    /// Decides; returns the body that takes the place of the caller's, where one does.
    fn decide(
        &self,
        shared: &Arc<Shared>,
        requests_before: u64,
        parts: &Parts,
        body: &Sent,
        watch: &mut Watch,
    ) -> Result<Option<Bytes>, Refusal> {
        let config = &shared.config;
        let begun = body.begun();
        let plain = body
            .whole()
            .and_then(|whole| unfolded(whole, headers::encoding(&parts.headers), config.limits.inspect_bytes));
        let members = plain.as_deref().and_then(Members::read);
        let length = content_length(parts).unwrap_or(begun.len());
        let is_known = self.endpoint != Endpoint::Other;
        let unread = || Asked::unread(length, is_known);
        let asked = members.as_ref().map_or_else(unread, |members| Asked::of(members, length));
        let ask = self.ask(shared, &asked, parts.uri.path());
        let question = Question {
            id: &self.id,
            account: &self.caller.account,
            route: self.route(shared),
            ask: &ask,
            tokens: asked.tokens,
            requests_before,
            now_us: self.at_us,
        };
        let mut judged = judge(config, &shared.live, &shared.budgets, &question);
        if judged.refusal.is_none() && is_known {
            judged.refusal = reveals_too_much(&judged.limit, members.as_ref(), &asked);
        }
        shared.metrics.decided(judged.measure);
        if let Some(failure) = judged.failure {
            Metrics::count(&shared.metrics.failed, failure);
        }
        watch.decided(begun, asked.tokens, judged.receipt, self.decided(shared, &mut judged));
        if shared.config.mode == GateMode::Shadow {
            if let Some(refusal) = &judged.refusal {
                Metrics::count(&shared.metrics.refused, kind_of(refusal));
            }
            return Ok(None);
        }
        if let Some(refusal) = judged.refusal {
            return Err(refusal);
        }
        let (Some(members), Some(plain)) = (&members, &plain) else { return Ok(None) };
        Ok(if is_known { edited(plain, members, &judged.limit) } else { None })
    }

    /// What is recorded of a decision.
    fn decided(&self, shared: &Shared, judged: &mut Judged) -> Option<Decided> {
        shared.config.decisions.as_ref()?;
        if judged.refusal.is_none() && judged.record.is_none() && judged.failure.is_none() {
            return None;
        }
        Some(Decided {
            record: judged.record.take(),
            mode: if shared.config.mode == GateMode::Shadow { "shadow" } else { "enforce" },
            refused: judged.refusal.as_ref().map(|refusal| (refusal.status, refusal.reason.clone().into_owned())),
            failure: judged.failure,
        })
    }

    fn route<'s>(&self, shared: &'s Shared) -> &'s Route {
        // INVARIANT (place): it was found in the same list.
        #[expect(clippy::indexing_slicing, reason = "the place was found in this list, which never changes")]
        &shared.config.routes[self.route]
    }

    fn ask(&self, shared: &Shared, asked: &Asked, path: &str) -> Ask {
        let paths = [("/batches", Capability::Batch), ("/fine_tuning", Capability::Tuning)];
        let by_path = paths.into_iter().filter(|(part, _)| path.contains(part)).map(|(_, capability)| capability);
        Ask {
            capabilities: asked.capabilities().chain(by_path).collect(),
            channel: self.route(shared).channel,
            country: self.caller.country,
            ..Ask::default()
        }
    }

    async fn forward(
        &self,
        core: &Core,
        peer: IpAddr,
        mut parts: Parts,
        body: Sent,
        mut watch: Watch,
    ) -> Response<Answer> {
        let shared = &core.shared;
        let config = &shared.config;
        let ask = self.ask(shared, &Asked::default(), parts.uri.path());
        let Some(uri) = target(self.route(shared), &parts.uri) else {
            return self.refuse(shared, &Refusal::new(400, "bad_path", "This path cannot be passed on."), watch);
        };
        (parts.uri, parts.version) = (uri, Version::HTTP_11);
        let for_trusted = [&config.accounts.header, &config.hops.country_header, &config.hops.ja4_header];
        let for_trusted: Vec<&str> = for_trusted.into_iter().flatten().map(String::as_str).collect();
        let is_believed = is_trusted(peer, &config.hops.trusted);
        headers::to_upstream(&mut parts.headers, &for_trusted, is_believed);
        headers::forwarded(&mut parts.headers, &config.hops.address_header, peer, is_believed);
        if config.mode == GateMode::Enforce && self.endpoint != Endpoint::Other {
            headers::readable_encodings(&mut parts.headers);
        }
        let asked = core.upstream.request(Request::from_parts(parts, body));
        let response = match timeout(config.limits.answer_timeout, asked).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return self.refuse(shared, &unreachable(&error), watch),
            Err(_) => {
                let text = "The service did not answer in time. Please try again.";
                return self.refuse(shared, &Refusal::for_now(504, "upstream_silent", text), watch);
            }
        };
        let (mut parts, body) = response.into_parts();
        headers::strip_hop(&mut parts.headers);
        let (is_stream, encoding) = (headers::is_stream(&parts.headers), headers::encoding(&parts.headers));
        watch.answered(parts.status.as_u16(), is_stream, encoding);
        let can_write = is_stream && encoding == Encoding::Plain && parts.status == StatusCode::OK;
        let stream = can_write.then(|| Stream {
            dialect: self.dialect,
            id: self.id.clone(),
            recheck: self.recheck(shared, ask),
            generation: shared.live.generation(),
            is_between: true,
        });
        parts.version = Version::HTTP_11;
        Response::from_parts(parts, Answer::Passed(Box::new(Tapped::new(body, watch, stream))))
    }

    /// Asks again while a stream runs, when verdicts or rules have changed. In shadow nobody is cut off.
    fn recheck(&self, shared: &Shared, ask: Ask) -> Option<Recheck> {
        if shared.config.mode == GateMode::Shadow || shared.config.policy.is_none() {
            return None;
        }
        let caller = Arc::clone(&self.caller);
        Some(Box::new(move |shared| denial(&shared.config, &shared.live, &caller.account, &ask, now_us())))
    }
}

/// What a limit refuses: a request that gives the last layer away, and one that cannot be read.
fn reveals_too_much(limit: &Limit, members: Option<&Members<'_>>, asked: &Asked) -> Option<Refusal> {
    if limit.is_nothing() {
        return None;
    }
    // INVARIANT (limits): what cannot be read cannot be limited, and is not passed on.
    if members.is_none() {
        let text =
            "The body of this request is no JSON object, or too large. Please send a smaller one, not compressed.";
        return Some(Refusal::new(400, "unreadable_body", text));
    }
    if limit.caps.refuse_logit_bias_with_logprobs && !limit.no_logprobs && asked.logprobs && asked.logit_bias {
        let text = "Log probabilities cannot be asked for together with logit_bias. Please leave one of them out.";
        return Some(Refusal::new(400, "logit_bias_with_logprobs", text));
    }
    None
}

/// The label of a refusal in metrics: reason codes of the policy are those of its files, so that they are bounded, but
/// labels live as long as the program.
fn kind_of(refusal: &Refusal) -> &'static str {
    match (refusal.status, refusal.budget.is_some()) {
        (_, true) => "budget",
        (403, _) => "policy",
        (401, _) => "key",
        (400..429, _) => "request",
        (429, _) => "account_at_once",
        (502 | 504, _) => "upstream",
        _ => "gate",
    }
}

fn content_length(parts: &Parts) -> Option<usize> {
    parts.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
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
