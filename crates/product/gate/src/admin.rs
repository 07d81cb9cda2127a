//! The listener for operators: `/metrics`, `/healthz`, `/readyz`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use record::clock::now_us;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio::time::timeout;

use crate::live::Verdicts;
use crate::shared::Shared;

/// Most connections at a time.
const CONNECTIONS: usize = 32;
/// How long one may last.
const LIFE: Duration = Duration::from_secs(30);

/// Serves until its thread is ended with the program.
pub(crate) async fn run(shared: Arc<Shared>, listener: std::net::TcpListener) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _place = place;
            let service = service_fn(move |request| {
                let answer = answer(&shared, &request);
                async move { Ok::<_, Infallible>(answer) }
            });
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5));
            let _ = timeout(LIFE, server.serve_connection(TokioIo::new(stream), service)).await;
        });
    }
}

/// A listener of its own.
pub(crate) fn listener(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn answer(shared: &Shared, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, kind, text) = match request.uri().path() {
        "/metrics" => match shared.metrics.text() {
            Ok(text) => (200, "application/openmetrics-text; version=1.0.0; charset=utf-8", text),
            Err(_) => (500, "text/plain", "the metrics cannot be written\n".to_owned()),
        },
        "/healthz" => (200, "text/plain", "alive\n".to_owned()),
        "/readyz" => {
            let (status, text) = ready(shared);
            (status, "application/json", text)
        }
        _ => (404, "text/plain", "there are /metrics, /healthz and /readyz\n".to_owned()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

/// Ready unless it is being stopped; what is degraded is told beside.
fn ready(shared: &Shared) -> (u16, String) {
    let is_draining = shared.is_draining.load(Ordering::Relaxed);
    let mut degraded = shared.live.faults();
    let snapshot = match shared.live.verdicts(now_us()) {
        Verdicts::Fresh(snapshot) => Some(snapshot.id().to_owned()),
        Verdicts::Stale(snapshot) => {
            degraded.push("the verdicts are older than verdicts.max_age".to_owned());
            Some(snapshot.id().to_owned())
        }
        Verdicts::Missing => {
            degraded.push("no verdicts were read yet".to_owned());
            None
        }
    };
    degraded.extend(shared.budgets.shared().and_then(|shared| shared.fault()).map(|fault| fault.to_string()));
    let text = serde_json::json!({
        "ready": !is_draining,
        "draining": is_draining,
        "degraded": degraded,
        "snapshot": snapshot,
        "policy": shared.live.policy().map(|policy| policy.hash().to_owned()),
    });
    (if is_draining { 503 } else { 200 }, format!("{text}\n"))
}
