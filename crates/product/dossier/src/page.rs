//! The report, as a page that can be printed: one HTML file, without network and script.

use report::Html;
use report::Value;
use report::grouped;

use crate::claims::Basis;
use crate::claims::Claim;
use crate::facts::Facts;

const STYLE: &str = "<style>
body { font: 11pt/1.45 Georgia, 'Times New Roman', serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #111; }
h1, h2 { font-family: 'Helvetica Neue', Arial, sans-serif; line-height: 1.2; }
h1 { font-size: 20pt; } h2 { font-size: 13pt; margin-top: 2em; border-bottom: 1px solid #999; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; } tr { break-inside: avoid; }
td, th { text-align: left; vertical-align: top; padding: 0.25em 0.6em 0.25em 0; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
.recomputed { color: #14532d; } .stated { color: #7c2d12; } .refuted { color: #991b1b; font-weight: bold; }
ul.accounts { columns: 3; font-size: 9pt; padding-left: 1em; overflow-wrap: anywhere; } img { max-width: 100%; }
@page { margin: 2cm; } @media print { body { margin: 0; max-width: none; } a { color: inherit; text-decoration: none; } }
</style>
";

/// Accounts that are listed; the rest is counted.
const MAX_ACCOUNTS: usize = 3000;

/// The report. The same facts give the same text.
pub fn page(facts: &Facts, claims: &[Claim], figures: &[(&'static str, String)]) -> String {
    let (verdict, campaign) = (&facts.verdict, &facts.verdict.campaign);
    let mut page = Html::default();
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src 'self'\">\n");
    page.element("title", "", &format!("Case {}", verdict.case)).raw(STYLE).raw("</head>\n<body>\n");
    page.element("h1", "", &format!("Case {}", verdict.case));
    key_facts(&mut page, facts, claims);
    section(&mut page, "Evidence by family");
    page.raw("<table>\n<tr><th>Family</th><th>E-value</th><th>What was seen</th></tr>\n");
    for family in &campaign.families {
        page.raw("<tr><td>").text(&family.family).raw("</td><td>");
        link(&mut page, claims, &format!("e-value-{}", family.family));
        page.raw("</td><td>").text(&family.what).raw("</td></tr>\n");
    }
    page.raw("</table>\n");
    if campaign.corroboration < 2 {
        page.element("p", "stated", "One family alone speaks for this: it is not corroborated by another.");
    }
    for (name, _) in figures {
        page.raw("<p>").shape("img", &[("src", Value::Text(name)), ("alt", Value::Text(name))]).raw("</p>\n");
    }
    page.element(
        "p",
        "",
        "The sentences of the next sections are the verdict's own, as it is in the ledger. A number in them that is not in the table \
         below is stated there and not computed again.",
    );
    for (title, lines) in [
        ("Strengths", &campaign.strengths),
        ("Limitations, and what was considered against it", &campaign.limitations),
        ("What would change the verdict", &campaign.would_change),
        ("What the log is too poor to show", &verdict.run.cannot_see),
    ] {
        list(&mut page, title, lines);
    }
    section(&mut page, "Numbers, and what each rests on");
    page.raw("<table>\n<tr><th>Number</th><th>Value</th><th>Rests on</th></tr>\n");
    for claim in claims {
        page.open("tr", &[("id", Value::Text(&claim.id))]).raw("<td>").text(&claim.what).raw("</td><td>");
        page.text(&claim.value).raw("</td>");
        let class = match claim.basis {
            Basis::Recomputed => "recomputed",
            Basis::Stated => "stated",
            Basis::Refuted => "refuted",
        };
        page.element("td", class, &format!("{class}: {}", claim.how)).raw("</tr>\n");
    }
    page.raw("</table>\n");
    accounts(&mut page, facts);
    section(&mut page, "Method");
    let run = &verdict.run;
    page.element(
        "p",
        "",
        &format!(
            "Stillwatch {}. {} accounts with {} exchanges were searched; {} groups were tested; {} hypotheses. Judged against: {}. \
             False discovery rate {} for discoveries, {} for suspicions. method.txt says how the numbers came about.",
            verdict.program,
            grouped(run.accounts),
            grouped(run.exchanges),
            grouped(run.groups_tested),
            grouped(run.hypotheses),
            run.calibration,
            run.fdr,
            run.fdr_suspected
        ),
    );
    page.raw("</body>\n</html>\n");
    page.into_string()
}

fn section(page: &mut Html, title: &str) {
    page.element("h2", "", title);
}

/// The number of a claim, with a link to it.
fn link(page: &mut Html, claims: &[Claim], id: &str) {
    let Some(claim) = claims.iter().find(|claim| claim.id == id) else { return };
    page.open("a", &[("href", Value::Text(&format!("#{id}")))]).text(&claim.value).close("a");
}

fn key_facts(page: &mut Html, facts: &Facts, claims: &[Claim]) {
    let campaign = &facts.verdict.campaign;
    section(page, "Key facts");
    page.raw("<p>The campaign is held to be <b>").text(&campaign.status).raw("</b>. ");
    link(page, claims, "accounts");
    page.raw(" accounts made ");
    link(page, claims, "exchanges");
    page.raw(" exchanges between ");
    link(page, claims, "first-seen");
    page.raw(" and ");
    link(page, claims, "last-seen");
    page.raw(". They sent ");
    link(page, claims, "input-tokens");
    page.raw(" tokens and were served ");
    link(page, claims, "output-tokens");
    page.raw(". Of the honest groups that its strongest group was compared with, ");
    link(page, claims, "bank-rank");
    page.raw(" score as much. The e-value over all families is ");
    link(page, claims, "e-value");
    page.raw("; confidence is ");
    link(page, claims, "confidence");
    page.raw(".</p>\n");
}

fn list(page: &mut Html, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    section(page, title);
    page.raw("<ul>\n");
    lines.iter().for_each(|line| {
        page.element("li", "", line);
    });
    page.raw("</ul>\n");
}

fn accounts(page: &mut Html, facts: &Facts) {
    section(page, "Accounts");
    let Some(accounts) = &facts.accounts else {
        page.element("p", "", "The accounts are kept back in this archive.");
        return;
    };
    let implicated = accounts.verdicts.iter().filter(|one| one.verdict == "implicated").count();
    page.element("p", "", &format!("{implicated} are implicated by evidence of their own; the others are watched."));
    page.raw("<ul class=\"accounts\">\n");
    accounts.accounts.iter().take(MAX_ACCOUNTS).for_each(|account| {
        page.element("li", "", account);
    });
    page.raw("</ul>\n");
    if accounts.accounts.len() > MAX_ACCOUNTS {
        let more = accounts.accounts.len() - MAX_ACCOUNTS;
        page.element("p", "", &format!("and {more} more, in records/accounts.jsonl.gz"));
    }
}
