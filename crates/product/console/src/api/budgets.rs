//! Budgets that are drawn on now, where a gate runs in this process.

use axum::Json;
use axum::extract::State as Shared;
use budget::Amounts;
use budget::Key;
use budget::MAX_AMOUNT;
use budget::Part;
use budget::Place;
use budget::Scope;
use budget::Standing;
use budget::Unit;
use record::clock::now_us;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Path;
use crate::extract::Query;
use crate::page::BudgetQuery;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::LiveBudgets;
use crate::state::State;
use crate::state::blocking;

/// The list, in its tokens.
const LIST: &str = "budgets";

/// A budget in its present window.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BudgetView {
    /// Whose it is: `account`, `organisation`, `pool` or `campaign`.
    pub kind: &'static str,
    /// The account, the organisation, the pool or the campaign. An account that is in no organisation, pool or campaign draws on a
    /// budget of that kind under its own name.
    pub name: String,
    /// The budget, as the policy's settings name it.
    pub budget: String,
    /// Seconds of a window.
    pub window_s: u64,
    /// When the present window began, RFC 3339.
    pub began_at: String,
    /// When it is full again, RFC 3339.
    pub refills_at: String,
    /// Seconds until then, rounded up.
    pub refills_in_s: u64,
    /// What there is of each unit that has a limit.
    pub amounts: Vec<BudgetAmount>,
    /// Requests in the window that were refused because too little was left in it.
    pub refusals: u64,
    /// Whether other gates draw on it too. What is used, reserved, left and refused is then that of this gate alone, which does not
    /// know what others did.
    pub is_shared: bool,
    /// Whether the gate refuses. In its shadow mode it serves, and counts whom it would have refused.
    pub is_enforced: bool,
}

/// An amount of one unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BudgetAmount {
    /// `requests`; `tokens`, read and written; or `privacy`, millionths of a unit of privacy loss (epsilon).
    pub unit: &'static str,
    /// The most in a window, of all gates together.
    pub limit: u64,
    /// What is used of it, reservations included. It can pass the limit where answers took more than was estimated.
    pub used: u64,
    /// The part of `used` that is reserved for requests which are not over.
    pub reserved: u64,
    /// What may still be reserved; where the budget is shared, before more is leased.
    pub left: u64,
    /// Where the budget is shared: what this gate may use without asking anybody. Nothing in the window in which it began.
    pub own: Option<u64>,
    /// Where the budget is shared: what this gate leased so far in the window.
    pub leased: Option<u64>,
}

/// The budgets of one account, organisation, pool or campaign.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetsOfOne {
    /// Whose they are: `account`, `organisation`, `pool` or `campaign`.
    pub kind: &'static str,
    /// The account, the organisation, the pool or the campaign.
    pub name: String,
    /// Its budgets, by their names.
    pub budgets: Vec<BudgetInFull>,
}

/// A budget, and its window before.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetInFull {
    /// The present window.
    #[serde(flatten)]
    pub now: BudgetView,
    /// The last window before in which something was used or refused. Older ones are not kept.
    pub before: Option<BudgetWindow>,
}

/// A window that is over.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetWindow {
    /// When it began, RFC 3339.
    pub began_at: String,
    /// When it ended, RFC 3339.
    pub ended_at: String,
    /// What was used of each unit that has a limit. Nothing of it is reserved any more.
    pub amounts: Vec<BudgetAmount>,
    /// Requests that were refused because too little was left.
    pub refusals: u64,
}

fn amounts(most: Amounts, used: Amounts, reserved: Amounts, part: Option<Part>) -> Vec<BudgetAmount> {
    let amount = |unit: Unit| {
        let (limit, used, reserved) = (most.get(unit), used.get(unit), reserved.get(unit));
        // A program that reads numbers as floating point reads these exactly.
        let told = |amount: u64| amount.min(MAX_AMOUNT);
        let part = part.map(|part| (part.own.get(unit), part.leased.get(unit)));
        let may_use = part.map_or(limit, |(own, leased)| own.saturating_add(leased));
        let (unit, used, reserved, left) = (unit.as_str(), told(used), told(reserved), may_use.saturating_sub(used));
        BudgetAmount {
            unit,
            limit,
            used,
            reserved,
            left,
            own: part.map(|part| part.0),
            leased: part.map(|part| part.1),
        }
    };
    Unit::ALL.into_iter().filter(|unit| most.get(*unit) < u64::MAX).map(amount).collect()
}

/// A moment in microseconds since 1970, RFC 3339.
fn at(us: u64) -> String {
    let time = i64::try_from(us).ok().and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    time.unwrap_or(jiff::Timestamp::MAX).to_string()
}

fn view(standing: &Standing, is_enforced: bool, now_us: u64) -> BudgetView {
    let Standing { key, limit, window_start_us, window_end_us, used, reserved, refusals, part, .. } = standing;
    BudgetView {
        kind: key.scope.as_str(),
        name: key.actor.to_string(),
        budget: key.budget.to_string(),
        window_s: limit.period_us / 1_000_000,
        began_at: at(*window_start_us),
        refills_at: at(*window_end_us),
        refills_in_s: window_end_us.saturating_sub(now_us).div_ceil(1_000_000),
        amounts: amounts(limit.most, *used, *reserved, *part),
        refusals: *refusals,
        is_shared: part.is_some(),
        is_enforced,
    }
}

/// A place as the text by which pages are found again. Texts are ordered as places are.
fn text_of(place: &Place) -> String {
    let Key { scope, budget, actor } = &place.key;
    let number = Scope::ALL.iter().position(|one| one == scope).unwrap_or_default();
    format!("{:020}\0{number}\0{budget}\0{actor}", u64::MAX - place.used_ppm)
}

fn place_of(text: &str) -> Option<Place> {
    let mut parts = text.splitn(4, '\0');
    let used_ppm = u64::MAX - parts.next()?.parse::<u64>().ok()?;
    let scope = *Scope::ALL.get(parts.next()?.parse::<usize>().ok()?)?;
    Some(Place { used_ppm, key: Key::new(scope, parts.next()?, parts.next()?) })
}

fn kind_of(kind: &str) -> Result<Scope, Problem> {
    let known = Scope::ALL.into_iter().find(|scope| scope.as_str() == kind);
    let names = || Scope::ALL.map(Scope::as_str).join(", ");
    known.ok_or_else(|| Problem::bad(format!("the kind {kind:?} is none of {}", names())))
}

fn now() -> u64 {
    u64::try_from(now_us()).unwrap_or(0)
}

/// The budgets that are used in their present windows, those first of which the largest share is used. Between two pages a budget can
/// move in the list, and is then shown twice or not at all. Where a gate runs in the same process: `stillwatch up`.
#[utoipa::path(get, operation_id = "list_budgets", path = "/api/v1/budgets", params(BudgetQuery), tag = "enforcement",
    responses((status = 200, body = Page<BudgetView>), (status = 503, body = Problem), (status = "default", body = Problem)))]
pub async fn list(
    Shared(state): Shared<State>,
    Query(query): Query<BudgetQuery>,
) -> Result<Json<Page<BudgetView>>, Problem> {
    let (query, kind) = query.parts();
    let kind = kind.as_deref().map(kind_of).transpose()?;
    let other = || Problem::bad("after is no token of this list (give the `next` of the page before, or leave it out)");
    let after = query.after(LIST)?.map(|text| place_of(&text).ok_or_else(other)).transpose()?;
    let limit = query.limit()?;
    let LiveBudgets { budgets, is_enforced } = state.budgets()?;
    // Two million budgets take a while to look through. One more than the page says whether there is another.
    let work = move || Ok((budgets.most_used(kind, after.as_ref(), limit + 1, now()), now()));
    let (found, now_us) = blocking(work).await?;
    let key = |standing: &Standing| text_of(&standing.place());
    query.page(LIST, &found, key, |standing| view(standing, is_enforced, now_us)).map(Json)
}

/// The budgets of an account, an organisation, a pool or a campaign, with the window before the present one. What nobody drew on for
/// a window can be forgotten. Where a gate runs in the same process: `stillwatch up`.
#[utoipa::path(get, operation_id = "budgets_of_one", path = "/api/v1/budgets/{kind}/{name}", tag = "enforcement",
    params(("kind" = String, Path, description = "`account`, `organisation`, `pool` or `campaign`"), ("name" = String, Path)),
    responses((status = 200, body = BudgetsOfOne), (status = 503, body = Problem), (status = "default", body = Problem)))]
pub async fn of_one(
    Shared(state): Shared<State>,
    Path((kind, name)): Path<(String, String)>,
) -> Result<Json<BudgetsOfOne>, Problem> {
    let scope = kind_of(&kind)?;
    let LiveBudgets { budgets, is_enforced } = state.budgets()?;
    let actor = name.clone();
    let work = move || Ok((budgets.of_actor(scope, &actor, now()), now()));
    let (found, now_us) = blocking(work).await?;
    if found.is_empty() {
        let detail = format!("no budget of the {} {name:?} is known: none was drawn on, or not lately", scope.as_str());
        return Err(Problem::unknown(detail));
    }
    let full = |standing: &Standing| BudgetInFull {
        now: view(standing, is_enforced, now_us),
        before: standing.before.map(|past| BudgetWindow {
            began_at: at(past.window_start_us),
            ended_at: at(past.window_end_us),
            amounts: amounts(past.most, past.used, Amounts::default(), None),
            refusals: past.refusals,
        }),
    };
    Ok(Json(BudgetsOfOne { kind: scope.as_str(), name, budgets: found.iter().map(full).collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_again_and_texts_are_ordered_as_places() {
        let place =
            |used_ppm, scope, budget: &str, actor: &str| Place { used_ppm, key: Key::new(scope, budget, actor) };
        let places = [
            place(u64::MAX, Scope::Campaign, "campaign", "C-2"),
            place(1_000_000, Scope::Account, "unverified", ""),
            place(1_000_000, Scope::Account, "unverified", "a\0b\u{202e}<"),
            place(1_000_000, Scope::Organisation, "partner", "a"),
            place(1_000_000, Scope::Campaign, "campaign", "C-1"),
            place(0, Scope::Account, "first_day", "z"),
        ];
        for place in &places {
            assert_eq!(place_of(&text_of(place)).as_ref(), Some(place));
        }
        assert!(places.is_sorted() && places.map(|place| text_of(&place)).is_sorted());
        for wrong in ["", "x", "1\u{0}9\u{0}a\u{0}b", "1\u{0}0\u{0}a"] {
            assert_eq!(place_of(wrong), None, "{wrong:?}");
        }
    }
}
