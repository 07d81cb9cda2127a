//! What the papers say, and what they do not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeMap;

use briefing::Blocks;
use briefing::ErrorKind;
use briefing::Quarter;
use briefing::Subject;
use case::Act;
use case::Case;
use case::Measure;
use case::Outcome;
use case::What;
use serde_json::json;

/// What an adversary wrote into a name.
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}";

fn found(id: &str, corroboration: usize, last_seen: &str) -> dossier::Case {
    let verdict = json!({
        "document": "verdict", "version": 1, "program": "0.1.0", "case": id, "accounts_entry": 3, "table_entries": 0,
        "other_sources": 0, "since_us": null, "until_us": null,
        "run": {
            "accounts": 1000, "exchanges": 25_000, "fdr": 0.01, "fdr_suspected": 0.1, "hypotheses": 2, "groups_tested": 3,
            "calibration": "bank of honest groups", "cannot_see": ["no account records were given"],
        },
        "campaign": {
            "status": "discovered", "accounts": 812, "exchanges": 9_000, "input_tokens": 1, "output_tokens": 2_345_678,
            "first_seen": "2026-04-22T00:00:00Z", "last_seen": last_seen, "confidence": 68,
            "corroboration": corroboration, "impact": 7, "e_value": 40.0, "fdr_at": 0.01, "bank": { "size": 10, "rank": 0 },
            "families": [{ "family": "content", "e_value": 40.0, "what": "one wording" }],
            "leak": { "exchanges": 1, "low": 1, "high": 1 },
            "strengths": [format!("one wording {HOSTILE}")], "limitations": ["few have records"],
            "would_change": ["a customer behind them"],
        },
        "judgement": null,
    });
    dossier::Case { entry: 7, verdict: serde_json::from_value(verdict).unwrap(), document: Vec::new() }
}

fn claims() -> Vec<dossier::Claim> {
    let claim = |id: &str, value: &str| json!({ "id": id, "what": format!("what {id} is"), "value": value, "basis": "recomputed", "how": "" });
    let all = [claim("accounts", "812"), claim("exchanges", "9,000"), claim("output-tokens", "2,345,678")];
    serde_json::from_value(json!(all)).unwrap()
}

/// A case with a measure, and appeals of which so many are overturned and upheld.
fn decided(id: &str, overturned: u64, upheld: u64) -> Case {
    let mut acts = Vec::new();
    let mut add = |who: &str, what: What| {
        let number = acts.len() as u64 + 1;
        acts.push(Act::new(id, number, who, Some("secret reason"), what).unwrap());
        number
    };
    add("ann", What::Open);
    let of = add("ann", What::Propose { measure: Measure::Deny });
    add("bob", What::Approve { of });
    for at in 0..overturned + upheld {
        let (account, text) = (format!("acct_{at}"), HOSTILE.to_owned());
        let of = add("support", What::Appeal { account, text, due: "2026-12-31T00:00:00Z".to_owned() });
        let outcome = if at < overturned { Outcome::Overturned } else { Outcome::Upheld };
        add("cleo", What::DecideAppeal { of, outcome });
    }
    Case::of(id, acts).unwrap()
}

fn is_safe(page: &str) {
    assert!(!page.contains("<script") && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("Content-Security-Policy") && page.contains("size: A4"), "{page}");
    for private in ["acct_", "ann", "support", "secret reason"] {
        let words: Vec<&str> = page.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        assert!(!words.contains(&private) && !page.contains("acct_"), "{private}");
    }
}

#[test]
fn a_brief_and_a_letter_say_what_the_dossier_says_and_name_nobody() {
    let (case, claims, acts) = (found("C-one00000", 1, "2026-05-02T00:00:00Z"), claims(), decided("C-one00000", 1, 1));
    let subject = Subject { found: &case, claims: &claims, decided: Some(&acts) };
    let brief = briefing::brief(&subject, &Blocks::new(Blocks::BRIEF));
    let letter = briefing::letter(&subject, &Blocks::new(Blocks::LETTER));
    for page in [&brief, &letter] {
        is_safe(page);
        for told in [
            "812",
            "9,000",
            "2,345,678",
            "2026-04-22",
            "deny, approved by a second person, but for 1 restored",
            "[U+202E]",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
    }
    assert!(brief.contains("68 of at most 70: one family alone speaks"), "{brief}");
    assert!(letter.contains("computed again from records") && letter.contains("2 filed, 2 decided"), "{letter}");
    assert_eq!(brief, briefing::brief(&subject, &Blocks::new(Blocks::BRIEF)));
    let without = Subject { decided: None, ..subject };
    assert!(briefing::brief(&without, &Blocks::new(Blocks::BRIEF)).contains("nobody has opened the case"));
}

#[test]
fn what_a_person_wrote_is_kept_and_escaped() {
    let case = found("C-one00000", 2, "2026-05-02T00:00:00Z");
    let subject = Subject { found: &case, claims: &[], decided: None };
    let template = Blocks::template(Blocks::BRIEF);
    let unwritten = Blocks::parse(Blocks::BRIEF, "x.toml", &template).unwrap();
    assert_eq!(
        briefing::brief(&subject, &unwritten),
        briefing::brief(&subject, &Blocks::new(Blocks::BRIEF)),
        "the file as it is made says what stands there without it"
    );
    let long = "word ".repeat(400);
    let written = format!("why_it_matters = \"\"\"\nFirst {HOSTILE}.\n\n{long}end\"\"\"\n");
    let page = briefing::brief(&subject, &Blocks::parse(Blocks::BRIEF, "x.toml", &written).unwrap());
    is_safe(&page);
    assert!(page.contains("<p>First &lt;script&gt;") && page.contains("word end</p>"), "{page}");
    for (bad, told) in [("nothing = \"x\"", "nothing"), ("why_it_matters = 3", "string"), ("why", "expected")] {
        let error = Blocks::parse(Blocks::BRIEF, "x.toml", bad).unwrap_err();
        assert!(error.kind() == ErrorKind::Blocks && error.to_string().contains(told), "{bad}: {error}");
    }
}

#[test]
fn a_quarter_is_told_in_counts_and_nobody_can_be_recognised() {
    let ids = ["C-one00000", "C-two00000", "C-three000"];
    let found: BTreeMap<String, dossier::Case> =
        ids.iter().map(|id| ((*id).to_owned(), found(id, 2, "2026-05-02T00:00:00Z"))).collect();
    let quarter = Quarter::parse("2026-Q2").unwrap();
    let blocks = Blocks::new(Blocks::QUARTERLY);
    let cases =
        |overturned: u64, upheld: u64| BTreeMap::from([(ids[0].to_owned(), decided(ids[0], overturned, upheld))]);
    let page = briefing::quarterly(quarter, &found, &cases(0, 0), &blocks);
    is_safe(&page);
    assert!(ids.iter().all(|id| !page.contains(id)), "{page}");
    assert!(page.contains("<td>Discovered</td>\n<td class=\"number\">fewer than 5</td>"), "{page}");
    assert!(page.contains("about 2,400") && page.contains("about 7,000,000"), "{page}");
    // Appeals count in the quarter in which they were filed, which is that of the test's own day.
    let now = cases(4, 12);
    let today = Quarter::of(&now[ids[0]].appeals[0].filed_at).unwrap();
    let page = briefing::quarterly(today, &BTreeMap::new(), &now, &blocks);
    assert!(page.contains("<td>Overturned: we were wrong</td>\n<td class=\"number\">fewer than 5</td>"), "{page}");
    assert!(page.contains("<td class=\"number\">about 25 %</td>"), "{page}");
    let few = briefing::quarterly(today, &BTreeMap::new(), &cases(2, 1), &blocks);
    assert!(few.contains("decided that were overturned</td>\n<td class=\"number\">too few to tell"), "{few}");
    let other = briefing::quarterly(Quarter::parse("2019-Q1").unwrap(), &found, &now, &blocks);
    assert!(other.contains("<td>Discovered</td>\n<td class=\"number\">none</td>"), "{other}");
}
