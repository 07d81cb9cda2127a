//! The door of every server in a cluster: lets in who is of one build with it and knows the token, and says on each
//! answer who it is.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::Context;
use tonic::codegen::Poll;
use tonic::codegen::Service;
use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::HeaderValue;
use tonic::codegen::http::Request;
use tonic::codegen::http::Response;
use tonic::codegen::http::header::USER_AGENT;
use tonic::server::NamedService;

use crate::entrance::Guest;
use crate::wire::Refusal;
use crate::wire::Wire;

/// Header with the build of who answers.
pub(crate) const BUILD: &str = "stillwatch-build";
/// Header with the name of the run that answers: another after a restart.
pub(crate) const RUN: &str = "stillwatch-run";
/// Header with the number of executors that are alive.
pub(crate) const EXECUTORS: &str = "stillwatch-executors";

/// Header with the number of tasks that they run at a time.
pub(crate) const SLOTS: &str = "stillwatch-slots";

/// The executors that are alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capacity {
    pub executors: usize,
    /// Tasks that they run at a time.
    pub slots: usize,
}

/// Counts them.
pub(crate) type Census = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Capacity> + Send>> + Send + Sync>;

/// A service behind the door.
#[derive(Clone)]
pub(crate) struct Gated<S> {
    inner: S,
    gate: Arc<Gate>,
}

/// The door.
pub(crate) struct Gate {
    /// What listens, for messages.
    pub role: &'static str,
    /// Who we are, and who may enter.
    pub wire: Wire,
    /// Name of this run.
    pub run: String,
    /// Counts executors; `None` where that is not ours to know.
    pub census: Option<Census>,
}

impl<S> Gated<S> {
    pub(crate) fn new(inner: S, gate: Arc<Gate>) -> Self {
        Self { inner, gate }
    }
}

impl Gate {
    fn refuse(&self, headers: &HeaderMap) -> Option<Status> {
        let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
        let (role, ours) = (self.role, &self.wire.build);
        Some(match self.wire.admit(agent).err()? {
            Refusal::Token => Status::unauthenticated(format!(
                "the {role} asks for a token that the caller did not give (give every part the same --token-file)"
            )),
            Refusal::Build(Some(theirs)) => Status::failed_precondition(format!(
                "the {role} is of build {ours} and the caller of build {theirs} (install one stillwatch on every machine)"
            )),
            Refusal::Build(None) => Status::failed_precondition(format!(
                "the {role} is of build {ours} and the caller is not stillwatch (call it with stillwatch only)"
            )),
        })
    }

    async fn sign(&self, headers: &mut HeaderMap) {
        let mut sign = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        sign(BUILD, self.wire.build.as_str());
        sign(RUN, &self.run);
        if let Some(census) = &self.census {
            let Capacity { executors, slots } = census().await;
            sign(EXECUTORS, &executors.to_string());
            sign(SLOTS, &slots.to_string());
        }
    }
}

impl<S: NamedService> NamedService for Gated<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Gated<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Some(status) = self.gate.refuse(request.headers()) {
            return Box::pin(async move { Ok(status.into_http()) });
        }
        if let Some(guest) = request.extensions().get::<Guest>() {
            guest.admit();
        }
        let gate = Arc::clone(&self.gate);
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            gate.sign(response.headers_mut()).await;
            Ok(response)
        })
    }
}
