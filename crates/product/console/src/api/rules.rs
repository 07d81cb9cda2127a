//! The rules of the policy, what is known of each, and backtests of them.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use policy::BlastRadius;
use policy::Fault;
use policy::Measure;
use policy::Mode;
use policy::Rule;
use policy::TestResult;
use record::clock::now_us;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::draft;
use crate::backtest::NotBegun;
use crate::backtest::Run;
use crate::extract::Path;
use crate::extract::Query;
use crate::facts::Facts;
use crate::page::BacktestQuery;
use crate::page::Page;
use crate::page::PageQuery;
use crate::page::RulesOf;
use crate::problem::Problem;
use crate::state::State;
use crate::token::Caller;
use crate::token::Role;

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

/// A rule with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleInFull {
    /// The rule.
    #[serde(flatten)]
    pub rule: RuleView,
    /// `contract` or `law`.
    pub basis: &'static str,
    /// How grave a breach is.
    pub severity: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// What it reads of a request and its account.
    pub reads: Vec<String>,
    /// The rule as it is written.
    pub source: String,
    /// Hash of the policy that it is part of.
    pub policy: String,
    /// What is wrong with it, beyond what it must be to be loaded.
    pub faults: Vec<String>,
    /// The tests that name it.
    pub tests: Vec<RuleTest>,
    /// Whether a test expects it to act.
    pub is_tested: bool,
    /// Why the tests could not be run.
    pub tests_failed: Option<String>,
    /// Whom it matches now.
    pub matches: RuleMatches,
}

/// A test that names a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleTest {
    /// The file that it is in.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The decision that it expects.
    pub expects: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// Each difference.
    pub faults: Vec<String>,
}

/// Whom a rule matches of the accounts of which something is held: for a request for text, where nothing but verdicts is known of
/// them. A rule in shadow that matches has no effect.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleMatches {
    /// How many accounts it matches.
    pub accounts: u64,
    /// Of how many.
    pub of: u64,
    /// The first of them, by name.
    pub sample: Vec<String>,
}

/// The backtest that runs, or ran last.
#[derive(Debug, Serialize, ToSchema)]
pub struct BacktestView {
    /// `running`, `done` or `failed`.
    pub state: &'static str,
    /// Who asked for it.
    pub by: String,
    /// When, RFC 3339.
    pub started_at: String,
    /// When it ended, RFC 3339.
    pub ended_at: Option<String>,
    /// Bytes of exchanges that were read.
    pub bytes_done: u64,
    /// Bytes of exchanges that there are.
    pub bytes_total: u64,
    /// Hash of the policy.
    pub policy: String,
    /// Days of the exchanges that were played.
    pub days: Option<u64>,
    /// Whether account records say who pays; where they do not, none is counted as paying.
    pub knows_who_pays: Option<bool>,
    /// Whom each rule would have hit, by the rules' ids.
    pub rules: Vec<RuleRadius>,
    /// Why it failed.
    pub failed: Option<String>,
}

/// Whom one rule would have hit, and how much of the traffic.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleRadius {
    /// The rule.
    pub rule: String,
    /// `live` or `shadow`.
    pub mode: &'static str,
    /// What it does.
    pub decision: &'static str,
    /// Accounts that it matches.
    pub accounts: u64,
    /// Of those, accounts that pay, as far as account records say.
    pub paying_accounts: u64,
    /// Exchanges a day that it matches.
    pub exchanges_per_day: f64,
    /// Tokens a day in them.
    pub tokens_per_day: f64,
    /// The first of the accounts, by name.
    pub sample: Vec<String>,
}

fn rule_view(rule: &Rule, now_us: i64) -> RuleView {
    let measure: Measure = rule.measure;
    RuleView {
        id: rule.id.clone(),
        clause: rule.clause.clone(),
        mode: mode(rule.mode),
        acts: rule.acts(now_us),
        decision: measure.as_str(),
        expires: rule.expires.to_string(),
        reason_code: rule.reason.clone(),
        text: rule.text.clone(),
        budget: rule.budget.clone(),
        file: rule.file.clone(),
    }
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "live",
        Mode::Shadow => "shadow",
    }
}

fn in_full(facts: &Facts, rule: &Rule, now_us: i64) -> RuleInFull {
    let policy = facts.policy();
    let is_own = |fault: &&Fault| fault.file == rule.file && fault.name.as_ref() == Some(&rule.id);
    let (tests, is_tested, tests_failed) = match &facts.tested {
        Ok(tested) => {
            let own = tested.tests.iter().filter(|test| test.rules.contains(&rule.id)).map(test_view).collect();
            (own, !tested.untested.contains(&rule.id), None)
        }
        Err(why) => (Vec::new(), false, Some(why.clone())),
    };
    let matches = facts.matches(&rule.id);
    RuleInFull {
        rule: rule_view(rule, now_us),
        basis: rule.basis.as_str(),
        severity: rule.severity.as_str(),
        question: rule.question.as_str(),
        reads: rule.reads.iter().map(|read| read.as_str().to_owned()).collect(),
        source: policy.text(&rule.id).unwrap_or_default(),
        policy: policy.hash().to_owned(),
        faults: facts.faults.iter().filter(is_own).map(ToString::to_string).collect(),
        tests,
        is_tested,
        tests_failed,
        matches: RuleMatches { accounts: matches.accounts, of: facts.accounts, sample: matches.sample },
    }
}

fn test_view(test: &TestResult) -> RuleTest {
    RuleTest {
        file: test.file.clone(),
        name: test.name.clone(),
        expects: test.expects.as_str(),
        holds: test.faults.is_empty(),
        faults: test.faults.clone(),
    }
}

fn backtest_view(run: &Run) -> BacktestView {
    let (bytes_done, bytes_total) = run.bytes();
    let ended = run.ended();
    let found = ended.and_then(|(_, outcome)| outcome.as_ref().ok());
    BacktestView {
        state: match ended {
            None => "running",
            Some((_, Ok(_))) => "done",
            Some((_, Err(_))) => "failed",
        },
        by: run.by.clone(),
        started_at: run.started_at.clone(),
        ended_at: ended.map(|(at, _)| at.clone()),
        bytes_done,
        bytes_total,
        policy: run.policy.clone(),
        days: found.map(|found| found.days),
        knows_who_pays: found.map(|found| found.knows_who_pays),
        rules: found.map(|found| found.radius.iter().map(radius_view).collect()).unwrap_or_default(),
        failed: ended.and_then(|(_, outcome)| outcome.as_ref().err().cloned()),
    }
}

fn radius_view(radius: &BlastRadius) -> RuleRadius {
    RuleRadius {
        rule: radius.rule.clone(),
        mode: mode(radius.mode),
        decision: radius.decision.as_str(),
        accounts: radius.accounts,
        paying_accounts: radius.paying_accounts,
        exchanges_per_day: radius.exchanges_per_day,
        tokens_per_day: radius.tokens_per_day,
        sample: radius.sample.clone(),
    }
}

/// The rules of the policy, by name.
#[utoipa::path(get, operation_id = "rules", path = "/api/v1/rules", params(PageQuery), tag = "verdicts",
    responses((status = 200, body = Page<RuleView>), (status = "default", body = Problem)))]
pub async fn list(
    Shared(state): Shared<State>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<RuleView>>, Problem> {
    let ((policy, _), now_us) = (state.rules_and_verdicts().await?, now_us());
    let mut rules: Vec<RuleView> = policy.rules().iter().map(|rule| rule_view(rule, now_us)).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    query.page("rules", &rules, |rule| rule.id.clone(), RuleView::clone).map(Json)
}

/// A rule as it is written, with what its tests say and whom it matches.
#[utoipa::path(get, operation_id = "rule", path = "/api/v1/rules/{id}", params(("id" = String, Path)), tag = "verdicts",
    responses((status = 200, body = RuleInFull), (status = "default", body = Problem)))]
pub async fn one(Shared(state): Shared<State>, Path(id): Path<String>) -> Result<Json<RuleInFull>, Problem> {
    let facts = state.facts().await?;
    let rule = facts.policy().rule(&id).ok_or_else(|| Problem::unknown(format!("the policy has no rule {id:?}")))?;
    Ok(Json(in_full(&facts, rule, now_us())))
}

/// The backtest of the rules that runs, or ran last since the server began.
#[utoipa::path(get, operation_id = "backtest", path = "/api/v1/backtest", tag = "verdicts",
    responses((status = 200, body = BacktestView), (status = "default", body = Problem)))]
pub async fn backtest(Shared(state): Shared<State>) -> Result<Json<BacktestView>, Problem> {
    state.bench().last().map(|run| Json(backtest_view(&run))).ok_or_else(none)
}

/// Plays the recorded exchanges through the rules as they are, or as the draft has them: whom each would have hit. One runs at a time, for ten minutes at most.
#[utoipa::path(post, operation_id = "begin_backtest", path = "/api/v1/backtest", params(BacktestQuery), tag = "verdicts",
    responses((status = 202, body = BacktestView), (status = 409, body = Problem), (status = "default", body = Problem)))]
pub async fn begin_backtest(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(query): Query<BacktestQuery>,
) -> Result<(StatusCode, Json<BacktestView>), Problem> {
    caller.needs(Role::Policy)?;
    let (mut policy, verdicts) = state.rules_and_verdicts().await?;
    if query.of == RulesOf::Draft {
        policy = draft::fit(&state).await?;
    }
    let run = state.bench().begin(&caller.who, policy, verdicts).map_err(|why| match why {
        NotBegun::Impossible => {
            Problem::unavailable("this server has no exchanges to play (stillwatch policy backtest)")
        }
        NotBegun::NoThread => Problem::unavailable("no thread can be started (try again)"),
        NotBegun::Busy => {
            let detail = "a backtest runs already (wait for it, or stop it: DELETE /api/v1/backtest)";
            Problem::new(StatusCode::CONFLICT, "busy", detail)
        }
    })?;
    Ok((StatusCode::ACCEPTED, Json(backtest_view(&run))))
}

/// Tells the backtest to stop.
#[utoipa::path(delete, operation_id = "stop_backtest", path = "/api/v1/backtest", tag = "verdicts",
    responses((status = 202, body = BacktestView), (status = "default", body = Problem)))]
pub async fn stop_backtest(
    Shared(state): Shared<State>,
    caller: Caller,
) -> Result<(StatusCode, Json<BacktestView>), Problem> {
    caller.needs(Role::Policy)?;
    let run = state.bench().last().ok_or_else(none)?;
    run.stop();
    Ok((StatusCode::ACCEPTED, Json(backtest_view(&run))))
}

fn none() -> Problem {
    Problem::unknown("no backtest was run since the server began (POST /api/v1/backtest)")
}
