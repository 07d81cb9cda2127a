//! The way in over HTTP: exchanges as JSON lines and as OTLP, account records, sweeps on demand, and what the engine says of itself.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::header::HOST;
use axum::http::header::ORIGIN;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use record::Format;
use record::Input;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::engine::Engine;
use crate::error::Error;
use crate::intake::Piece;
use crate::intake::Taken;
use crate::registrations;
use crate::request::Doors;
use crate::request::Problem;
use crate::request::answered;
use crate::request::problem;
use crate::request::problem_of;
use crate::request::with_body;

/// The longest key of a sender, in bytes.
const MAX_KEY_BYTES: usize = 255;
/// Refused records that an answer names.
const MAX_NAMED: usize = 10;

/// The ways in of an engine and its sweeps, to be served under a listener of the caller's.
///
/// It checks nobody's identity: whoever reaches it may add exchanges.
pub fn router(engine: &Engine) -> Router {
    ways_in().with_state(Doors::of(engine))
}

fn ways_in() -> Router<Doors> {
    Router::new()
        .route("/api/v1/exchanges", post(exchanges))
        .route("/v1/traces", post(otlp))
        .route("/v1/logs", post(otlp))
        .route("/api/v1/accounts", post(registrations::accounts))
        .route("/api/v1/signups", post(registrations::signup))
        .route("/api/v1/sweeps", post(sweep))
}

/// A listener on this machine, with the threads that answer.
#[derive(Debug)]
pub struct Listener {
    runtime: Option<Runtime>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
}

impl Listener {
    /// Begins to listen where the engine's settings say; `None` where they say nowhere.
    ///
    /// # Errors
    /// [`Error`] where the address is taken.
    pub fn begin(engine: &Engine) -> Result<Option<Self>, Error> {
        let Some(wanted) = engine.shared().settings.listen else { return Ok(None) };
        let told =
            |error: std::io::Error| Error::usage(format!("listen = \"{wanted}\": {error} (choose another port)"));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(told)?;
        let listener = runtime.block_on(TcpListener::bind(wanted)).map_err(told)?;
        let address = listener.local_addr().map_err(told)?;
        let app = ways_in()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .with_state(Doors::of(engine))
            .layer(from_fn(only_programs));
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(async move {
            let ended = async { stopped.await.unwrap_or_default() };
            axum::serve(listener, app).with_graceful_shutdown(ended).await
        });
        Ok(Some(Self { runtime: Some(runtime), address, stop: Some(stop) }))
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

/// Refuses what a page in a browser of this machine could send: the listener asks for no key.
async fn only_programs(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_here = name == "localhost" || address.is_ok_and(|address| address.is_loopback());
    if !is_here || request.headers().contains_key(ORIGIN) {
        let text = "this listener answers programs of this machine, and no pages (name it by its address)";
        return problem(StatusCode::FORBIDDEN, "not for browsers", text).into_response();
    }
    next.run(request).await
}

/// What is asked beside the body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    format: Option<String>,
}

async fn exchanges(State(doors): State<Doors>, Query(asked): Query<Asked>, headers: HeaderMap, body: Body) -> Response {
    let format = match asked.format.as_deref().map_or(Ok(Some(Format::Native)), of_name) {
        Ok(format) => format,
        Err(text) => {
            return answered(&doors, problem(StatusCode::BAD_REQUEST, "unknown format", &text).into_response());
        }
    };
    let taken = take(&doors, format, &headers, body).await;
    let answer = taken.map(|taken| {
        let rejects: Vec<Value> = taken
            .rejects
            .iter()
            .take(MAX_NAMED)
            .map(|reject| json!({ "line": reject.line, "byte_offset": reject.byte_offset, "reason": reject.reason }))
            .collect();
        let receipt = taken.receipt;
        let body = json!({
            "accepted": receipt.accepted, "refused": receipt.refused, "passed_over": receipt.passed_over,
            "rejects": rejects, "repeat": taken.is_repeat,
        });
        // Nothing in it is an exchange: the sender should not go on as if it were.
        let status = if receipt.accepted == 0 && receipt.refused > 0 {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::ACCEPTED
        };
        (status, axum::Json(body)).into_response()
    });
    answered(&doors, answer.unwrap_or_else(Problem::into_response))
}

fn of_name(name: &str) -> Result<Option<Format>, String> {
    if name == "auto" { Ok(None) } else { name.parse().map(Some).map_err(|error: record::Error| error.to_string()) }
}

/// OTLP over HTTP. What is refused is told as the protocol tells it, so that it is not sent again.
async fn otlp(State(doors): State<Doors>, headers: HeaderMap, body: Body) -> Response {
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let taken = match take(&doors, Some(Format::Otel), &headers, body).await {
        Ok(taken) => taken,
        Err(problem) => return answered(&doors, problem.into_response()),
    };
    let refused = taken.receipt.refused;
    let reason = taken.rejects.first().map(|reject| reject.reason.clone()).unwrap_or_default();
    let response = if is_json {
        let body = match refused {
            0 => json!({}),
            refused => json!({ "partialSuccess": { "rejectedSpans": refused.to_string(), "errorMessage": reason } }),
        };
        axum::Json(body).into_response()
    } else {
        let partial = (refused > 0).then_some(Partial { rejected: refused as i64, reason });
        let bytes = prost::Message::encode_to_vec(&Exported { partial });
        ([(CONTENT_TYPE, "application/x-protobuf")], bytes).into_response()
    };
    answered(&doors, response)
}

/// The answer of OTLP: `ExportTraceServiceResponse` and `ExportLogsServiceResponse` have one form.
#[derive(Clone, PartialEq, prost::Message)]
struct Exported {
    #[prost(message, optional, tag = "1")]
    partial: Option<Partial>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Partial {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    reason: String,
}

/// Reads a body and gives it to the engine; the answer where it cannot be.
async fn take(doors: &Doors, format: Option<Format>, headers: &HeaderMap, body: Body) -> Result<Taken, Problem> {
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap_or_default().to_owned());
    if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > MAX_KEY_BYTES) {
        let text = format!("Idempotency-Key is empty, longer than {MAX_KEY_BYTES} bytes, or no text");
        return Err(problem(StatusCode::BAD_REQUEST, "no such key", &text));
    }
    let shared = Arc::clone(&doors.shared);
    let work = move |bytes: Vec<u8>| {
        let piece = Piece {
            input: Input::memory("the request's body", Arc::from(bytes)),
            format,
            positions: Default::default(),
            key: key.as_deref(),
            waits: false,
        };
        shared.take(piece).map_err(|error| problem_of(&error))
    };
    with_body(doors, headers, body, work).await
}

async fn sweep(State(doors): State<Doors>) -> Response {
    let number = doors.shared.sweeps.ask();
    (StatusCode::ACCEPTED, axum::Json(json!({ "sweep": number }))).into_response()
}

async fn ready(State(doors): State<Doors>) -> Response {
    let degraded = doors.shared.degraded();
    let status = if degraded.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let snapshot = doors.shared.snapshot.load();
    let body = json!({
        "ready": degraded.is_empty(),
        "degraded": degraded,
        "snapshot": snapshot.as_ref().map(|snapshot| snapshot.id().to_owned()),
        "sweeps": doors.shared.sweeps.count(),
        "log_bytes": doors.shared.writer.bytes(),
    });
    (status, axum::Json(body)).into_response()
}

async fn metrics(State(doors): State<Doors>) -> Response {
    let text = doors.shared.metrics.render();
    ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}
