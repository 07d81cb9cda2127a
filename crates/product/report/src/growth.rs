//! How a campaign grew: exchanges a day, and accounts.

use hunt::Charts;
use hunt::Day;

use crate::axis::Area;
use crate::axis::label;
use crate::axis::line;
use crate::axis::open;
use crate::axis::path;
use crate::axis::rectangle;
use crate::axis::round_up;
use crate::html::Html;
use crate::words::date;
use crate::words::grouped;

/// Bars that are drawn at most; days of a longer log are drawn together.
const MAX_BARS: i64 = 92;
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 286.0;
const EXCHANGES: Area = Area { left: 52.0, top: 22.0, width: 378.0, height: 96.0 };
const ACCOUNTS: Area = Area { left: 52.0, top: 160.0, width: 378.0, height: 90.0 };

/// Days that are drawn together.
struct Bars {
    first: i64,
    days: i64,
    bars: Vec<Day>,
}

impl Bars {
    fn of(days: &[Day]) -> Option<Self> {
        let (first, last) = (days.first()?.day, days.last()?.day);
        let together = (last - first + 1).max(1).saturating_add(MAX_BARS - 1) / MAX_BARS;
        let count = (last - first) / together + 1;
        let mut bars: Vec<Day> = (0..count).map(|at| Day { day: first + at * together, ..Day::default() }).collect();
        for day in days {
            let at = usize::try_from((day.day - first) / together).unwrap_or(usize::MAX);
            if let Some(bar) = bars.get_mut(at) {
                bar.exchanges += day.exchanges;
                bar.new += day.new;
                bar.active = bar.active.max(day.active);
            }
        }
        Some(Self { first, days: together, bars })
    }

    fn last(&self) -> i64 {
        self.bars.last().map_or(self.first, |bar| bar.day)
    }
}

/// The chart with its words; nothing where no day is known.
pub fn growth(html: &mut Html, charts: &Charts) {
    let Some(bars) = Bars::of(&charts.days) else { return };
    let kept: u64 = charts.days.iter().map(|day| day.exchanges).sum();
    let all: u64 = charts.accounts.iter().map(|account| account.exchanges).sum();
    let most = charts.days.iter().max_by_key(|day| (day.exchanges, std::cmp::Reverse(day.day)));
    let peak = most.map(|day| (date(day.day), day.exchanges)).unwrap_or_default();
    let half = first_half(&charts.days);
    html.raw("<figure>\n<h3>Growth</h3>\n");
    let alternative = format!(
        "Exchanges a day and accounts over time, from {} to {}. Most exchanges on {}: {}.",
        date(bars.first),
        date(bars.last()),
        peak.0,
        grouped(peak.1)
    );
    open(html, "chart", WIDTH, HEIGHT, &alternative);
    let unit = if bars.days == 1 { "exchanges a day".to_owned() } else { format!("exchanges in {} days", bars.days) };
    draw_exchanges(html, &bars, &unit);
    draw_accounts(html, &bars);
    html.close("svg");
    html.raw("<figcaption><span class=\"key\"></span>exchanges; accounts seen so far. ");
    html.raw("<span class=\"key key-thin\"></span>accounts active on a day. ");
    html.text(&format!(
        "Half of its accounts had come by {half}; most exchanges on {} ({}). ",
        peak.0,
        grouped(peak.1)
    ));
    html.raw("Days are in UTC. These are counts of its own accounts; nothing is claimed of them, and no null is beside them.");
    if kept < all {
        html.text(&format!(
            " Of each account 64 days are kept: {} of {} exchanges are drawn.",
            grouped(kept),
            grouped(all)
        ));
    }
    html.raw("</figcaption>\n</figure>\n");
}

/// The day by which half of the accounts had come.
fn first_half(days: &[Day]) -> String {
    let all: u64 = days.iter().map(|day| u64::from(day.new)).sum();
    let mut seen = 0;
    let half = days.iter().find(|day| {
        seen += u64::from(day.new);
        2 * seen >= all
    });
    half.map(|day| date(day.day)).unwrap_or_default()
}

fn draw_exchanges(html: &mut Html, bars: &Bars, unit: &str) {
    let area = EXCHANGES;
    let most = round_up(bars.bars.iter().map(|bar| bar.exchanges).max().unwrap_or(0) as f64);
    frame(html, area, most, unit);
    let step = area.width / bars.bars.len().max(1) as f64;
    for (at, bar) in bars.bars.iter().enumerate().filter(|(_, bar)| bar.exchanges > 0) {
        let top = area.y(bar.exchanges as f64, most).min(area.bottom() - 1.0);
        let gap = if step > 4.0 { 1.0 } else { 0.2 };
        rectangle(html, "bar", area.left + at as f64 * step + gap / 2.0, top, step - gap, area.bottom() - top);
    }
}

fn draw_accounts(html: &mut Html, bars: &Bars) {
    let area = ACCOUNTS;
    let all: u64 = bars.bars.iter().map(|bar| u64::from(bar.new)).sum();
    let most = round_up(all as f64);
    frame(html, area, most, "accounts");
    let step = area.width / bars.bars.len().max(1) as f64;
    let (mut seen, mut so_far, mut active) = (0_u64, String::new(), String::new());
    for (at, bar) in bars.bars.iter().enumerate() {
        seen += u64::from(bar.new);
        let x = area.left + at as f64 * step;
        let verb = if at == 0 { 'M' } else { 'L' };
        for (line, value) in [(&mut so_far, seen as f64), (&mut active, f64::from(bar.active))] {
            let y = area.y(value, most);
            line.push_str(&format!("{verb}{x:.1} {y:.1}H{:.1}", x + step));
        }
    }
    path(html, "thin", &active);
    path(html, "step", &so_far);
    let places = if bars.bars.len() > 2 { vec![0, bars.bars.len() / 2, bars.bars.len() - 1] } else { vec![0] };
    for (at, place) in places.iter().enumerate() {
        let Some(bar) = bars.bars.get(*place) else { continue };
        let x = area.left + (*place as f64 + 0.5) * step;
        line(html, "axis", (x, area.bottom()), (x, area.bottom() + 4.0));
        match (at, places.len()) {
            (_, 1) => label(html, "mid", x, area.bottom() + 18.0, &date(bar.day)),
            (0, _) => label(html, "", area.left, area.bottom() + 18.0, &date(bar.day)),
            (2, _) => label(html, "end", area.right(), area.bottom() + 18.0, &date(bar.day)),
            _ => label(html, "mid", x, area.bottom() + 18.0, &date(bar.day)),
        }
    }
    label(html, "mid", area.left + area.width / 2.0, area.bottom() + 34.0, "day (UTC)");
}

/// The axes of a panel, with ticks at nought, half and the top.
fn frame(html: &mut Html, area: Area, most: f64, unit: &str) {
    label(html, "", 0.0, area.top - 9.0, unit);
    let ticks: &[f64] = if most < 2.0 { &[0.0, 1.0] } else { &[0.0, 0.5, 1.0] };
    for share in ticks {
        let y = area.y(share * most, most);
        line(html, if *share > 0.0 { "grid" } else { "axis" }, (area.left, y), (area.right(), y));
        let value = share * most;
        let text = if value.fract() == 0.0 { grouped(value as u64) } else { format!("{value:.1}") };
        label(html, "end", area.left - 6.0, y + 4.0, &text);
    }
}
