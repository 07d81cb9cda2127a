//! The first screen: five lines that say what was found, how sure, and what to do next, and a table of campaigns.

use campaign::Campaign;
use hunt::Found;
use hunt::MAX_DRAWN;
use verdict::Standing;
use verdict::Status;

use crate::html::Html;
use crate::html::Value;
use crate::limits::unseen;
use crate::words::capital;
use crate::words::count;
use crate::words::date;
use crate::words::grouped;
use crate::words::length;
use crate::words::percent;
use crate::words::rate;
use crate::words::second;
use crate::words::spaced;

/// Campaigns that are listed.
const LISTED: usize = 200;

/// The head of the page and its five lines.
pub fn first(html: &mut Html, found: &Found<'_>) {
    html.raw("<header class=\"head\">\n<h1>Hunt report</h1>\n<p class=\"soft\">");
    let summary = found.summary;
    html.text(&format!(
        "{} of {}, read by Stillwatch {}. All times are in UTC.",
        count(summary.exchanges, "exchange", "exchanges"),
        count(summary.accounts, "account", "accounts"),
        summary.version
    ));
    html.raw("</p>\n</header>\n<ol class=\"five\">\n");
    let lines = [
        ("Found", what_was_found(found)),
        ("How sure", how_sure(found)),
        ("Compared with", compared_with(found)),
        ("Not seen", not_seen(found)),
        ("Next", next(found)),
    ];
    for (head, text) in lines {
        html.raw("<li><b>").text(head).raw("</b><span>").text(&text).raw("</span></li>\n");
    }
    html.raw("</ol>\n");
    if !found.campaigns.is_empty() {
        table(html, found);
    }
}

fn what_was_found(found: &Found<'_>) -> String {
    let summary = found.summary;
    if found.campaigns.is_empty() {
        return format!(
            "No campaign. {} of {} were read, and {} formed and tested.",
            count(summary.exchanges, "exchange", "exchanges"),
            count(summary.accounts, "account", "accounts"),
            count(summary.groups_tested, "group of accounts was", "groups of accounts were")
        );
    }
    let accounts: std::collections::BTreeSet<&str> =
        found.campaigns.iter().flat_map(|campaign| &campaign.accounts).map(String::as_str).collect();
    // An account may be in several campaigns: all that nobody else did was done by accounts that are in one.
    let exchanges = summary.exchanges.saturating_sub(found.others.activity.exchanges);
    format!(
        "{} discovered and {} suspected. They have {} and {}, {} of the log.",
        count(summary.discovered, "campaign is", "campaigns are"),
        grouped(summary.suspected),
        count(length(accounts.len()), "account", "accounts"),
        count(exchanges, "exchange", "exchanges"),
        percent(exchanges as f64 / summary.exchanges.max(1) as f64)
    )
}

fn how_sure(found: &Found<'_>) -> String {
    let summary = found.summary;
    if found.campaigns.is_empty() {
        return format!(
            "No group scored far enough above honest groups of its kind for a false discovery rate of {}. That is no proof \
             that the log holds no campaign.",
            rate(summary.fdr_suspected)
        );
    }
    let mut text = format!(
        "Of the discovered at most {} are expected to be no campaign, of all named here at most {}.",
        rate(summary.fdr),
        rate(summary.fdr_suspected)
    );
    let best = found.campaigns.iter().map(|campaign| campaign.confidence).max().unwrap_or(0);
    text.push_str(&format!(" The highest confidence is {best} of 100."));
    let implicated = found.accounts.iter().filter(|account| account.verdict == Standing::Implicated).count();
    let watched = found.accounts.len() - implicated;
    text.push_str(&format!(
        " {} implicated by evidence of their own; {} only watched.",
        count(length(implicated), "account is", "accounts are"),
        count(length(watched), "account is", "accounts are")
    ));
    text
}

fn compared_with(found: &Found<'_>) -> String {
    let own = found.campaigns.iter().filter(|campaign| campaign.bank.kind == "own").count();
    let capped = if own < found.campaigns.len() {
        " Where too few are the deployment’s own, confidence is capped at 90."
    } else {
        ""
    };
    format!("A {}.{capped}", found.summary.calibration)
}

fn not_seen(found: &Found<'_>) -> String {
    let blind: Vec<&str> = found.summary.cannot_see.iter().map(|line| unseen(line)).collect();
    let refused = found.summary.refused;
    let mut text = match blind.as_slice() {
        [] => "One account alone, and groups that share nothing.".to_owned(),
        some => format!("{}.", capital(&some.join("; "))),
    };
    if refused > 0 {
        text.push_str(&format!(" {} refused and not looked at.", count(refused, "record was", "records were")));
    }
    text
}

fn next(found: &Found<'_>) -> String {
    let summary = found.summary;
    let first = found.campaigns.first();
    match first {
        Some(campaign) if campaign.status == Status::Discovered => format!(
            "Read {}: its accounts’ own evidence, then the benign explanations. If none fits, act on the implicated \
             accounts together, and leave the watched ones alone.",
            campaign.id
        ),
        Some(campaign) => format!(
            "Nothing here is sure enough to act on. Look into {}: check the benign explanations, and give --reference or a \
             --bank of your own honest groups, which may raise it or clear it.",
            campaign.id
        ),
        None if summary.leads > 0 => format!(
            "Look at the best of the {} below, of which nothing is claimed, and give what the log lacks.",
            count(summary.leads, "lead", "leads")
        ),
        None => "Give what the log lacks (see below), or a longer log.".to_owned(),
    }
}

fn table(html: &mut Html, found: &Found<'_>) {
    html.raw("<h2>Campaigns</h2>\n<table class=\"stack\">\n<caption>The most confident first. Confidence: of a hundred campaigns reported with this figure, about so many are campaigns. Impact, 1 to 10, weighs volume, aim and duration, and is no evidence.</caption>\n<thead><tr><th>Campaign</th><th>Status</th><th class=\"n\">Confidence</th><th class=\"n\">Impact</th><th class=\"n\">Accounts</th><th class=\"n\">Exchanges</th><th>First and last day</th><th>Aimed at</th></tr></thead>\n<tbody>\n");
    for (at, campaign) in found.campaigns.iter().take(LISTED).enumerate() {
        html.raw("<tr><td class=\"w\">");
        if at < MAX_DRAWN {
            let place = format!("#{}", campaign.id);
            html.open("a", &[("class", Value::Fixed("id")), ("href", Value::Text(&place))]);
            html.text(&campaign.id).raw("</a></td><td>");
        } else {
            html.raw("<span class=\"id\">").text(&campaign.id).raw("</span></td><td>");
        }
        badge(html, campaign.status);
        html.raw("</td>");
        let numbers = [
            ("Confidence", u64::from(campaign.confidence)),
            ("Impact", u64::from(campaign.impact)),
            ("Accounts", length(campaign.accounts.len())),
            ("Exchanges", campaign.exchanges),
        ];
        for (name, number) in numbers {
            html.open("td", &[("class", Value::Fixed("n")), ("data-label", Value::Fixed(name))]);
            html.text(&grouped(number)).raw("</td>");
        }
        html.element("td", "w", &days(campaign)).element("td", "", &aim(campaign)).raw("</tr>\n");
    }
    html.raw("</tbody></table>\n");
    let left_out = found.campaigns.len().saturating_sub(LISTED);
    if left_out > 0 {
        html.raw("<p class=\"soft\">").text(&count(length(left_out), "more campaign is", "more campaigns are"));
        html.raw(" in campaigns.json.</p>\n");
    }
    if found.campaigns.len() > MAX_DRAWN {
        html.raw("<p class=\"soft\">")
            .text(&format!("The first {MAX_DRAWN} are shown in full below; all are in campaigns.json."))
            .raw("</p>\n");
    }
}

/// What a campaign is held to be.
pub fn badge(html: &mut Html, status: Status) {
    match status {
        Status::Discovered => html.raw("<span class=\"badge discovered\">discovered</span>"),
        Status::Suspected => html.raw("<span class=\"badge suspected\">suspected</span>"),
    };
}

/// What a campaign mostly asks for.
pub fn aim(campaign: &Campaign) -> String {
    let shares = campaign.capabilities.iter().take(2);
    let told: Vec<String> = shares.map(|one| format!("{} {:.0} %", spaced(one.name), 100.0 * one.share)).collect();
    told.join(", ")
}

fn days(campaign: &Campaign) -> String {
    let day = |text: &str| second(text).chars().take(date(0).len()).collect::<String>();
    format!("{} – {}", day(&campaign.first_seen), day(&campaign.last_seen))
}
