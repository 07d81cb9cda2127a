//! What a campaign is aimed at, beside what everybody else asks for.

use campaign::Campaign;
use hunt::Others;
use observation::Capability;

use crate::axis::label;
use crate::axis::line;
use crate::axis::open;
use crate::axis::rectangle;
use crate::html::Html;
use crate::words::grouped;
use crate::words::percent;
use crate::words::spaced;

const WIDTH: f64 = 440.0;
const LEFT: f64 = 136.0;
const LONGEST: f64 = 250.0;
const ROW: f64 = 30.0;

/// The chart with its words.
pub fn capabilities(html: &mut Html, campaign: &Campaign, others: &Others) {
    if campaign.capabilities.is_empty() {
        return;
    }
    let theirs: u64 = others.activity.capabilities.iter().sum();
    let share_of_others = |name: &str| {
        let counts = Capability::ALL.iter().zip(others.activity.capabilities);
        let count: u64 = counts.filter(|(capability, _)| capability.as_str() == name).map(|(_, count)| count).sum();
        count as f64 / theirs.max(1) as f64
    };
    let rows: Vec<(String, f64, f64)> = campaign
        .capabilities
        .iter()
        .map(|capability| (spaced(capability.name), capability.share, share_of_others(capability.name)))
        .collect();
    let most = rows.iter().map(|(_, ours, others)| ours.max(*others)).fold(0.01, f64::max);
    html.raw("<figure>\n<h3>What it asks for</h3>\n");
    let told: Vec<String> = rows
        .iter()
        .map(|(name, ours, others)| format!("{name} {} against {}", percent(*ours), percent(*others)))
        .collect();
    let alternative =
        format!("Shares of prompts by capability, the campaign's against everybody else's: {}.", told.join(", "));
    let height = ROW * rows.len() as f64 + 42.0;
    open(html, "chart", WIDTH, height, &alternative);
    let bottom = ROW * rows.len() as f64 + 4.0;
    for (at, (name, ours, others)) in rows.iter().enumerate() {
        let y = ROW * at as f64 + 4.0;
        label(html, "name end", LEFT - 8.0, y + 15.0, name);
        for (class, share, y) in [("bar", *ours, y + 1.0), ("else", *others, y + 13.0)] {
            let width = (share / most * LONGEST).max(if share > 0.0 { 1.0 } else { 0.0 });
            rectangle(html, class, LEFT, y, width, 11.0);
            label(html, "", LEFT + width + 5.0, y + 10.0, &percent(share));
        }
    }
    line(html, "axis", (LEFT, 0.0), (LEFT, bottom));
    line(html, "axis", (LEFT, bottom), (LEFT + LONGEST, bottom));
    label(html, "", LEFT, bottom + 16.0, "0 %");
    label(html, "end", LEFT + LONGEST, bottom + 16.0, &percent(most));
    label(html, "mid", LEFT + LONGEST / 2.0, bottom + 32.0, "share of prompts");
    html.close("svg");
    html.raw(
        "<figcaption><span class=\"key\"></span>this campaign <span class=\"key key-else\"></span>everybody else, ",
    );
    html.text(&format!("the comparison: {} prompts of accounts in no campaign. ", grouped(theirs)));
    html.raw("What is asked for says what the campaign is worth to whoever runs it. It is no evidence by itself.</figcaption>\n</figure>\n");
}
