//! Every reason has a notice, and no notice teaches.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use notice::ErrorKind;
use notice::Facts;
use notice::Templates;

const FACTS: Facts<'_> = Facts {
    account: "acct_17",
    service: "Example Models",
    reference: "C-fecy91vc.7",
    due: "10 December 2026",
    contact: "appeals@models.example",
};

#[test]
fn every_reason_of_the_shipped_rules_has_a_notice() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../policies");
    let mut reasons = BTreeSet::from(["appeal_filed", "appeal_upheld", "appeal_overturned"].map(str::to_owned));
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "cedar") {
            let text = fs::read_to_string(path).unwrap();
            let named = text.lines().filter_map(|line| line.strip_prefix("@reason(\"")?.strip_suffix("\")"));
            // A rule that only observes tells nobody anything.
            reasons.extend(named.filter(|reason| *reason != "none").map(str::to_owned));
        }
    }
    assert!(reasons.len() > 15, "{reasons:?}");
    let templates = Templates::shipped().unwrap();
    assert_eq!(templates.reasons("en").map(str::to_owned).collect::<BTreeSet<_>>(), reasons);
    for reason in &reasons {
        let notice = templates.notice("en", reason, &FACTS).unwrap();
        assert!(!notice.text.contains('{') && !notice.subject.contains('{'), "{}", notice.text);
        assert!(notice.text.contains("acct_17") && notice.text.contains("C-fecy91vc.7"), "{}", notice.text);
        assert_eq!(notice.reviewed, None, "nobody reviewed what is shipped");
    }
}

#[test]
fn a_notice_reads_as_it_was_written() {
    let notice = Templates::shipped().unwrap().notice("en", "coordinated_extraction", &FACTS).unwrap();
    let golden = include_str!("coordinated_extraction.txt");
    assert_eq!(format!("{}\n\n{}", notice.subject, notice.text), golden);
}

#[test]
fn a_value_is_one_line_and_fills_no_other_place() {
    let facts = Facts { account: "a{contact}\n\u{202e}b", ..FACTS };
    let notice = Templates::shipped().unwrap().notice("en", "first_day", &facts).unwrap();
    assert!(notice.text.starts_with("This is about your account a{contact}b at Example Models."), "{}", notice.text);
    let long = "x".repeat(5_000);
    let notice = Templates::shipped().unwrap().notice("en", "first_day", &Facts { account: &long, ..FACTS }).unwrap();
    assert!(notice.text.len() < 1_000);
}

#[test]
fn another_language_takes_its_place_and_english_where_it_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let german = "reviewed_by = \"R. Beispiel\"\nreviewed_on = \"2026-11-01\"\nforbidden = [\"karte\"]\ngreeting = \"Es geht um Ihr Konto \
                  {account}.\"\nappeal = \"Sie können widersprechen.\"\nclosing = \"{service}\"\n[notice.first_day]\nsubject = \"Ihr Konto ist \
                  neu\"\nseen = \"Neue Konten haben eine Grenze.\"\nmeans = \"Sie geht von selbst weg.\"\nyou_can = \"Sie müssen nichts tun.\"\n";
    let path = folder.path().join("de.toml");
    fs::write(&path, german).unwrap();
    let templates = Templates::load(folder.path()).unwrap();
    let notice = templates.notice("de", "first_day", &FACTS).unwrap();
    assert_eq!(
        (notice.subject.as_str(), notice.reviewed.as_deref()),
        ("Ihr Konto ist neu", Some("R. Beispiel, 2026-11-01"))
    );
    assert_eq!(templates.notice("de", "unverified", &FACTS).unwrap().language, "en");
    assert_eq!(templates.notice("de", "no_such", &FACTS).unwrap_err().kind(), ErrorKind::Unknown);
    for (old, new, told) in [
        ("eine Grenze", "eine Grenze von 500", "a number"),
        ("eine Grenze", "keine KARTE", "karte"),
        ("{service}", "{secret}", "{secret}"),
        ("Sie müssen nichts tun.", " ", "empty"),
        ("seen =", "saw =", "saw"),
    ] {
        fs::write(&path, german.replace(old, new)).unwrap();
        let error = Templates::load(folder.path()).unwrap_err();
        assert!(error.kind() == ErrorKind::Unfit && error.to_string().contains(told), "{new}: {error}");
    }
    fs::rename(&path, folder.path().join("d e.toml")).unwrap();
    assert!(Templates::load(folder.path()).unwrap_err().to_string().contains("tag of a language"));
}
