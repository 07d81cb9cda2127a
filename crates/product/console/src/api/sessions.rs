//! Signing in and out, and who is signed in.

use std::net::IpAddr;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::cookie::cleared;
use crate::cookie::secret_of;
use crate::cookie::set;
use crate::extract::Body;
use crate::problem::Problem;
use crate::session::Begun;
use crate::session::IN_ALL;
use crate::session::Signed;
use crate::state::State;
use crate::state::blocking;
use crate::state::now_s;
use crate::token::Caller;
use crate::token::Role;
use crate::user::Given;

/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address that a request came from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// What somebody signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Who they are.
    who: String,
    /// Their password.
    password: String,
    /// The one-time password of their authenticator; empty where they have none.
    #[serde(default)]
    code: String,
}

/// Who is asking.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Their name: it stands behind what they do.
    pub who: String,
    /// What they may do beyond reading.
    pub roles: Vec<Role>,
    /// What the header `x-csrf-token` has to hold where something is changed under a cookie; null under a token.
    pub csrf: Option<String>,
    /// When the session ends at the latest, RFC 3339; null under a token.
    pub until: Option<String>,
}

fn view(caller: &Caller, csrf: &str, until_s: u64) -> SessionView {
    let until = i64::try_from(until_s).ok().and_then(|until_s| jiff::Timestamp::from_second(until_s).ok());
    SessionView {
        who: caller.who.clone(),
        roles: caller.roles().to_vec(),
        csrf: Some(csrf.to_owned()),
        until: until.map(|until| until.to_string()),
    }
}

/// Signs in. The answer sets the cookie of the session. Wrong names, passwords and one-time passwords are told alike.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 201, body = SessionView), (status = 401, body = Problem), (status = 429, body = Problem),
        (status = "default", body = Problem)))]
pub async fn begin(
    Shared(state): Shared<State>,
    peer: Option<Extension<Peer>>,
    Body(given): Body<SignIn>,
) -> Result<Response, Problem> {
    let address = peer.map(|Extension(Peer(address))| address);
    if let Err(wait_s) = state.throttle(|throttle| throttle.attempt(&given.who, address, now_s())) {
        state.metrics().signed("throttled");
        return Ok(too_often(wait_s));
    }
    let busy = || Problem::unavailable("too many sign in at this moment (try again)");
    let turn = tokio::time::timeout(PATIENCE, state.checks().acquire_owned()).await;
    let turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
    let (of, who) = (state.clone(), given.who.clone());
    let found = blocking(move || {
        let told = |error: crate::Error| Problem::unavailable(error.to_string());
        let SignIn { who, password, code } = &given;
        let user = of.users().signed_in(Given { who, password, code }, now_s()).map_err(told)?;
        let Some(user) = user else { return Ok(None) };
        let begun = of.sessions().begin(&user, now_s()).map_err(told)?;
        Ok(Some((begun, Caller::new(user.who, user.roles))))
    });
    let found = found.await?;
    drop(turn);
    let Some((Begun { secret, csrf }, caller)) = found else {
        state.metrics().signed("refused");
        let detail = "the name, the password or the one-time password is wrong (a one-time password holds once)";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", detail));
    };
    state.throttle(|throttle| throttle.succeeded(&who, address));
    state.metrics().signed("accepted");
    let cookie = set(&secret, state.is_tls())?;
    let shown = view(&caller, &csrf, now_s() + IN_ALL);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(shown)).into_response())
}

fn too_often(wait_s: u64) -> Response {
    let detail = format!("too many attempts (try again in {} minutes)", wait_s.div_ceil(60));
    let mut response = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    response
}

/// Who is asking, and what they may do.
#[utoipa::path(get, path = "/api/v1/session", tag = "sessions",
    responses((status = 200, body = SessionView), (status = "default", body = Problem)))]
pub async fn current(caller: Caller, signed: Option<Extension<Signed>>) -> Json<SessionView> {
    Json(match signed {
        Some(Extension(signed)) => view(&signed.caller, &signed.csrf, signed.until_s),
        None => SessionView { who: caller.who.clone(), roles: caller.roles().to_vec(), csrf: None, until: None },
    })
}

/// Signs out: ends the session of the cookie that comes along.
#[utoipa::path(delete, path = "/api/v1/session", tag = "sessions",
    responses((status = 204), (status = "default", body = Problem)))]
pub async fn end(Shared(state): Shared<State>, headers: HeaderMap) -> Result<Response, Problem> {
    let is_tls = state.is_tls();
    if let Some(secret) = secret_of(&headers, is_tls).map(str::to_owned) {
        let told = |error: crate::Error| Problem::unavailable(error.to_string());
        blocking(move || state.sessions().end(&secret).map_err(told)).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cleared(is_tls))]).into_response())
}
