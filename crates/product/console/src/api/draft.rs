//! A draft of the rules: edited, checked, compared, and deployed by two people.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use policy::Policy;
use record::clock::now_us;

use crate::api::cases::version_seen;
use crate::api::draft_types::CheckView;
use crate::api::draft_types::DeploymentView;
use crate::api::draft_types::DiffView;
use crate::api::draft_types::DraftActRequest;
use crate::api::draft_types::DraftFileText;
use crate::api::draft_types::DraftRequest;
use crate::api::draft_types::DraftText;
use crate::api::draft_types::DraftView;
use crate::draft::Beginning;
use crate::draft::Drafts;
use crate::extract::Body;
use crate::extract::Path;
use crate::problem::Problem;
use crate::revision::Draft;
use crate::revision::Stored;
use crate::state::State;
use crate::state::blocking;
use crate::token::Caller;
use crate::token::Role;

/// Does something with the draft on a thread that may wait.
async fn with<T: Send + 'static>(
    state: &State,
    work: impl FnOnce(&Drafts) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let state = state.clone();
    blocking(move || work(state.drafts())).await
}

/// The version of the draft that was seen.
fn seen(headers: &HeaderMap) -> Result<u64, Problem> {
    let detail = "say which version of the draft you saw: If-Match with its ETag";
    let told = || Problem::new(StatusCode::PRECONDITION_REQUIRED, "say_what_you_saw", detail);
    version_seen(headers)?.ok_or_else(told)
}

/// A draft as it is now.
async fn shown(state: &State, version: u64, draft: Draft) -> Result<Response, Problem> {
    let policy = state.rules_and_verdicts().await?.0;
    let tag = HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
    Ok(([(header::ETAG, tag)], Json(DraftView::of(version, &draft, policy.source()))).into_response())
}

async fn shown_of(state: &State, kept: Stored) -> Result<Response, Problem> {
    match kept.draft {
        Some(draft) => shown(state, kept.version, draft).await,
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// The draft of the rules.
#[utoipa::path(get, operation_id = "draft", path = "/api/v1/draft", tag = "rules",
    responses((status = 200, body = DraftView), (status = "default", body = Problem)))]
pub async fn one(Shared(state): Shared<State>) -> Result<Response, Problem> {
    let (version, draft) = with(&state, Drafts::open).await?;
    shown(&state, version, draft).await
}

/// Makes a draft of the rules in use, or of what was in use before the last deployment.
#[utoipa::path(post, operation_id = "begin_draft", path = "/api/v1/draft", tag = "rules", request_body = DraftRequest,
    responses((status = 200, body = DraftView), (status = 409, body = Problem), (status = "default", body = Problem)))]
pub async fn begin(
    Shared(state): Shared<State>,
    caller: Caller,
    Body(request): Body<DraftRequest>,
) -> Result<Response, Problem> {
    caller.needs(Role::Policy)?;
    let from = match request {
        DraftRequest::Live => Beginning::Live,
        DraftRequest::Earlier => Beginning::Earlier,
    };
    let kept = with(&state, move |drafts| drafts.begin(&caller.who, from)).await?;
    shown_of(&state, kept).await
}

/// Takes the draft away.
#[utoipa::path(delete, operation_id = "discard_draft", path = "/api/v1/draft", tag = "rules",
    responses((status = 204), (status = 412, body = Problem), (status = 428, body = Problem), (status = "default", body = Problem)))]
pub async fn discard(Shared(state): Shared<State>, caller: Caller, headers: HeaderMap) -> Result<StatusCode, Problem> {
    caller.needs(Role::Policy)?;
    let saw = seen(&headers)?;
    with(&state, move |drafts| drafts.discard(saw)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file of the draft, beside the one in use.
#[utoipa::path(get, operation_id = "draft_file", path = "/api/v1/draft/files/{name}", params(("name" = String, Path)), tag = "rules",
    responses((status = 200, body = DraftFileText), (status = "default", body = Problem)))]
pub async fn file(Shared(state): Shared<State>, Path(name): Path<String>) -> Result<Json<DraftFileText>, Problem> {
    let (version, draft) = with(&state, Drafts::open).await?;
    let live = state.rules_and_verdicts().await?.0.source().file(&name).map(str::to_owned);
    let text = draft.files.file(&name).map(str::to_owned);
    if text.is_none() && live.is_none() {
        return Err(Problem::unknown(format!("neither the draft nor the rules in use have a file {name:?}")));
    }
    Ok(Json(DraftFileText { version, name, text, live }))
}

/// Writes a file of the draft; one that is not there is made.
#[utoipa::path(put, operation_id = "write_draft_file", path = "/api/v1/draft/files/{name}", params(("name" = String, Path)),
    tag = "rules", request_body = DraftText,
    responses((status = 200, body = DraftView), (status = 412, body = Problem), (status = 428, body = Problem),
        (status = "default", body = Problem)))]
pub async fn write(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    Body(DraftText { text }): Body<DraftText>,
) -> Result<Response, Problem> {
    caller.needs(Role::Policy)?;
    let saw = seen(&headers)?;
    let kept = with(&state, move |drafts| drafts.write(saw, &name, Some(&text))).await?;
    shown_of(&state, kept).await
}

/// Takes a file out of the draft.
#[utoipa::path(delete, operation_id = "remove_draft_file", path = "/api/v1/draft/files/{name}", params(("name" = String, Path)),
    tag = "rules",
    responses((status = 200, body = DraftView), (status = 412, body = Problem), (status = 428, body = Problem),
        (status = "default", body = Problem)))]
pub async fn remove(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.needs(Role::Policy)?;
    let saw = seen(&headers)?;
    let kept = with(&state, move |drafts| drafts.write(saw, &name, None)).await?;
    shown_of(&state, kept).await
}

/// Whether the draft is fit, and what its tests say: `policy check` and `policy test` of it.
#[utoipa::path(get, operation_id = "check_draft", path = "/api/v1/draft/check", tag = "rules",
    responses((status = 200, body = CheckView), (status = "default", body = Problem)))]
pub async fn check(Shared(state): Shared<State>) -> Result<Json<CheckView>, Problem> {
    let (version, draft) = with(&state, Drafts::open).await?;
    let trial = state.trial(version, draft.files.clone()).await?;
    Ok(Json(CheckView::of(version, &trial, draft.is_undo)))
}

/// What the draft changes: in its files, for which situations, and for which accounts. `policy diff` of it.
#[utoipa::path(get, operation_id = "draft_diff", path = "/api/v1/draft/diff", tag = "rules",
    responses((status = 200, body = DiffView), (status = "default", body = Problem)))]
pub async fn diff(Shared(state): Shared<State>) -> Result<Json<DiffView>, Problem> {
    let (version, draft) = with(&state, Drafts::open).await?;
    let trial = state.trial(version, draft.files).await?;
    blocking(move || Ok(Json(DiffView::of(version, trial.compared(now_us()))))).await
}

/// Proposes, approves or rejects the draft. What is approved takes the place of the folder, and the ledger says so; the answer then is
/// the deployment.
#[utoipa::path(post, operation_id = "act_on_draft", path = "/api/v1/draft/acts", tag = "rules", request_body = DraftActRequest,
    responses((status = 200, body = DraftView), (status = 201, body = DeploymentView), (status = 409, body = Problem),
        (status = 412, body = Problem), (status = 428, body = Problem), (status = "default", body = Problem)))]
pub async fn act(
    Shared(state): Shared<State>,
    caller: Caller,
    headers: HeaderMap,
    Body(request): Body<DraftActRequest>,
) -> Result<Response, Problem> {
    let who = caller.who.clone();
    let saw = match &request {
        DraftActRequest::Propose { .. } => caller.needs(Role::Policy).and_then(|()| seen(&headers))?,
        DraftActRequest::Approve { .. } => caller.needs(Role::Second).and_then(|()| seen(&headers))?,
        // Who may propose may take back, and who may approve may refuse to.
        DraftActRequest::Reject { .. } => {
            caller.needs(Role::Policy).or_else(|_| caller.needs(Role::Second)).and_then(|()| seen(&headers))?
        }
    };
    let kept = match request {
        DraftActRequest::Reject { why } => with(&state, move |drafts| drafts.reject(&who, &why, saw)).await?,
        DraftActRequest::Propose { why } => {
            check_fit(&state).await?;
            with(&state, move |drafts| drafts.propose(&who, &why, saw)).await?
        }
        DraftActRequest::Approve { why } => {
            check_fit(&state).await?;
            let kept = with(&state, move |drafts| drafts.approve(&who, &why, saw)).await?;
            state.look_at_rules().await;
            let last = kept.last.as_ref().map(DeploymentView::of);
            return Ok((StatusCode::CREATED, Json(last)).into_response());
        }
    };
    shown_of(&state, kept).await
}

/// Refuses a draft that may not be deployed. That it is the version that was seen is looked at when the act is done.
async fn check_fit(state: &State) -> Result<(), Problem> {
    let (version, draft) = with(state, Drafts::open).await?;
    let trial = state.trial(version, draft.files.clone()).await?;
    trial.refusal(draft.is_undo).map_or(Ok(()), |why| Err(Problem::conflict("not_fit", why)))
}

/// The policy of the draft, to be played.
pub(crate) async fn fit(state: &State) -> Result<Arc<Policy>, Problem> {
    let (version, draft) = with(state, Drafts::open).await?;
    let trial = state.trial(version, draft.files).await?;
    trial
        .policy
        .clone()
        .ok_or_else(|| Problem::conflict("not_fit", "the draft is not fit to be used (GET /api/v1/draft/check)"))
}

/// The last deployment of a draft.
#[utoipa::path(get, operation_id = "deployment", path = "/api/v1/deployment", tag = "rules",
    responses((status = 200, body = DeploymentView), (status = "default", body = Problem)))]
pub async fn deployment(Shared(state): Shared<State>) -> Result<Json<DeploymentView>, Problem> {
    let kept = with(&state, |drafts| {
        drafts.folder()?;
        drafts.look()
    });
    let none = || Problem::unknown("no draft was deployed yet");
    kept.await?.last.as_ref().map(|last| Json(DeploymentView::of(last))).ok_or_else(none)
}
