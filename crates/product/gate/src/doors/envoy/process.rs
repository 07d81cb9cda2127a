//! External processing: Envoy shows a request and its answer step by step, and waits for a word after each.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use futures::stream::unfold;
use http::HeaderMap;
use http::Method;
use http::StatusCode;
use record::clock::now_us;
use tokio::time::timeout;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::Streaming;
use tonic::server::StreamingService;

use super::super::described;
use super::messages::BodyMutation;
use super::messages::CommonResponse;
use super::messages::Done;
use super::messages::HeaderMutation;
use super::messages::HttpBody;
use super::messages::HttpHeaders;
use super::messages::ImmediateResponse;
use super::messages::Mutation;
use super::messages::Processed;
use super::messages::ProcessingRequest;
use super::messages::ProcessingResponse;
use super::messages::ProtocolConfiguration;
use super::messages::Step;
use super::messages::Trailers;
use super::shown::Values;
use super::shown::given;
use super::shown::headers;
use super::shown::pairs;
use super::shown::path;
use crate::asked::Asked;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::head::Head;
use crate::head::Seen;
use crate::headers::content_length;
use crate::headers::encoding;
use crate::headers::is_stream;
use crate::judge::denial;
use crate::mode::GateMode;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::tap::Watch;
use crate::unfold::Encoding;

/// Bodies are not sent.
const NONE: i32 = 0;
/// Bodies are sent in pieces, each of which waits for a word.
const STREAMED: i32 = 1;
/// Whole bodies are sent.
const BUFFERED: i32 = 2;
/// The beginning of a body is sent.
const BUFFERED_PARTIAL: i32 = 3;

/// Answers calls of external processing.
pub(super) struct Service {
    pub(super) shared: Arc<Shared>,
    pub(super) peer: IpAddr,
}

type Replies = Pin<Box<dyn Stream<Item = Result<ProcessingResponse, Status>> + Send>>;

impl StreamingService<ProcessingRequest> for Service {
    type Response = ProcessingResponse;
    type ResponseStream = Replies;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Replies>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<ProcessingRequest>>) -> Self::Future {
        let process = Process::new(Arc::clone(&self.shared), self.peer);
        let most_idle = self.shared.config.limits.answer_timeout;
        let replies = unfold(Some((process, request.into_inner())), move |state| reply(state, most_idle));
        Box::pin(std::future::ready(Ok(Response::new(Box::pin(replies) as Replies))))
    }
}

type State = Option<(Process, Streaming<ProcessingRequest>)>;

/// The reply to the next step; nothing after the last one, or after a failure.
async fn reply(state: State, most_idle: Duration) -> Option<(Result<ProcessingResponse, Status>, State)> {
    let (mut process, mut steps) = state?;
    match timeout(most_idle, steps.message()).await {
        Err(_) => Some((Err(Status::deadline_exceeded("no step came for limits.answer_timeout")), None)),
        Ok(Ok(None)) => None,
        // To Envoy a stream that ends without an error lets the request pass, undecided.
        Ok(Err(status)) => Some((Err(status), None)),
        Ok(Ok(Some(step))) => match process.take(step).await {
            Ok(done) => Some((Ok(ProcessingResponse { response: Some(done) }), Some((process, steps)))),
            Err(status) => {
                process.shared.metrics.asked(Door::ExtProc, "not_understood");
                Some((Err(status), None))
            }
        },
    }
}

/// One request and its answer. When this is dropped they are over, and are written down.
struct Process {
    shared: Arc<Shared>,
    peer: IpAddr,
    modes: ProtocolConfiguration,
    known: Option<Known>,
}

/// What is known of the request once its headers came.
struct Known {
    head: Head,
    watch: Watch,
    path: String,
    encoding: Encoding,
    length: Option<usize>,
    /// Requests of the account before, where the body is waited for.
    waits: Option<u64>,
    /// Whether the answer is a stream that can be written into.
    can_write: bool,
    /// Whether the last piece ended at the end of an event.
    is_between: bool,
    has_ended: bool,
    generation: u64,
}

impl Process {
    fn new(shared: Arc<Shared>, peer: IpAddr) -> Self {
        Self { shared, peer, modes: ProtocolConfiguration::default(), known: None }
    }

    async fn take(&mut self, request: ProcessingRequest) -> Result<Done, Status> {
        if request.observability_mode {
            let text = "observability_mode waits for no decision (leave it out, and set mode = \"shadow\" in the gate)";
            return Err(Status::failed_precondition(text));
        }
        if let Some(modes) = request.protocol_config {
            let is_fit = [NONE, BUFFERED, BUFFERED_PARTIAL].contains(&modes.request_body_mode)
                && (NONE..=BUFFERED_PARTIAL).contains(&modes.response_body_mode);
            if !is_fit {
                let text = "processing_mode: request_body_mode BUFFERED and response_body_mode STREAMED are understood";
                return Err(Status::failed_precondition(text));
            }
            self.modes = modes;
        }
        let unexpected = || Status::invalid_argument("this step comes before the headers of the request, or twice");
        match request.request.ok_or_else(|| Status::invalid_argument("a step without content"))? {
            Step::RequestHeaders(_) if self.known.is_some() => Err(unexpected()),
            Step::RequestHeaders(headers) => self.begin(&headers).await,
            Step::RequestBody(body) => {
                // A whole body that trailers follow is not the end of the stream.
                let is_whole = body.end_of_stream || self.modes.request_body_mode == BUFFERED;
                Ok(self.known.as_mut().ok_or_else(unexpected)?.asked(&self.shared, body.body, is_whole).await)
            }
            Step::ResponseHeaders(headers) => {
                let is_streamed = self.modes.response_body_mode == STREAMED;
                let known = self.known.as_mut().ok_or_else(unexpected)?;
                let refused = known.bodiless(&self.shared).await;
                known.answered(&self.shared, &headers, is_streamed);
                Ok(refused.unwrap_or_else(|| Done::ResponseHeaders(Processed::default())))
            }
            Step::ResponseBody(body) => {
                let mutation = self.known.as_mut().ok_or_else(unexpected)?.piece(&self.shared, &body);
                Ok(Done::ResponseBody(mutation.map_or_else(Processed::default, |by| changed(by, None))))
            }
            Step::RequestTrailers(_) => {
                let refused = self.known.as_mut().ok_or_else(unexpected)?.bodiless(&self.shared).await;
                Ok(refused.unwrap_or(Done::RequestTrailers(Trailers {})))
            }
            Step::ResponseTrailers(_) => Ok(Done::ResponseTrailers(Trailers {})),
        }
    }

    /// The headers of the request came. Where a body follows that tells what is asked, it is waited for.
    async fn begin(&mut self, shown: &HttpHeaders) -> Result<Done, Status> {
        let shared = &self.shared;
        let pseudo = |name: &str| pairs(shown.headers.as_ref()).find(|(own, _)| own == name).map(|(_, value)| value);
        let text = |name: &str| pseudo(name).and_then(|value| String::from_utf8(value).ok());
        let method = text(":method").and_then(|method| method.parse::<Method>().ok());
        let (Some(method), Some(target)) = (method, text(":path")) else {
            return Err(Status::invalid_argument("the headers name no method or path (request_header_mode: SEND)"));
        };
        let (map, path) = (headers(pairs(shown.headers.as_ref())), path(&target));
        let head = described::head(shared, Door::ExtProc, self.peer, (&method, &path), &map);
        let (head, unknown) = head.ok_or_else(|| Status::unimplemented("there are no doors"))?;
        let (mut watch, entered) = head.enter(shared);
        if self.modes.response_body_mode == NONE {
            watch.sees_answer(false);
        }
        let is_read = head.endpoint != Endpoint::Other && !shown.end_of_stream;
        let known = self.known.insert(Known {
            head,
            watch,
            path,
            encoding: encoding(&map),
            length: content_length(&map),
            waits: None,
            can_write: false,
            is_between: true,
            has_ended: false,
            generation: shared.live.generation(),
        });
        let requests_before = match entered {
            Ok(requests_before) => requests_before,
            Err(refusal) => return Ok(known.refuse(shared, &refusal)),
        };
        if let Some(refusal) = unknown.filter(|refusal| known.head.acts(shared, refusal)) {
            return Ok(known.refuse(shared, &refusal));
        }
        if is_read && self.modes.request_body_mode != NONE {
            known.waits = Some(requests_before);
            return Ok(Done::RequestHeaders(Processed::default()));
        }
        let decided = known.decide(shared, requests_before, Bytes::new(), shown.end_of_stream).await;
        Ok(decided
            .map_or_else(|refusal| known.refuse(shared, &refusal), |_| Done::RequestHeaders(Processed::default())))
    }
}

impl Known {
    /// The body of the request came.
    async fn asked(&mut self, shared: &Arc<Shared>, body: Bytes, is_whole: bool) -> Done {
        let Some(requests_before) = self.waits.take() else { return Done::RequestBody(Processed::default()) };
        if self.watch.room().is_some_and(|room| !room.take(body.len())) {
            let text = "Too much is being read at present. Please try again.";
            return self.refuse(shared, &Refusal::for_now(503, "no_memory", text));
        }
        match self.decide(shared, requests_before, body, is_whole).await {
            Err(refusal) => self.refuse(shared, &refusal),
            Ok(None) => Done::RequestBody(Processed::default()),
            Ok(Some(body)) => {
                shared.metrics.rewritten.inc();
                let remove_headers = vec!["content-encoding".to_owned(), "content-length".to_owned()];
                let headers = HeaderMutation { set_headers: Vec::new(), remove_headers };
                Done::RequestBody(changed(Mutation::Body(body), Some(headers)))
            }
        }
    }

    /// The request goes on without the body that was waited for: trailers or an answer came instead. Returns the refusal, where it is
    /// one.
    ///
    /// INVARIANT (nobody undecided): whatever ends a request, it is decided on.
    async fn bodiless(&mut self, shared: &Arc<Shared>) -> Option<Done> {
        let requests_before = self.waits.take()?;
        let refusal = self.decide(shared, requests_before, Bytes::new(), true).await.err()?;
        Some(self.refuse(shared, &refusal))
    }

    async fn decide(
        &mut self,
        shared: &Arc<Shared>,
        requests_before: u64,
        begun: Bytes,
        is_whole: bool,
    ) -> Result<Option<Bytes>, Refusal> {
        let (encoding, length) = (self.encoding, self.length);
        let seen = Seen { path: &self.path, begun, is_whole, encoding, length };
        let decided = self.head.decide(shared, requests_before, &seen, &mut self.watch).await;
        if decided.is_ok() {
            shared.metrics.asked(self.head.door, self.watch.said());
        }
        decided
    }

    fn refuse(&mut self, shared: &Shared, refusal: &Refusal) -> Done {
        self.has_ended = true;
        let (status, set_headers, body) =
            given(described::refuse(shared, &self.head, refusal, &mut self.watch), Values::Bytes);
        let headers = Some(HeaderMutation { set_headers, remove_headers: Vec::new() });
        let details = "stillwatch".to_owned();
        Done::Immediate(ImmediateResponse { status: Some(status), headers, body, details })
    }

    /// The answer began.
    fn answered(&mut self, shared: &Shared, shown: &HttpHeaders, is_streamed: bool) {
        let status = pairs(shown.headers.as_ref()).find(|(name, _)| name == ":status").map(|(_, value)| value);
        let status = status.and_then(|value| StatusCode::from_bytes(&value).ok()).unwrap_or(StatusCode::BAD_GATEWAY);
        let map: HeaderMap = headers(pairs(shown.headers.as_ref()));
        let (is_stream, encoding) = (is_stream(&map), encoding(&map));
        if self.has_ended {
            return;
        }
        self.watch.answered(status.as_u16(), is_stream, encoding);
        let is_enforced = shared.config.mode == GateMode::Enforce;
        let is_plain = is_stream && encoding == Encoding::Plain && status == StatusCode::OK;
        self.can_write = is_plain && is_streamed && is_enforced;
    }

    /// A piece of the answer came; what it becomes, where the stream is ended.
    fn piece(&mut self, shared: &Shared, shown: &HttpBody) -> Option<Mutation> {
        // Envoys that do not tell their modes may show answers all the same.
        self.watch.sees_answer(true);
        if self.has_ended {
            return self.can_write.then_some(Mutation::Clear(true));
        }
        if let Some(refusal) = self.recheck(shared) {
            self.has_ended = true;
            crate::metrics::Metrics::count(&shared.metrics.cut, "verdict");
            let event = Bytes::from(self.head.dialect.event(&refusal, &self.head.id));
            self.watch.keep(&event);
            return Some(Mutation::Body(event));
        }
        self.is_between = shown.body.ends_with(b"\n\n") || shown.body.ends_with(b"\r\n\r\n");
        self.watch.keep(&shown.body);
        None
    }

    /// Whether what holds of the account has changed so that the stream must end.
    fn recheck(&mut self, shared: &Shared) -> Option<Refusal> {
        let generation = shared.live.generation();
        if !self.can_write || !self.is_between || generation == self.generation {
            return None;
        }
        self.generation = generation;
        let ask = self.head.ask(&Asked::default(), &self.path);
        denial(&shared.config, &shared.live, &self.head.caller.account, &ask, now_us())
    }
}

fn changed(by: Mutation, header_mutation: Option<HeaderMutation>) -> Processed {
    let body_mutation = Some(BodyMutation { mutation: Some(by) });
    Processed { response: Some(CommonResponse { header_mutation, body_mutation }) }
}

#[cfg(test)]
mod tests;
