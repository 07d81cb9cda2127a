//! What every request passes: time, token, headers, counts.

use std::time::Duration;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::cookie;
use crate::metrics::Answered;
use crate::problem::Problem;
use crate::session::Signed;
use crate::state::State;
use crate::state::blocking;
use crate::state::now_s;
use crate::token::Caller;
use crate::token::Role;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What every answer says to a browser.
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

/// Bounds the time of a request, adds headers to the answer, and counts it.
pub async fn around(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let late = || Problem::new(StatusCode::GATEWAY_TIMEOUT, "too_slow", "the answer took too long").into_response();
    let mut response = tokio::time::timeout(PATIENCE, next.run(request)).await.unwrap_or_else(|_| late());
    for (name, value) in HEADERS {
        // The page says itself what it may do.
        response.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    state.metrics().requests.get_or_create(&Answered { route, status: response.status().as_u16().into() }).inc();
    state.metrics().seconds.observe(began.elapsed().as_secs_f64());
    response
}

/// The header that a change under a cookie needs.
const CSRF: &str = "x-csrf-token";

/// Lets pass who has a token or a session, and says who it is. A token comes first, so that a program that sends one is never
/// somebody else because of a cookie.
pub async fn known(Shared(state): Shared<State>, mut request: Request, next: Next) -> Response {
    let secret = cookie::secret_of(request.headers(), state.is_tls()).map(str::to_owned);
    // What is read changes nothing, and needs no header.
    let given = request.headers().get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let csrf = (!request.method().is_safe()).then_some(given);
    let known = match secret.filter(|_| !request.headers().contains_key(header::AUTHORIZATION)) {
        Some(secret) => session(&state, secret, csrf).await.map(|signed| {
            request.extensions_mut().insert(signed.clone());
            signed.caller
        }),
        None => caller(&state, request.headers()),
    };
    match known {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn session(state: &State, secret: String, csrf: Option<String>) -> Result<Signed, Problem> {
    let of = state.clone();
    let signed = blocking(move || {
        let told = |error: crate::Error| Problem::unavailable(error.to_string());
        of.sessions().signed(&secret, of.users(), now_s()).map_err(told)
    });
    let ended = "the session has ended (sign in again: POST /api/v1/sessions)";
    let signed = signed.await?.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "session_ended", ended))?;
    // Both are hashes of the secret, which a foreign page cannot read.
    if csrf.is_some_and(|given| given != signed.csrf) {
        let detail = "a change under a cookie needs the header x-csrf-token, as GET /api/v1/session tells it";
        return Err(Problem::new(StatusCode::FORBIDDEN, "no_csrf_token", detail));
    }
    Ok(signed)
}

fn caller(state: &State, headers: &HeaderMap) -> Result<Caller, Problem> {
    let unknown = |detail: &str| Problem::new(StatusCode::UNAUTHORIZED, "no_token", detail);
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|value| value.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| {
        unknown("give a token as `Authorization: Bearer TOKEN` (make one: stillwatch token create --data-dir DIR)")
    })?;
    let caller = state.tokens().caller(token).map_err(|error| Problem::unavailable(error.to_string()))?;
    caller.ok_or_else(|| unknown("this is no token that holds (it may have been revoked)"))
}

impl Caller {
    /// Refuses who may not do what a role does.
    ///
    /// # Errors
    /// A problem of status 403.
    pub fn needs(&self, role: Role) -> Result<(), Problem> {
        let detail = || format!("this needs a token of the role {}", role.as_str());
        match self.may(role) {
            true => Ok(()),
            false => Err(Problem::new(StatusCode::FORBIDDEN, "not_your_role", detail())),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "no_token", "give a token"))
    }
}
