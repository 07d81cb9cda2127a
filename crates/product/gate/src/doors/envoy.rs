//! Envoy over gRPC: external authorisation (`Check`) and external processing (`Process`).

mod check;
mod messages;
mod process;
mod shown;

use std::net::IpAddr;
use std::sync::Arc;

use http::Request;
use http::Response;
use hyper::body::Incoming;
use tonic::server::Grpc;
use tonic_prost::ProstCodec;

use crate::answer::Answer;
use crate::door::Door;
use crate::shared::Shared;

/// The path of external authorisation.
pub(super) const CHECK: &str = "/envoy.service.auth.v3.Authorization/Check";
/// The path of external processing.
pub(super) const PROCESS: &str = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";

/// Largest message, in bytes: Envoy buffers a megabyte unless it is told to buffer more.
const MAX_MESSAGE_BYTES: usize = 8 << 20;

/// Answers one call.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    door: Door,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response<Answer> {
    let most = MAX_MESSAGE_BYTES.min(shared.config.limits.inspect_bytes);
    let shared = Arc::clone(shared);
    let response = if door == Door::ExtProc {
        let mut grpc = Grpc::new(ProstCodec::default()).max_decoding_message_size(most);
        grpc.streaming(process::Service { shared, peer }, request).await
    } else {
        let mut grpc = Grpc::new(ProstCodec::default()).max_decoding_message_size(most);
        grpc.unary(check::Service { shared, peer }, request).await
    };
    response.map(Answer::Grpc)
}
