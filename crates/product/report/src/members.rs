//! The accounts of a campaign, each with what it did itself.

use campaign::AccountEvidence;
use campaign::AccountVerdict;
use campaign::Campaign;
use hunt::Activity;
use hunt::Charts;
use verdict::Standing;

use crate::html::Html;
use crate::html::Value;
use crate::words::count;
use crate::words::grouped;
use crate::words::kind;
use crate::words::length;
use crate::words::second_of;

/// Accounts that are listed.
const LISTED: usize = 50;
/// Accounts that are listed before the rest is folded.
const OPEN: usize = 8;

/// The table of accounts.
pub fn members(html: &mut Html, campaign: &Campaign, charts: &Charts, accounts: &[AccountVerdict]) {
    let all = campaign.accounts.len();
    html.raw("<h3>Accounts and their own evidence</h3>\n<p class=\"claim\">");
    html.raw("An account is implicated only where the campaign is discovered and it has evidence of its own: items in common with the rest of the campaign, more than accounts of like volume outside it have. At most one in twenty of the listed accounts is expected to be no member. ");
    html.raw("Each can be asked about its own lines here, which name the first exchange with the item and count up to four more.</p>\n");
    let mut rows: Vec<(&String, Option<&Activity>)> =
        campaign.accounts.iter().zip(charts.accounts.iter().map(Some).chain(std::iter::repeat(None))).collect();
    rows.sort_by(|(a, one), (b, other)| {
        let exchanges = |activity: &Option<&Activity>| activity.map_or(0, |activity| activity.exchanges);
        exchanges(other).cmp(&exchanges(one)).then_with(|| a.cmp(b))
    });
    let (shown, folded) = rows.split_at(rows.len().min(OPEN));
    table(html, campaign, shown, accounts);
    let folded = folded.get(..folded.len().min(LISTED - OPEN)).unwrap_or_default();
    if !folded.is_empty() {
        html.raw("<details><summary>").text(&format!("The next {} accounts", folded.len())).raw("</summary>\n");
        table(html, campaign, folded, accounts);
        html.raw("</details>\n");
    }
    let left_out = all.saturating_sub(LISTED);
    if left_out > 0 {
        html.raw("<p class=\"soft\">").text(&format!("The {LISTED} busiest accounts are listed. "));
        html.text(&count(length(left_out), "more is", "more are"))
            .raw(" in accounts.jsonl, with the same evidence.</p>\n");
    }
}

fn table(html: &mut Html, campaign: &Campaign, rows: &[(&String, Option<&Activity>)], accounts: &[AccountVerdict]) {
    html.raw("<table class=\"stack\">\n<thead><tr><th>Account</th><th>Verdict</th><th class=\"n\">Exchanges</th><th>First seen (UTC)</th><th>What it has in common with others of the campaign</th></tr></thead>\n<tbody>\n");
    for (name, activity) in rows {
        let found = accounts.binary_search_by(|verdict| verdict.account.as_str().cmp(name.as_str()));
        let verdict = found.ok().and_then(|at| accounts.get(at));
        html.raw("<tr><td class=\"id\">").text(name).raw("</td><td>");
        match verdict.map(|verdict| verdict.verdict) {
            Some(Standing::Implicated) => html.raw("<span class=\"badge implicated\">implicated</span>"),
            _ => html.raw("<span class=\"badge\">watch</span>"),
        };
        html.raw("</td>");
        html.open("td", &[("class", Value::Fixed("n")), ("data-label", Value::Fixed("Exchanges"))]);
        html.text(&activity.map(|activity| grouped(activity.exchanges)).unwrap_or_default()).raw("</td>");
        html.open("td", &[("class", Value::Fixed("w")), ("data-label", Value::Fixed("First seen"))]);
        html.text(&activity.and_then(|activity| activity.first_us).map(second_of).unwrap_or_default()).raw("</td><td>");
        match verdict {
            // What is listed of an account was said of its likeliest campaign.
            Some(verdict) if verdict.campaign == campaign.id => evidence(html, &verdict.evidence),
            Some(verdict) => {
                html.raw("<span class=\"soft\">listed with ").text(&verdict.campaign).raw("</span>");
            }
            None => {
                html.raw("<span class=\"soft\">nothing listed</span>");
            }
        }
        html.raw("</td></tr>\n");
    }
    html.raw("</tbody></table>\n");
}

fn evidence(html: &mut Html, evidence: &[AccountEvidence]) {
    html.raw("<ul class=\"evidence\">");
    for item in evidence {
        let begin: String = item.item.chars().take(8).collect();
        html.raw("<li>").text(kind(item.kind).0).raw(" <code>").text(&begin).raw("</code>, with ");
        html.text(&count(u64::from(item.accounts_in_common), "other", "others"));
        if let Some(first) = item.exchanges.first() {
            html.raw(" <span class=\"soft\">seen in <span class=\"id\">").text(first).raw("</span>");
            let more = item.exchanges.len() - 1;
            if more > 0 {
                html.text(&format!(" (+{more})"));
            }
            html.raw("</span>");
        }
        html.raw("</li>");
    }
    html.raw("</ul>");
}
