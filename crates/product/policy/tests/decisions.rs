//! Decisions: pure, the same from memory and anew, with shadow rules beside them; and what explain, diff and backtest say.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use budget::Budgets;
use budget::ErrorKind;
use policy::AccountState;
use policy::Ask;
use policy::Attribute;
use policy::Capability;
use policy::KnownAccount;
use policy::Measure;
use policy::Mode;
use policy::Policy;
use policy::Purpose;
use policy::Source;
use policy::Usage;
use policy::Verification;
use policy::decide;
use policy::diff;
use policy::explain;
use proptest::prelude::*;
use verdict::Family;
use verdict::SnapshotAccount;
use verdict::SnapshotBuilder;
use verdict::SnapshotCampaign;
use verdict::SnapshotWindow;
use verdict::Standing;
use verdict::Tier;
use verdict::VerdictSnapshot;

/// 1 December 2026.
const NOW_US: i64 = 1_796_083_200_000_000;

/// Two campaigns and a lead: `d0`, `d1` in the discovered one (three families), `s0` in the suspected one, `l0` in the lead.
fn snapshot() -> VerdictSnapshot {
    let mut builder = SnapshotBuilder::new(NOW_US, SnapshotWindow { start_us: 0, end_us: NOW_US });
    for (id, tier, corroboration) in [("C-d", Tier::Discovered, 3), ("C-s", Tier::Suspected, 1), ("L-l", Tier::Lead, 0)]
    {
        builder.campaign(SnapshotCampaign {
            id: id.to_owned(),
            tier,
            corroboration,
            families: [Family::Content].into_iter().collect(),
            confidence: 90,
            budget_key: format!("{id}-budget"),
        });
    }
    let accounts = [
        ("d0", Some(Standing::Implicated), Tier::Discovered, 3, "C-d"),
        ("d1", Some(Standing::Implicated), Tier::Discovered, 3, "C-d"),
        ("s0", Some(Standing::Watch), Tier::Suspected, 1, "C-s"),
        ("l0", None, Tier::Lead, 0, "L-l"),
    ];
    for (account, standing, tier, corroboration, campaign) in accounts {
        builder.account(SnapshotAccount {
            account: account.to_owned(),
            standing,
            tier,
            corroboration,
            families: [Family::Content].into_iter().collect(),
            confidence: 90,
            campaigns: vec![campaign.to_owned()],
        });
    }
    builder.build().unwrap()
}

fn paying(account: &str) -> AccountState {
    AccountState { verification: Verification::Payment, ..AccountState::unknown(account) }
}

fn ask() -> Ask {
    Ask { country: Some(*b"SG"), ..Ask::default() }
}

#[test]
fn a_decision_carries_what_a_lawyer_asks_for() {
    let (snapshot, policy) = (snapshot(), Policy::load(Source::shipped().all_live()).unwrap());
    let record = decide(&ask(), &paying("d0"), &snapshot, &policy, NOW_US).record();
    assert_eq!((record.decision, record.reason_code.as_str()), (Measure::Deny, "coordinated_extraction"));
    assert_eq!(record.rule.as_deref(), Some("ladder.discovered"));
    assert!(record.clause.unwrap().starts_with("Terms 4.1"));
    assert!(record.text.unwrap().contains("You can appeal"));
    assert_eq!((record.policy.as_str(), record.snapshot.as_str()), (policy.hash(), snapshot.id()));
    let also: Vec<&str> = record.also.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(also, ["ladder.prove", "ladder.reveal", "ladder.budget"]);
    let nobody = decide(&ask(), &paying("stranger"), &snapshot, &policy, NOW_US).record();
    assert_eq!((nobody.decision, nobody.rule, nobody.reason_code.as_str()), (Measure::Allow, None, "none"));
}

#[test]
fn a_shadow_rule_changes_nothing_and_is_told() {
    let (snapshot, written) = (snapshot(), Policy::shipped().unwrap());
    let decision = decide(&ask(), &paying("d0"), &snapshot, &written, NOW_US);
    assert_eq!(decision.measure(), Measure::Allow);
    assert!(decision.limits().is_empty() && decision.draws(&paying("d0")).is_empty());
    let shadow: Vec<&str> = decision.shadow().map(|(rule, _)| rule.id.as_str()).collect();
    assert_eq!(shadow, ["ladder.discovered", "ladder.prove", "ladder.reveal", "ladder.budget"]);
}

#[test]
fn all_accounts_of_a_campaign_draw_on_one_budget() {
    let (snapshot, policy) = (snapshot(), Policy::load(Source::shipped().all_live()).unwrap());
    let budgets = Budgets::default();
    let now_us = u64::try_from(NOW_US).unwrap();
    let mut admitted = 0;
    for number in 0..2_000 {
        let account = paying(if number % 2 == 0 { "d0" } else { "d1" });
        let draws = decide(&ask(), &account, &snapshot, &policy, NOW_US).draws(&account);
        assert_eq!(draws.len(), 1);
        assert_eq!(&*draws[0].key.actor, "C-d-budget");
        match budgets.reserve(&number.to_string(), draws, budget::Amounts::request(100), now_us) {
            Ok(_) => admitted += 1,
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Spent { .. })),
        }
    }
    assert_eq!(admitted, 500, "the campaign's budget in settings.toml");
    let other = AccountState { verification: Verification::Email, ..paying("stranger") };
    let own = decide(&ask(), &other, &snapshot, &policy, NOW_US).draws(&other);
    assert_eq!(&*own[0].key.actor, "stranger");
}

#[test]
fn explain_names_the_attribute_that_decided() {
    let (snapshot, policy) = (snapshot(), Policy::load(Source::shipped().all_live()).unwrap());
    let decision = decide(&ask(), &paying("d0"), &snapshot, &policy, NOW_US);
    let explained = explain(&policy, decision.situation(), NOW_US);
    assert_eq!(explained[0].rule, "ladder.discovered");
    // A verified person alone changes nothing, since the account is in no programme.
    let by: Vec<Attribute> = explained[0].decided_by.iter().map(|one| one.attribute).collect();
    assert_eq!(by, [Attribute::Verdict]);
    assert!(explained[0].decided_by[0].not_with.iter().any(|value| value.starts_with("watch, tier suspected")));
    let prove = explained.iter().find(|one| one.rule == "ladder.prove").unwrap();
    let by: Vec<(Attribute, &[String])> = prove.decided_by.iter().map(|one| (one.attribute, &*one.not_with)).collect();
    assert_eq!(by[0], (Attribute::Verification, &["person".to_owned(), "business".to_owned()][..]));
    assert!(explained.iter().all(|one| !one.expired && !one.lowered && one.mode == Mode::Live));
}

#[test]
fn diff_says_what_changes_for_whom() {
    let before = Policy::load(Source::shipped().all_live()).unwrap();
    assert_eq!(diff(&before, &before, NOW_US).unwrap(), []);
    let text = before.source().file("information.cedar").unwrap().replacen("verification < 4", "verification < 3", 1);
    let after = Policy::load(before.source().clone().with("information.cedar", &text)).unwrap();
    let changes = diff(&before, &after, NOW_US).unwrap();
    // Who pays and is no verified person is given log probabilities; where reasoning is asked for too, another rule leads.
    let lifted = changes.iter().find(|one| one.after.decision == Measure::Allow).unwrap();
    assert_eq!(lifted.before.rule.as_deref(), Some("information.logprobs"));
    assert_eq!(lifted.whom[&Attribute::Verification], ["payment"]);
    assert!(lifted.whom[&Attribute::Asks].iter().all(|asks| asks.contains("logprobs") && !asks.contains("reasoning")));
    assert!(changes.iter().all(|one| one.whom[&Attribute::Verification] == ["payment"]), "{changes:?}");
}

#[test]
fn backtest_counts_who_is_hit() {
    let (snapshot, policy) = (snapshot(), Policy::shipped().unwrap());
    let known = |account: &str, pays| (account.to_owned(), KnownAccount { state: paying(account), pays });
    let accounts = BTreeMap::from([known("d0", Some(true)), known("d1", Some(false)), known("honest", Some(true))]);
    let used = |account: &str, exchanges, ask: Ask| Usage {
        account: account.to_owned(),
        ask,
        exchanges,
        tokens: 10 * exchanges,
    };
    let logprobs = Ask { capabilities: [Capability::Logprobs].into_iter().collect(), ..ask() };
    let usage = [
        used("d0", 30, ask()),
        used("d0", 10, logprobs.clone()),
        used("d1", 20, ask()),
        used("honest", 8, logprobs),
        used("l0", 5, ask()),
        used("faraway", 1, Ask { country: Some(*b"KP"), ..ask() }),
    ];
    let found = policy::backtest(&policy, &snapshot, &accounts, &usage, 2.0, NOW_US);
    assert_eq!(found.len(), policy.rules().len());
    let of = |rule: &str| found.iter().find(|one| one.rule == rule).unwrap();
    let ladder = of("ladder.discovered");
    assert_eq!((ladder.mode, ladder.accounts, ladder.paying_accounts), (Mode::Shadow, 2, 1));
    assert_eq!((ladder.exchanges_per_day, ladder.tokens_per_day), (30.0, 300.0));
    assert_eq!(ladder.sample, ["d0", "d1"]);
    assert_eq!((of("information.logprobs").accounts, of("information.logprobs").exchanges_per_day), (2, 9.0));
    // Of an account without a record nothing is known: it is not verified.
    assert_eq!(of("caps.unverified").sample, ["faraway", "l0"]);
    assert_eq!((of("embargo.network").accounts, of("embargo.network").mode), (1, Mode::Live));
    assert_eq!(of("resale.business").accounts, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// From memory, anew, and from many threads at once: one decision. The record of the decision is the slow way.
    #[test]
    fn memory_never_changes_a_decision(
        names in prop::collection::vec(prop::sample::select(vec!["d0", "s0", "l0", "stranger"]), 1..12),
        verifications in prop::collection::vec(prop::sample::select(Verification::ALL), 12),
        purposes in prop::collection::vec(prop::sample::select(Purpose::ALL), 12),
        days in prop::collection::vec(any::<bool>(), 12),
    ) {
        static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::load(Source::shipped().all_live()).unwrap());
        let (snapshot, policy) = (snapshot(), &*POLICY);
        let asked: Vec<(AccountState, Ask)> = names.iter().enumerate().map(|(at, name)| {
            let state = AccountState { verification: verifications[at], is_first_day: days[at], ..AccountState::unknown(name) };
            (state, Ask { purpose: purposes[at], ..ask() })
        }).collect();
        let all = || asked.iter().map(|(state, ask)| decide(ask, state, &snapshot, policy, NOW_US).record()).collect::<Vec<_>>();
        let together: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(all)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for ((at, (state, ask)), record) in asked.iter().enumerate().zip(all()) {
            let situation = policy::situation(ask, state, snapshot.account(&state.account), policy.settings());
            let anew = policy.evaluate(&situation);
            prop_assert_eq!(anew.failed.len(), 0);
            let strictest = anew.matches.first();
            prop_assert_eq!(record.decision, strictest.map_or(Measure::Allow, |one| one.measure));
            prop_assert_eq!(record.rule.as_deref(), strictest.map(|one| policy.rules()[usize::from(one.place)].id.as_str()));
            prop_assert!(together.iter().all(|records| records[at] == record));
        }
    }
}
