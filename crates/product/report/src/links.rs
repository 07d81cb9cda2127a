//! Who shares what: a table of the items, and then the picture.

use campaign::Campaign;
use hunt::Charts;
use hunt::SharedItem;

use crate::axis::label;
use crate::axis::open;
use crate::html::Html;
use crate::html::Value;
use crate::layout::GroupNode;
use crate::layout::ItemNode;
use crate::layout::Picture;
use crate::words::count;
use crate::words::grouped;
use crate::words::kind;
use crate::words::length;

/// Items that are listed.
const LISTED: usize = 12;
const WIDTH: f64 = 620.0;
const LEFT: f64 = 232.0;
const RIGHT: f64 = 438.0;
/// The distance of two nodes, on the side that has more.
const STEP: f64 = 19.0;

/// The table, and the picture below it.
pub fn links(html: &mut Html, campaign: &Campaign, charts: &Charts) {
    html.raw("<h3>Who shares what</h3>\n");
    if charts.shared.is_empty() {
        html.raw("<p>No two of its accounts share an item that is told apart here.</p>\n");
        return;
    }
    table(html, campaign, charts);
    draw(html, &Picture::of(charts), campaign, charts);
}

fn table(html: &mut Html, campaign: &Campaign, charts: &Charts) {
    let all = campaign.accounts.len();
    let kinds = of_kinds(charts);
    html.raw("<div class=\"scroll\"><table>\n<caption>");
    html.text(&format!(
        "{} shared by two or more of its accounts{}. The last column is the comparison: accounts of the log outside this \
         campaign that hold the item too.",
        count(length(charts.shared_in_all), "item is", "items are"),
        if charts.shared_in_all > LISTED { "; the most telling ones" } else { "" }
    ));
    html.raw("</caption>\n<thead><tr><th>Item</th><th>Hash</th><th class=\"n\">Its accounts</th><th class=\"n\">Others</th></tr></thead>\n<tbody>\n");
    for shared in &kinds {
        html.raw("<tr>")
            .element("td", "w", kind(shared.kind).0)
            .raw("<td class=\"item\"><code>")
            .text(&begin(&shared.item))
            .raw("</code></td>");
        html.element("td", "n", &format!("{} of {}", grouped(length(shared.holders.len())), grouped(length(all))));
        html.element("td", "n", &grouped(length(shared.in_log - shared.holders.len().min(shared.in_log))));
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table></div>\n");
}

/// The items that are listed: each kind in its turn, so that forty cards do not hide a wording.
fn of_kinds(charts: &Charts) -> Vec<&SharedItem> {
    let mut ranked: Vec<(usize, usize, &SharedItem)> = Vec::new();
    for (place, shared) in charts.shared.iter().enumerate() {
        let rank = charts.shared.iter().take(place).filter(|other| other.kind == shared.kind).count();
        ranked.push((rank, place, shared));
    }
    ranked.sort_by_key(|(rank, place, _)| (*rank, *place));
    ranked.truncate(LISTED);
    ranked.sort_by_key(|(_, place, shared)| (shared.family, shared.kind, *place));
    ranked.into_iter().map(|(_, _, shared)| shared).collect()
}

fn draw(html: &mut Html, picture: &Picture, campaign: &Campaign, charts: &Charts) {
    let most = picture.items.len().max(picture.groups.len());
    let height = STEP * most as f64 + 30.0;
    let place =
        |at: usize, nodes: usize| 34.0 + STEP * most as f64 * (at as f64 + 0.5) / nodes.max(1) as f64 - STEP / 2.0;
    let items = picture.items.len();
    html.raw("<figure>\n<div class=\"scroll\">\n");
    let alternative = format!(
        "Shared items on the left, the accounts that hold them on the right: {} and {}, joined by {}. The table above has \
         the figures.",
        count(length(items), "node of items", "nodes of items"),
        count(length(picture.groups.len()), "node of accounts", "nodes of accounts"),
        count(length(picture.edges.len()), "line", "lines")
    );
    open(html, "picture", WIDTH, height, &alternative);
    label(html, "end", LEFT - 14.0, 14.0, "shared items");
    label(html, "", RIGHT + 14.0, 14.0, "accounts that hold them");
    for (item, group, held) in &picture.edges {
        let (from, to) = (place(*item, items), place(*group, picture.groups.len()));
        let size = picture.groups.get(*group).map_or(1, |group| group.accounts.len());
        edge(html, from, to, *held, size);
    }
    for (at, node) in picture.items.iter().enumerate() {
        item_node(html, place(at, items), node);
    }
    for (at, node) in picture.groups.iter().enumerate() {
        group_node(html, place(at, picture.groups.len()), node, campaign);
    }
    html.close("svg");
    html.raw("</div>\n<figcaption>");
    html.text(&caption(picture, charts));
    html.raw("</figcaption>\n</figure>\n");
}

fn edge(html: &mut Html, from: f64, to: f64, held: usize, size: usize) {
    let (start, end) = (LEFT, RIGHT);
    let middle = f64::midpoint(start, end);
    let data = format!("M{start:.0} {from:.1}C{middle:.0} {from:.1} {middle:.0} {to:.1} {end:.0} {to:.1}");
    // The width says how many accounts; a line of which only some hold the item is thinner.
    let share = held as f64 / size.max(1) as f64;
    let width = (0.6 + (held as f64).ln() * 0.5) * share.sqrt();
    html.shape(
        "path",
        &[
            ("class", Value::Fixed("edge")),
            ("d", Value::Data(&data)),
            ("stroke-width", Value::Number(width.clamp(0.4, 4.0))),
        ],
    );
}

fn circle(html: &mut Html, class: &'static str, x: f64, y: f64, size: usize) {
    let radius = (2.5 + (size as f64).ln()).clamp(3.0, 8.0);
    html.shape(
        "circle",
        &[
            ("class", Value::Fixed(class)),
            ("cx", Value::Number(x)),
            ("cy", Value::Number(y)),
            ("r", Value::Number(radius)),
        ],
    );
}

fn item_node(html: &mut Html, y: f64, node: &ItemNode) {
    circle(html, "item", LEFT, y, node.holders.len());
    let (one, many) = kind(node.kind);
    let text = if node.items > 1 { format!("{} {many}", node.items) } else { format!("{one} {}", begin(&node.item)) };
    label(html, "name end", LEFT - 14.0, y + 4.0, &format!("{text} ({})", grouped(length(node.holders.len()))));
}

fn group_node(html: &mut Html, y: f64, node: &GroupNode, campaign: &Campaign) {
    circle(html, if node.folded { "folded" } else { "group" }, RIGHT, y, node.accounts.len());
    let name = node.accounts.first().and_then(|at| campaign.accounts.get(*at));
    let text = match (name, node.accounts.len()) {
        (Some(name), 1) if name.chars().count() <= 22 => name.clone(),
        (Some(name), 1) => name.chars().take(21).chain(['…']).collect(),
        (_, many) => format!("{many} accounts"),
    };
    label(html, "name", RIGHT + 14.0, y + 4.0, &text);
}

fn caption(picture: &Picture, charts: &Charts) -> String {
    let mut text = String::from(
        "Items held by the same accounts are one node, and so are accounts that hold the same items. In brackets: accounts \
         of the campaign that hold it. A wider line: more accounts.",
    );
    if picture.groups.iter().any(|group| group.folded) {
        text.push_str(
            " Open circles stand for accounts put together by the rarest item that they hold; they differ in others.",
        );
    }
    if picture.without > 0 {
        text.push_str(&format!(
            " {} of the campaign {} none of the drawn items.",
            count(length(picture.without), "account", "accounts"),
            if picture.without == 1 { "holds" } else { "hold" }
        ));
    }
    let drawn: usize = picture.items.iter().map(|node| node.items).sum();
    let left_out = charts.shared_in_all.saturating_sub(drawn);
    if left_out > 0 {
        text.push_str(&format!(
            " {} not drawn.",
            count(length(left_out), "more shared item is", "more shared items are")
        ));
    }
    text
}

/// The beginning of a hash, which is enough for `stillwatch show`.
fn begin(hash: &str) -> String {
    hash.chars().take(8).collect()
}
