//! What sources tell of a case from outside.

use attribution::source::Source;
use attribution::source::Tier;
use case::Ask;
use case::Asked;
use case::Desk;
use case::ErrorKind;

use crate::world::CAMPAIGNS;
use crate::world::act;
use crate::world::found;

const CASE: &str = CAMPAIGNS[0].0;

fn source(id: &str, publisher: &str, cites: &[&str]) -> Source {
    Source {
        id: id.to_owned(),
        citation: format!("https://{id}.example/"),
        publisher: publisher.to_owned(),
        tier: Tier::Wire,
        at: "2026-05-01".to_owned(),
        cites: cites.iter().map(|id| (*id).to_owned()).collect(),
    }
}

#[test]
fn claims_have_independent_sources_contradictions_and_are_in_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path());
    let mut desk = Desk::open(folder.path(), None).unwrap();
    act(&mut desk, CASE, "ann", Ask::Open).unwrap();
    let add = |claim: &str, one: Source| Ask::Source { claim: claim.to_owned(), source: one };
    act(&mut desk, CASE, "ann", add("the pool is sold on a forum", source("one", "A", &[]))).unwrap();
    act(&mut desk, CASE, "ann", add("the pool  is sold on a forum", source("two", "B", &["one"]))).unwrap();
    act(&mut desk, CASE, "ann", add("it was shut down", source("three", "C", &[]))).unwrap();
    let against = Ask::Contest { of: 2, source: source("four", "D", &[]) };
    let case = act(&mut desk, CASE, "bob", against.clone()).unwrap();
    let claims = case.claims();
    assert_eq!(claims.len(), 2);
    // Two sources, of which one repeats the other, and one against them.
    assert_eq!((claims[0].standing.independent, claims[0].standing.contradicted_by), (1, 1));
    assert_eq!((claims[0].acts.as_slice(), claims[0].contested_by.as_slice()), ([2, 3].as_slice(), [5].as_slice()));
    // The same name twice, a source of nothing, and a contradiction of what is no source.
    for ask in [add("x", source("one", "E", &[])), Ask::Contest { of: 1, source: source("five", "E", &[]) }] {
        assert_eq!(act(&mut desk, CASE, "ann", ask).unwrap_err().kind(), ErrorKind::NotAllowed);
    }
    let bad = add(" ", source("five", "E", &[]));
    assert_eq!(act(&mut desk, CASE, "ann", bad).unwrap_err().kind(), ErrorKind::Malformed);
    let unsaid = Asked { who: "ann", why: None, saw: None };
    let again = Ask::Contest { of: 2, source: source("six", "F", &[]) };
    assert_eq!(desk.act(CASE, unsaid, again).unwrap_err().kind(), ErrorKind::Malformed);
    // What is withdrawn counts no longer, and neither does what contradicts it.
    let case = act(&mut desk, CASE, "ann", Ask::Withdraw(2)).unwrap();
    assert_eq!(case.claims()[0].standing.contradicted_by, 0);
    // Another store that follows the ledger says the same.
    std::fs::remove_file(folder.path().join("cases.sqlite")).unwrap();
    drop(desk);
    let mut desk = Desk::open(folder.path(), None).unwrap();
    assert_eq!(desk.case(CASE).unwrap().unwrap().claims(), case.claims());
}
