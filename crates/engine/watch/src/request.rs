//! What every request to the engine passes: a turn, a bound of its body, and answers in one form.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::body::Bytes;
use axum::body::to_bytes;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::CONTENT_ENCODING;
use axum::http::header::CONTENT_TYPE;
use axum::http::header::RETRY_AFTER;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::engine::Engine;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::metrics::Metrics;
use crate::shared::Shared;

/// How long a request waits for others to be read.
const WAIT: Duration = Duration::from_secs(2);
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(60);

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Doors {
    pub shared: Arc<Shared>,
    requests: Arc<Semaphore>,
}

impl Doors {
    pub fn of(engine: &Engine) -> Self {
        let shared = Arc::clone(engine.shared());
        let requests = Arc::new(Semaphore::new(shared.settings.limits.requests));
        Self { shared, requests }
    }
}

/// Reads and unpacks a body, and does something with it on a thread that may wait; the answer where that cannot be.
pub(crate) async fn with_body<T: Send + 'static>(
    doors: &Doors,
    headers: &HeaderMap,
    body: Body,
    work: impl FnOnce(Vec<u8>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let limits = doors.shared.settings.limits;
    let permit = timeout(WAIT, Arc::clone(&doors.requests).acquire_owned()).await;
    let Ok(Ok(permit)) = permit else { return Err(again("too many requests are read at the moment")) };
    let packed = match timeout(BODY_TIME, to_bytes(body, limits.body_bytes)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => {
            let text =
                format!("the body is longer than {} bytes, or was cut off (send less at a time)", limits.body_bytes);
            return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "body too large", &text));
        }
        Err(_) => return Err(problem(StatusCode::REQUEST_TIMEOUT, "too slow", "the body took longer than a minute")),
    };
    let coding = headers.get(CONTENT_ENCODING).map(|coding| coding.to_str().unwrap_or("?").to_ascii_lowercase());
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work(unpack(&packed, coding.as_deref(), limits.unpacked_bytes)?)
    });
    work.await.unwrap_or_else(|_| {
        Err(problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "bug",
            "the request could not be read: this is a bug in stillwatch",
        ))
    })
}

/// The body as it was before it was packed.
fn unpack(packed: &Bytes, coding: Option<&str>, most: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    let read = match coding {
        None | Some("identity") => {
            bytes.extend_from_slice(packed);
            Ok(bytes.len())
        }
        Some("gzip") => flate2::read::MultiGzDecoder::new(&packed[..]).take(limit).read_to_end(&mut bytes),
        Some("zstd") => zstd::stream::read::Decoder::new(&packed[..])
            .and_then(|decoder| decoder.take(limit).read_to_end(&mut bytes)),
        Some(_) => {
            let text = "Content-Encoding is none of identity, gzip and zstd";
            return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unknown coding", text));
        }
    };
    if let Err(error) = read {
        return Err(problem(StatusCode::BAD_REQUEST, "damaged body", &format!("the body cannot be unpacked: {error}")));
    }
    if bytes.len() > most {
        let text = format!("the body has more than {most} bytes when it is unpacked (send less at a time)");
        return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "body too large", &text));
    }
    Ok(bytes)
}

/// Counts an answer.
pub(crate) fn answered(doors: &Doors, response: Response) -> Response {
    let outcome = match response.status() {
        StatusCode::TOO_MANY_REQUESTS => "full",
        status if status.is_success() => "accepted",
        status if status.is_client_error() => "refused",
        _ => "failed",
    };
    Metrics::count(&doors.shared.metrics.requests, outcome, 1);
    response
}

/// Why a request was not taken, as RFC 9457 has it.
pub(crate) struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
    /// Seconds after which it may be sent again.
    again_s: Option<u32>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, title, detail, again_s } = self;
        let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
        let head = [(CONTENT_TYPE, "application/problem+json")];
        let again = again_s.map(|seconds| [(RETRY_AFTER, seconds.to_string())]);
        match again {
            Some(again) => (status, head, again, body.to_string()).into_response(),
            None => (status, head, body.to_string()).into_response(),
        }
    }
}

pub(crate) fn problem_of(error: &Error) -> Problem {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Usage => problem(StatusCode::BAD_REQUEST, "cannot be read", &text),
        ErrorKind::Full => again(&text),
        ErrorKind::Stopped => Problem { again_s: Some(5), ..problem(StatusCode::SERVICE_UNAVAILABLE, "ending", &text) },
        ErrorKind::Damaged | ErrorKind::Other => problem(StatusCode::SERVICE_UNAVAILABLE, "cannot be kept", &text),
    }
}

fn again(text: &str) -> Problem {
    Problem { again_s: Some(1), ..problem(StatusCode::TOO_MANY_REQUESTS, "full", text) }
}

pub(crate) fn problem(status: StatusCode, title: &'static str, detail: &str) -> Problem {
    Problem { status, title, detail: detail.to_owned(), again_s: None }
}
