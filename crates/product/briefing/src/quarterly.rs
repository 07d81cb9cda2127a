//! The report on a quarter: all cases together, nobody recognisable.

use std::collections::BTreeMap;

use case::AppealState;
use case::Case;
use case::Phase;
use report::Html;

use crate::blocks::Blocks;
use crate::blocks::Known;
use crate::page::appeals;
use crate::page::begin;
use crate::page::element;
use crate::page::end;
use crate::page::facts;
use crate::page::percent;
use crate::page::section;
use crate::quarter::Quarter;

/// Counts below this are not told.
const LEAST: u64 = 5;
/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

impl Blocks {
    /// The blocks of a quarterly report.
    pub const QUARTERLY: Known = &[
        ("summary", "What the quarter was about, in a paragraph.", "(Not written yet: what the quarter was about.)\n"),
        (
            "trends",
            "What changed since the quarter before.",
            "(Not written yet: what changed since the quarter before.)\n",
        ),
        (
            "mistakes",
            "What went wrong, and what was changed because of it.",
            "(Not written yet: what went wrong, and what was changed because of it.)\n",
        ),
        ("outlook", "What is expected, and what customers can do.", "(Not written yet: what is expected.)\n"),
    ];
}

/// A count as it is told: small ones are not, and larger ones are rounded, so that a difference tells nobody.
fn told(count: u64) -> String {
    match count {
        0 => "none".to_owned(),
        1..LEAST => format!("fewer than {LEAST}"),
        5..100 => format!("about {}", (count + 2) / 5 * 5),
        _ => {
            let unit = 10_u64.pow(count.ilog10().saturating_sub(1));
            format!("about {}", report::grouped((count + unit / 2) / unit * unit))
        }
    }
}

/// A report on all cases whose last exchange is in a quarter. The same input gives the same text.
#[must_use]
pub fn quarterly(
    quarter: Quarter,
    found: &BTreeMap<String, dossier::Case>,
    decided: &BTreeMap<String, Case>,
    blocks: &Blocks,
) -> String {
    let cases: Vec<(&dossier::Case, Option<&Case>)> = found
        .iter()
        .filter(|(_, case)| quarter.has(&case.verdict.campaign.last_seen))
        .map(|(id, case)| (case, decided.get(id)))
        .collect();
    let mut page = begin(&format!("Threat report {quarter}"), "");
    page.element("h1", "", &format!("Threat report, {quarter}"));
    page.element(
        "p",
        "quiet",
        "Counts below five are not told and others are rounded. No account, customer or organisation is named.",
    );
    section(&mut page, "Summary", blocks, "summary");
    page.raw("<div class=\"columns\"><div>\n");
    campaigns(&mut page, &cases);
    page.raw("</div><div>\n");
    decisions(&mut page, &cases);
    page.raw("</div></div>\n<div class=\"columns\"><div>\n");
    families(&mut page, &cases);
    page.raw("</div><div>\n");
    appealed(&mut page, quarter, decided);
    page.raw("</div></div>\n");
    errors(&mut page, &cases);
    section(&mut page, "Mistakes, and what was changed", blocks, "mistakes");
    section(&mut page, "Trends", blocks, "trends");
    section(&mut page, "Outlook", blocks, "outlook");
    end(page)
}

type Cases<'a> = [(&'a dossier::Case, Option<&'a Case>)];

fn campaigns(page: &mut Html, cases: &Cases<'_>) {
    let largest = cases.iter().map(|(case, _)| case.verdict.campaign.impact).max();
    let count = |status: &str| cases.iter().filter(|(case, _)| case.verdict.campaign.status == status).count() as u64;
    let sum = |of: fn(&dossier::Case) -> u64| cases.iter().map(|(case, _)| of(case)).sum::<u64>();
    page.element("h2", "", "Campaigns");
    facts(
        page,
        &[
            ("Discovered", told(count("discovered"))),
            ("Suspected", told(count("suspected"))),
            ("Accounts in them", told(sum(|case| case.verdict.campaign.accounts))),
            ("Their requests", told(sum(|case| case.verdict.campaign.exchanges))),
            ("Tokens that they were served", told(sum(|case| case.verdict.campaign.output_tokens))),
            ("Largest impact, 1 to 10", largest.map_or_else(|| told(0), |impact| impact.to_string())),
        ],
    );
}

fn decisions(page: &mut Html, cases: &Cases<'_>) {
    let decided: Vec<&Case> = cases.iter().filter_map(|(_, case)| *case).collect();
    let count = |is: &dyn Fn(&&&Case) -> bool| told(decided.iter().filter(is).count() as u64);
    let approved = |case: &&&Case| case.enforcement.as_ref().is_some_and(|proposed| proposed.approved_by.is_some());
    let days = |seconds: fn(&Case) -> Option<i64>| {
        let mut all: Vec<i64> = decided.iter().filter_map(|case| seconds(case)).collect();
        all.sort_unstable();
        let middle = all.get(all.len() / 2).filter(|_| all.len() as u64 >= LEAST);
        middle.map_or_else(
            || "too few to tell".to_owned(),
            |seconds| format!("{} days", (seconds + DAY_SECONDS - 1) / DAY_SECONDS),
        )
    };
    page.element("h2", "", "What people decided");
    facts(
        page,
        &[
            ("Cases opened", told(decided.len() as u64)),
            ("A measure approved by a second person", count(&approved)),
            ("Held to be honest", count(&|case| case.cleared)),
            ("Closed", count(&|case| case.phase == Phase::Closed)),
            ("Until somebody looked at it, median", days(|case| case.seconds_to_acknowledge)),
            ("Until it was decided, median", days(|case| case.seconds_to_decide)),
        ],
    );
}

fn families(page: &mut Html, cases: &Cases<'_>) {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (case, _) in cases {
        // A family speaks where it would be seen among honest groups less often than one time in twenty.
        for family in case.verdict.campaign.families.iter().filter(|family| family.e_value >= 20.0) {
            *counts.entry(family.family.as_str()).or_default() += 1;
        }
    }
    page.element("h2", "", "Kinds of evidence that spoke strongly");
    let rows: Vec<(&str, String)> = counts.into_iter().map(|(family, count)| (family, told(count))).collect();
    if rows.is_empty() {
        page.element("p", "", "None.");
    }
    facts(page, &rows);
}

fn appealed(page: &mut Html, quarter: Quarter, decided: &BTreeMap<String, Case>) {
    // Appeals count in the quarter in which they were filed, whenever the campaign was.
    let filed: Vec<Case> = decided
        .values()
        .map(|case| {
            let mut case = case.clone();
            case.appeals.retain(|appeal| quarter.has(&appeal.filed_at));
            case
        })
        .collect();
    let count = |states: &[AppealState]| filed.iter().map(|case| appeals(case, states)).sum::<u64>();
    let late = filed
        .iter()
        .flat_map(|case| &case.appeals)
        .filter(|appeal| appeal.decision.as_ref().is_some_and(|ruled| is_after(&ruled.at, &appeal.due)));
    let (upheld, overturned) =
        (count(&[AppealState::Upheld]), count(&[AppealState::Overturned, AppealState::Withdrawn]));
    let all = upheld + overturned;
    let share = match all >= LEAST {
        true => format!("about {} %", (100 * overturned + all / 2) / all),
        false => "too few to tell".to_owned(),
    };
    page.element("h2", "", "Appeals");
    facts(
        page,
        &[
            ("Filed", told(filed.iter().map(|case| case.appeals.len() as u64).sum())),
            ("Not decided yet", told(count(&[AppealState::Filed, AppealState::Assigned]))),
            ("Upheld", told(upheld)),
            ("Overturned: we were wrong", told(overturned)),
            ("Share of those decided that were overturned", share),
            ("Decided after their time", told(late.count() as u64)),
        ],
    );
}

fn is_after(one: &str, other: &str) -> bool {
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    time(one).zip(time(other)).is_some_and(|(one, other)| one > other)
}

fn errors(page: &mut Html, cases: &Cases<'_>) {
    page.element("h2", "", "Method, and how often it is wrong");
    let mut rates: Vec<(String, String)> = cases
        .iter()
        .map(|(case, _)| (percent(case.verdict.run.fdr), percent(case.verdict.run.fdr_suspected)))
        .collect();
    rates.sort();
    rates.dedup();
    for (action, investigation) in &rates {
        element(
            page,
            "p",
            &format!(
                "Groups of accounts were compared with honest groups of the same kind. Of those called discovered at most {action} are \
                 expected to be honest, of those called suspected {investigation}. Suspected ones are looked into."
            ),
        );
    }
    let discovered = cases.iter().filter(|(case, _)| case.verdict.campaign.status == "discovered");
    let cleared = discovered.clone().filter(|(_, case)| case.is_some_and(|case| case.cleared)).count() as u64;
    element(
        page,
        "p",
        &format!(
            "Of the campaigns called discovered ({}), people held to be honest: {}. Cleared cases and overturned appeals are mistakes that \
             were found; who did not appeal is not counted.",
            told(discovered.count() as u64),
            told(cleared)
        ),
    );
    element(
        page,
        "p",
        "A country, a language or a name of a place is no evidence. What is shared beyond this report carries no text of customers.",
    );
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn small_counts_are_not_told_and_others_are_rounded() {
        let texts = [0, 1, 4, 5, 7, 8, 99, 100, 104, 105, 1_234, 98_765].map(told);
        let expected = [
            "none",
            "fewer than 5",
            "fewer than 5",
            "about 5",
            "about 5",
            "about 10",
            "about 100",
            "about 100",
            "about 100",
            "about 110",
            "about 1,200",
            "about 99,000",
        ];
        assert_eq!(texts, expected);
    }
}
