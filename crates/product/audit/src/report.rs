//! What is reported, and in which words.

use std::fmt::Write;

use serde::Serialize;

use crate::decoy::Decoyed;
use crate::design::Design;
use crate::guard::Guard;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The suspect's answers depend on which answers the campaign was served.
    Trained,
    /// That was not shown. It does not say that the suspect was not trained on them.
    NotShown,
    /// The design does not support a test.
    Refused,
}

/// One statistic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tested {
    /// `overlap` or `log_likelihood`.
    pub name: &'static str,
    /// Answers of ours for which it is known.
    pub answers: usize,
    /// Served less held back, each less the same of the comparison models.
    pub difference: f64,
    /// The standard deviation of that over all ways to deal out the labels.
    pub deviation: f64,
    /// How often labels dealt out at random give as much.
    pub p_value: f64,
}

/// What the test could have seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Power {
    /// How often what is stated here is found.
    pub power: f64,
    /// The least difference of the overlap that is found so often.
    pub least_difference: f64,
    /// The least share of the served answers that the suspect has to repeat word for word, the others as it says them now, to
    /// be found so often; null where even all of them are too few.
    pub least_share_repeated: Option<f64>,
}

/// The result of an audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// What was found.
    pub finding: Finding,
    /// How often a model that was not trained on the answers is found to be, at most.
    pub level: f64,
    /// The part of it that each way to be found has: the test, and the decoys where there are some.
    pub level_of_each: f64,
    /// The p-value of the test, of all statistics together.
    pub p_value: f64,
    /// Each statistic.
    pub tests: Vec<Tested>,
    /// The design.
    pub design: Design,
    /// The checks of the design.
    pub guards: Vec<Guard>,
    /// What the test could have seen.
    pub power: Option<Power>,
    /// What became of the decoys, where some are given.
    pub decoys: Option<Decoyed>,
    /// Why it was found so.
    pub reasons: Vec<String>,
    /// What the result rests on.
    pub assumptions: Vec<String>,
}

pub fn reasons(finding: Finding, guards: &[Guard], p: f64, level: f64, by_decoys: bool) -> Vec<String> {
    let mut reasons: Vec<String> = guards
        .iter()
        .filter(|guard| !guard.holds)
        .map(|guard| {
            format!(
                "served and held-back answers can be told apart by {} alone (p = {:.4}, refused at {:.4}): they are not \
                 exchangeable, or that model has learned from the same answers",
                guard.name, guard.p_value, guard.level
            )
        })
        .collect();
    if by_decoys {
        reasons.push("the suspect says strings that only the campaign was served, more than chance allows".to_owned());
    }
    match finding {
        Finding::Trained if p <= level && reasons.len() == usize::from(by_decoys) => reasons.push(format!(
            "the suspect has more in common with answers that the campaign was served than with those that it was not (p = {p:.4})"
        )),
        Finding::NotShown => reasons.push(format!(
            "the suspect has no more in common with served answers than labels dealt out at random give (p = {p:.4})"
        )),
        _ => {}
    }
    reasons
}

pub fn assumptions(design: &Design) -> Vec<String> {
    let mut assumptions = vec![match design.assignment {
        "checked" => "which answers were served was drawn by the key, before anybody looked at the suspect".to_owned(),
        _ => "served and held-back answers are exchangeable inside each stratum: this is declared, and was not checked beyond \
              the words, the lengths and the comparison models"
            .to_owned(),
    }];
    if design.kind != "second answers" {
        assumptions
            .push("the suspect was not trained on the campaign's prompts with answers of another model".to_owned());
    }
    assumptions.push("the served answers reached the suspect by the campaign, and not by another path".to_owned());
    assumptions
}

fn figure(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.001 { format!("{value:.1e}") } else { format!("{value:.4}") }
}

/// The result for people.
#[must_use]
pub fn text(outcome: &Outcome) -> String {
    let mut out = String::new();
    let head = match outcome.finding {
        Finding::Trained => "Trained on answers that the campaign was served.",
        Finding::NotShown => "Not shown. That is no proof that it was not trained on them.",
        Finding::Refused => "Refused: the design does not support a test.",
    };
    let _ = writeln!(out, "{head}");
    outcome.reasons.iter().for_each(|reason| _ = writeln!(out, "  {reason}"));
    let design = &outcome.design;
    let _ = writeln!(
        out,
        "\nDesign: {} held back, {}; {} answers served and {} not, {} units in {} strata",
        design.kind, design.assignment, design.served, design.held_back, design.units, design.strata
    );
    design.left_out.iter().for_each(|(why, count)| _ = writeln!(out, "  left out: {count}: {why}"));
    if design.unmatched > 0 {
        let _ = writeln!(out, "  {} lines of models belong to no prompt of ours", design.unmatched);
    }
    let _ = writeln!(out, "\nTest at the level {}", outcome.level_of_each);
    for test in &outcome.tests {
        let (difference, deviation) = (figure(test.difference), figure(test.deviation));
        let _ = writeln!(
            out,
            "  {}: served less held back {difference}, by chance 0 ± {deviation}, p = {:.4}, {} answers",
            test.name, test.p_value, test.answers
        );
    }
    if let Some(power) = &outcome.power {
        let share = power.least_share_repeated.map_or("even all of them are too few".to_owned(), |share| {
            format!("the suspect has to repeat {:.1} % of the served answers word for word", 100.0 * share)
        });
        let _ = writeln!(
            out,
            "  Power: a difference of {} is found {:.0} times in 100; for that {share}",
            figure(power.least_difference),
            100.0 * power.power
        );
    }
    if let Some(decoys) = &outcome.decoys {
        let _ = writeln!(
            out,
            "  Decoys: {} of {} found, {} struck out as not unique, p at most {}",
            decoys.found,
            decoys.placed,
            decoys.struck_out,
            figure(decoys.p_value)
        );
    }
    let _ = writeln!(out, "\nChecks of the design, without the suspect");
    for guard in &outcome.guards {
        let told = if guard.holds { "holds" } else { "DOES NOT HOLD" };
        let _ = writeln!(out, "  {told}: {} (p = {:.4}, refused at {:.4})", guard.name, guard.p_value, guard.level);
    }
    let _ = writeln!(out, "\nAssumptions");
    outcome.assumptions.iter().for_each(|assumption| _ = writeln!(out, "  {assumption}"));
    out
}
