//! Changes of decisions, for enforcement points elsewhere: long poll, or server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::response::Sse;
use axum::response::sse::Event;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio::time::sleep;
use utoipa::ToSchema;

use crate::changes::Change;
use crate::changes::Changes;
use crate::changes::Place;
use crate::changes::StreamQuery;
use crate::extract::Query;
use crate::problem::Problem;
use crate::state::State;

/// Changes of one answer, or one event.
const AT_A_TIME: usize = 1_000;
/// The longest wait of a long poll, in seconds: below the time that a request may take.
const MAX_WAIT: u64 = 25;
/// How often it is looked for changes.
const BEAT: Duration = Duration::from_millis(500);
/// How long a stream of events may be silent.
const SILENCE: Duration = Duration::from_secs(15);

/// Changes of decisions, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed {
    /// The changes.
    pub changes: Vec<Change>,
    /// What to give as `since` next.
    pub next: String,
}

/// Changes of decisions between one set of verdicts and the next. With `Accept: text/event-stream`, events of the same form, whose
/// ids are the tokens. Status 410: too far behind, or the server began anew; read again without `since`, and forget what was
/// known.
#[utoipa::path(get, path = "/api/v1/decisions/stream", params(StreamQuery), tag = "verdicts",
    responses((status = 200, body = Changed), (status = 410, body = Problem), (status = "default", body = Problem)))]
pub async fn stream(
    Shared(state): Shared<State>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let is_events = headers.get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/event-stream"));
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let wait = query.wait.unwrap_or(0);
    if wait > MAX_WAIT {
        return Err(Problem::bad(format!("wait={wait} is more than {MAX_WAIT} seconds")));
    }
    let since = if is_events { last.or(query.since) } else { query.since };
    let place = state.follow(move |changes| changes.place_of(since.as_deref())).await?;
    let place = place.ok_or_else(|| {
        let detail = "what changed since is not remembered: read again without since, and forget what was known";
        Problem::new(StatusCode::GONE, "begin_anew", detail)
    })?;
    let room = Arc::clone(state.streams()).try_acquire_owned().map_err(|_| {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_streams",
            "too many wait already (come again in some seconds)",
        )
    })?;
    if is_events {
        return Ok(events(state, place, room));
    }
    let changed = next(&state, place, Duration::from_secs(wait)).await?.0;
    Ok(Json(changed).into_response())
}

/// Waits for changes behind a place.
async fn next(state: &State, place: Place, wait: Duration) -> Result<(Changed, Place), Problem> {
    let until = Instant::now() + wait;
    loop {
        let after = move |changes: &Changes| {
            let (found, place) = changes.after(place, AT_A_TIME);
            (found, place, changes.token(place))
        };
        let (changes, place, next) = state.follow(after).await?;
        if !changes.is_empty() || Instant::now() >= until {
            return Ok((Changed { changes, next }, place));
        }
        sleep(BEAT).await;
    }
}

/// A stream that ends when it cannot be known any more what changed.
fn events(state: State, place: Place, room: OwnedSemaphorePermit) -> Response {
    let step = |(state, place, room): (State, Place, OwnedSemaphorePermit)| async move {
        let (changed, place) = next(&state, place, SILENCE).await.ok()?;
        let event = match changed.changes.is_empty() {
            true => Event::default().comment("nothing changed"),
            false => Event::default().event("changes").id(changed.next.clone()).json_data(&changed).ok()?,
        };
        Some((Ok::<_, Infallible>(event), (state, place, room)))
    };
    Sse::new(futures::stream::unfold((state, place, room), step)).into_response()
}
