//! The page of results that are drawn by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests may panic"
)]

mod common;

use std::fs;
use std::path::Path;

use common::campaign;
use common::nothing;

const NAMES: [&str; 4] = ["acct_1", "acct_2", "acct_3", "acct_4"];

/// `UPDATE_GOLDEN=1` writes the files anew; look at the page before it is kept.
fn compare(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, page).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (ours, theirs)) in (1..).zip(page.lines().zip(expected.lines())) {
        assert_eq!(ours, theirs, "{name}, line {number}");
    }
    assert_eq!(page.lines().count(), expected.lines().count(), "{name} has more or fewer lines");
}

#[test]
fn pages_are_as_they_were() {
    compare("campaign.html", &campaign(&NAMES, "a wording").page());
    compare("nothing.html", &nothing().page());
}

/// Every element is closed by its own tag, in its order.
fn assert_well_formed(page: &str) {
    const VOID: [&str; 3] = ["meta", "br", "!doctype"];
    let body = page.replace(include_str!("../../src/style.css"), "");
    let mut open: Vec<&str> = Vec::new();
    for part in body.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '\n']).next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed by {tag}");
        } else if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes of {tag}");
    }
    assert!(open.is_empty(), "{open:?} are open");
}

#[test]
fn pages_are_well_formed() {
    for page in [campaign(&NAMES, "plain").page(), nothing().page(), campaign(&["one", "two"], "<\"'>&").page()] {
        assert_well_formed(&page);
    }
}

#[test]
fn what_an_adversary_writes_is_text_and_nothing_else() {
    let plain = campaign(&NAMES, "x").page();
    let long = "A".repeat(100_000);
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style></title></svg><svg onload=alert(1)>",
        "<!-- --><![CDATA[ ]]>&lt;&#60;",
        "a\u{202e}b\u{2066}c\u{2028}d\u{2029}e\u{0}f\u{1b}[31m\u{feff}\u{e0041}",
        "javascript:alert(1)",
        long.as_str(),
    ];
    let tags = |page: &str| -> Vec<String> {
        let start = |part: &str| {
            part.split(|c: char| !c.is_ascii_alphanumeric() && c != '/' && c != '!').next().unwrap().to_owned()
        };
        page.split('<').skip(1).map(start).collect()
    };
    for text in hostile {
        let names: Vec<String> = (1..=4).map(|at| format!("{at}{text}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let page = campaign(&names, text).page();
        assert_eq!(tags(&page), tags(&plain), "{text:.60} made an element");
        assert_well_formed(&page);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<!--"), "{text:.60}");
        let hidden = ['\u{202e}', '\u{2066}', '\u{2028}', '\u{2029}', '\u{0}', '\u{1b}', '\u{feff}', '\u{e0041}'];
        assert!(!page.contains(hidden), "{text:.60}");
        assert!(page.len() < plain.len() + 60_000, "{} bytes for {text:.60}", page.len());
    }
    assert!(campaign(&NAMES, "<b>").page().contains("&lt;b&gt;"), "a hostile text is shown");
}

/// No script, no handler, no address of anything outside: the page stands alone.
#[test]
fn the_page_asks_for_nothing() {
    let page = campaign(&NAMES, "plain").page();
    assert!(
        page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'")
    );
    for word in
        ["<script", "javascript:", "http://", "https://", "src=", "@import", "url(", "<link", "<iframe", "<form", " on"]
    {
        let handlers = word == " on";
        let found = page
            .match_indices(word)
            .any(|(at, _)| !handlers || page[at + 1..].starts_with("onload") || page[at + 1..].starts_with("onclick"));
        assert!(!found, "{word} is in the page");
    }
    let links: Vec<&str> = page.split("href=\"").skip(1).map(|part| part.split('"').next().unwrap()).collect();
    assert!(!links.is_empty());
    assert!(
        links.iter().all(|link| link.starts_with('#') && page.contains(&format!("id=\"{}\"", &link[1..]))),
        "{links:?}"
    );
}

#[test]
fn every_drawing_has_a_text_alternative_and_axes_have_units() {
    let page = campaign(&NAMES, "plain").page();
    let drawings: Vec<&str> = page.split("<svg").skip(1).map(|part| part.split('>').next().unwrap()).collect();
    assert!(drawings.len() >= 7, "{}", drawings.len());
    for drawing in drawings {
        let alternative = drawing.split("aria-label=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert!(drawing.contains("role=\"img\"") && alternative.is_some_and(|text| text.len() > 20), "{drawing}");
    }
    for unit in ["exchanges a day", ">accounts<", "day (UTC)", "hour of the day (UTC)", "share of prompts"] {
        assert!(page.contains(unit), "{unit}");
    }
}

#[test]
fn figures_stand_with_what_they_claim() {
    let page = campaign(&NAMES, "plain").page();
    for text in [
        "99 of 100",
        "false discovery rate, of those tried, at which it is a discovery: 0.5 %",
        "394",
        "between 250 and 394",
        "958",
        "355",
        "Compared with 2,000 of its kind (this deployment’s own honest groups); none score as much or more.",
        "2026-04-22 00:00:01",
        "2026-05-02 21:17:09",
        "12 of 3,379",
        "Nothing is claimed of a lead",
        "At most one in twenty",
        "1,234,567 out",
        "0.61",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
}

#[test]
fn a_page_without_a_campaign_says_what_was_looked_at() {
    let page = nothing().page();
    for text in [
        "No campaign.",
        "1,200 exchanges of 40 accounts",
        "7 groups of accounts were formed and tested",
        "That is no proof that the log holds no campaign",
        "3 records were refused",
        "no account records were given",
        "Who the accounts are; where requests come from.",
        "What no log shows to this method",
        "64,569",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert!(!page.contains("<svg"), "nothing is drawn of nothing");
}

/// The page of many accounts and campaigns stays small, and says what it leaves out.
#[test]
fn the_size_is_bounded() {
    let names: Vec<String> = (0..20_000).map(|at| format!("acct_{at:05}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut results = campaign(&names, "plain");
    let one = results.page();
    assert!(one.contains("19,950 more are in accounts.jsonl"));
    assert!(one.len() < 150_000, "{} bytes", one.len());
    let first = results.campaigns[0].clone();
    results.campaigns = (0..500).map(|at| campaign::Campaign { id: format!("C-{at:08}"), ..first.clone() }).collect();
    results.charts = vec![results.charts[0].clone(); 20];
    results.leads = vec![results.leads[0].clone(); 1_000];
    let many = results.page();
    assert!(many.len() < 4_000_000, "{} bytes", many.len());
    assert!(many.contains("300 more campaigns are in campaigns.json"));
    assert!(many.contains("960 more are in leads.json"));
}
