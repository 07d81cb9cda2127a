//! Groups that score and of which nothing is claimed.

use campaign::LeadReport;
use hunt::Found;

use crate::html::Html;
use crate::html::Value;
use crate::words::count;
use crate::words::e_value;
use crate::words::grouped;
use crate::words::length;
use crate::words::spaced;

/// Leads that are listed.
const LISTED: usize = 40;
/// Leads that are listed before the rest is folded.
const OPEN: usize = 10;

/// The table of leads.
pub fn leads(html: &mut Html, found: &Found<'_>) {
    html.raw("<section class=\"campaign\" id=\"leads\">\n<h2>Leads</h2>\n<p>");
    if found.leads.is_empty() {
        html.raw("No other group scores.</p>\n</section>\n");
        return;
    }
    html.text(&count(length(found.leads.len()), "more group scores", "more groups score"));
    html.raw(". Nothing is claimed of a lead: it is a place to look, no account in it is named to anybody, and many leads are classes, teams and users of one tool.</p>\n");
    let (open, folded) = found.leads.split_at(found.leads.len().min(OPEN));
    table(html, open);
    let folded = folded.get(..folded.len().min(LISTED - OPEN)).unwrap_or_default();
    if !folded.is_empty() {
        html.raw("<details><summary>").text(&format!("The next {}", count(length(folded.len()), "lead", "leads")));
        html.raw("</summary>\n");
        table(html, folded);
        html.raw("</details>\n");
    }
    let left_out = found.leads.len().saturating_sub(LISTED);
    if left_out > 0 {
        html.raw("<p class=\"soft\">")
            .text(&count(length(left_out), "more is", "more are"))
            .raw(" in leads.json.</p>\n");
    }
    html.raw("</section>\n");
}

fn table(html: &mut Html, leads: &[LeadReport]) {
    html.raw("<table class=\"stack\">\n<caption>Score: a decimal logarithm of likelihoods against random groups. Rank: honest groups of its kind and size that score as much or more, the null.</caption>\n<thead><tr><th>Lead</th><th class=\"n\">Accounts</th><th class=\"n\">Score</th><th class=\"n\">Rank</th><th class=\"n\">E-value</th><th>Formed by</th><th>Set aside by</th><th>What would assert it</th></tr></thead>\n<tbody>\n");
    for lead in leads {
        let (above, of) = lead.bank_rank;
        html.raw("<tr><td class=\"id w\">").text(&lead.id).raw("</td>");
        let numbers = [
            ("Accounts", grouped(length(lead.accounts.len()))),
            ("Score", format!("{:.2}", lead.score)),
            ("Rank", format!("{} of {}", grouped(length(above)), grouped(length(of)))),
            ("E-value", e_value(lead.e_value)),
        ];
        for (name, text) in numbers {
            html.open("td", &[("class", Value::Fixed("n")), ("data-label", Value::Fixed(name))]);
            html.text(&text).raw("</td>");
        }
        let mut ties: Vec<&str> = lead.parts.iter().map(|part| part.ties.as_str()).collect();
        ties.sort_unstable();
        ties.dedup();
        html.element("td", "", &spaced(&ties.join(", ")));
        html.element("td", "", &spaced(lead.set_aside_by));
        html.element("td", "soft", &lead.what_would_assert).raw("</tr>\n");
    }
    html.raw("</tbody></table>\n");
}
