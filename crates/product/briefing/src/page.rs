//! What the papers have in common.

use case::AppealState;
use case::Case;
use case::What;
use report::Html;

use crate::blocks::Blocks;

/// Characters of a text that the writer of HTML takes at a time.
const PIECE: usize = 500;

const STYLE: &str = "<style>
@page { size: A4; margin: 16mm 18mm; }
body { font: 10pt/1.4 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; max-width: 174mm; margin: 8mm auto; color: #111; }
h1 { font-size: 17pt; line-height: 1.15; margin: 0 0 1mm; } h2 { font-size: 11pt; margin: 4mm 0 1mm; border-bottom: 0.3mm solid #888; break-after: avoid; }
p { margin: 1mm 0; } ul { margin: 1mm 0; padding-left: 5mm; } .quiet { color: #555; font-size: 8.5pt; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; } tr { break-inside: avoid; }
td, th { text-align: left; vertical-align: top; padding: 0.7mm 3mm 0.7mm 0; border-bottom: 0.2mm solid #ccc; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; } td:last-child, th:last-child { padding-right: 0; } .letter { font: 11pt/1.45 Georgia, 'Liberation Serif', serif; }
.columns { display: grid; grid-template-columns: 1fr 1fr; column-gap: 8mm; } .address { white-space: normal; margin: 6mm 0; }
@media print { body { margin: 0; max-width: none; } }
</style>
";

/// Begins a page.
pub fn begin(title: &str, class: &'static str) -> Html {
    let mut page = Html::default();
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n");
    page.raw("<meta name=\"robots\" content=\"noindex\">\n").element("title", "", title).raw(STYLE);
    page.raw("</head>\n").open("body", &[("class", report::Value::Fixed(class))]).raw("\n");
    page
}

/// Ends it.
pub fn end(mut page: Html) -> String {
    page.raw("</body>\n</html>\n");
    page.into_string()
}

/// A text of any length in one element.
pub fn element(page: &mut Html, tag: &'static str, text: &str) {
    page.open(tag, &[]);
    let characters: Vec<char> = text.chars().collect();
    for piece in characters.chunks(PIECE) {
        page.text(&piece.iter().collect::<String>());
    }
    page.close(tag);
}

/// The paragraphs of a block.
pub fn block(page: &mut Html, blocks: &Blocks, name: &str) {
    blocks.paragraphs(name).for_each(|paragraph| element(page, "p", paragraph));
}

/// A section with a block.
pub fn section(page: &mut Html, title: &str, blocks: &Blocks, name: &str) {
    page.element("h2", "", title);
    block(page, blocks, name);
}

/// A table of two columns.
pub fn facts<S: AsRef<str>>(page: &mut Html, rows: &[(&str, S)]) {
    page.raw("<table>\n");
    for (what, value) in rows {
        page.raw("<tr>").element("td", "", what).element("td", "number", value.as_ref()).raw("</tr>\n");
    }
    page.raw("</table>\n");
}

/// A list, and how many of it are left out.
pub fn list<S: AsRef<str>>(page: &mut Html, lines: &[S], most: usize) {
    page.raw("<ul>\n");
    lines.iter().take(most).for_each(|line| element(page, "li", line.as_ref()));
    if lines.len() > most {
        page.element("li", "quiet", &format!("and {} more, in the dossier", lines.len() - most));
    }
    page.raw("</ul>\n");
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    format!("{} %", (share * 1_000.0).round() / 10.0)
}

/// The day of a moment.
pub fn day(moment: &str) -> &str {
    moment.split('T').next().unwrap_or(moment)
}

/// What people did about a case, day by day, without their names.
pub fn timeline(decided: Option<&Case>) -> Vec<(String, String)> {
    let told = |what: &What| {
        Some(match what {
            What::Open => "The case was opened".to_owned(),
            What::Acknowledge => "Somebody began to look at it".to_owned(),
            What::Clear { .. } => "The group was held to be honest".to_owned(),
            What::Propose { measure } => format!("A measure was proposed: {}", measure.as_str()),
            What::Approve { .. } => "A second person approved the measure".to_owned(),
            What::Appeal { .. } => "The holder of an account appealed".to_owned(),
            What::DecideAppeal { outcome, .. } => format!("An appeal was {}", outcome.as_str()),
            What::Close => "The case was closed".to_owned(),
            What::Reopen => "The case was opened again".to_owned(),
            _ => return None,
        })
    };
    let acts = decided.into_iter().flat_map(|case| &case.acts);
    let mut days: Vec<(String, String)> =
        acts.filter_map(|act| Some((day(&act.at).to_owned(), told(&act.what)?))).collect();
    days.dedup();
    days
}

/// Appeals in some states.
pub fn appeals(case: &Case, states: &[AppealState]) -> u64 {
    case.appeals.iter().filter(|appeal| states.contains(&appeal.state)).count() as u64
}

/// Where the measure of a case stands, in words.
pub fn measure(decided: Option<&Case>) -> String {
    match decided {
        None => "nobody has opened the case".to_owned(),
        Some(case) if case.cleared => "held to be honest by a person".to_owned(),
        Some(case) => match &case.enforcement {
            Some(proposed) if proposed.approved_by.is_some() => {
                let spared = case.restored().count();
                let spared = if spared > 0 { format!(", but for {spared} restored on appeal") } else { String::new() };
                format!("{}, approved by a second person{spared}", proposed.measure.as_str())
            }
            Some(proposed) => format!("{} proposed, and not approved", proposed.measure.as_str()),
            None => "no measure".to_owned(),
        },
    }
}
