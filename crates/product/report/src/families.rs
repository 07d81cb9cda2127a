//! What each family says of a campaign: its score, its e-value, and the null of both.

use campaign::CORROBORATES;
use campaign::Campaign;
use campaign::FamilyEvidence;

use crate::axis::Area;
use crate::axis::line;
use crate::axis::open;
use crate::axis::rectangle;
use crate::html::Html;
use crate::html::Value;
use crate::words::capital;
use crate::words::e_value;
use crate::words::grouped;
use crate::words::length;
use crate::words::question;

/// The logarithm of the e-value at which a bar is full.
const FULL: f64 = 4.0;
const BAR: Area = Area { left: 0.0, top: 1.0, width: 176.0, height: 14.0 };

/// The table of families.
pub fn families(html: &mut Html, campaign: &Campaign) {
    html.raw("<h3>Evidence by family</h3>\n<table class=\"families stack\">\n<caption>");
    html.text(&format!(
        "The e-value is the claim: among honest groups of its kind, a value of E or more happens to at most one in E. From \
         {CORROBORATES} (the mark) a family corroborates. The score is a logarithm of likelihoods against random groups, and \
         claims nothing by itself. {}",
        compared(campaign)
    ));
    html.raw("</caption>\n<thead><tr><th>Family</th><th>E-value</th><th class=\"n\"></th><th class=\"n\">Score</th><th>What was found</th></tr></thead>\n<tbody>\n");
    for family in &campaign.families {
        row(html, family);
    }
    html.raw("</tbody></table>\n");
    if let Some(family) = campaign.families.iter().find(|family| !family.null.is_empty()) {
        html.open("p", &[("class", Value::Fixed("claim"))]);
        html.raw("<b>Null.</b> ").text(&capital(&family.null)).raw(". ");
        html.raw("Families marked “formed it” held the group together; they are tested on the half of the items that did not form it.");
        html.raw("</p>\n");
    }
}

/// With what the campaign was compared.
fn compared(campaign: &Campaign) -> String {
    let bank = &campaign.bank;
    let kind =
        if bank.kind == "own" { "this deployment’s own honest groups" } else { "honest groups of made worlds" };
    let mut text = format!(
        "Compared with {} of its kind ({kind}); {} score as much or more.",
        grouped(length(bank.size)),
        if bank.rank == 0 { "none".to_owned() } else { grouped(length(bank.rank)) }
    );
    match bank.transport {
        None => text.push_str(" The log has too few groups of this kind to check that comparison."),
        Some(lowered) if lowered > 0.0 => {
            text.push_str(&format!(" Its score was lowered by {lowered} to match the log’s other groups."));
        }
        Some(_) => {}
    }
    text
}

fn row(html: &mut Html, family: &FamilyEvidence) {
    html.raw("<tr><td><b>").text(family.family.as_str()).raw("</b>");
    if family.formed {
        html.raw(" <span class=\"badge\">formed it</span>");
    }
    html.raw("<br><span class=\"soft\">").text(question(family.family)).raw("</span></td>\n<td>");
    bar(html, family);
    html.raw("</td>");
    html.open("td", &[("class", Value::Fixed("n")), ("data-label", Value::Fixed("E-value"))]);
    html.text(&e_value(family.e_value)).raw("</td>");
    html.open("td", &[("class", Value::Fixed("n")), ("data-label", Value::Fixed("Score"))]);
    html.text(&format!("{:.2}", family.score)).raw("</td>\n<td>");
    match family.what.as_str() {
        "" => html.raw("<span class=\"soft\">no finding</span>"),
        what => html.text(what),
    };
    if family.detectors.len() > 1 {
        html.raw("<details><summary>")
            .text(&format!("{} detectors", family.detectors.len()))
            .raw("</summary><ul class=\"soft\">\n");
        for detector in &family.detectors {
            html.raw("<li><code>").text(detector.name).raw("</code>: ").text(&detector.what);
            html.text(&format!(" (likelihood ratio {})", e_value(detector.score))).raw("</li>\n");
        }
        html.raw("</ul></details>");
    }
    html.raw("</td></tr>\n");
}

fn bar(html: &mut Html, family: &FamilyEvidence) {
    let share = |value: f64| (value.max(1.0).log10() / FULL).clamp(0.0, 1.0);
    let corroborates = if family.e_value >= CORROBORATES { "corroborates" } else { "does not corroborate" };
    let alternative = format!("{}: e-value {}, {corroborates}", family.family.as_str(), e_value(family.e_value));
    open(html, "chart", BAR.width, BAR.height + 2.0, &alternative);
    line(html, "grid", (0.0, BAR.bottom()), (BAR.right(), BAR.bottom()));
    let class = if family.e_value >= CORROBORATES { "bar" } else { "else" };
    rectangle(html, class, 0.0, BAR.top + 2.0, BAR.width * share(family.e_value), BAR.height - 4.0);
    let x = BAR.width * share(CORROBORATES);
    line(html, "tick", (x, BAR.top), (x, BAR.bottom()));
    html.close("svg");
}
