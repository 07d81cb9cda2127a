//! A report that a person can look at: one HTML file, without network, without a script.
//!
//! It is made from what a hunt found and from nothing else, so that the same results give the same bytes. Names, ids and
//! texts are written by an adversary: all of them go through `html::Html`, which escapes them.
//!
//! Its size is bounded: twenty campaigns are shown in full, with fifty accounts, twelve items of a kind and a picture of
//! sixty nodes each; forty leads are listed; a text is cut after four hundred characters. What is left out is counted.

mod axis;
mod capabilities;
mod families;
mod first;
mod growth;
mod html;
mod layout;
mod leads;
mod limits;
mod links;
mod members;
mod section;
mod timing;
mod words;

pub use crate::html::Html;
pub use crate::html::Value;
pub use crate::words::grouped;

use hunt::Found;
use hunt::MAX_DRAWN;
use hunt::Page;

use crate::first::first;
use crate::leads::leads;
use crate::limits::NEVER;
use crate::section::section;
use crate::words::capital;
use crate::words::count;

/// Makes `report.html`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report;

impl Page for Report {
    fn render(&self, found: &Found<'_>) -> String {
        let mut html = Html::default();
        html.raw(HEAD).raw(include_str!("style.css")).raw("</style>\n</head>\n<body>\n");
        first(&mut html, found);
        for (campaign, charts) in found.campaigns.iter().zip(found.charts).take(MAX_DRAWN) {
            section(&mut html, found, campaign, charts);
        }
        leads(&mut html, found);
        looked_at(&mut html, found);
        html.raw(READING);
        html.raw("</body>\n</html>\n");
        html.into_string()
    }
}

/// No script, no network, no form, no frame: nothing that a text could reach if it got out.
const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Stillwatch hunt report</title>\n<style>\n";

/// What was read, and what could not be seen in it.
fn looked_at(html: &mut Html, found: &Found<'_>) {
    let summary = found.summary;
    html.raw("<section class=\"campaign\" id=\"looked-at\">\n<h2>What was looked at</h2>\n<ul>\n");
    let lines = [
        format!(
            "{} read: {} accepted, {} seen before, {} refused.",
            count(summary.read, "record was", "records were"),
            grouped(summary.accepted),
            grouped(summary.duplicates),
            grouped(summary.refused)
        ),
        format!(
            "{} of {} in the window; {} and {} read.",
            count(summary.exchanges, "exchange", "exchanges"),
            count(summary.accounts, "account", "accounts"),
            count(summary.account_records, "account record", "account records"),
            count(summary.acts, "enforcement act", "enforcement acts")
        ),
        format!(
            "{} formed and tested, which are {}. Leads, of which nothing is claimed: {}.",
            count(summary.groups_tested, "group was", "groups were"),
            count(summary.hypotheses, "hypothesis", "hypotheses"),
            grouped(summary.leads)
        ),
        format!("Judged against a {}.", summary.calibration),
    ];
    for line in lines {
        html.element("li", "", &line);
    }
    if summary.ties_unsearched > 0 {
        let line = format!(
            "{} left unsearched, because the work is bounded.",
            count(summary.ties_unsearched, "tie was", "ties were")
        );
        html.element("li", "", &line);
    }
    for note in &summary.notes {
        html.element("li", "", note);
    }
    html.raw("</ul>\n<h3>What could not be seen in this log</h3>\n<ul>\n");
    if summary.cannot_see.is_empty() {
        html.raw("<li>Nothing that the method asks for is missing.</li>\n");
    }
    for line in &summary.cannot_see {
        html.element("li", "", &capital(line));
    }
    html.raw("</ul>\n<h3>What no log shows to this method</h3>\n<ul>\n");
    for line in NEVER {
        html.element("li", "", line);
    }
    html.raw("</ul>\n</section>\n");
}

/// What the figures claim.
const READING: &str = include_str!("reading.html");
