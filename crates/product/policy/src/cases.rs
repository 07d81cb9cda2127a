//! The tests beside the policies: a request in, a decision and its reason out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use crate::decide::AccountState;
use crate::decide::Ask;
use crate::decide::Decision;
use crate::decide::situation;
use crate::error::Error;
use crate::fault::Fault;
use crate::fault::Place;
use crate::policy::Policy;
use crate::settings::unreadable;
use crate::situation::MAX_CORROBORATION;
use crate::situation::Situation;
use crate::words::Capability;
use crate::words::Channel;
use crate::words::Held;
use crate::words::HeldTier;
use crate::words::Information;
use crate::words::Kind;
use crate::words::Measure;
use crate::words::Programme;
use crate::words::Purpose;
use crate::words::Verification;
use crate::words::Volume;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

/// One test.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: Spanned<String>,
    /// Whether rules in shadow stay in shadow. Else all are live, so that a test holds before and after a rule goes live.
    #[serde(default)]
    as_written: bool,
    #[serde(default)]
    account: AccountCase,
    #[serde(default)]
    verdict: VerdictCase,
    #[serde(default)]
    ask: AskCase,
    expect: Expected,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AccountCase {
    verification: Option<Verification>,
    kind: Option<Kind>,
    programme: Option<Programme>,
    /// Places of owners and their per cents.
    owners: BTreeMap<String, u8>,
    first_day: bool,
    forwards_end_users: bool,
    volume: Option<Volume>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct VerdictCase {
    standing: Option<Held>,
    tier: Option<HeldTier>,
    corroboration: u8,
    continuity: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AskCase {
    capabilities: Vec<Capability>,
    purpose: Option<Purpose>,
    channel: Option<Channel>,
    attested: bool,
    country: Option<String>,
}

/// What must come out; what is not named may be anything.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    decision: Measure,
    rule: Option<String>,
    reason: Option<String>,
    also: Option<Vec<String>>,
    shadow: Option<Vec<String>>,
    limits: Option<Vec<Information>>,
}

/// What came of the tests of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tested {
    /// Tests that hold.
    pub held: usize,
    /// Each difference, with the file and the test.
    pub faults: Vec<Fault>,
    /// Rules that no test expects.
    pub untested: Vec<String>,
    /// Each test, in the order of the files.
    pub tests: Vec<TestResult>,
}

/// What came of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// The file that it is in.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The decision that it expects.
    pub expects: Measure,
    /// The rules that it names: the first that acts, what else acts, and what is in shadow.
    pub rules: BTreeSet<String>,
    /// Each difference; none where it holds.
    pub faults: Vec<String>,
}

/// Runs the tests beside a policy at a moment, in microseconds since 1970-01-01T00:00:00Z.
///
/// # Errors
/// Where the folder with all rules live is not fit, which it is if the folder is.
pub fn run(policy: &Policy, now_us: i64) -> Result<Tested, Error> {
    let live = Policy::load(policy.source().clone().all_live())?;
    let mut tested = Tested::default();
    let mut expected = BTreeSet::new();
    for (file, text) in policy.source().tests() {
        let cases = match toml::from_str::<File>(text) {
            Ok(file) => file.cases,
            Err(error) => {
                tested.faults.push(unreadable(file, text, &error));
                continue;
            }
        };
        for case in cases {
            let mut rules: BTreeSet<String> =
                case.expect.rule.iter().chain(case.expect.also.iter().flatten()).cloned().collect();
            expected.extend(rules.iter().cloned());
            rules.extend(case.expect.shadow.iter().flatten().cloned());
            let with = if case.as_written { policy } else { &live };
            let faults = case.faults(with, now_us);
            tested.held += usize::from(faults.is_empty());
            let place = Place::of(text, case.name.span().start);
            let name = case.name.into_inner();
            tested.faults.extend(faults.iter().map(|fault| Fault::of_one(file, &name, place, fault)));
            let (file, expects) = (file.to_owned(), case.expect.decision);
            tested.tests.push(TestResult { file, name, expects, rules, faults });
        }
    }
    let ids = policy.rules().iter().map(|rule| rule.id.clone());
    tested.untested = ids.filter(|id| !expected.contains(id)).collect();
    Ok(tested)
}

impl Case {
    fn faults(&self, policy: &Policy, now_us: i64) -> Vec<String> {
        let situation = match self.situation(policy) {
            Ok(situation) => situation,
            Err(fault) => return vec![fault],
        };
        let decision = Decision::of(policy, "", None, situation, now_us);
        let mut faults = Vec::new();
        let mut differs = |what: &str, expected: String, got: String| {
            if expected != got {
                faults.push(format!("{what} is {got}, and {expected} was expected"));
            }
        };
        let Expected { decision: measure, rule, reason, also, shadow, limits } = &self.expect;
        differs("the decision", measure.as_str().to_owned(), decision.measure().as_str().to_owned());
        if let Some(rule) = rule {
            differs("the rule", rule.clone(), decision.rule().map_or("none", |rule| &rule.id).to_owned());
        }
        if let Some(reason) = reason {
            differs("the reason", reason.clone(), decision.reason().to_owned());
        }
        let ids = |ids: Vec<&str>| if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        let wanted = |wanted: &[String]| ids(wanted.iter().map(String::as_str).collect());
        if let Some(also) = also {
            differs(
                "what else acts",
                wanted(also),
                ids(decision.acting().skip(1).map(|(rule, _)| rule.id.as_str()).collect()),
            );
        }
        if let Some(shadow) = shadow {
            differs("the shadow", wanted(shadow), ids(decision.shadow().map(|(rule, _)| rule.id.as_str()).collect()));
        }
        if let Some(limits) = limits {
            let names = |limits: &[Information]| ids(limits.iter().map(|limit| limit.as_str()).collect());
            differs("what is held back", names(limits), names(&decision.limits()));
        }
        faults
    }

    fn situation(&self, policy: &Policy) -> Result<Situation, String> {
        let settings = policy.settings();
        let usual = Situation::default();
        let account = AccountState {
            verification: self.account.verification.unwrap_or(usual.verification),
            kind: self.account.kind.unwrap_or(usual.kind),
            programme: self.account.programme.unwrap_or(usual.programme),
            owners: self.account.owners.clone().into_iter().collect(),
            is_first_day: self.account.first_day,
            forwards_end_users: self.account.forwards_end_users,
            exchanges_a_day: match self.account.volume {
                None | Some(Volume::Low) => 0,
                Some(Volume::Medium) => settings.medium,
                Some(Volume::High) => settings.high,
            },
            ..AccountState::unknown("")
        };
        let country = self.ask.country.as_deref().unwrap_or("SG").as_bytes();
        let ask = Ask {
            capabilities: self.ask.capabilities.iter().copied().collect(),
            purpose: self.ask.purpose.unwrap_or(usual.purpose),
            channel: self.ask.channel.unwrap_or(usual.channel),
            is_attested: self.ask.attested,
            country: Some(country.try_into().map_err(|_| "the country is no code of two letters".to_owned())?),
        };
        let VerdictCase { standing, tier, corroboration, continuity } = self.verdict.clone();
        if corroboration > MAX_CORROBORATION {
            return Err(format!("the corroboration is above {MAX_CORROBORATION}"));
        }
        Ok(Situation {
            held: standing.unwrap_or(usual.held),
            tier: tier.unwrap_or(usual.tier),
            corroboration,
            continuity,
            ..situation(&ask, &account, None, settings)
        })
    }
}
