//! External authorisation: one question, one answer.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::server::UnaryService;

use super::super::described;
use super::messages::CheckRequest;
use super::messages::CheckResponse;
use super::messages::DeniedHttpResponse;
use super::messages::RpcStatus;
use super::messages::Struct;
use super::messages::TextValue;
use super::shown::Values;
use super::shown::given;
use super::shown::headers;
use super::shown::pairs;
use super::shown::path;
use crate::door::Door;
use crate::head::Head;
use crate::head::Seen;
use crate::headers::content_length;
use crate::headers::encoding;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::tap::Watch;
use crate::unfold::Encoding;

/// `google.rpc.Code.PERMISSION_DENIED`.
const PERMISSION_DENIED: i32 = 7;

/// Answers questions of external authorisation.
pub(super) struct Service {
    pub(super) shared: Arc<Shared>,
    pub(super) peer: IpAddr,
}

impl UnaryService<CheckRequest> for Service {
    type Response = CheckResponse;
    type Future = Pin<Box<dyn Future<Output = Result<Response<CheckResponse>, Status>> + Send>>;

    fn call(&mut self, request: Request<CheckRequest>) -> Self::Future {
        let (shared, peer) = (Arc::clone(&self.shared), self.peer);
        Box::pin(async move { check(&shared, peer, request.into_inner()).await.map(Response::new) })
    }
}

async fn check(shared: &Arc<Shared>, peer: IpAddr, question: CheckRequest) -> Result<CheckResponse, Status> {
    let http = question.attributes.and_then(|attributes| attributes.request).and_then(|request| request.http);
    let method = http.as_ref().and_then(|http| http.method.parse::<Method>().ok());
    let (Some(http), Some(method)) = (http, method) else {
        shared.metrics.asked(Door::ExtAuthz, "not_understood");
        return Err(Status::invalid_argument("the question describes no HTTP request"));
    };
    // With `encode_raw_headers` they come as a list, else as a map in which two of one name are joined.
    let by_map = http.headers.into_iter().map(|(name, value)| (name, value.into_bytes()));
    let headers = headers(by_map.chain(pairs(http.header_map.as_ref())));
    let path = path(&http.path);
    let head = described::head(shared, Door::ExtAuthz, peer, (&method, &path), &headers);
    let (head, unknown) = head.ok_or_else(|| Status::unimplemented("there are no doors"))?;
    let begun = if http.raw_body.is_empty() { Bytes::from(http.body) } else { http.raw_body };
    let length = content_length(&headers);
    let seen = Seen {
        path: &path,
        // Envoy does not say whether it cut a body: one that is shorter than its length is a part.
        is_whole: length.is_none_or(|length| length <= begun.len()) && !described::is_partial(&headers),
        begun,
        encoding: encoding(&headers),
        length,
    };
    let (mut watch, entered) = head.enter(shared);
    let requests_before = match entered {
        Ok(requests_before) => requests_before,
        Err(refusal) => return Ok(denied(shared, &head, &refusal, &mut watch)),
    };
    if let Some(refusal) = unknown.filter(|refusal| head.acts(shared, refusal)) {
        return Ok(denied(shared, &head, &refusal, &mut watch));
    }
    if let Err(refusal) = head.decide(shared, requests_before, &seen, &mut watch).await {
        return Ok(denied(shared, &head, &refusal, &mut watch));
    }
    watch.answered(200, false, Encoding::Plain);
    shared.metrics.asked(head.door, watch.said());
    let dynamic_metadata = Some(told(&head, &watch));
    Ok(CheckResponse { status: Some(RpcStatus { code: 0 }), denied_response: None, dynamic_metadata })
}

fn denied(shared: &Shared, head: &Head, refusal: &Refusal, watch: &mut Watch) -> CheckResponse {
    let (status, headers, body) = given(described::refuse(shared, head, refusal, watch), Values::Texts);
    let body = String::from_utf8_lossy(&body).into_owned();
    CheckResponse {
        // Any other code would be an error of the service to Envoy.
        status: Some(RpcStatus { code: PERMISSION_DENIED }),
        denied_response: Some(DeniedHttpResponse { status: Some(status), headers, body }),
        dynamic_metadata: Some(told(head, watch)),
    }
}

/// What Envoy may write into its own log, in the namespace `envoy.filters.http.ext_authz`.
fn told(head: &Head, watch: &Watch) -> Struct {
    let text = |name: &str, value: &str| (name.to_owned(), TextValue { string_value: Some(value.to_owned()) });
    let fields = [text("stillwatch_decision", watch.said()), text("stillwatch_request", &head.id)];
    Struct { fields: BTreeMap::from(fields) }
}
