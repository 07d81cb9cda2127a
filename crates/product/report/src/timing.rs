//! When a campaign is at work: the hours of the day of its accounts, beside those of everybody else.

use campaign::Campaign;
use hunt::Activity;
use hunt::Charts;
use hunt::Others;

use crate::axis::label;
use crate::axis::line;
use crate::axis::open;
use crate::axis::path;
use crate::html::Html;
use crate::words::count;
use crate::words::length;
use crate::words::percent;

/// Accounts that have a row.
const MAX_ROWS: usize = 24;
/// Characters of an account's name that fit.
const NAME: usize = 14;
const WIDTH: f64 = 440.0;
const LEFT: f64 = 108.0;
const CELL: f64 = 13.6;
const ROW: f64 = 11.0;
/// The hours of a day.
const HOURS: f64 = 24.0;
/// The shares of an account's exchanges from which an hour is drawn darker; an even day has 4.2 % in each.
const SHADES: [(f64, &str); 5] = [(0.0, "h1"), (0.03, "h2"), (0.06, "h3"), (0.12, "h4"), (0.25, "h5")];

/// A row of the raster.
struct Row {
    name: String,
    hours: [u64; 24],
}

/// The raster with its words.
pub fn timing(html: &mut Html, campaign: &Campaign, charts: &Charts, others: &Others) {
    let mut busiest: Vec<(&String, &Activity)> = campaign.accounts.iter().zip(&charts.accounts).collect();
    busiest.sort_by(|(a, one), (b, other)| other.exchanges.cmp(&one.exchanges).then_with(|| a.cmp(b)));
    let mut all = [0_u64; 24];
    for (sum, hours) in busiest.iter().flat_map(|(_, activity)| activity.hours.iter().enumerate()) {
        if let Some(all) = all.get_mut(sum) {
            *all += hours;
        }
    }
    let shown = busiest.len().min(MAX_ROWS);
    let mut rows = vec![
        Row { name: "everybody else".to_owned(), hours: others.activity.hours },
        Row { name: "whole campaign".to_owned(), hours: all },
    ];
    rows.extend(busiest.iter().take(MAX_ROWS).map(|(name, activity)| Row { name: short(name), hours: activity.hours }));
    html.raw("<figure>\n<h3>Hours of the day</h3>\n");
    let height = 20.0 + ROW * rows.len() as f64 + 12.0 + 36.0;
    let (ours, theirs) = (quiet(&all), quiet(&others.activity.hours));
    let alternative = format!(
        "Exchanges by hour of the day in UTC, of everybody else, of the whole campaign, and of {}. In the eight quietest \
         hours in a row the campaign has {} of its exchanges, everybody else {}.",
        count(length(shown), "account", "accounts"),
        percent(ours),
        percent(theirs)
    );
    open(html, "chart", WIDTH, height, &alternative);
    let top = 20.0;
    let mut shades: [String; SHADES.len()] = Default::default();
    for (at, row) in rows.iter().enumerate() {
        // The two rows of sums stand apart.
        let y = top + ROW * at as f64 + if at >= 2 { 8.0 } else { 0.0 };
        label(html, if at < 2 { "name" } else { "" }, 0.0, y + ROW - 1.5, &row.name);
        shade(&mut shades, row, y);
    }
    for (data, (_, class)) in shades.iter().zip(SHADES).filter(|(data, _)| !data.is_empty()) {
        path(html, class, data);
    }
    let bottom = top + ROW * rows.len() as f64 + 10.0;
    for hour in [0.0, 6.0, 12.0, 18.0, 24.0] {
        let x = LEFT + hour * CELL;
        line(html, "axis", (x, bottom), (x, bottom + 4.0));
        let class = if hour > 0.0 && hour < HOURS {
            "mid"
        } else if hour > 0.0 {
            "end"
        } else {
            ""
        };
        label(html, class, x, bottom + 17.0, &format!("{hour:02.0}:00"));
    }
    label(html, "mid", LEFT + HOURS / 2.0 * CELL, bottom + 33.0, "hour of the day (UTC)");
    html.close("svg");
    html.raw("<figcaption>Darker: a larger share of the row’s exchanges, in steps at 3, 6, 12 and 25 % (an even day has 4 % in each hour). ");
    html.text(&format!(
        "In the eight quietest hours in a row the campaign has {} of its exchanges and everybody else {} (an even day: 33 \
         %). Compared with the {} in no campaign. Hours may support and never accuse.",
        percent(ours),
        percent(theirs),
        count(others.accounts, "account", "accounts")
    ));
    let left_out = busiest.len() - shown;
    if left_out > 0 {
        let drawn =
            format!(" The {shown} busiest accounts are drawn; {left_out} more are in the row of the whole campaign.");
        html.text(&drawn);
    }
    html.raw("</figcaption>\n</figure>\n");
}

/// Adds the cells of a row to the paths of their shades.
fn shade(shades: &mut [String; SHADES.len()], row: &Row, y: f64) {
    let all: u64 = row.hours.iter().sum();
    for (hour, exchanges) in row.hours.iter().enumerate().filter(|(_, exchanges)| **exchanges > 0) {
        let share = *exchanges as f64 / all.max(1) as f64;
        let step = SHADES.iter().rposition(|(from, _)| share >= *from).unwrap_or(0);
        if let Some(data) = shades.get_mut(step) {
            let x = LEFT + hour as f64 * CELL;
            data.push_str(&format!("M{x:.1} {y:.0}h{:.1}v{:.0}h-{:.1}z", CELL - 1.0, ROW - 1.0, CELL - 1.0));
        }
    }
}

/// The share of the exchanges in the eight hours in a row that have fewest.
fn quiet(hours: &[u64; 24]) -> f64 {
    let all: u64 = hours.iter().sum();
    let sums = (0..hours.len()).map(|first| hours.iter().cycle().skip(first).take(8).sum::<u64>());
    sums.min().unwrap_or(0) as f64 / all.max(1) as f64
}

/// The beginning of a name that fits beside a row.
fn short(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::quiet;
    use super::short;

    #[test]
    fn the_quietest_hours_may_go_over_midnight() {
        let mut hours = [6_u64; 24];
        for hour in [22, 23, 0, 1, 2, 3, 4, 5] {
            hours[hour] = 0;
        }
        assert_eq!(quiet(&hours), 0.0);
        assert!((quiet(&[1; 24]) - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(quiet(&[0; 24]), 0.0);
    }

    #[test]
    fn names_fit() {
        assert_eq!(short("acct_012345678"), "acct_012345678");
        assert_eq!(short("acct_0123456789"), "acct_01234567…");
    }
}
