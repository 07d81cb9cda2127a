//! Folders that are not fit are refused with the place and the mend, and the last good policy stays.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic")]

use std::fs;

use policy::ErrorKind;
use policy::Fault;
use policy::LivePolicy;
use policy::Place;
use policy::Policy;
use policy::Source;

/// 1 December 2026.
const NOW_US: i64 = 1_796_083_200_000_000;

/// A rule that is fit.
const RULE: &str = r#"
@id("extra.rule") @clause("Terms 9") @severity("low") @mode("live") @expires("2027-05-31") @decision("cap")
@budget("partner") @reason("extra") @text("A text.")
forbid (principal, action == Action::"spend", resource) when { principal.verification < 1 };
"#;

fn told(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The faults of the shipped folder with a file of rules more.
fn faults(rule: &str) -> String {
    match Policy::load(Source::shipped().with("extra.cedar", rule)) {
        Ok(_) => String::new(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unfit);
            error.to_string()
        }
    }
}

#[test]
fn a_rule_that_is_not_fit_is_told_with_its_place() {
    assert_eq!(faults(RULE), "");
    let cases = [
        (r#"@clause("Terms 9")"#, "", "extra.cedar, extra.rule: @clause is missing"),
        (r#"@severity("low")"#, r#"@severity("dire")"#, "@severity cannot be \"dire\" (it is one of low, medium, high"),
        (r#"@mode("live")"#, "", "@mode is missing (it is one of shadow, live)"),
        (r#"@expires("2027-05-31")"#, r#"@expires("soon")"#, "@expires must be a day such as 2027-06-30"),
        (r#"@decision("cap")"#, r#"@decision("allow")"#, "@decision cannot be allow"),
        (r#"@decision("cap")"#, r#"@decision("deny")"#, "@budget belongs to a rule whose @decision is cap"),
        (r#"@decision("cap")"#, r#"@decision("limit")"#, "@limits belongs to a rule whose @decision is limit"),
        (r#"@budget("partner")"#, r#"@budget("lunch")"#, "settings.toml has no budget lunch (it has campaign,"),
        (r#"@reason("extra")"#, r#"@reason("Not A Code")"#, "@reason must be a code"),
        (r#"@text("A text.")"#, r#"@text("no sentence")"#, "@text must be sentences for the customer"),
        (r#"@id("extra.rule")"#, r#"@id("Extra")"#, "@id must be a name"),
        (r#"@id("extra.rule")"#, r#"@id("caps.first-day")"#, "the rule caps.first-day is there twice"),
        (
            r#"@id("extra.rule")"#,
            r#"@id("extra.rule") @colour("red")"#,
            "the annotation @colour is not known (known are",
        ),
        (r#"@id("extra.rule")"#, r#"@id("extra.rule") @basis("law")"#, ""),
        (r#"Action::"spend""#, r#"Action::"sing""#, "it must name one question"),
        (r#"action == Action::"spend""#, "action", "it must name one question"),
        ("forbid", "permit", "it is a `permit` (write `forbid`"),
        ("principal.verification < 1", "principal.verificaton < 1", "attribute `verificaton`"),
        ("principal.verification < 1", r#"principal.kind == Kind::"resller""#, "resller"),
        ("principal.verification < 1", "principal.verification < ", "extra.cedar: line"),
        ("principal.verification < 1", r#"principal.verification < "one""#, "extra.rule"),
        ("principal, action", "principal == ?principal, action", "it holds a template"),
    ];
    for (from, to, expected) in cases {
        let changed = RULE.replacen(from, to, 1);
        assert_ne!(changed, RULE, "{from}");
        let told = faults(&changed);
        assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{from} → {to}:\n{told}");
    }
}

/// Each kind of fault is at its line and column, in a file of two rules.
#[test]
fn faults_have_places() {
    for (from, to, line, column) in [
        // What Cedar's parser tells.
        ("principal.verification < 1", "principal.verification < ", 7, 90),
        // A word of an attribute that the schema does not have.
        ("principal.verification < 1", "principal.verificaton < 1", 7, 64),
        // An annotation, and one that is missing: the rule then.
        (r#"@mode("live")"#, r#"@mode("dead")"#, 5, 56),
        (r#"@mode("live")"#, "", 5, 1),
        // What rules must hold to beside each other.
        (r#"@budget("partner")"#, r#"@budget("lunch")"#, 5, 1),
    ] {
        let second = RULE.replace("extra.rule", "extra.other").replacen(from, to, 1);
        let text = RULE.trim_start().to_owned() + &second;
        let error = Policy::load(Source::shipped().with("extra.cedar", &text)).unwrap_err();
        let fault = error.faults().first().unwrap();
        assert_eq!(
            (fault.file.as_str(), fault.place),
            ("extra.cedar", Some(Place { line, column })),
            "{from}: {fault}"
        );
    }
    let settings = Source::shipped().file("settings.toml").unwrap().to_owned();
    let begin = settings.lines().position(|line| line == "[budgets.campaign]").unwrap() + 1;
    let changed = settings.replacen("scope = \"campaign\"", "scope = \"planet\"", 1);
    let error = Policy::load(Source::shipped().with("settings.toml", &changed)).unwrap_err();
    assert_eq!(error.faults()[0].place, Some(Place { line: begin, column: 1 }), "{error}");
    let error = Policy::load(Source::shipped().with("settings.toml", "[places]\nembargoed = 7")).unwrap_err();
    assert_eq!(error.faults()[0].place, Some(Place { line: 2, column: 13 }), "{error}");
}

#[test]
fn a_rule_of_law_reads_no_verdict_and_has_its_own_reason() {
    let law = RULE.replace(r#"@id("extra.rule")"#, r#"@id("extra.rule") @basis("law")"#);
    let judging = law.replace("principal.verification < 1", "principal.verdict.corroboration > 1");
    assert!(faults(&judging).contains("a rule of law reads principal.verdict"));
    let shared = law.replace(r#"@reason("extra")"#, r#"@reason("unverified")"#);
    assert!(faults(&shared).contains("its reason code is that of caps.unverified too"));
}

#[test]
fn a_question_has_at_most_eight_rules() {
    let more: String = (0..3).map(|number| RULE.replace("extra.rule", &format!("extra.rule-{number}"))).collect();
    assert!(faults(&more).contains("9 rules answer the question spend (at most 8 may"), "{}", faults(&more));
}

#[test]
fn settings_and_schema_are_checked() {
    let load = |name: &str, from: &str, to: &str| {
        let source = Source::shipped();
        let text = source.file(name).unwrap().replacen(from, to, 1);
        assert_ne!(Some(text.as_str()), source.file(name));
        Policy::load(source.with(name, &text)).unwrap_err().to_string()
    };
    for (from, to, expected) in [
        (r#""CU""#, r#""Cuba""#, "the place \"Cuba\" is no code of two capital letters"),
        ("medium = 200", "medium = 2000", "the medium volume must be below the high one"),
        (
            r#"scope = "campaign""#,
            r#"scope = "planet""#,
            "the scope of budget campaign is one of account, organisation",
        ),
        (r#"period = "day""#, r#"period = "year""#, "the period of budget campaign is minute, hour or day"),
        ("requests = 500\n", "requests = 9_007_199_254_740_993\n", "each at most 2^53"),
        ("[volume]", "[volumes]", "settings.toml"),
    ] {
        let told = load("settings.toml", from, to);
        assert!(told.contains(expected), "{from} → {to}:\n{told}");
    }
    assert!(load("schema.cedarschema", "firstDay: Bool", "firstDay: Long").contains("not the one of this version"));
}

#[test]
fn expired_rules_and_rules_above_their_ceiling_are_told() {
    let later = NOW_US + 2 * 365 * 86_400_000_000;
    let faults = told(&policy::check(&Policy::shipped().unwrap(), later));
    assert!(faults.contains("caps.cedar, caps.unverified: it expired on 2027-05-31: it no longer counts"), "{faults}");
    assert!(faults.contains("embargo.cedar, embargo.network: it expired on 2027-11-30: it still acts"), "{faults}");
    // A rule that would cap a lead, one that would deny who is watched, one that denies on one family.
    for (condition, decision, whom) in [
        (
            r#"principal.verdict.tier == Tier::"lead""#,
            r#"@decision("cap") @budget("partner")"#,
            "cap an account that is lead",
        ),
        (r#"principal.verdict.standing == Standing::"watch""#, r#"@decision("deny")"#, "deny an account that is watch"),
        (
            "principal.verdict.corroboration >= 1",
            r#"@decision("limit") @limits("no_logprobs")"#,
            "limit an account that is",
        ),
    ] {
        let rule = RULE.replace("principal.verification < 1", condition).replace(r#"@budget("partner")"#, "");
        let rule = rule.replace(r#"@decision("cap")"#, decision);
        let policy = Policy::load(Source::shipped().with("extra.cedar", &rule)).unwrap();
        let faults = told(&policy::check(&policy, NOW_US));
        assert!(faults.contains("extra.cedar, extra.rule: it would ") && faults.contains(whom), "{faults}");
    }
}

#[test]
fn a_law_acts_beyond_its_expiry_and_a_contract_does_not() {
    let policy = Policy::load(Source::shipped().all_live()).unwrap();
    let later = NOW_US + 2 * 365 * 86_400_000_000;
    for rule in policy.rules() {
        assert!(rule.acts(NOW_US));
        assert_eq!(rule.acts(later), rule.basis == policy::Basis::Law, "{}", rule.id);
    }
}

#[test]
fn the_last_good_policy_stays() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("rules");
    Source::shipped().write(&place).unwrap();
    assert!(Source::shipped().write(&place).unwrap_err().to_string().contains("is not empty"));
    let live = LivePolicy::open(&place).unwrap();
    let first = live.current();
    assert!(!live.reload().unwrap());
    fs::write(place.join("extra.cedar"), RULE.replace("forbid", "forbit")).unwrap();
    assert_eq!(live.reload().unwrap_err().kind(), ErrorKind::Unfit);
    assert_eq!(live.current().hash(), first.hash());
    fs::write(place.join("extra.cedar"), RULE).unwrap();
    assert!(live.reload().unwrap());
    assert_ne!(live.current().hash(), first.hash());
    assert!(live.current().rule("extra.rule").is_some() && first.rule("extra.rule").is_none());
    fs::remove_dir_all(&place).unwrap();
    assert_eq!(live.reload().unwrap_err().kind(), ErrorKind::Unreadable);
    assert!(live.current().rule("extra.rule").is_some());
    // What tests and words say is no part of what decides.
    let told = Source::shipped().with("README.md", "other words").with("tests/caps.toml", "case = []");
    assert_eq!(Policy::load(told).unwrap().hash(), Policy::shipped().unwrap().hash());
}

#[test]
fn failing_tests_are_told() {
    let source = Source::shipped();
    let text = source.file("tests/caps.toml").unwrap().replacen("reason = \"unverified\"", "reason = \"other\"", 1);
    let policy =
        Policy::load(source.with("tests/caps.toml", &text).with("tests/odd.toml", "[[case]]\nname = 1")).unwrap();
    let tested = policy::run_tests(&policy, NOW_US).unwrap();
    let [first, second] = tested.faults.as_slice() else { panic!("{:?}", tested.faults) };
    assert!(
        first
            .to_string()
            .starts_with("tests/caps.toml, \"an account with a mail address\": the reason is unverified, and other")
    );
    assert!(second.to_string().starts_with("tests/odd.toml: line 2, column 8: "), "{second}");
    let line = text.lines().position(|line| line == "name = \"an account with a mail address\"").unwrap() + 1;
    assert_eq!(first.place, Some(Place { line, column: 8 }));
    let bare = Policy::load(Source::shipped().with("tests/information.toml", "case = []")).unwrap();
    let untested = policy::run_tests(&bare, NOW_US).unwrap().untested;
    assert_eq!(untested, ["information.logprobs", "information.reasoning"]);
}
