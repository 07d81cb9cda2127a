//! One page on a case, for people who decide.

use crate::Subject;
use crate::blocks::Blocks;
use crate::blocks::Known;
use crate::page::begin;
use crate::page::day;
use crate::page::element;
use crate::page::end;
use crate::page::facts;
use crate::page::list;
use crate::page::measure;
use crate::page::section;
use crate::page::timeline;

/// Lines of a list: with more the brief is longer than a page.
const LINES: usize = 3;
/// Days of the timeline.
const DAYS: usize = 7;
/// Confidence where one family speaks.
const CAP: u32 = 70;

impl Blocks {
    /// The blocks of a brief.
    pub const BRIEF: Known = &[
        (
            "why_it_matters",
            "Why it matters, in three sentences: what is lost, and what it would be used for.",
            "(Not written yet: what is lost, and what it would be used for.)\n",
        ),
        (
            "who_is_affected",
            "Who is affected beyond the accounts: customers, partners, the public.",
            "(Not written yet: customers, partners, the public.)\n",
        ),
        (
            "impact",
            "Impact, weighed by regulatory, financial and operational consequence, and not by volume.",
            "(Not written yet: the figure above is the program's, from what was served; a person weighs regulatory, financial and \
             operational consequence.)\n",
        ),
        (
            "second_order",
            "Second-order effects: what follows from what follows.",
            "(Not written yet: what others will do once this is known, and once it is stopped.)\n",
        ),
        ("watch_next", "What to watch next, beside what the verdict itself says would change it.", ""),
    ];
}

/// A page on a case. The same input gives the same text.
#[must_use]
pub fn brief(subject: &Subject<'_>, blocks: &Blocks) -> String {
    let (verdict, campaign) = (&subject.found.verdict, &subject.found.verdict.campaign);
    let mut page = begin(&format!("Brief on case {}", verdict.case), "");
    page.element("h1", "", &format!("Case {}: {} campaign", verdict.case, campaign.status));
    let cap = if campaign.corroboration < 2 {
        format!("{} of at most {CAP}: one family alone speaks", campaign.confidence)
    } else if campaign.corroborated_by_others {
        format!("{} of 100; one family corroborates, and the others together", campaign.confidence)
    } else {
        format!("{} of 100; {} families corroborate", campaign.confidence, campaign.corroboration)
    };
    page.element("p", "quiet", &format!("Entry {} of the ledger. Program {}.", subject.found.entry, verdict.program));
    page.raw("<div class=\"columns\"><div>\n");
    page.element("h2", "", "Key facts");
    facts(
        &mut page,
        &[
            ("Accounts", subject.value("accounts").to_owned()),
            ("Exchanges", subject.value("exchanges").to_owned()),
            ("Tokens served", subject.value("output-tokens").to_owned()),
            ("First seen", day(&campaign.first_seen).to_owned()),
            ("Last seen", day(&campaign.last_seen).to_owned()),
            ("Impact, 1 to 10", campaign.impact.to_string()),
        ],
    );
    element(&mut page, "p", &format!("Confidence: {cap}. Measure: {}.", measure(subject.decided)));
    page.raw("</div><div>\n");
    page.element("h2", "", "Timeline");
    let mut days = vec![
        (day(&campaign.first_seen).to_owned(), "First exchange".to_owned()),
        (day(&campaign.last_seen).to_owned(), "Last exchange seen".to_owned()),
    ];
    days.extend(timeline(subject.decided));
    days.sort_by(|(one, _), (other, _)| one.cmp(other));
    let left_out = days.len().saturating_sub(DAYS);
    let rows: Vec<(&str, &str)> = days.iter().take(DAYS).map(|(day, what)| (what.as_str(), day.as_str())).collect();
    facts(&mut page, &rows);
    if left_out > 0 {
        page.element("p", "quiet", &format!("and {left_out} more, in the case"));
    }
    page.raw("</div></div>\n");
    section(&mut page, "Why it matters", blocks, "why_it_matters");
    section(&mut page, "Who is affected", blocks, "who_is_affected");
    section(&mut page, "Impact", blocks, "impact");
    page.raw("<div class=\"columns\"><div>\n");
    page.element("h2", "", "What speaks for it");
    list(&mut page, &campaign.strengths, LINES);
    page.raw("</div><div>\n");
    page.element("h2", "", "What speaks against it");
    list(&mut page, &campaign.limitations, LINES);
    page.raw("</div></div>\n");
    sources(&mut page, subject);
    section(&mut page, "What to watch next", blocks, "watch_next");
    list(&mut page, &campaign.would_change, LINES);
    section(&mut page, "Second-order effects", blocks, "second_order");
    end(page)
}

/// What is told from outside, with how many independent sources.
fn sources(page: &mut report::Html, subject: &Subject<'_>) {
    let claims = subject.decided.map(case::Case::claims).unwrap_or_default();
    if claims.is_empty() {
        return;
    }
    page.element("h2", "", "Told from outside");
    let lines: Vec<String> = claims
        .iter()
        .map(|claim| {
            let contested = if claim.contested_by.is_empty() { "" } else { "; CONTESTED by another source" };
            let independent = claim.standing.independent;
            let marked = if independent < 2 { " (one alone: at most 70 of 100)" } else { "" };
            format!("{} — independent sources: {independent}{marked}{contested}", claim.claim)
        })
        .collect();
    list(page, &lines, LINES);
}
