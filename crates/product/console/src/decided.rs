//! What the policy decides on an account.

use policy::AccountState;
use policy::Ask;
use policy::Basis;
use policy::Policy;
use serde::Serialize;
use utoipa::ToSchema;
use verdict::VerdictSnapshot;

/// What is decided on an account of which nothing but verdicts is known, and that asks for text.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Verdict {
    /// The account.
    pub account: String,
    /// `allow`, `observe`, `cap`, `limit`, `verify` or `deny`.
    pub decision: &'static str,
    /// `discovered`, `suspected`, `lead`, or null where nothing is held.
    pub tier: Option<&'static str>,
    /// Its campaigns and leads, the likeliest first.
    pub campaigns: Vec<String>,
    /// What a program is told.
    pub reason_code: String,
    /// What the customer is told.
    pub text: Option<String>,
    /// The rule that says so.
    pub rule: Option<String>,
    /// The clause that it enforces.
    pub clause: Option<String>,
    /// Hash of the policy.
    pub policy: String,
    /// Id of the verdict snapshot.
    pub snapshot: String,
    /// Until when the rule acts, as a date; null where no rule holds anything back.
    pub expires_at: Option<String>,
}

/// The verdict on an account.
pub fn verdict(name: &str, snapshot: &VerdictSnapshot, policy: &Policy, now_us: i64) -> Verdict {
    let decision = policy::decide(&Ask::default(), &AccountState::unknown(name), snapshot, policy, now_us);
    let (record, rule) = (decision.record(), decision.rule());
    let view = snapshot.account(name);
    let campaigns = |view: verdict::AccountView<'_>| view.campaigns().map(|one| one.id.clone()).collect();
    Verdict {
        account: name.to_owned(),
        decision: record.decision.as_str(),
        tier: view.map(|view| view.tier().as_str()),
        campaigns: view.map(campaigns).unwrap_or_default(),
        reason_code: record.reason_code,
        text: record.text,
        rule: record.rule,
        clause: record.clause,
        policy: record.policy,
        snapshot: record.snapshot,
        expires_at: rule.filter(|rule| rule.basis == Basis::Contract).map(|rule| rule.expires.to_string()),
    }
}
