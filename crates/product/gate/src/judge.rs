//! The decision on one request: who may be served, on what budgets, and what the answer may reveal.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;

use budget::Amounts;
use budget::Draw;
use budget::ErrorKind;
use budget::NodeBudgets;
use budget::Receipt;
use policy::Ask;
use policy::Decision;
use policy::DecisionRecord;
use policy::Information;
use policy::Measure;
use policy::Policy;
use verdict::VerdictSnapshot;

use crate::config::Config;
use crate::edit::Limit;
use crate::live::Live;
use crate::live::Verdicts;
use crate::mode::FailureMode;
use crate::refusal::Refusal;
use crate::refusal::Spent;

/// What is asked of the judge.
pub(crate) struct Question<'a> {
    /// The request's id.
    pub(crate) id: &'a str,
    /// Its account.
    pub(crate) account: &'a str,
    /// What happens where no decision can be made.
    pub(crate) failure: FailureMode,
    /// What it asks for.
    pub(crate) ask: &'a Ask,
    /// Tokens that it may cost.
    pub(crate) tokens: u64,
    /// Requests of the account before it, on the same day.
    pub(crate) requests_before: u64,
    /// The moment.
    pub(crate) now_us: i64,
    /// Whether it may come again when parts of budgets were leased.
    pub(crate) may_wait: bool,
}

/// What is done about a request.
#[derive(Debug)]
pub(crate) struct Judged {
    /// What the policy says.
    pub(crate) measure: Measure,
    /// Why it is not served.
    pub(crate) refusal: Option<Refusal>,
    /// What the answer may reveal.
    pub(crate) limit: Limit,
    /// What was reserved for it.
    pub(crate) receipt: Option<Receipt>,
    /// The decision as it is recorded, where it is.
    pub(crate) record: Option<DecisionRecord>,
    /// Why no decision could be made.
    pub(crate) failure: Option<&'static str>,
    /// Whether the question is to come again: what is missing of a budget is being leased.
    pub(crate) waits: bool,
}

impl Judged {
    fn allowed(limit: Limit) -> Self {
        Self { measure: Measure::Allow, refusal: None, limit, receipt: None, record: None, failure: None, waits: false }
    }
}

/// Decides, and reserves on the budgets that the request draws on. It waits for nobody.
pub(crate) fn judge(config: &Config, live: &Live, budgets: &NodeBudgets, question: &Question<'_>) -> Judged {
    let everyone = Limit::of(false, config.everyone, config.everyone);
    let Some(policy) = live.policy() else { return Judged::allowed(everyone) };
    let (snapshot, failure) = match (live.verdicts(question.now_us), question.failure) {
        (Verdicts::Fresh(snapshot), _) => (snapshot, None),
        (Verdicts::Stale(snapshot), FailureMode::Last) => (snapshot, Some("stale_verdicts")),
        (Verdicts::Stale(_), FailureMode::Open) => (live.nothing_held(), Some("stale_verdicts")),
        (Verdicts::Missing, FailureMode::Open) => (live.nothing_held(), Some("no_verdicts")),
        (Verdicts::Stale(_), FailureMode::Closed) => return undecided(everyone, "stale_verdicts"),
        (Verdicts::Missing, FailureMode::Closed | FailureMode::Last) => return undecided(everyone, "no_verdicts"),
    };
    // A fault of the decision ends neither the connection nor the thread: the route says what then happens.
    let decided = catch_unwind(AssertUnwindSafe(|| of_policy(config, live, budgets, question, &policy, &snapshot)));
    match decided {
        Ok(mut judged) => {
            judged.failure = judged.failure.or(failure);
            judged
        }
        Err(_) if question.failure == FailureMode::Closed => undecided(everyone, "fault"),
        Err(_) => Judged { failure: Some("fault"), ..Judged::allowed(everyone) },
    }
}

/// Why an account is not served any more, under what holds now; `None` where it is.
pub(crate) fn denial(config: &Config, live: &Live, account: &str, ask: &Ask, now_us: i64) -> Option<Refusal> {
    let policy = live.policy()?;
    let Verdicts::Fresh(snapshot) = live.verdicts(now_us) else { return None };
    let account = live.records().state(account, now_us);
    let decision = policy::decide(ask, &account, &snapshot, &policy, now_us);
    refusal_of(config, &decision).filter(|_| decision.measure() == Measure::Deny)
}

/// Nobody is served without a decision.
fn undecided(limit: Limit, failure: &'static str) -> Judged {
    let refusal = Refusal::for_now(503, failure, "Requests cannot be admitted at present. Please try again later.");
    Judged { refusal: Some(refusal), failure: Some(failure), ..Judged::allowed(limit) }
}

fn of_policy(
    config: &Config,
    live: &Live,
    budgets: &NodeBudgets,
    question: &Question<'_>,
    policy: &Arc<Policy>,
    snapshot: &VerdictSnapshot,
) -> Judged {
    let mut account = live.records().state(question.account, question.now_us);
    account.exchanges_a_day = question.requests_before;
    let decision = policy::decide(question.ask, &account, snapshot, policy, question.now_us);
    let measure = decision.measure();
    let limit = limit_of(config, &decision);
    let draws = decision.draws(&account);
    let refusal = refusal_of(config, &decision);
    let mut judged = Judged { measure, refusal, ..Judged::allowed(limit) };
    if judged.refusal.is_none() && !draws.is_empty() {
        reserve(config, budgets, question, &decision, draws, &mut judged);
    }
    // Capped requests that are served are not told one by one: the budget counts them.
    let would_refuse = |(_, measure): (&policy::Rule, Measure)| measure >= Measure::Verify;
    let is_told = judged.refusal.is_some() || measure >= Measure::Limit || decision.shadow().any(would_refuse);
    judged.record = (is_told && config.decisions.is_some()).then(|| decision.record());
    judged
}

/// Reserves on the budgets that a request draws on.
fn reserve(
    config: &Config,
    budgets: &NodeBudgets,
    question: &Question<'_>,
    decision: &Decision<'_>,
    draws: Vec<Draw>,
    judged: &mut Judged,
) {
    let now_us = u64::try_from(question.now_us).unwrap_or(0);
    let estimate = Amounts::request(question.tokens);
    let reserved = if question.may_wait {
        budgets.reserve_unless_due(question.id, draws.clone(), estimate, now_us)
    } else {
        budgets.reserve(question.id, draws.clone(), estimate, now_us).map(Some)
    };
    match reserved {
        Ok(Some(receipt)) => judged.receipt = Some(receipt),
        Ok(None) => judged.waits = true,
        Err(error) => match error.kind() {
            ErrorKind::Spent { key, unit, resets_at_us } => {
                let spent = draws.iter().find(|draw| draw.key == *key);
                let spent = spent.map(|draw| spent_of(draw, *unit, *resets_at_us, now_us));
                judged.refusal = spent.map(|spent| budget_refusal(config, decision, spent));
            }
            _ if question.failure == FailureMode::Closed => {
                *judged = undecided(judged.limit, "no_room_for_budgets");
            }
            _ => judged.failure = Some("no_room_for_budgets"),
        },
    }
}

/// What the answer may reveal: what holds for everybody, and more where a rule limits.
fn limit_of(config: &Config, decision: &Decision<'_>) -> Limit {
    let is_limited = decision.acting().any(|(_, measure)| measure == Measure::Limit);
    if !is_limited {
        return Limit::of(false, config.everyone, config.everyone);
    }
    let no_logprobs = decision.limits().contains(&Information::NoLogprobs);
    Limit::of(no_logprobs, config.everyone, config.limited)
}

fn refusal_of(config: &Config, decision: &Decision<'_>) -> Option<Refusal> {
    let usual = match decision.measure() {
        Measure::Deny => "This account may not use this service.",
        Measure::Verify => "Please verify this account to go on.",
        Measure::Allow | Measure::Observe | Measure::Cap | Measure::Limit => return None,
    };
    let text = decision.rule().map(|rule| rule.text.clone()).filter(|text| !text.is_empty());
    let text = text.map_or(Cow::Borrowed(usual), Cow::Owned);
    Some(Refusal { link: config.link.as_str().into(), ..Refusal::new(403, decision.reason().to_owned(), text) })
}

fn budget_refusal(config: &Config, decision: &Decision<'_>, spent: Spent) -> Refusal {
    let own = |(rule, _): &(&policy::Rule, Measure)| rule.budget.as_deref() == Some(&*spent.name);
    let rule = decision.acting().find(own).map(|(rule, _)| rule);
    let reason = rule.map_or_else(|| "budget_spent".to_owned(), |rule| rule.reason.clone());
    let usual = || "The budget of this account is spent for now.".to_owned();
    let text = rule.map(|rule| rule.text.clone()).filter(|text| !text.is_empty()).unwrap_or_else(usual);
    Refusal { link: config.link.as_str().into(), ..Refusal::of_budget(reason, text, spent) }
}

fn spent_of(draw: &Draw, unit: budget::Unit, resets_at_us: u64, now_us: u64) -> Spent {
    Spent {
        scope: draw.key.scope,
        name: draw.key.budget.clone(),
        unit,
        limit: draw.limit.most.get(unit),
        window_s: draw.limit.period_us / 1_000_000,
        // Rounded up: whoever comes back then finds it full.
        resets_s: resets_at_us.saturating_sub(now_us).div_ceil(1_000_000),
    }
}
