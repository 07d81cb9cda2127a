//! Whether it runs, and what is degraded.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::state::State;
use crate::types::Summary;

/// Whether requests can be answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// Whether it can be known who calls.
    pub ready: bool,
    /// What does not work: `found`, `verdicts`, `tokens`, `users`, `policies`, `ledger`, `cases`.
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
    let ready = !degraded.contains(&"tokens") && !degraded.contains(&"users");
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, degraded })).into_response()
}

/// What the hunt read whose results are served.
#[utoipa::path(get, path = "/api/v1/summary", tag = "health",
    responses((status = 200, body = Summary), (status = "default", body = Problem)))]
pub async fn summary(Shared(state): Shared<State>) -> Result<Json<Summary>, Problem> {
    let none = || Problem::unknown("the results that are served have no summary (hunt again with this version)");
    state.found().await.summary.clone().map(Json).ok_or_else(none)
}

/// How the parts of the program are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// What does not work, with the reason; empty where all does.
    pub degraded: Vec<Degraded>,
    /// When the results that are served were written, RFC 3339; null before the first.
    pub results_written: Option<String>,
    /// The version of the program.
    pub version: &'static str,
}

/// Something that does not work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Degraded {
    /// The part: as in `/readyz`.
    pub part: &'static str,
    /// Why.
    pub reason: String,
}

/// How the parts of the program are, with reasons.
#[utoipa::path(get, path = "/api/v1/health", tag = "health",
    responses((status = 200, body = Health), (status = "default", body = Problem)))]
pub async fn health(Shared(state): Shared<State>) -> Json<Health> {
    let degraded = state.degraded().await.into_iter().map(|(part, reason)| Degraded { part, reason }).collect();
    let written = i64::try_from(state.found().await.written).ok().filter(|written| *written > 0);
    let results_written = written.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(|at| at.to_string());
    Json(Health { degraded, results_written, version: env!("CARGO_PKG_VERSION") })
}

/// Counts, in the text form of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "health", security(("token" = [])), responses((status = 200, body = String)))]
pub async fn metrics(Shared(state): Shared<State>) -> Response {
    let found = state.found().await;
    state.metrics().campaigns.set(i64::try_from(found.campaigns.len()).unwrap_or(i64::MAX));
    state.metrics().written.set(i64::try_from(found.written).unwrap_or(i64::MAX));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], state.counts()).into_response()
}
