//! Cases: what people decide on campaigns.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use case::Act;
use case::Ask;
use case::Asked;
use case::Case;
use case::Measure;
use case::What;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Body;
use crate::extract::Path;
use crate::extract::Query;
use crate::page::Page;
use crate::page::PageQuery;
use crate::problem::Problem;
use crate::state::State;
use crate::token::Caller;
use crate::token::Role;

/// Accounts of an act that are shown; the ledger has all.
const SHOWN: usize = 100;

/// How a case stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseView {
    /// The id of its campaign.
    pub id: String,
    /// What a write has to name in `If-Match`.
    pub version: u64,
    /// `open`, `acknowledged`, `decided`, `closed` or `reopened`.
    pub phase: &'static str,
    /// When it came into each phase, the last time, RFC 3339.
    pub times: BTreeMap<&'static str, String>,
    /// Seconds until somebody first looked at it.
    pub seconds_to_acknowledge: Option<i64>,
    /// Seconds until it was first decided.
    pub seconds_to_decide: Option<i64>,
    /// Whose it is.
    pub assignee: Option<String>,
    /// Whether the group is held to be honest.
    pub cleared: bool,
    /// The measure that was proposed last and not withdrawn.
    pub enforcement: Option<Enforcement>,
}

/// A measure that was proposed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Enforcement {
    /// The number of the act.
    pub number: u64,
    /// `cap`, `limit`, `verify` or `deny`.
    pub measure: &'static str,
    /// Who proposed it.
    pub by: String,
    /// Who approved it; null while nobody did.
    pub approved_by: Option<String>,
}

/// A case with the acts on it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseInFull {
    /// How it stands.
    #[serde(flatten)]
    pub case: CaseView,
    /// The acts, the oldest first.
    pub acts: Vec<ActView>,
}

/// An act.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActView {
    /// Its number among the acts of the case.
    pub number: u64,
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub who: String,
    /// Why.
    pub why: Option<String>,
    /// What: `open`, `note`, `cut` and the others.
    pub act: &'static str,
    /// Of a note, an appeal or what is attached to it, its text; of an assignment, to whom; of a proposal, the measure; of an appeal
    /// that is decided, how.
    pub text: Option<String>,
    /// Of an approval, a withdrawal or an act on an appeal, the number of the act that it is about.
    pub of: Option<u64>,
    /// How many accounts it names.
    pub account_count: u64,
    /// The first of them.
    pub accounts: Vec<String>,
}

/// What is to be done with a case.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActRequest {
    /// Open it.
    Open {},
    /// Say that you look at it.
    Acknowledge {},
    /// Give it to somebody, or to nobody.
    Assign {
        /// Whose it is.
        to: Option<String>,
    },
    /// Add a remark.
    Note {
        /// The remark.
        text: String,
    },
    /// Say that these of its accounts are not one operation with the others.
    Cut {
        /// Which.
        accounts: Vec<String>,
        /// Why.
        why: String,
    },
    /// Say that its accounts are one operation, with these.
    Pin {
        /// Accounts that are in no case.
        #[serde(default)]
        accounts: Vec<String>,
        /// Other campaigns.
        #[serde(default)]
        with: Vec<String>,
        /// Why.
        why: String,
    },
    /// Say that the group is honest.
    Clear {
        /// Why.
        why: String,
    },
    /// Propose a measure.
    Propose {
        /// `cap`, `limit`, `verify` or `deny`.
        measure: String,
        /// Why.
        why: String,
    },
    /// Approve what another person proposed.
    Approve {
        /// The number of the proposal.
        of: u64,
        /// Why.
        why: String,
    },
    /// Take back a cut, a pin or a proposal.
    Withdraw {
        /// Its number.
        of: u64,
        /// Why.
        why: String,
    },
    /// Close it.
    Close {
        /// Why.
        why: String,
    },
    /// Open it again.
    Reopen {
        /// Why.
        why: String,
    },
}

impl ActRequest {
    /// What is asked, with the reason and the role that it needs.
    fn ask(self) -> Result<(Ask, Option<String>, Role), Problem> {
        let analyst = |ask: Ask, why: Option<String>| Ok((ask, why, Role::Analyst));
        match self {
            Self::Open {} => analyst(Ask::Open, None),
            Self::Acknowledge {} => analyst(Ask::Acknowledge, None),
            Self::Assign { to } => analyst(Ask::Assign(to), None),
            Self::Note { text } => analyst(Ask::Note(text), None),
            Self::Cut { accounts, why } => analyst(Ask::Cut(accounts), Some(why)),
            Self::Pin { accounts, with, why } => analyst(Ask::Pin { accounts, with }, Some(why)),
            Self::Clear { why } => analyst(Ask::Clear, Some(why)),
            Self::Propose { measure, why } => {
                let known = Measure::ALL.into_iter().find(|one| one.as_str() == measure);
                let told = || Problem::bad("measure is one of cap, limit, verify, deny");
                analyst(Ask::Propose(known.ok_or_else(told)?), Some(why))
            }
            Self::Approve { of, why } => Ok((Ask::Approve(Some(of)), Some(why), Role::Second)),
            Self::Withdraw { of, why } => analyst(Ask::Withdraw(of), Some(why)),
            Self::Close { why } => analyst(Ask::Close, Some(why)),
            Self::Reopen { why } => analyst(Ask::Reopen, Some(why)),
        }
    }
}

fn view(case: &Case) -> CaseView {
    let enforcement = case.enforcement.as_ref().map(|proposed| Enforcement {
        number: proposed.number,
        measure: proposed.measure.as_str(),
        by: proposed.by.clone(),
        approved_by: proposed.approved_by.clone(),
    });
    CaseView {
        id: case.id.clone(),
        version: case.version,
        phase: case.phase.as_str(),
        times: case.times.iter().map(|(phase, at)| (phase.as_str(), at.clone())).collect(),
        seconds_to_acknowledge: case.seconds_to_acknowledge,
        seconds_to_decide: case.seconds_to_decide,
        assignee: case.assignee.clone(),
        cleared: case.cleared,
        enforcement,
    }
}

fn act_view(act: &Act) -> ActView {
    let accounts: &[String] = match &act.what {
        What::Cut { accounts } | What::Pin { accounts } | What::Clear { accounts, .. } => accounts,
        What::Appeal { account, .. } => std::slice::from_ref(account),
        _ => &[],
    };
    ActView {
        number: act.number,
        at: act.at.clone(),
        who: act.who.clone(),
        why: act.why.clone(),
        act: act.what.name(),
        text: match &act.what {
            What::Note { text } => Some(text.clone()),
            What::Assign { to } => to.clone(),
            What::AssignAppeal { to, .. } => Some(to.clone()),
            What::Appeal { text, .. } | What::AttachToAppeal { text, .. } => Some(text.clone()),
            What::DecideAppeal { outcome, .. } => Some(outcome.as_str().to_owned()),
            What::Propose { measure } => Some(measure.as_str().to_owned()),
            _ => None,
        },
        of: match act.what {
            What::Approve { of }
            | What::Withdraw { of }
            | What::AssignAppeal { of, .. }
            | What::AttachToAppeal { of, .. }
            | What::DecideAppeal { of, .. } => Some(of),
            _ => None,
        },
        account_count: accounts.len() as u64,
        accounts: accounts.iter().take(SHOWN).cloned().collect(),
    }
}

fn in_full(case: &Case) -> Response {
    let full = CaseInFull { case: view(case), acts: case.acts.iter().map(act_view).collect() };
    let tag = HeaderValue::from_str(&format!("\"{}\"", case.version));
    let tag = tag.unwrap_or(HeaderValue::from_static("\"0\""));
    ([(header::ETAG, tag)], Json(full)).into_response()
}

/// The cases that were opened, by id.
#[utoipa::path(get, path = "/api/v1/cases", params(PageQuery), tag = "cases",
    responses((status = 200, body = Page<CaseView>), (status = "default", body = Problem)))]
pub async fn list(
    Shared(state): Shared<State>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<CaseView>>, Problem> {
    let cases: Vec<Case> = state.with_desk(|desk| Ok(desk.cases()?.into_values().collect())).await?;
    query.page("cases", &cases, |case| case.id.clone(), view).map(Json)
}

/// A case, with the acts on it.
#[utoipa::path(get, path = "/api/v1/cases/{id}", params(("id" = String, Path)), tag = "cases",
    responses((status = 200, body = CaseInFull), (status = "default", body = Problem)))]
pub async fn one(Shared(state): Shared<State>, Path(id): Path<String>) -> Result<Response, Problem> {
    let told = Problem::unknown(format!("case {id:?} was not opened"));
    let case = state.with_desk(move |desk| desk.case(&id)).await?;
    case.as_ref().map(in_full).ok_or(told)
}

/// The version of a case or of the draft that `If-Match` names; `None` without that header.
pub(crate) fn version_seen(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(tag) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let version = tag.to_str().ok().and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    let told = || Problem::bad("If-Match is no version (give the ETag that what you saw came with)");
    version.map(Some).ok_or_else(told)
}

/// Acts on a case. `If-Match` names the version that was seen; only the act that opens a case needs none.
#[utoipa::path(post, path = "/api/v1/cases/{id}/acts", params(("id" = String, Path)), tag = "cases",
    request_body = ActRequest,
    responses((status = 200, body = CaseInFull), (status = 412, body = Problem), (status = 428, body = Problem),
        (status = "default", body = Problem)))]
pub async fn act(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    Body(request): Body<ActRequest>,
) -> Result<Response, Problem> {
    let (ask, why, role) = request.ask()?;
    caller.needs(role)?;
    let saw = match (version_seen(&headers)?, &ask) {
        (None, Ask::Open) => 0,
        (None, _) => {
            let detail = "say which version of the case you saw: If-Match with its ETag";
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "say_what_you_saw", detail));
        }
        (Some(version), _) => version,
    };
    let work = move |desk: &mut case::Desk| {
        // Opening a case that is open is told as such, and not as a change.
        let saw = (ask != Ask::Open).then_some(saw);
        desk.act(&id, Asked { who: &caller.who, why: why.as_deref(), saw }, ask)
    };
    state.with_desk(work).await.map(|case| in_full(&case))
}
