//! What is decided on accounts, and by which rules.

use axum::Json;
use axum::extract::State as Shared;
use policy::Measure;
use policy::Mode;
use policy::Rule;
use record::clock::now_us;
use serde::Serialize;
use utoipa::ToSchema;

use crate::decided::Verdict;
use crate::decided::verdict;
use crate::extract::Path;
use crate::extract::Query;
use crate::page::Page;
use crate::page::PageQuery;
use crate::problem::Problem;
use crate::state::State;

/// The decision on an account. One that is not known is decided on too: it is what a new account would be answered with.
#[utoipa::path(get, path = "/api/v1/verdicts/{account}", params(("account" = String, Path)), tag = "verdicts",
    responses((status = 200, body = Verdict), (status = "default", body = Problem)))]
pub async fn of_account(Shared(state): Shared<State>, Path(account): Path<String>) -> Result<Json<Verdict>, Problem> {
    let (policy, snapshot) = state.rules_and_verdicts().await?;
    Ok(Json(verdict(&account, &snapshot, &policy, now_us())))
}

/// A rule of the policy.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RuleView {
    /// Its name.
    pub id: String,
    /// The clause of the terms that it enforces, or the law.
    pub clause: String,
    /// `live` or `shadow`.
    pub mode: &'static str,
    /// Whether it acts now.
    pub acts: bool,
    /// What it does.
    pub decision: &'static str,
    /// The first day on which a rule of contract no longer acts.
    pub expires: String,
    /// What a program is told.
    pub reason_code: String,
    /// What the customer is told.
    pub text: String,
    /// The budget that is drawn on.
    pub budget: Option<String>,
    /// The file that it is in.
    pub file: String,
}

fn rule_view(rule: &Rule, now_us: i64) -> RuleView {
    let measure: Measure = rule.measure;
    RuleView {
        id: rule.id.clone(),
        clause: rule.clause.clone(),
        mode: if rule.mode == Mode::Live { "live" } else { "shadow" },
        acts: rule.acts(now_us),
        decision: measure.as_str(),
        expires: rule.expires.to_string(),
        reason_code: rule.reason.clone(),
        text: rule.text.clone(),
        budget: rule.budget.clone(),
        file: rule.file.clone(),
    }
}

/// The rules of the policy, by name.
#[utoipa::path(get, path = "/api/v1/rules", params(PageQuery), tag = "verdicts",
    responses((status = 200, body = Page<RuleView>), (status = "default", body = Problem)))]
pub async fn rules(
    Shared(state): Shared<State>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<RuleView>>, Problem> {
    let ((policy, _), now_us) = (state.rules_and_verdicts().await?, now_us());
    let mut rules: Vec<RuleView> = policy.rules().iter().map(|rule| rule_view(rule, now_us)).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    query.page("rules", &rules, |rule| rule.id.clone(), RuleView::clone).map(Json)
}
