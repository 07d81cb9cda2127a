//! What is known of the rules of a policy: whether they are fit, what their tests say, and whom they match.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::AccountState;
use policy::Ask;
use policy::Fault;
use policy::Policy;
use policy::Tested;
use verdict::VerdictSnapshot;

/// Accounts that are named of each rule.
const SAMPLE: usize = 10;

/// What is known of a policy beside a set of verdicts.
#[derive(Debug)]
pub struct Facts {
    policy: Arc<Policy>,
    snapshot: String,
    day: i64,
    /// What is wrong with the policy, beyond what it must be to be loaded.
    pub faults: Vec<Fault>,
    /// What its tests say; why they could not be run where that is so.
    pub tested: Result<Tested, String>,
    /// Accounts of the snapshot.
    pub accounts: u64,
    matches: BTreeMap<String, Matches>,
}

/// Whom a rule matches.
#[derive(Debug, Clone, Default)]
pub struct Matches {
    /// How many accounts.
    pub accounts: u64,
    /// The first of them, by name.
    pub sample: Vec<String>,
}

impl Facts {
    /// Looks at a policy.
    pub fn of(policy: Arc<Policy>, snapshot: &VerdictSnapshot, now_us: i64) -> Self {
        let mut matches: BTreeMap<String, Matches> = BTreeMap::new();
        let mut accounts = 0;
        for account in snapshot.accounts() {
            accounts += 1;
            let state = AccountState::unknown(account.name());
            let decision = policy::decide(&Ask::default(), &state, snapshot, &policy, now_us);
            for (rule, _) in decision.acting().chain(decision.shadow()) {
                let of = matches.entry(rule.id.clone()).or_default();
                of.accounts += 1;
                if of.sample.len() < SAMPLE {
                    of.sample.push(account.name().to_owned());
                }
            }
        }
        let faults = policy::check(&policy, now_us);
        let tested = policy::run_tests(&policy, now_us).map_err(|error| error.to_string());
        Self { snapshot: snapshot.id().to_owned(), day: day(now_us), faults, tested, accounts, matches, policy }
    }

    /// Whether it is what would be found now. Rules expire by the day.
    pub fn is_of(&self, policy: &Arc<Policy>, snapshot: &VerdictSnapshot, now_us: i64) -> bool {
        Arc::ptr_eq(&self.policy, policy) && self.snapshot == snapshot.id() && self.day == day(now_us)
    }

    /// The policy that was looked at.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whom a rule matches.
    pub fn matches(&self, id: &str) -> Matches {
        self.matches.get(id).cloned().unwrap_or_default()
    }
}

const fn day(now_us: i64) -> i64 {
    now_us.div_euclid(86_400_000_000)
}
