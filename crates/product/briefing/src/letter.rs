//! Two pages to an authority.

use dossier::Basis;
use report::Html;

use crate::Subject;
use crate::blocks::Blocks;
use crate::blocks::Known;
use crate::page::begin;
use crate::page::block;
use crate::page::day;
use crate::page::element;
use crate::page::end;
use crate::page::list;
use crate::page::measure;
use crate::page::percent;

/// Lines of a list.
const LINES: usize = 4;
/// The claims that the letter tells, in order.
const TOLD: [&str; 8] =
    ["accounts", "exchanges", "output-tokens", "first-seen", "last-seen", "e-value", "bank-rank", "confidence"];

impl Blocks {
    /// The blocks of a letter.
    pub const LETTER: Known = &[
        ("from", "Who writes: name, address.", "(Not written yet: name and address of the provider.)\n"),
        ("to", "To whom.", "(Not written yet: the authority.)\n"),
        ("date", "The date.", "(Not written yet: the date.)\n"),
        (
            "opening",
            "What the letter is about, in plain words, and on what legal basis it is sent.",
            "We write about the systematic collection of answers of our models by a group of accounts, contrary to our terms. (Not \
             written yet: the legal basis.)\n",
        ),
        ("request", "What is asked of the authority.", "(Not written yet: what is asked.)\n"),
        ("signature", "Who signs.", "(Not written yet: name and office.)\n"),
    ];
}

/// A letter about a case. The same input gives the same text.
#[must_use]
pub fn letter(subject: &Subject<'_>, blocks: &Blocks) -> String {
    let (verdict, campaign) = (&subject.found.verdict, &subject.found.verdict.campaign);
    let mut page = begin(&format!("Letter on case {}", verdict.case), "letter");
    for name in ["from", "to", "date"] {
        page.raw("<div class=\"address\">\n");
        block(&mut page, blocks, name);
        page.raw("</div>\n");
    }
    page.element("h1", "", &format!("Collection of answers by a group of accounts, case {}", verdict.case));
    block(&mut page, blocks, "opening");
    page.element("h2", "", "What we found");
    element(
        &mut page,
        "p",
        &format!(
            "Between {} and {}, {} accounts made {} requests and were served {} tokens. On the evidence below we hold the group to be \
             {}, with a confidence of {} of 100. We name no person and no organisation as being behind it.",
            day(&campaign.first_seen),
            day(&campaign.last_seen),
            subject.value("accounts"),
            subject.value("exchanges"),
            subject.value("output-tokens"),
            if campaign.status == "discovered" { "one operation" } else { "suspected to be one operation" },
            campaign.confidence,
        ),
    );
    list(&mut page, &campaign.strengths, LINES);
    page.element("h2", "", "What speaks against it, and what we cannot see");
    list(&mut page, &campaign.limitations, LINES);
    if !verdict.run.cannot_see.is_empty() {
        list(&mut page, &verdict.run.cannot_see, LINES);
    }
    page.element("h2", "", "What we did");
    element(&mut page, "p", &format!("Measure against the accounts: {}.", measure(subject.decided)));
    if let Some(case) = subject.decided {
        let decided = case.appeals.iter().filter(|appeal| appeal.decision.is_some()).count();
        element(
            &mut page,
            "p",
            &format!(
                "Appeals of holders of accounts: {} filed, {decided} decided. Accounts that are restored: {}. Appeals are read by \
                 somebody who had no part in the measure.",
                case.appeals.len(),
                case.restored().count(),
            ),
        );
    }
    block(&mut page, blocks, "request");
    numbers(&mut page, subject);
    page.element("h2", "", "How sure, and how to check");
    element(&mut page, "p", &method(subject));
    element(
        &mut page,
        "p",
        &format!(
            "Every number above is in an archive of this case, with the records and proofs it rests on (entry {} of our ledger). It \
             can be checked without our help and without trusting us: stillwatch verify FILE --trust KEY. Personal data are kept back in it \
             unless the law asks for them.",
            subject.found.entry
        ),
    );
    block(&mut page, blocks, "signature");
    end(page)
}

/// The numbers of the dossier, with what each rests on.
fn numbers(page: &mut Html, subject: &Subject<'_>) {
    page.element("h2", "", "The numbers, and what each rests on");
    page.raw("<table>\n<tr><th>Number</th><th class=\"number\">Value</th><th>Rests on</th></tr>\n");
    for claim in TOLD.iter().filter_map(|id| subject.claims.iter().find(|claim| claim.id == *id)) {
        let basis = match claim.basis {
            Basis::Recomputed => "computed again from records",
            Basis::Stated => "stated only",
            Basis::Refuted => "REFUTED by the records",
        };
        // Of a moment the day is enough for people.
        let value = if claim.id.ends_with("-seen") { day(&claim.value) } else { claim.value.as_str() };
        page.raw("<tr>").element("td", "", &claim.what).element("td", "number", value);
        page.element("td", "", basis).raw("</tr>\n");
    }
    page.raw("</table>\n");
}

fn method(subject: &Subject<'_>) -> String {
    let run = &subject.found.verdict.run;
    format!(
        "{} accounts with {} exchanges were searched, and {} groups tested against honest groups of the same kind ({}). Of the groups that are \
         called discovered, at most {} are expected to be honest; of those called suspected, {}. Whoever is accused is accused for what \
         they did themselves, and never for where they come from.",
        report::grouped(run.accounts),
        report::grouped(run.exchanges),
        report::grouped(run.groups_tested),
        run.calibration,
        percent(run.fdr),
        percent(run.fdr_suspected),
    )
}
