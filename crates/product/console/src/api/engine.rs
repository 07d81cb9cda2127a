//! What an engine that runs beside answers, for the API's document: the routes are its own (`console::router_with`).

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::token::Caller;
use crate::token::Role;

/// What takes a role: account records say what accounts are tied by, and what of them was verified; and who asks what a
/// registration shares learns which cards and telephones are in campaigns.
const OF_ANALYSTS: [&str; 2] = ["/api/v1/accounts", "/api/v1/signups"];

/// Refuses who may not use a route of the engine.
pub async fn guarded(request: Request, next: Next) -> Response {
    let is_open = !OF_ANALYSTS.contains(&request.uri().path());
    let caller = request.extensions().get::<Caller>().filter(|_| !is_open);
    match caller.map(|caller| caller.needs(Role::Analyst)) {
        Some(Err(problem)) => problem.into_response(),
        // A guard before this one knows who asks.
        None if !is_open => {
            Problem::new(StatusCode::UNAUTHORIZED, "no_token", "nobody is known to ask").into_response()
        }
        Some(Ok(())) | None => next.run(request).await,
    }
}

/// What became of account records.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountsKept {
    /// Accounts of which nothing was kept.
    pub new: u64,
    /// Accounts of which another record was kept, whose place it takes.
    pub changed: u64,
    /// Records that were kept already.
    pub same: u64,
    /// Lines that are no account record.
    pub refused: u64,
    /// The first of these.
    pub rejects: Vec<AccountReject>,
}

/// A line that is no account record.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountReject {
    /// Its number, from 1.
    pub line: u64,
    /// Where it begins.
    pub byte_offset: u64,
    /// Why.
    pub reason: String,
}

/// What is said of a new account: whether to look, or to ask for verification. It is no reason to refuse anybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignupAnswer {
    /// The account.
    pub account: String,
    /// `ordinary`, `look` or `verify`.
    pub tier: String,
    /// The values that its registration shares with implicated accounts of the last sweep.
    pub reasons: Vec<SignupReason>,
    /// At most how often an honest newcomer shares as much, where it is like the accounts that are in no campaign.
    pub chance: f64,
    /// Account records that this was counted among.
    pub reference: u64,
    /// Id of the verdict snapshot.
    pub snapshot: Option<String>,
}

/// A value that a registration shares.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignupReason {
    /// `payment`, `device`, `phone`, `mailbox` or `ip`.
    pub kind: String,
    /// The family of evidence in which it counts.
    pub family: String,
    /// The campaign.
    pub campaign: String,
    /// Implicated accounts of the campaign that have it.
    pub accounts: u32,
}

/// Keeps native account records, as JSON lines (gzip, zstd). The same record again changes nothing, another one of its account takes
/// its place. They count from the next sweep on. Where an engine runs: `stillwatch up`, `stillwatch watch`.
#[utoipa::path(post, operation_id = "keep_accounts", path = "/api/v1/accounts", tag = "engine",
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 202, body = AccountsKept), (status = 422, body = AccountsKept), (status = "default", body = Problem)))]
#[expect(dead_code, reason = "the document is made of it, and an engine has the route")]
pub const fn accounts() {}

/// What the registration of a new account shares with implicated accounts of the last sweep. Nothing is kept of it. Where an engine
/// runs: `stillwatch up`, `stillwatch watch`.
#[utoipa::path(post, operation_id = "sign_up", path = "/api/v1/signups", tag = "engine",
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = SignupAnswer), (status = 503, body = Problem), (status = "default", body = Problem)))]
#[expect(dead_code, reason = "the document is made of it, and an engine has the route")]
pub const fn signups() {}
