//! What may be done with a case, when, and by whom.

use case::Act;
use case::Ask;
use case::Asked;
use case::Case;
use case::Desk;
use case::ErrorKind;
use case::MAX_NOTE;
use case::Measure;
use case::Phase;
use case::What;
use proptest::prelude::*;

use crate::world::CAMPAIGNS;
use crate::world::account;
use crate::world::act;
use crate::world::found;

const CASE: &str = CAMPAIGNS[0].0;
const OTHER: &str = CAMPAIGNS[1].0;

fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path());
    let mut desk = Desk::open(folder.path(), None).unwrap();
    act(&mut desk, CASE, "ann", Ask::Open).unwrap();
    (folder, desk)
}

#[test]
fn a_case_from_its_opening_to_its_end() {
    let (_folder, mut desk) = desk();
    let case = act(&mut desk, CASE, "ann", Ask::Assign(Some("bob".to_owned()))).unwrap();
    assert_eq!((case.phase, case.assignee.as_deref()), (Phase::Acknowledged, Some("bob")));
    assert!(case.seconds_to_acknowledge.is_some() && case.seconds_to_decide.is_none());
    act(&mut desk, CASE, "bob", Ask::Propose(Measure::Deny)).unwrap();
    for who in ["bob", "Bob", " BOB "] {
        let told = act(&mut desk, CASE, who, Ask::Approve(None)).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::NotAllowed, "{told}");
    }
    let case = act(&mut desk, CASE, "ann", Ask::Approve(None)).unwrap();
    assert_eq!((case.phase, case.seconds_to_decide.is_some()), (Phase::Decided, true));
    assert_eq!(case.enforcement.as_ref().unwrap().approved_by.as_deref(), Some("ann"));
    assert_eq!(act(&mut desk, CASE, "ann", Ask::Clear).unwrap_err().kind(), ErrorKind::NotAllowed);
    act(&mut desk, CASE, "ann", Ask::Close).unwrap();
    assert_eq!(act(&mut desk, CASE, "ann", Ask::Clear).unwrap_err().kind(), ErrorKind::NotAllowed);
    let case = act(&mut desk, CASE, "ann", Ask::Reopen).unwrap();
    assert_eq!((case.phase, case.version), (Phase::Reopened, 6));
    assert_eq!(desk.case(CASE).unwrap().unwrap(), case);
}

#[test]
fn what_is_not_well_formed_is_refused_and_nothing_is_done() {
    let (_folder, mut desk) = desk();
    let mut refused = |who: &str, why: Option<&str>, ask: Ask| {
        let told = desk.act(CASE, Asked { who, why, saw: None }, ask).unwrap_err();
        assert_eq!(desk.case(CASE).unwrap().unwrap().version, 1);
        told.kind()
    };
    let note = || Ask::Note("seen".to_owned());
    for who in ["", "  ", "a\u{202e}b", "a\nb", "\u{1b}[31m", "<b>ann</b>", &"a".repeat(201)] {
        assert_eq!(refused(who, None, note()), ErrorKind::Malformed, "{who:?}");
    }
    for ask in [Ask::Clear, Ask::Close, Ask::Cut(vec![account(CASE, 0)]), Ask::Propose(Measure::Cap), Ask::Reopen] {
        assert_eq!(refused("ann", Some("  "), ask.clone()), ErrorKind::Malformed, "{ask:?} without a reason");
    }
    assert_eq!(refused("ann", None, Ask::Note("x".repeat(MAX_NOTE + 1))), ErrorKind::Malformed);
    assert_eq!(refused("ann", Some("w"), Ask::Cut(vec![])), ErrorKind::Malformed);
    assert_eq!(refused("ann", Some("w"), Ask::Cut((0..8).map(|at| account(CASE, at)).collect())), ErrorKind::Malformed);
    assert_eq!(refused("ann", Some("w"), Ask::Cut(vec!["stranger".to_owned()])), ErrorKind::Unknown);
    assert_eq!(
        refused("ann", Some("w"), Ask::Pin { accounts: vec![], with: vec!["C-none".to_owned()] }),
        ErrorKind::Unknown
    );
    assert_eq!(refused("ann", None, Ask::Open), ErrorKind::NotAllowed);
    assert_eq!(act(&mut desk, OTHER, "ann", note()).unwrap_err().kind(), ErrorKind::NotAllowed);
    assert_eq!(act(&mut desk, "C-none", "ann", Ask::Open).unwrap_err().kind(), ErrorKind::Unknown);
}

#[test]
fn whoever_saw_an_older_version_is_told() {
    let (_folder, mut desk) = desk();
    let asked = |who, saw| Asked { who, why: None, saw: Some(saw) };
    desk.act(CASE, asked("ann", 1), Ask::Acknowledge).unwrap();
    let told = desk.act(CASE, asked("bob", 1), Ask::Note("late".to_owned())).unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Conflict);
    assert!(told.to_string().contains("version 2"), "{told}");
    assert_eq!(desk.act(CASE, asked("bob", 2), Ask::Note("again".to_owned())).unwrap().version, 3);
}

#[test]
fn cuts_pins_and_cleared_groups_are_told_while_they_hold() {
    let (_folder, mut desk) = desk();
    act(&mut desk, OTHER, "ann", Ask::Open).unwrap();
    act(&mut desk, CASE, "ann", Ask::Cut(vec![account(CASE, 1), account(CASE, 0), account(CASE, 1)])).unwrap();
    let pin = || Ask::Pin { accounts: vec!["more".to_owned()], with: vec![OTHER.to_owned()] };
    let told = act(&mut desk, CASE, "ann", pin()).unwrap_err();
    assert!(told.kind() == ErrorKind::NotAllowed && told.to_string().contains("act 2"), "{told}");
    let (rulings, honest) = desk.rulings().unwrap();
    assert_eq!(rulings.cuts, [[account(CASE, 0), account(CASE, 1)].into()]);
    assert!(rulings.pins.is_empty() && rulings.cleared.is_empty() && honest.is_empty());
    act(&mut desk, CASE, "ann", Ask::Withdraw(2)).unwrap();
    assert_eq!(act(&mut desk, CASE, "ann", Ask::Withdraw(2)).unwrap_err().kind(), ErrorKind::NotAllowed);
    act(&mut desk, CASE, "ann", pin()).unwrap();
    act(&mut desk, OTHER, "ann", Ask::Clear).unwrap();
    let (rulings, honest) = desk.rulings().unwrap();
    assert!(rulings.cuts.is_empty());
    assert_eq!(rulings.pins.len(), 1);
    assert_eq!(rulings.pins[0].len(), 8 + 6 + 1);
    assert_eq!(rulings.cleared.len(), 1);
    assert_eq!((honest.len(), &honest[0]["ties"]), (1, &"frames".into()));
    act(&mut desk, OTHER, "ann", Ask::Reopen).unwrap();
    assert!(desk.rulings().unwrap().0.cleared.is_empty());
}

fn what() -> impl Strategy<Value = What> {
    let accounts = || vec!["a".to_owned(), "b".to_owned()];
    prop_oneof![
        Just(What::Open),
        Just(What::Acknowledge),
        proptest::option::of("[a-c]").prop_map(|to| What::Assign { to }),
        "[a-c]{1,3}".prop_map(|text| What::Note { text }),
        Just(What::Cut { accounts: accounts() }),
        Just(What::Pin { accounts: accounts() }),
        Just(What::Clear { accounts: accounts(), groups: Vec::new() }),
        proptest::sample::select(Measure::ALL.to_vec()).prop_map(|measure| What::Propose { measure }),
        (1_u64..12).prop_map(|of| What::Approve { of }),
        (1_u64..12).prop_map(|of| What::Withdraw { of }),
        Just(What::Close),
        Just(What::Reopen),
    ]
}

proptest! {
    /// Whatever is tried in whatever order: what was refused changes nothing, nobody approves alone, nothing that is closed is
    /// decided, and the stored form says it all.
    #[test]
    fn no_order_of_acts_breaks_the_rules(tried in prop::collection::vec((what(), "[abA]"), 1..40)) {
        let mut acts: Vec<Act> = Vec::new();
        for (what, who) in tried {
            let before = Case::of("C-1", acts.clone()).unwrap();
            let act = Act::new("C-1", before.version + 1, &who, Some("why"), what).unwrap();
            if before.check(&act).is_err() {
                continue;
            }
            let read = Act::from_bytes(&act.to_bytes().unwrap()).unwrap();
            prop_assert_eq!(&read, &act);
            acts.push(read);
            let after = Case::of("C-1", acts.clone()).unwrap();
            prop_assert_eq!(after.version, acts.len() as u64);
            if before.phase == Phase::Closed && before.version > 0 {
                let may = matches!(act.what, What::Note { .. } | What::Reopen);
                prop_assert!(may);
            }
            if let Some(proposed) = &after.enforcement
                && let Some(second) = &proposed.approved_by
            {
                prop_assert!(!second.eq_ignore_ascii_case(&proposed.by));
                prop_assert!(!after.cleared);
            }
        }
    }
}
