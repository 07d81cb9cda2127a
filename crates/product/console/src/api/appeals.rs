//! Appeals: what the holders of accounts say against a decision.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use case::APPEAL_DAYS;
use case::Appeal;
use case::Ask;
use case::Asked;
use case::Case;
use case::Desk;
use case::Outcome;
use case::appeal_id;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::cases::version_seen;
use crate::extract::Body;
use crate::extract::Path;
use crate::extract::Query;
use crate::page::AppealFilter;
use crate::page::AppealQuery;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::State;
use crate::token::Caller;
use crate::token::Role;

/// What is asked for where an appeal is not decided, whoever has it.
const UNDECIDED: &str = "undecided";
/// What may be asked for.
const STATES: [&str; 6] = [UNDECIDED, "filed", "assigned", "upheld", "overturned", "withdrawn"];

/// An appeal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealView {
    /// Its name: the case and a number, with a full stop between them.
    pub id: String,
    /// The case.
    pub case: String,
    /// The account.
    pub account: String,
    /// What its holder says.
    pub text: String,
    /// `filed`, `assigned`, `upheld`, `overturned`, or `withdrawn` where an overturned one was taken back.
    pub state: &'static str,
    /// When it was filed, RFC 3339.
    pub filed_at: String,
    /// Until when it is to be decided, RFC 3339.
    pub due: String,
    /// Whether it is undecided after that.
    pub is_overdue: bool,
    /// Who reads it.
    pub reader: Option<String>,
    /// What was attached.
    pub evidence: Vec<EvidenceView>,
    /// How it was decided.
    pub decision: Option<DecisionView>,
    /// The version of its case: what an act may name in `If-Match`.
    pub version: u64,
    /// Who wrote it down.
    pub filed_by: String,
    /// Those who had a part in what it is about, and neither read nor decide it.
    pub not_readers: Vec<String>,
}

/// Something that was attached to an appeal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvidenceView {
    /// When, RFC 3339.
    pub at: String,
    /// The text.
    pub text: String,
}

/// How an appeal was decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionView {
    /// When, RFC 3339.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: Option<String>,
    /// `upheld` or `overturned`.
    pub outcome: &'static str,
}

/// An appeal that is to be written down.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealRequest {
    /// The case.
    pub case: String,
    /// The account.
    pub account: String,
    /// What its holder says.
    pub text: String,
    /// Days in which it is to be decided; fourteen without it.
    pub days: Option<u32>,
}

/// What is to be done with an appeal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum AppealActRequest {
    /// Give it to somebody who had no part in the decision.
    Assign {
        /// Who is to read it.
        to: String,
    },
    /// Attach something that the holder of the account sent.
    Attach {
        /// What.
        text: String,
    },
    /// Decide it.
    Decide {
        /// `upheld` or `overturned`.
        outcome: String,
        /// Why.
        why: String,
    },
}

fn view(case: &Case, appeal: &Appeal) -> AppealView {
    let not_readers: BTreeSet<&str> = case.deciders(&appeal.account).collect();
    AppealView {
        id: appeal.id.clone(),
        case: case.id.clone(),
        account: appeal.account.clone(),
        text: appeal.text.clone(),
        state: appeal.state.as_str(),
        filed_at: appeal.filed_at.clone(),
        due: appeal.due.clone(),
        is_overdue: appeal.is_overdue(jiff::Timestamp::now()),
        reader: appeal.reader.clone(),
        evidence: appeal
            .evidence
            .iter()
            .map(|one| EvidenceView { at: one.at.clone(), text: one.text.clone() })
            .collect(),
        decision: appeal.decision.as_ref().map(|ruled| DecisionView {
            at: ruled.at.clone(),
            by: ruled.by.clone(),
            why: ruled.why.clone(),
            outcome: ruled.outcome.as_str(),
        }),
        version: case.version,
        filed_by: appeal.filed_by.clone(),
        not_readers: not_readers.into_iter().map(str::to_owned).collect(),
    }
}

fn found(case: Option<&Case>, number: u64, id: &str) -> Result<AppealView, Problem> {
    let appeal = case.and_then(|case| Some(view(case, case.appeal(number)?)));
    appeal.ok_or_else(|| Problem::unknown(format!("there is no appeal {id:?}")))
}

fn named(id: &str) -> Result<(String, u64), Problem> {
    appeal_id(id).map(|(case, number)| (case.to_owned(), number)).map_err(|error| Problem::unknown(error.to_string()))
}

/// Appeals: the undecided first, then those that are due first.
#[utoipa::path(get, operation_id = "list_appeals", path = "/api/v1/appeals", params(AppealQuery), tag = "appeals",
    responses((status = 200, body = Page<AppealView>), (status = "default", body = Problem)))]
pub async fn list(
    Shared(state): Shared<State>,
    Query(query): Query<AppealQuery>,
) -> Result<Json<Page<AppealView>>, Problem> {
    let (query, AppealFilter { state: wanted, account, overdue }) = query.parts();
    if let Some(wanted) = wanted.as_deref().filter(|wanted| !STATES.contains(wanted)) {
        return Err(Problem::bad(format!("state={wanted:?} is none of {}", STATES.join(", "))));
    }
    let cases = state.with_desk(Desk::cases).await?;
    let views = cases.values().flat_map(|case| case.appeals.iter().map(move |appeal| view(case, appeal)));
    let fits = |appeal: &AppealView| {
        wanted
            .as_deref()
            .is_none_or(|wanted| appeal.state == wanted || (wanted == UNDECIDED && appeal.decision.is_none()))
            && account.as_deref().is_none_or(|account| appeal.account == account)
            && (!overdue || appeal.is_overdue)
    };
    let mut appeals: Vec<AppealView> = views.filter(fits).collect();
    let key = |appeal: &AppealView| format!("{}{}\0{}", u8::from(appeal.decision.is_some()), appeal.due, appeal.id);
    appeals.sort_by_cached_key(key);
    query.page("appeals", &appeals, key, Clone::clone).map(Json)
}

/// An appeal.
#[utoipa::path(get, operation_id = "appeal", path = "/api/v1/appeals/{id}", params(("id" = String, Path)), tag = "appeals",
    responses((status = 200, body = AppealView), (status = "default", body = Problem)))]
pub async fn one(Shared(state): Shared<State>, Path(id): Path<String>) -> Result<Json<AppealView>, Problem> {
    let (case, number) = named(&id)?;
    let case = state.with_desk(move |desk| desk.case(&case)).await?;
    found(case.as_ref(), number, &id).map(Json)
}

/// Writes down what the holder of an account says against a decision.
#[utoipa::path(post, operation_id = "open_appeal", path = "/api/v1/appeals", tag = "appeals", request_body = AppealRequest,
    responses((status = 201, body = AppealView), (status = "default", body = Problem)))]
pub async fn open(
    Shared(state): Shared<State>,
    caller: Caller,
    Body(request): Body<AppealRequest>,
) -> Result<(StatusCode, Json<AppealView>), Problem> {
    caller.needs(Role::Analyst)?;
    let AppealRequest { case, account, text, days } = request;
    let days = days.map_or(APPEAL_DAYS, i64::from);
    let work = move |desk: &mut Desk| {
        desk.act(&case, Asked { who: &caller.who, why: None, saw: None }, Ask::Appeal { account, text, days })
    };
    let case = state.with_desk(work).await?;
    found(Some(&case), case.version, &case.id).map(|view| (StatusCode::CREATED, Json(view)))
}

/// Acts on an appeal. Who had a part in the decision neither reads nor decides it. Where `If-Match` names the version that was seen,
/// nothing is done if somebody else wrote since.
#[utoipa::path(post, operation_id = "act_on_appeal", path = "/api/v1/appeals/{id}/acts", params(("id" = String, Path)), tag = "appeals",
    request_body = AppealActRequest,
    responses((status = 200, body = AppealView), (status = 412, body = Problem), (status = "default", body = Problem)))]
pub async fn act(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    Body(request): Body<AppealActRequest>,
) -> Result<Json<AppealView>, Problem> {
    let (case, of) = named(&id)?;
    let (ask, why, role) = match request {
        AppealActRequest::Assign { to } => (Ask::AssignAppeal { of, to }, None, Role::Analyst),
        AppealActRequest::Attach { text } => (Ask::AttachToAppeal { of, text }, None, Role::Analyst),
        AppealActRequest::Decide { outcome, why } => {
            let outcome = [Outcome::Upheld, Outcome::Overturned].into_iter().find(|one| one.as_str() == outcome);
            let outcome = outcome.ok_or_else(|| Problem::bad("outcome is upheld or overturned"))?;
            (Ask::DecideAppeal { of, outcome }, Some(why), Role::Second)
        }
    };
    caller.needs(role)?;
    let saw = version_seen(&headers)?;
    let work = move |desk: &mut Desk| desk.act(&case, Asked { who: &caller.who, why: why.as_deref(), saw }, ask);
    let case = state.with_desk(work).await?;
    found(Some(&case), of, &id).map(Json)
}
