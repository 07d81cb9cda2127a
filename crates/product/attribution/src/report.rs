//! What is said of who is behind a campaign: for people, and in the form of `campaigns.json`.

use campaign::Attribution;

use crate::judge::Attributed;
use crate::judge::Hypothesis;
use crate::judge::NONE;
use crate::weigh::Item;

/// The hypotheses in the form of `campaigns.json`.
#[must_use]
pub fn as_contract(told: &Attributed) -> Vec<Attribution> {
    let entry = |one: &Hypothesis| Attribution {
        entity: one.entity.clone(),
        likelihood: one.likelihood.word,
        log10_lr: one.log10_lr,
        evidence: lines(told, one, |_| true),
        posterior: Some(one.posterior),
        named: one.named,
        refused: one.refused.clone(),
    };
    told.hypotheses.iter().map(entry).collect()
}

/// What a hypothesis rests on, of the items that are wanted.
fn lines(told: &Attributed, one: &Hypothesis, wanted: impl Fn(&Item) -> bool) -> Vec<String> {
    let mut lines: Vec<String> = one.items.iter().filter(|item| wanted(item)).map(|item| sentence(item, one)).collect();
    lines.extend(one.contradicted.iter().map(|line| format!("contradicted, and not counted: {line}")));
    if one.entity == crate::judge::SEVERAL {
        let share = |share: &crate::judge::Share| {
            format!("{}: {} accounts of its own, {} exchanges", share.entity, share.accounts, share.exchanges)
        };
        lines.extend(told.shares.iter().map(share));
    }
    if one.entity == NONE {
        lines.extend(told.notes.iter().cloned());
    }
    lines
}

/// One item in words: what it says, its ratio, how often chance does as much, what it costs to forge, and its sources.
fn sentence(item: &Item, one: &Hypothesis) -> String {
    let (shown, asked) = item.accounts;
    let seen = if asked > 0 { format!("{shown} of {asked} accounts") } else { format!("score {:.2}", item.score) };
    let counts = one.families.iter().find(|family| family.item == item.item);
    let counted = match counts {
        Some(family) => format!(
            "counts for its family as {:.2} ({:.1} shared among {} items that were asked)",
            family.ratio, item.e_value, family.asked
        ),
        None => format!("{:.1}, not counted beside a stronger item of its family", item.e_value),
    };
    let dates = item
        .chance_of_dates
        .map_or_else(String::new, |chance| format!(", and of {:.1} % with other dates", 100.0 * chance));
    let outside = if item.forgeable { ", so that it supports and never carries" } else { "" };
    format!(
        "{} [{}]: {seen}; {counted}; chance of as much in {} honest groups of this log: {:.1} %{dates}; to forge it costs {}{outside}; {}",
        item.what,
        item.family.as_str(),
        item.groups,
        100.0 * item.chance,
        item.price,
        item.sources.join("; ")
    )
}

/// A table for people, and below it why nobody or somebody is named.
#[must_use]
pub fn text(told: &Attributed) -> String {
    let mut out = format!("campaign {}\n\n", told.campaign);
    let width = told.hypotheses.iter().map(|one| one.entity.chars().count()).max().unwrap_or(0).max(10);
    let head = ["hypothesis", "likelihood", "range", "posterior", "log10 LR"];
    let [hypothesis, likelihood, range, posterior, ratio] = head;
    out.push_str(&format!("{hypothesis:width$}  {likelihood:19}  {range:>8}  {posterior:>9}  {ratio:>8}\n"));
    for one in &told.hypotheses {
        let range = format!("{} to {} %", one.likelihood.from, one.likelihood.to);
        out.push_str(&format!(
            "{:width$}  {:19}  {range:>8}  {:>8.1} %  {:>8.2}\n",
            one.entity,
            one.likelihood.word,
            100.0 * one.posterior,
            one.log10_lr
        ));
    }
    out.push('\n');
    match told.named.as_slice() {
        [] => out.push_str("Nobody is named.\n"),
        [one] => out.push_str(&format!("Named: {one}.\n")),
        several => out.push_str(&format!("Named, each alone or with the others: {}.\n", several.join(" and "))),
    }
    for share in &told.shares {
        out.push_str(&format!(
            "{}: {} accounts show what cannot be forged of it and of nobody else; they made {} exchanges.\n",
            share.entity, share.accounts, share.exchanges
        ));
    }
    for one in told.hypotheses.iter().filter(|one| one.entity != NONE) {
        if one.items.is_empty() && one.refused.is_empty() {
            continue;
        }
        out.push_str(&format!("\n{}\n", one.entity));
        let refused = one.refused.iter().map(|why| format!("not more, because: {why}"));
        for line in refused.chain(lines(told, one, |item| item.e_value >= 1.0)) {
            out.push_str(&format!("  {line}\n"));
        }
        let silent: Vec<&str> = one.items.iter().filter(|item| item.e_value < 1.0).map(|item| item.what).collect();
        if !silent.is_empty() {
            out.push_str(&format!("  asked, and no more than among honest groups: {}\n", silent.join("; ")));
        }
    }
    out.push('\n');
    for note in &told.notes {
        out.push_str(&format!("{note}\n"));
    }
    out.push_str(
        "Attribution is apart from detection: the campaign stands or falls without it. Priors: one half for none of these, a \
         tenth for several, the rest evenly. Who holds other priors takes the ratios.\n",
    );
    out
}
