//! The paths, and what stands before them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::patch;
use axum::routing::post;
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::ApiKey;
use utoipa::openapi::security::ApiKeyValue;
use utoipa::openapi::security::Http;
use utoipa::openapi::security::HttpAuthScheme;
use utoipa::openapi::security::SecurityScheme;

use crate::api::appeals;
use crate::api::budgets;
use crate::api::cases;
use crate::api::draft;
use crate::api::engine;
use crate::api::explore;
use crate::api::found;
use crate::api::health;
use crate::api::proof;
use crate::api::rules;
use crate::api::saved;
use crate::api::sessions;
use crate::api::stream;
use crate::api::verdicts;
use crate::guard::around;
use crate::guard::known;
use crate::problem::Problem;
use crate::state::State;

/// The longest body that the API's own paths take, in bytes: a pin of a hundred thousand accounts.
const MAX_BODY: usize = 8 << 20;

/// The longest body that signs somebody in, in bytes.
const MAX_SIGN_IN: usize = 8 << 10;

/// The API as a document, but for what is added by code.
#[derive(OpenApi)]
#[openapi(
    info(title = "Stillwatch", description = "What was found, what is decided, cases, and the ledger.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")),
    modifiers(&Secured),
    security(("token" = []), ("session" = [])),
    paths(health::alive, health::ready, health::metrics, found::campaigns, found::campaign, found::campaign_accounts,
        found::leads, found::account, found::entity, found::entity_accounts, found::members, found::charts,
        verdicts::of_account, rules::list, rules::one, rules::backtest, rules::begin_backtest, rules::stop_backtest,
        draft::one, draft::begin, draft::discard, draft::file, draft::write, draft::remove, draft::check, draft::diff, draft::act,
        draft::deployment,
        stream::stream, budgets::list, budgets::of_one, cases::list, cases::one, cases::act, appeals::list, appeals::one, appeals::open, appeals::act,
        proof::checkpoint, proof::tile, proof::audit, health::summary, health::health, sessions::begin, sessions::current,
        sessions::end, engine::accounts, engine::signups, explore::explore, explore::fields, explore::rule, saved::list, saved::save,
        saved::rename, saved::delete)
)]
struct Api;

struct Secured;

impl Modify for Secured {
    fn modify(&self, document: &mut Document) {
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", token);
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("stillwatch")));
        document.components.get_or_insert_default().add_security_scheme("session", cookie);
        for path in ["/healthz", "/readyz", "/api/v1/sessions"] {
            let item = document.paths.paths.get_mut(path);
            let operation = item.and_then(|path| path.get.as_mut().or(path.post.as_mut()));
            if let Some(operation) = operation {
                operation.security = Some(Vec::new());
            }
        }
    }
}

/// The API as an OpenAPI document.
///
/// # Errors
/// Where it has no JSON form, which is a bug.
pub fn openapi() -> Result<String, serde_json::Error> {
    let mut text = Api::openapi().to_pretty_json()?;
    text.push('\n');
    Ok(text)
}

/// The API.
pub fn router(state: State) -> Router {
    router_with(state, Router::new())
}

/// The API, with more routes behind the same tokens, limits and counts. A route of `more` may set another limit of its body with
/// [`DefaultBodyLimit`], and reads who calls from the extension [`crate::Caller`].
pub fn router_with(state: State, more: Router) -> Router {
    let own = Router::new()
        .route("/metrics", get(health::metrics))
        .route("/api/v1/openapi.json", get(spec))
        .route("/api/v1/campaigns", get(found::campaigns))
        .route("/api/v1/campaigns/{id}", get(found::campaign))
        .route("/api/v1/campaigns/{id}/accounts", get(found::campaign_accounts))
        .route("/api/v1/campaigns/{id}/members", get(found::members))
        .route("/api/v1/campaigns/{id}/charts", get(found::charts))
        .route("/api/v1/summary", get(health::summary))
        .route("/api/v1/health", get(health::health))
        .route("/api/v1/session", get(sessions::current).delete(sessions::end))
        .route("/api/v1/leads", get(found::leads))
        .route("/api/v1/accounts/{id}", get(found::account))
        .route("/api/v1/entities/{kind}/{value}", get(found::entity))
        .route("/api/v1/entities/{kind}/{value}/accounts", get(found::entity_accounts))
        .route("/api/v1/verdicts/{account}", get(verdicts::of_account))
        .route("/api/v1/rules", get(rules::list))
        .route("/api/v1/rules/{id}", get(rules::one))
        .route("/api/v1/backtest", get(rules::backtest).post(rules::begin_backtest).delete(rules::stop_backtest))
        .route("/api/v1/draft", get(draft::one).post(draft::begin).delete(draft::discard))
        .route("/api/v1/draft/files/{*name}", get(draft::file).put(draft::write).delete(draft::remove))
        .route("/api/v1/draft/check", get(draft::check))
        .route("/api/v1/draft/diff", get(draft::diff))
        .route("/api/v1/draft/acts", post(draft::act))
        .route("/api/v1/deployment", get(draft::deployment))
        .route("/api/v1/decisions/stream", get(stream::stream))
        .route("/api/v1/budgets", get(budgets::list))
        .route("/api/v1/budgets/{kind}/{name}", get(budgets::of_one))
        .route("/api/v1/cases", get(cases::list))
        .route("/api/v1/cases/{id}", get(cases::one))
        .route("/api/v1/cases/{id}/acts", post(cases::act))
        .route("/api/v1/appeals", get(appeals::list).post(appeals::open))
        .route("/api/v1/appeals/{id}", get(appeals::one))
        .route("/api/v1/appeals/{id}/acts", post(appeals::act))
        .route("/api/v1/ledger/checkpoint", get(proof::checkpoint))
        .route("/api/v1/ledger/tile/{*path}", get(proof::tile))
        .route("/api/v1/audit", get(proof::audit))
        .route("/api/v1/explore", get(explore::explore))
        .route("/api/v1/explore/fields", get(explore::fields))
        .route("/api/v1/explore/rule", get(explore::rule))
        .route("/api/v1/saved", get(saved::list).post(saved::save))
        .route("/api/v1/saved/{id}", patch(saved::rename).delete(saved::delete))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state.clone());
    let open = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/api/v1/sessions", post(sessions::begin).layer(DefaultBodyLimit::max(MAX_SIGN_IN)))
        .with_state(state.clone());
    let of_page = state.clone();
    own.merge(more.layer(from_fn(engine::guarded)))
        .method_not_allowed_fallback(wrong_method)
        .route_layer(from_fn_with_state(state.clone(), known))
        .merge(open)
        .fallback(move |method: Method, uri: Uri, headers: HeaderMap| {
            let answer = page(&of_page, &method, &uri, &headers);
            async move { answer }
        })
        .layer(from_fn_with_state(state, around))
}

/// The page, for everything that is no path of the API.
fn page(state: &State, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let page = [Method::GET, Method::HEAD].contains(method).then(|| state.site().answer(uri.path(), headers));
    let nothing = || Problem::unknown("there is nothing at this path (see /api/v1/openapi.json)").into_response();
    page.flatten().unwrap_or_else(nothing)
}

async fn spec() -> Result<([(header::HeaderName, &'static str); 1], String), Problem> {
    let told = |error: serde_json::Error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", error.to_string());
    Ok(([(header::CONTENT_TYPE, "application/json")], openapi().map_err(told)?))
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not take this method")
}
