//! Account records over HTTP, and what is said of a new account.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use record::Account;
use serde_json::Value;
use serde_json::json;

use crate::registry::read_line;
use crate::request::Doors;
use crate::request::Problem;
use crate::request::answered;
use crate::request::problem;
use crate::request::problem_of;
use crate::request::with_body;

/// Refused records that an answer names.
const MAX_NAMED: usize = 10;

/// A record that was refused.
struct Refused {
    line: usize,
    byte_offset: usize,
    reason: String,
}

/// The lines of a body that are account records, and the others.
fn records(bytes: &[u8]) -> (Vec<(Account, &[u8])>, Vec<Refused>) {
    let (mut records, mut refused, mut byte_offset) = (Vec::new(), Vec::new(), 0);
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let text = line.trim_ascii();
        if !text.is_empty() {
            match read_line(text) {
                Ok(account) => records.push((account, text)),
                Err(reason) => refused.push(Refused { line: number + 1, byte_offset, reason }),
            }
        }
        byte_offset += line.len() + 1;
    }
    (records, refused)
}

/// Keeps account records, as JSON lines. They count from the next sweep on.
pub(crate) async fn accounts(State(doors): State<Doors>, headers: HeaderMap, body: Body) -> Response {
    let shared = Arc::clone(&doors.shared);
    let work = move |bytes: Vec<u8>| {
        let (records, refused) = records(&bytes);
        let counts = shared.registry.add(&records).map_err(|error| problem_of(&error))?;
        let named: Vec<Value> = refused
            .iter()
            .take(MAX_NAMED)
            .map(|one| json!({ "line": one.line, "byte_offset": one.byte_offset, "reason": one.reason }))
            .collect();
        let body = json!({
            "new": counts.new, "changed": counts.changed, "same": counts.same,
            "refused": refused.len(), "rejects": named,
        });
        // Nothing in it is a record: the sender should not go on as if it were.
        let is_wrong = records.is_empty() && !refused.is_empty();
        Ok((if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::ACCEPTED }, axum::Json(body))
            .into_response())
    };
    let answer = with_body(&doors, &headers, body, work).await;
    answered(&doors, answer.unwrap_or_else(Problem::into_response))
}

/// What a new account's registration has in common with the implicated accounts of the last sweep. Nothing is kept of it.
pub(crate) async fn signup(State(doors): State<Doors>, headers: HeaderMap, body: Body) -> Response {
    let shared = Arc::clone(&doors.shared);
    let work = move |bytes: Vec<u8>| {
        let account = read_line(bytes.trim_ascii()).map_err(|reason| {
            problem(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no account record",
                &format!("{reason} (send one account record)"),
            )
        })?;
        let Some(newcomers) = shared.newcomers.load_full() else {
            let text =
                "no sweep has ended since the engine began, so that there is nothing to compare with (try again later)";
            return Err(problem(StatusCode::SERVICE_UNAVAILABLE, "no sweep yet", text));
        };
        let answer = newcomers.answer(&account, &shared.key, shared.settings.sweep.signup_rate);
        let reasons: Vec<Value> = answer
            .shared
            .iter()
            .map(|one| {
                json!({
                    "kind": one.kind.as_str(), "family": one.family.as_str(), "campaign": one.campaign,
                    "accounts": one.accounts,
                })
            })
            .collect();
        let snapshot = shared.snapshot.load();
        Ok(axum::Json(json!({
            "account": account.account, "tier": answer.tier.as_str(), "reasons": reasons, "chance": answer.chance,
            "reference": answer.reference, "snapshot": snapshot.as_ref().map(|snapshot| snapshot.id().to_owned()),
        }))
        .into_response())
    };
    let answer = with_body(&doors, &headers, body, work).await;
    answered(&doors, answer.unwrap_or_else(Problem::into_response))
}
