//! What the hunt found: campaigns, their accounts, leads.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::extract::Path;
use crate::extract::Query;
use crate::page::Page;
use crate::page::PageQuery;
use crate::problem::Problem;
use crate::state::State;
use crate::state::blocking;
use crate::types::AccountVerdict;
use crate::types::Campaign;
use crate::types::Charts;
use crate::types::Entity;
use crate::types::EntityAccount;
use crate::types::Lead;
use crate::types::Member;

type Answer<T> = Result<Json<T>, Problem>;

/// Members of one answer where nothing is said, and at most: a table is sorted and searched where all of it is.
const MEMBERS: (usize, usize) = (50_000, 100_000);

/// Campaigns, the most confident first.
#[utoipa::path(get, path = "/api/v1/campaigns", params(PageQuery), tag = "found",
    responses((status = 200, body = Page<Campaign>), (status = "default", body = Problem)))]
pub async fn campaigns(Shared(state): Shared<State>, Query(query): Query<PageQuery>) -> Answer<Page<Campaign>> {
    let found = state.found().await;
    query.page("campaigns", &found.campaigns, Campaign::key, Campaign::clone).map(Json)
}

/// A campaign.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", params(("id" = String, Path)), tag = "found",
    responses((status = 200, body = Campaign), (status = "default", body = Problem)))]
pub async fn campaign(Shared(state): Shared<State>, Path(id): Path<String>) -> Answer<Campaign> {
    let found = state.found().await;
    found.campaign(&id).cloned().map(Json).ok_or_else(|| no_campaign(&id))
}

/// The accounts of a campaign, by name, with what is held of each.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/accounts", params(("id" = String, Path), PageQuery), tag = "found",
    responses((status = 200, body = Page<AccountVerdict>), (status = "default", body = Problem)))]
pub async fn campaign_accounts(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<Page<AccountVerdict>> {
    let found = state.found().await;
    let campaign = found.campaign(&id).ok_or_else(|| no_campaign(&id))?;
    let page = query.page(&format!("accounts of {id}"), &campaign.accounts, String::clone, String::clone)?;
    let items = page.items.iter().filter_map(|name| found.account(name)).cloned().collect();
    Ok(Json(Page { items, next: page.next }))
}

/// The accounts of a campaign, by name, a line each. Its `limit` is 50,000 where nothing is said, and 100,000 at most.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/members", tag = "found",
    params(("id" = String, Path), ("limit" = Option<usize>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<Member<'static>>), (status = "default", body = Problem)))]
pub async fn members(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let found = state.found().await;
    // So many lines are written as they are looked up, and away from those who wait for other answers.
    blocking(move || {
        let campaign = found.campaign(&id).ok_or_else(|| no_campaign(&id))?;
        let accounts: Vec<&str> = campaign.accounts.iter().map(String::as_str).collect();
        let key = |name: &&str| (*name).to_owned();
        let page = query.page_within(MEMBERS, &format!("members of {id}"), &accounts, key, |name| *name)?;
        let items = page.items.iter().map(|name| Member::of(name, found.account(name))).collect();
        let told = |error: serde_json::Error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", error.to_string());
        let bytes = serde_json::to_vec(&Page::<Member<'_>> { items, next: page.next }).map_err(told)?;
        Ok(([(header::CONTENT_TYPE, "application/json")], bytes).into_response())
    })
    .await
}

/// What can be drawn of a campaign: its growth, its hours, the items that its accounts share. Of campaigns beyond the first twenty
/// it is empty.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/charts", params(("id" = String, Path)), tag = "found",
    responses((status = 200, body = Charts), (status = "default", body = Problem)))]
pub async fn charts(Shared(state): Shared<State>, Path(id): Path<String>) -> Answer<Charts> {
    let found = state.found().await;
    found.campaign(&id).ok_or_else(|| no_campaign(&id))?;
    let none = || Charts { campaign: id.clone(), ..Charts::default() };
    Ok(Json(found.charts(&id).cloned().unwrap_or_else(none)))
}

/// Groups that score and of which nothing is claimed, the best first.
#[utoipa::path(get, path = "/api/v1/leads", params(PageQuery), tag = "found",
    responses((status = 200, body = Page<Lead>), (status = "default", body = Problem)))]
pub async fn leads(Shared(state): Shared<State>, Query(query): Query<PageQuery>) -> Answer<Page<Lead>> {
    let found = state.found().await;
    query.page("leads", &found.leads, Lead::key, Lead::clone).map(Json)
}

/// What is held of an account, and why.
#[utoipa::path(get, path = "/api/v1/accounts/{id}", params(("id" = String, Path)), tag = "found",
    responses((status = 200, body = AccountVerdict), (status = "default", body = Problem)))]
pub async fn account(Shared(state): Shared<State>, Path(id): Path<String>) -> Answer<AccountVerdict> {
    let found = state.found().await;
    let told = || Problem::unknown(format!("nothing is held of account {id:?}: it is clear, or was not seen"));
    found.account(&id).cloned().map(Json).ok_or_else(told)
}

/// An item that accounts share, by its kind and value: the campaigns that hold it, and how common it is.
#[utoipa::path(get, path = "/api/v1/entities/{kind}/{value}", params(("kind" = String, Path), ("value" = String, Path)),
    tag = "found", responses((status = 200, body = Entity), (status = "default", body = Problem)))]
pub async fn entity(Shared(state): Shared<State>, Path((kind, value)): Path<(String, String)>) -> Answer<Entity> {
    let found = state.found().await;
    // The first question makes an index of all evidence, away from those who wait for other answers.
    blocking(move || found.entity(&kind, &value).map(Json).ok_or_else(|| no_entity(&kind, &value))).await
}

/// The accounts that have an item as evidence of their own, by name.
#[utoipa::path(get, path = "/api/v1/entities/{kind}/{value}/accounts", tag = "found",
    params(("kind" = String, Path), ("value" = String, Path), PageQuery),
    responses((status = 200, body = Page<EntityAccount>), (status = "default", body = Problem)))]
pub async fn entity_accounts(
    Shared(state): Shared<State>,
    Path((kind, value)): Path<(String, String)>,
    Query(query): Query<PageQuery>,
) -> Answer<Page<EntityAccount>> {
    let found = state.found().await;
    blocking(move || {
        let places = found.entity_places(&kind, &value).ok_or_else(|| no_entity(&kind, &value))?;
        let list = format!("accounts with {kind} {value}");
        let page = query.page(&list, places, |place| found.entity_account_name(*place), |place| *place)?;
        let items = page.items.into_iter().filter_map(|place| found.entity_account(place)).collect();
        Ok(Json(Page { items, next: page.next }))
    })
    .await
}

fn no_entity(kind: &str, value: &str) -> Problem {
    Problem::unknown(format!("no account of the results that are served shares the {kind} {value:?}"))
}

fn no_campaign(id: &str) -> Problem {
    Problem::unknown(format!("there is no campaign {id:?} in the results that are served"))
}
