//! Independence of sources.

use attribution::source::ONE_SOURCE_CAP;
use attribution::source::Source;
use attribution::source::Tier;
use attribution::source::standing;

fn source(id: &str, publisher: &str, at: &str, cites: &[&str]) -> Source {
    Source {
        id: id.to_owned(),
        citation: format!("https://{id}.example/"),
        publisher: publisher.to_owned(),
        tier: Tier::Specialist,
        at: at.to_owned(),
        cites: cites.iter().map(|id| (*id).to_owned()).collect(),
    }
}

#[test]
fn two_that_cite_one_are_one_and_so_are_two_of_one_publisher() {
    let origin = source("origin", "Wire", "2026-05-01", &[]);
    let first = source("first", "Post", "2026-05-02", &["origin"]);
    let second = source("second", "Times", "2026-05-03", &["first"]);
    let sister = source("sister", " wire ", "2026-05-04", &[]);
    let apart = source("apart", "Gazette", "2026-04-30", &[]);
    let all = [&origin, &first, &second, &sister, &apart];
    // Through a chain of which the middle is not given for the claim.
    assert_eq!(standing(&[&origin, &second], &[], &all).independent, 1);
    assert_eq!(standing(&[&first, &second], &[], &all).independent, 1);
    assert_eq!(standing(&[&origin, &sister], &[], &all).independent, 1);
    // One that joins two which were apart.
    let joining = source("joining", "Echo", "2026-05-05", &["origin", "apart"]);
    let known = [&origin, &first, &second, &sister, &apart, &joining];
    assert_eq!(standing(&[&origin, &apart], &[], &known).independent, 2);
    assert_eq!(standing(&[&origin, &apart, &joining], &[], &known).independent, 1);
    assert_eq!(standing(&[], &[], &known).cap, 0);
}

#[test]
fn one_source_is_marked_and_capped_and_a_contradiction_is_shown() {
    let (one, other) = (source("one", "A", "2026-05-02", &[]), source("other", "B", "2026-05-01", &[]));
    let repeat = source("repeat", "C", "2026-05-03T08:00:00Z", &["one"]);
    let all = [&one, &other, &repeat];
    let told = standing(&[&one, &repeat], &[&other], &all);
    assert_eq!((told.independent, told.contradicted_by, told.cap), (1, 1, ONE_SOURCE_CAP));
    assert!(told.words.contains("ONE independent source (of 2)") && told.words.contains("CONTRADICTED by 1"));
    // How it spread: by time, with what repeats what.
    let spread: Vec<(&str, bool, Option<&str>)> =
        told.timeline.iter().map(|one| (one.source.as_str(), one.against, one.repeats.as_deref())).collect();
    assert_eq!(spread, [("other", true, None), ("one", false, None), ("repeat", false, Some("one"))]);
    assert_eq!(standing(&[&one, &other], &[], &all).cap, 100);
}

#[test]
fn a_circle_of_citations_ends() {
    let (one, other) = (source("one", "A", "2026-05-02", &["other"]), source("other", "B", "2026-05-01", &["one"]));
    assert_eq!(standing(&[&one, &other], &[], &[&one, &other]).independent, 1);
}

#[test]
fn what_is_not_well_formed_is_refused_with_the_fix() {
    assert!(source("a", "b", "2026-05-01T10:00:00Z", &[]).check().is_ok());
    for (bad, word) in [
        (source("a", "b", "yesterday", &[]), "2026-05-01"),
        (source("a", " ", "2026-05-01", &[]), "publisher"),
        (source("a", "b", "2026-05-01", &["a"]), "itself"),
        (source("", "b", "2026-05-01", &[]), "id"),
    ] {
        assert!(bad.check().unwrap_err().to_string().contains(word), "{bad:?}");
    }
}
