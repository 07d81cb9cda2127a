//! Pictures, as SVG: from the numbers that were checked and nothing else.

use report::Html;
use report::Value;

use crate::documents::Verdict;
use crate::facts::Counted;

/// Width and height of a picture.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
/// Room for the words on the left, and above and below.
const LEFT: f64 = 80.0;
const EDGE: f64 = 24.0;

/// Pictures by the names of their files.
pub fn figures(verdict: &Verdict, counted: Option<&Counted>) -> Vec<(&'static str, String)> {
    let mut figures = vec![("figures/evidence.svg", evidence(verdict))];
    if let Some(counted) = counted {
        let exchanges = counted.days.iter().map(|(day, (exchanges, _))| (day.as_str(), *exchanges));
        let accounts = counted.days.iter().map(|(day, (_, accounts))| (day.as_str(), accounts.len() as u64));
        figures.push((
            "figures/exchanges.svg",
            bars("Exchanges of the campaign's accounts a day", &exchanges.collect::<Vec<_>>()),
        ));
        figures.push((
            "figures/accounts.svg",
            bars("Accounts of the campaign that were active, by day", &accounts.collect::<Vec<_>>()),
        ));
    }
    figures
}

fn begin(title: &str, height: f64) -> Html {
    let mut svg = Html::default();
    let attributes = [
        ("xmlns", Value::Fixed("http://www.w3.org/2000/svg")),
        ("width", Value::Number(WIDTH)),
        ("height", Value::Number(height)),
        ("font-family", Value::Fixed("sans-serif")),
        ("font-size", Value::Number(12.0)),
    ];
    svg.open("svg", &attributes).raw("\n").element("title", "", title);
    svg.open("text", &[("x", Value::Number(0.0)), ("y", Value::Number(14.0))]).text(title).close("text");
    svg
}

fn words(svg: &mut Html, (x, y): (f64, f64), anchor: &'static str, text: &str) {
    let attributes = [("x", Value::Number(x)), ("y", Value::Number(y)), ("text-anchor", Value::Fixed(anchor))];
    svg.open("text", &attributes).text(text).close("text");
}

fn bar(svg: &mut Html, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let attributes = [
        ("x", Value::Number(x)),
        ("y", Value::Number(y)),
        ("width", Value::Number(width)),
        ("height", Value::Number(height)),
        ("fill", Value::Fixed("#30567a")),
    ];
    svg.shape("rect", &attributes);
}

/// A bar a day.
fn bars(title: &str, days: &[(&str, u64)]) -> String {
    let most = days.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let (bottom, room) = (HEIGHT - EDGE, HEIGHT - 3.0 * EDGE);
    let step = (WIDTH - LEFT) / days.len().max(1) as f64;
    let mut svg = begin(title, HEIGHT);
    words(&mut svg, (LEFT - 6.0, 2.0 * EDGE + 10.0), "end", &report::grouped(most));
    words(&mut svg, (LEFT - 6.0, bottom), "end", "0");
    for ((_, count), at) in days.iter().zip(0_u32..) {
        let height = room * *count as f64 / most as f64;
        bar(&mut svg, (LEFT + step * f64::from(at), bottom - height), ((step - 1.0).max(0.5), height));
    }
    if let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) {
        words(&mut svg, (LEFT, HEIGHT - 6.0), "start", first);
        words(&mut svg, (WIDTH, HEIGHT - 6.0), "end", last);
    }
    svg.close("svg");
    svg.into_string()
}

/// A bar a family: the decimal logarithm of its e-value.
fn evidence(verdict: &Verdict) -> String {
    let families = &verdict.campaign.families;
    let logarithm = |e_value: f64| e_value.max(1.0).log10();
    let most = families.iter().map(|family| logarithm(family.e_value)).fold(1.0, f64::max);
    let height = 2.0 * EDGE + EDGE * families.len() as f64;
    let mut svg = begin("Evidence by family: decimal logarithm of the e-value", height);
    for (family, at) in families.iter().zip(0_u32..) {
        let y = 1.5 * EDGE + EDGE * f64::from(at);
        let length = (WIDTH - LEFT - 70.0) * logarithm(family.e_value) / most;
        words(&mut svg, (LEFT - 6.0, y + 12.0), "end", &family.family);
        bar(&mut svg, (LEFT, y), (length, EDGE - 6.0));
        words(&mut svg, (LEFT + length + 6.0, y + 12.0), "start", &format!("{:.2}", logarithm(family.e_value)));
    }
    svg.close("svg");
    svg.into_string()
}
