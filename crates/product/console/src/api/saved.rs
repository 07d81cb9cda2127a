//! What people saved for themselves: questions, and views of the queue.

use axum::Json;
use axum::extract::State as Shared;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Body;
use crate::extract::Path;
use crate::problem::Problem;
use crate::saved::Saved;
use crate::saved::SavedKind;
use crate::saved::SavedList;
use crate::state::State;
use crate::state::blocking;
use crate::token::Caller;

/// What the caller saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedItems {
    /// All of it, by name.
    pub items: Vec<SavedView>,
}

/// Something that was saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedView {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: SavedKind,
    /// What its owner calls it.
    pub name: String,
    /// The part of the page's address after `?`.
    pub query: String,
    /// When it was saved, RFC 3339.
    pub at: String,
}

/// Something to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveRequest {
    /// What it is.
    pub kind: SavedKind,
    /// What its owner calls it.
    pub name: String,
    /// The part of the page's address after `?`.
    pub query: String,
}

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameRequest {
    /// The name.
    pub name: String,
}

fn view(one: Saved) -> SavedView {
    let Saved { id, kind, name, query, at, .. } = one;
    SavedView { id, kind, name, query, at }
}

/// Does something with what the caller saved, and tells what there is then.
async fn with(
    state: State,
    who: String,
    work: impl FnOnce(&SavedList, &str) -> Result<(), Problem> + Send + 'static,
) -> Result<Json<SavedItems>, Problem> {
    blocking(move || {
        work(state.saved(), &who)?;
        Ok(Json(SavedItems { items: state.saved().list(&who)?.into_iter().map(view).collect() }))
    })
    .await
}

/// What the caller saved.
#[utoipa::path(get, operation_id = "saved", path = "/api/v1/saved", tag = "saved",
    responses((status = 200, body = SavedItems), (status = "default", body = Problem)))]
pub async fn list(Shared(state): Shared<State>, caller: Caller) -> Result<Json<SavedItems>, Problem> {
    with(state, caller.who, |_, _| Ok(())).await
}

/// Saves a question or a view of the queue for the caller. A name that they gave already gets the new query.
#[utoipa::path(post, operation_id = "save", path = "/api/v1/saved", tag = "saved", request_body = SaveRequest,
    responses((status = 200, body = SavedItems), (status = 409, body = Problem), (status = "default", body = Problem)))]
pub async fn save(
    Shared(state): Shared<State>,
    caller: Caller,
    Body(SaveRequest { kind, name, query }): Body<SaveRequest>,
) -> Result<Json<SavedItems>, Problem> {
    with(state, caller.who, move |list, who| list.save(who, kind, &name, &query)).await
}

/// Gives something that the caller saved another name.
#[utoipa::path(patch, operation_id = "rename_saved", path = "/api/v1/saved/{id}", params(("id" = String, Path)), tag = "saved",
    request_body = RenameRequest,
    responses((status = 200, body = SavedItems), (status = 409, body = Problem), (status = "default", body = Problem)))]
pub async fn rename(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    caller: Caller,
    Body(RenameRequest { name }): Body<RenameRequest>,
) -> Result<Json<SavedItems>, Problem> {
    with(state, caller.who, move |list, who| list.rename(who, &id, &name)).await
}

/// Deletes something that the caller saved.
#[utoipa::path(delete, operation_id = "delete_saved", path = "/api/v1/saved/{id}", params(("id" = String, Path)), tag = "saved",
    responses((status = 200, body = SavedItems), (status = "default", body = Problem)))]
pub async fn delete(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<SavedItems>, Problem> {
    with(state, caller.who, move |list, who| list.delete(who, &id)).await
}
