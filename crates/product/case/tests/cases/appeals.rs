//! Appeals: who may do what, and what an overturned one does.

use std::collections::BTreeSet;

use case::AppealState;
use case::Ask;
use case::Case;
use case::Desk;
use case::ErrorKind;
use case::MAX_APPEAL;
use case::Measure;
use case::Outcome;
use case::appeal_id;

use crate::world::CAMPAIGNS;
use crate::world::account;
use crate::world::act;
use crate::world::found;

const CASE: &str = CAMPAIGNS[0].0;

/// A case in which ann proposed a measure and bob approved it.
fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path());
    let mut desk = Desk::open(folder.path(), None).unwrap();
    act(&mut desk, CASE, "ann", Ask::Open).unwrap();
    act(&mut desk, CASE, "ann", Ask::Propose(Measure::Deny)).unwrap();
    act(&mut desk, CASE, "bob", Ask::Approve(None)).unwrap();
    (folder, desk)
}

fn appeal(at: usize) -> Ask {
    Ask::Appeal { account: account(CASE, at), text: "  we are a class \u{202e}<b> ".to_owned(), days: 14 }
}

fn states(case: &Case) -> Vec<AppealState> {
    case.appeals.iter().map(|appeal| appeal.state).collect()
}

#[test]
fn an_appeal_is_read_by_somebody_who_decided_nothing_and_restores_the_account() {
    let (_folder, mut desk) = desk();
    let case = act(&mut desk, CASE, "support", appeal(2)).unwrap();
    let (id, number) = (case.appeals[0].id.clone(), case.appeals[0].number);
    assert_eq!(appeal_id(&id).unwrap(), (CASE, number));
    assert_eq!(case.appeals[0].text, "we are a class \u{202e}<b>");
    let to = |who: &str| Ask::AssignAppeal { of: number, to: who.to_owned() };
    let decide = |outcome: Outcome| Ask::DecideAppeal { of: number, outcome };
    // Whoever proposed or approved the measure neither reads nor decides, in any spelling.
    for who in ["ann", "Bob", " BOB "] {
        assert_eq!(act(&mut desk, CASE, "support", to(who)).unwrap_err().kind(), ErrorKind::NotAllowed, "{who}");
        let told = act(&mut desk, CASE, who, decide(Outcome::Upheld)).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::NotAllowed, "{told}");
    }
    act(&mut desk, CASE, "support", to("cleo")).unwrap();
    let told = act(&mut desk, CASE, "dan", decide(Outcome::Overturned)).unwrap_err();
    assert!(told.to_string().contains("is read by cleo"), "{told}");
    let attach = Ask::AttachToAppeal { of: number, text: "the syllabus".to_owned() };
    act(&mut desk, CASE, "support", attach.clone()).unwrap();
    // A case that is closed keeps its appeals open.
    act(&mut desk, CASE, "ann", Ask::Close).unwrap();
    assert!(desk.rulings().unwrap().0.cuts.is_empty());
    let case = act(&mut desk, CASE, "Cleo", decide(Outcome::Overturned)).unwrap();
    assert_eq!(states(&case), [AppealState::Overturned]);
    assert_eq!(case.restored().collect::<Vec<_>>(), [account(CASE, 2)]);
    // The next hunt has the account in no group; the measure stands for the others.
    assert_eq!(desk.rulings().unwrap().0.cuts, [BTreeSet::from([account(CASE, 2)])]);
    assert!(case.enforcement.is_some());
    for ask in [attach, decide(Outcome::Upheld), appeal(2)] {
        assert_eq!(act(&mut desk, CASE, "cleo", ask).unwrap_err().kind(), ErrorKind::NotAllowed);
    }
    // What restored it can be taken back, with a reason, and then there may be another appeal.
    act(&mut desk, CASE, "ann", Ask::Reopen).unwrap();
    let ruled = case.appeals[0].decision.as_ref().unwrap().number;
    let case = act(&mut desk, CASE, "eve", Ask::Withdraw(ruled)).unwrap();
    assert_eq!((states(&case), case.restored().count()), (vec![AppealState::Withdrawn], 0));
    assert!(desk.rulings().unwrap().0.cuts.is_empty());
    let case = act(&mut desk, CASE, "support", appeal(2)).unwrap();
    let second = Ask::DecideAppeal { of: case.appeals[1].number, outcome: Outcome::Upheld };
    let told = act(&mut desk, CASE, "cleo", second.clone()).unwrap_err();
    assert!(told.to_string().contains("decided on this account before"), "{told}");
    let case = act(&mut desk, CASE, "dan", second).unwrap();
    assert_eq!(states(&case), [AppealState::Withdrawn, AppealState::Upheld]);
    assert_eq!(desk.case(CASE).unwrap().unwrap(), case, "what is stored is what was said");
}

#[test]
fn what_is_no_appeal_is_refused_and_nothing_is_done() {
    let (_folder, mut desk) = desk();
    let text = |text: &str| Ask::Appeal { account: account(CASE, 1), text: text.to_owned(), days: 14 };
    let version = desk.case(CASE).unwrap().unwrap().version;
    let days = |days: i64| Ask::Appeal { account: account(CASE, 1), text: "x".to_owned(), days };
    let stranger = Ask::Appeal { account: "stranger".to_owned(), text: "x".to_owned(), days: 14 };
    let of_nothing = Ask::AssignAppeal { of: 1, to: "cleo".to_owned() };
    for (ask, kind) in [
        (text(""), ErrorKind::Malformed),
        (text(&"x".repeat(MAX_APPEAL + 1)), ErrorKind::Malformed),
        (days(0), ErrorKind::Malformed),
        (days(91), ErrorKind::Malformed),
        (stranger, ErrorKind::Unknown),
        (of_nothing, ErrorKind::NotAllowed),
        (Ask::Withdraw(version), ErrorKind::NotAllowed),
    ] {
        assert_eq!(act(&mut desk, CASE, "support", ask.clone()).unwrap_err().kind(), kind, "{ask:?}");
        assert_eq!(desk.case(CASE).unwrap().unwrap().version, version);
    }
    act(&mut desk, CASE, "support", text("x")).unwrap();
    let told = act(&mut desk, CASE, "support", text("again")).unwrap_err();
    assert!(told.to_string().contains("is not decided"), "{told}");
    for bad in ["C-one00000", "C-one00000.x", ""] {
        assert!(appeal_id(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_time_of_an_appeal_ends() {
    let (_folder, mut desk) = desk();
    let case = act(&mut desk, CASE, "support", appeal(1)).unwrap();
    let in_days = |days: i64| jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let late = |days: i64| case.appeals[0].is_overdue(in_days(days));
    assert!(!late(13) && late(15));
}

#[test]
fn appeals_are_in_the_ledger_and_come_back_from_it() {
    let (folder, mut desk) = desk();
    let case = act(&mut desk, CASE, "support", appeal(3)).unwrap();
    drop(desk);
    std::fs::remove_file(folder.path().join("cases.sqlite")).unwrap();
    let mut desk = Desk::open(folder.path(), None).unwrap();
    assert_eq!(desk.case(CASE).unwrap().unwrap(), case);
}

/// A store as the tests of conformance have it: the same appeals whatever keeps them.
pub fn conforms(store: Box<dyn case::Store>) {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path());
    let mut desk = Desk::with(store, folder.path()).unwrap();
    act(&mut desk, CASE, "ann", Ask::Open).unwrap();
    let number = act(&mut desk, CASE, "support", appeal(0)).unwrap().version;
    act(&mut desk, CASE, "support", Ask::AttachToAppeal { of: number, text: "\u{0}é".to_owned() }).unwrap();
    act(&mut desk, CASE, "dan", Ask::DecideAppeal { of: number, outcome: Outcome::Overturned }).unwrap();
    let case = desk.case(CASE).unwrap().unwrap();
    assert_eq!((states(&case), case.appeals[0].evidence[0].text.as_str()), (vec![AppealState::Overturned], "\u{0}é"));
    assert_eq!(desk.rulings().unwrap().0.cuts.len(), 1);
}
