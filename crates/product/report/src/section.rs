//! One campaign in full.

use campaign::CORROBORATES;
use campaign::Campaign;
use hunt::Charts;
use hunt::Found;
use verdict::Status;

use crate::capabilities::capabilities;
use crate::families::families;
use crate::first::badge;
use crate::growth::growth;
use crate::html::Html;
use crate::html::Value;
use crate::links::links;
use crate::members::members;
use crate::timing::timing;
use crate::words::benign_twin;
use crate::words::count;
use crate::words::grouped;
use crate::words::length;
use crate::words::percent;
use crate::words::rate;
use crate::words::second;
use crate::words::spaced;

/// The section of a campaign.
pub fn section(html: &mut Html, found: &Found<'_>, campaign: &Campaign, charts: &Charts) {
    html.open("section", &[("class", Value::Fixed("campaign")), ("id", Value::Text(&campaign.id))]);
    html.raw("\n<div class=\"title\"><h2 class=\"id\">").text(&campaign.id).raw("</h2>");
    badge(html, campaign.status);
    html.raw("</div>\n<p>").text(&claim(campaign, found)).raw("</p>\n");
    tiles(html, campaign);
    families(html, campaign);
    links(html, campaign, charts);
    html.raw("<div class=\"pair\">\n");
    growth(html, charts);
    timing(html, campaign, charts, found.others);
    capabilities(html, campaign, found.others);
    leak(html, campaign);
    html.raw("</div>\n");
    members(html, campaign, charts, found.accounts);
    benign(html, campaign);
    list(html, "Limits", &campaign.limitations);
    list(html, "What would change the verdict", &campaign.would_change);
    html.raw("</section>\n");
}

/// What is claimed of it, in a sentence or two.
fn claim(campaign: &Campaign, found: &Found<'_>) -> String {
    let summary = found.summary;
    match campaign.status {
        Status::Discovered => format!(
            "Discovered: it is among the campaigns of which at most {} are expected to be none, and {}. From {} to {}.",
            rate(summary.fdr),
            corroborated(campaign),
            second(&campaign.first_seen),
            second(&campaign.last_seen)
        ),
        Status::Suspected => format!(
            "Suspected: it is among the campaigns of which at most {} are expected to be none; {}. It may be \
             looked into, and nobody is acted on. From {} to {}.",
            rate(summary.fdr_suspected),
            corroborated(campaign),
            second(&campaign.first_seen),
            second(&campaign.last_seen)
        ),
    }
}

/// What corroborates it, as a clause.
fn corroborated(campaign: &Campaign) -> String {
    if campaign.corroborated_by_others {
        return "one family corroborates it, and the others together do".to_owned();
    }
    count(length(campaign.corroboration), "family corroborates it", "families corroborate it")
}

fn tiles(html: &mut Html, campaign: &Campaign) {
    let leak = &campaign.leak;
    let tiles = [
        (
            "Confidence",
            format!("{} of 100", campaign.confidence),
            format!(
                "Smallest false discovery rate, of those tried, at which it is a discovery: {}. Capped at 90 without honest \
                 groups of your own, at 70 with one family.",
                rate(campaign.fdr_at)
            ),
        ),
        (
            "Accounts",
            grouped(length(campaign.accounts.len())),
            "Those with evidence of their own; of them at most 5 % are expected to be none of it.".to_owned(),
        ),
        (
            "Exchanges",
            grouped(campaign.exchanges),
            format!(
                "Counted: all of its accounts. {} tokens in, {} out.",
                grouped(campaign.input_tokens),
                grouped(campaign.output_tokens)
            ),
        ),
        (
            "Answers served",
            grouped(leak.exchanges),
            format!("Estimate, between {} and {}.", grouped(leak.low), grouped(leak.high)),
        ),
        ("Impact", format!("{} of 10", campaign.impact), "Weighs volume, aim and duration. No evidence.".to_owned()),
        (
            "Overturned by",
            format!("{:.2}", campaign.overturned_by),
            format!(
                "The likeness inside honest groups (an intra-class correlation; 0.20 is assumed) from which its plainest \
                 finding would score under {CORROBORATES}."
            ),
        ),
    ];
    html.raw("<dl class=\"tiles\">\n");
    for (name, number, claim) in tiles {
        html.raw("<div><dt>").text(name).raw("</dt><dd class=\"big\">").text(&number);
        html.raw("</dd><dd class=\"claim\">").text(&claim).raw("</dd></div>\n");
    }
    html.raw("</dl>\n");
}

fn leak(html: &mut Html, campaign: &Campaign) {
    let leak = &campaign.leak;
    html.raw("<figure>\n<h3>What was served</h3>\n<table>\n<thead><tr><th></th><th class=\"n\">Best</th><th class=\"n\">At least</th><th class=\"n\">At most</th></tr></thead>\n<tbody>\n");
    let mut row = |name: &str, best: u64, low: u64, high: u64| {
        html.raw("<tr>").element("td", "", name);
        for number in [best, low, high] {
            html.element("td", "n", &grouped(number));
        }
        html.raw("</tr>\n");
    };
    row("answers", leak.exchanges, leak.low, leak.high);
    for part in &leak.by_capability {
        row(&format!("of these, {}", spaced(part.name)), part.exchanges, part.low, part.high);
    }
    row("before the first alarm", leak.before_alarm.exchanges, leak.before_alarm.low, leak.before_alarm.high);
    let contained = if leak.contained.is_some() { "before containment" } else { "so far (not contained)" };
    row(contained, leak.before_containment.exchanges, leak.before_containment.low, leak.before_containment.high);
    html.raw("</tbody></table>\n<figcaption>");
    html.text(&format!(
        "Estimates. At least: prompts that hold a wording of the campaign. At most: all exchanges of its accounts. First \
         alarm {}; {}. About {} distinct prompts.",
        second(&leak.first_alarm),
        leak.contained.as_ref().map_or_else(|| "not contained".to_owned(), |at| format!("contained {}", second(at))),
        grouped(leak.distinct_prompts)
    ));
    html.raw("</figcaption>\n</figure>\n");
}

/// Honest groups that look like this one, and who else may be inside it.
fn benign(html: &mut Html, campaign: &Campaign) {
    html.raw("<h3>Benign explanations to rule out</h3>\n<ul>\n");
    let speaking = campaign.families.iter().filter(|family| family.formed || family.e_value >= CORROBORATES);
    for family in speaking {
        html.raw("<li><b>").text(family.family.as_str()).raw("</b>: ").text(benign_twin(family.family)).raw("</li>\n");
    }
    let innocent = &campaign.innocent;
    html.raw("</ul>\n<p class=\"claim\">");
    html.text(&format!(
        "Who else may be inside: {} in its pools not held to be part of it, and {} of its accounts’ exchanges do not look \
         like its work.",
        count(innocent.accounts_in_pools, "account is", "accounts are"),
        percent(innocent.other_traffic)
    ));
    html.raw("</p>\n");
}

fn list(html: &mut Html, title: &'static str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    html.element("h3", "", title).raw("<ul>\n");
    for line in lines {
        html.element("li", "", line);
    }
    html.raw("</ul>\n");
}
