//! Whether it runs, and what is degraded.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::State;

/// Whether requests can be answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// Whether the results and the tokens can be read.
    pub ready: bool,
    /// What does not work: `found`, `verdicts`, `tokens`, `policies`, `ledger`, `cases`.
    pub degraded: Vec<&'static str>,
}

/// Says that the program runs.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = String)))]
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Says whether requests can be answered, and what is degraded. Reasons are for those who have a token: they name files.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = Ready), (status = 503, body = Ready)))]
pub async fn ready(Shared(state): Shared<State>) -> Response {
    let degraded: Vec<&'static str> = state.degraded().await.into_iter().map(|(name, _)| name).collect();
    let ready = !degraded.contains(&"tokens");
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, degraded })).into_response()
}

/// Counts, in the text form of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "health", security(("token" = [])), responses((status = 200, body = String)))]
pub async fn metrics(Shared(state): Shared<State>) -> Response {
    let found = state.found().await;
    state.metrics().campaigns.set(i64::try_from(found.campaigns.len()).unwrap_or(i64::MAX));
    state.metrics().written.set(i64::try_from(found.written).unwrap_or(i64::MAX));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], state.metrics().text()).into_response()
}
