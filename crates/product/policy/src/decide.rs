//! The decision on one request.

use std::sync::Arc;

use budget::Draw;
use budget::Key;
use budget::Scope;
use serde::Serialize;
use verdict::AccountView;
use verdict::Family;
use verdict::Standing;
use verdict::Tier;
use verdict::VerdictSnapshot;

use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::settings::Settings;
use crate::situation::Capabilities;
use crate::situation::MAX_CORROBORATION;
use crate::situation::Situation;
use crate::words::Channel;
use crate::words::Held;
use crate::words::HeldTier;
use crate::words::Information;
use crate::words::Kind;
use crate::words::Measure;
use crate::words::Mode;
use crate::words::Network;
use crate::words::Programme;
use crate::words::Purpose;
use crate::words::Verification;

/// What is known of an account apart from verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// The account.
    pub account: String,
    /// What of it was verified.
    pub verification: Verification,
    /// What it is.
    pub kind: Kind,
    /// The programme that it was admitted to, while the admission lasts.
    pub programme: Programme,
    /// Its organisation, whose budgets it draws on.
    pub organisation: Option<String>,
    /// Who owns its organisation, directly or through others: two-letter codes and per cents.
    pub owners: Vec<(String, u8)>,
    /// The pool of accounts under one operator that it is in.
    pub pool: Option<String>,
    /// Whether it is in its first day.
    pub is_first_day: bool,
    /// Whether it names its own end users in each request.
    pub forwards_end_users: bool,
    /// Its exchanges in the last day.
    pub exchanges_a_day: u64,
}

impl AccountState {
    /// An account of which nothing is known.
    #[must_use]
    pub fn unknown(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            verification: Verification::Nothing,
            kind: Kind::Individual,
            programme: Programme::Nothing,
            organisation: None,
            owners: Vec::new(),
            pool: None,
            is_first_day: false,
            forwards_end_users: false,
            exchanges_a_day: 0,
        }
    }

    /// Takes what was verified, the kind and the plan from the words of a registration. Words that are not known change
    /// nothing.
    pub fn register<'a>(
        &mut self,
        verified: impl IntoIterator<Item = &'a str>,
        kind: Option<&str>,
        plan: Option<&str>,
    ) {
        for word in verified {
            let verification = match word {
                "identity" => Some(Verification::Person),
                "organization" | "organisation" => Some(Verification::Business),
                other => Verification::parse(other),
            };
            self.verification = self.verification.max(verification.unwrap_or(Verification::Nothing));
        }
        let kind = kind.map(|kind| if kind == "organization" { "organisation" } else { kind });
        self.kind = kind.and_then(Kind::parse).unwrap_or(self.kind);
        self.programme = plan.and_then(Programme::parse).unwrap_or(self.programme);
    }

    /// Per cent of its organisation that owners from embargoed places hold together.
    fn ownership(&self, settings: &Settings) -> u8 {
        let held = self.owners.iter().filter(|(place, _)| settings.embargoed.contains(place));
        let sum = held.fold(0_u32, |sum, (_, percent)| sum.saturating_add(u32::from(*percent)));
        u8::try_from(sum.min(100)).unwrap_or(100)
    }
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Beyond text.
    pub capabilities: Capabilities,
    /// What the answers are for.
    pub purpose: Purpose,
    /// The way that it comes.
    pub channel: Channel,
    /// Whether a partner says who stands behind it.
    pub is_attested: bool,
    /// Two-letter code of the place of its network, in capitals, where it is known.
    pub country: Option<[u8; 2]>,
}

impl Default for Ask {
    /// Text, directly, from nobody knows where.
    fn default() -> Self {
        Self {
            capabilities: Capabilities::default(),
            purpose: Purpose::Unsaid,
            channel: Channel::Direct,
            is_attested: false,
            country: None,
        }
    }
}

/// Everything that a rule may read of a request of an account.
#[must_use]
pub fn situation(ask: &Ask, account: &AccountState, view: Option<AccountView<'_>>, settings: &Settings) -> Situation {
    let country = ask.country.as_ref().and_then(|code| std::str::from_utf8(code).ok());
    let network = match country {
        None => Network::Unknown,
        Some(code) if settings.embargoed.contains(code) => Network::Embargoed,
        Some(_) => Network::Open,
    };
    let held = view.map_or(Held::Clear, |view| match view.standing() {
        Some(Standing::Implicated) => Held::Implicated,
        Some(Standing::Watch) => Held::Watch,
        None => Held::Lead,
    });
    let tier = view.map_or(HeldTier::Nothing, |view| match view.tier() {
        Tier::Lead => HeldTier::Lead,
        Tier::Suspected => HeldTier::Suspected,
        Tier::Discovered => HeldTier::Discovered,
    });
    Situation {
        verification: account.verification,
        kind: account.kind,
        programme: account.programme,
        ownership: account.ownership(settings),
        is_first_day: account.is_first_day,
        forwards_end_users: account.forwards_end_users,
        volume: settings.volume(account.exchanges_a_day),
        held,
        tier,
        corroboration: view.map_or(0, |view| view.corroboration().min(MAX_CORROBORATION)),
        continuity: view.is_some_and(|view| view.families().contains(Family::Continuity)),
        asks: ask.capabilities,
        purpose: ask.purpose,
        channel: ask.channel,
        is_attested: ask.is_attested,
        network,
    }
}

/// Decides on one request: a pure function of the request, the account, the snapshot, the policy and the time, in
/// microseconds since 1970-01-01T00:00:00Z. It takes no lock and waits for nobody.
#[must_use]
pub fn decide<'a>(
    ask: &Ask,
    account: &AccountState,
    snapshot: &'a VerdictSnapshot,
    policy: &'a Policy,
    now_us: i64,
) -> Decision<'a> {
    let view = snapshot.account(&account.account);
    let situation = situation(ask, account, view, policy.settings());
    Decision::of(policy, snapshot.id(), view, situation, now_us)
}

/// What is done about one request, and why.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    policy: &'a Policy,
    snapshot: &'a str,
    view: Option<AccountView<'a>>,
    situation: Situation,
    outcome: Arc<Outcome>,
    now_us: i64,
    leading: Option<usize>,
}

impl<'a> Decision<'a> {
    /// The decision in a situation.
    pub(crate) fn of(
        policy: &'a Policy,
        snapshot: &'a str,
        view: Option<AccountView<'a>>,
        situation: Situation,
        now_us: i64,
    ) -> Self {
        let outcome = policy.recall(&situation);
        let acts = |place: &u16| policy.rules().get(usize::from(*place)).is_some_and(|rule| rule.acts(now_us));
        let leading = outcome.matches.iter().position(|one| acts(&one.place));
        Self { policy, snapshot, view, situation, outcome, now_us, leading }
    }

    /// What is done: the strictest of what the rules say that act.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.leading.and_then(|at| self.outcome.matches.get(at)).map_or(Measure::Allow, |one| one.measure)
    }

    /// The rule that says so; `None` where nothing is held back.
    #[must_use]
    pub fn rule(&self) -> Option<&'a Rule> {
        let place = self.outcome.matches.get(self.leading?)?.place;
        self.policy.rules().get(usize::from(place))
    }

    /// What a program is told.
    #[must_use]
    pub fn reason(&self) -> &'a str {
        self.rule().map_or("none", |rule| &rule.reason)
    }

    /// What was decided on.
    #[must_use]
    pub const fn situation(&self) -> &Situation {
        &self.situation
    }

    /// All rules that match and act, the strictest first, with what each does here.
    pub fn acting(&self) -> impl Iterator<Item = (&'a Rule, Measure)> + '_ {
        self.matching().filter(|(rule, _)| rule.acts(self.now_us))
    }

    /// Rules in shadow that match, with what each would do: reported, and without effect.
    pub fn shadow(&self) -> impl Iterator<Item = (&'a Rule, Measure)> + '_ {
        self.matching().filter(|(rule, _)| rule.mode == Mode::Shadow && !rule.is_over(self.now_us))
    }

    fn matching(&self) -> impl Iterator<Item = (&'a Rule, Measure)> + '_ {
        let rules = self.policy.rules();
        self.outcome.matches.iter().filter_map(|one| Some((rules.get(usize::from(one.place))?, one.measure)))
    }

    /// What the answer must not reveal, from all rules that limit, whichever leads.
    #[must_use]
    pub fn limits(&self) -> Vec<Information> {
        let limiting = self.acting().filter(|(_, measure)| *measure == Measure::Limit);
        let mut limits: Vec<Information> = limiting.flat_map(|(rule, _)| rule.limits.iter().copied()).collect();
        limits.sort_unstable();
        limits.dedup();
        limits
    }

    /// The budgets that the request draws on, from all rules that cap, whichever leads. All accounts of a campaign draw on
    /// the campaign's.
    #[must_use]
    pub fn draws(&self, account: &AccountState) -> Vec<Draw> {
        let mut draws: Vec<Draw> = Vec::new();
        let capping = self.acting().filter(|(_, measure)| *measure == Measure::Cap);
        for name in capping.filter_map(|(rule, _)| rule.budget.as_deref()) {
            let Some(budget) = self.policy.settings().budgets.get(name) else { continue };
            for actor in self.actors(budget.scope, account) {
                let draw = Draw { key: Key::new(budget.scope, name, actor), limit: budget.limit };
                if !draws.contains(&draw) {
                    draws.push(draw);
                }
            }
        }
        draws
    }

    /// Whose budgets of a scope the account draws on. An account without organisation, pool or campaign has its own.
    fn actors<'b>(&'b self, scope: Scope, account: &'b AccountState) -> Vec<&'b str> {
        let own = account.account.as_str();
        match scope {
            Scope::Account => vec![own],
            Scope::Organisation => vec![account.organisation.as_deref().unwrap_or(own)],
            Scope::Pool => vec![account.pool.as_deref().unwrap_or(own)],
            Scope::Campaign => {
                let campaigns = self
                    .view
                    .into_iter()
                    .flat_map(|view| view.campaigns().filter(move |campaign| campaign.tier == view.tier()));
                let keys: Vec<&str> = campaigns.map(|campaign| campaign.budget_key.as_str()).collect();
                if keys.is_empty() { vec![own] } else { keys }
            }
        }
    }

    /// The decision as it is recorded, and as a caller of the API sees it.
    #[must_use]
    pub fn record(&self) -> DecisionRecord {
        let rule = self.rule();
        let owned = |text: fn(&Rule) -> &str| rule.map(|rule| text(rule).to_owned());
        DecisionRecord {
            decision: self.measure(),
            reason_code: self.reason().to_owned(),
            rule: owned(|rule| &rule.id),
            clause: owned(|rule| &rule.clause),
            text: owned(|rule| &rule.text),
            policy: self.policy.hash().to_owned(),
            snapshot: self.snapshot.to_owned(),
            limits: self.limits(),
            also: self.acting().skip(1).map(Said::of).collect(),
            shadow: self.shadow().map(Said::of).collect(),
        }
    }
}

/// A decision as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionRecord {
    /// What is done.
    pub decision: Measure,
    /// What a program is told.
    pub reason_code: String,
    /// The rule that says so.
    pub rule: Option<String>,
    /// The clause that it enforces.
    pub clause: Option<String>,
    /// What the customer is told.
    pub text: Option<String>,
    /// Hash of the policy.
    pub policy: String,
    /// Id of the verdict snapshot.
    pub snapshot: String,
    /// What the answer does not reveal.
    pub limits: Vec<Information>,
    /// Other rules that match and act.
    pub also: Vec<Said>,
    /// Rules in shadow that match.
    pub shadow: Vec<Said>,
}

/// A rule that matches, and what it does or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The rule.
    pub rule: String,
    /// What it does or would do.
    pub decision: Measure,
}

impl Said {
    fn of((rule, decision): (&Rule, Measure)) -> Self {
        Self { rule: rule.id.clone(), decision }
    }
}
