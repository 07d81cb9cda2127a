//! What rules would have done to recorded exchanges.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;
use verdict::VerdictSnapshot;

use crate::decide::AccountState;
use crate::decide::Ask;
use crate::decide::decide;
use crate::policy::Policy;
use crate::words::Measure;
use crate::words::Mode;

/// Accounts that are named of each rule.
const SAMPLE: usize = 10;

/// Exchanges of one account that ask for the same, from the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The account.
    pub account: String,
    /// What they ask for.
    pub ask: Ask,
    /// How many there are.
    pub exchanges: u64,
    /// Tokens read and written in them.
    pub tokens: u64,
}

/// An account, and whether it pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAccount {
    /// What is known of it.
    pub state: AccountState,
    /// Whether it pays; `None` where nobody says.
    pub pays: Option<bool>,
}

/// Whom one rule would have hit, and how much of the traffic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastRadius {
    /// The rule.
    pub rule: String,
    /// Whether it acts today.
    pub mode: Mode,
    /// What it does.
    pub decision: Measure,
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

/// Plays recorded exchanges of `days` days through a policy, rule by rule, in the order of the rules' ids. Rules that
/// expired count as matching nothing. `now_us` is in microseconds since 1970-01-01T00:00:00Z.
pub fn backtest(
    policy: &Policy,
    snapshot: &VerdictSnapshot,
    accounts: &BTreeMap<String, KnownAccount>,
    usage: &[Usage],
    days: f64,
    now_us: i64,
) -> Vec<BlastRadius> {
    let mut hit: BTreeMap<&str, Hit<'_>> = BTreeMap::new();
    for one in usage {
        let unknown;
        let state = match accounts.get(&one.account) {
            Some(known) => &known.state,
            None => {
                unknown = AccountState::unknown(&one.account);
                &unknown
            }
        };
        let decision = decide(&one.ask, state, snapshot, policy, now_us);
        for (rule, _) in decision.acting().chain(decision.shadow()) {
            let hit = hit.entry(&rule.id).or_default();
            hit.accounts.insert(&one.account);
            hit.exchanges = hit.exchanges.saturating_add(one.exchanges);
            hit.tokens = hit.tokens.saturating_add(one.tokens);
        }
    }
    let pays = |account: &&&str| accounts.get(**account).is_some_and(|known| known.pays == Some(true));
    let a_day = |number: u64| (10.0 * number as f64 / days).round() / 10.0;
    let radius = |rule: &crate::rule::Rule| {
        let hit = hit.remove(rule.id.as_str()).unwrap_or_default();
        BlastRadius {
            rule: rule.id.clone(),
            mode: rule.mode,
            decision: rule.measure,
            accounts: hit.accounts.len() as u64,
            paying_accounts: hit.accounts.iter().filter(pays).count() as u64,
            exchanges_per_day: a_day(hit.exchanges),
            tokens_per_day: a_day(hit.tokens),
            sample: hit.accounts.iter().take(SAMPLE).map(|account| (*account).to_owned()).collect(),
        }
    };
    policy.rules().iter().map(radius).collect()
}

/// What one rule hit.
#[derive(Default)]
struct Hit<'a> {
    accounts: BTreeSet<&'a str>,
    exchanges: u64,
    tokens: u64,
}
