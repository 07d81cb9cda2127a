//! The audit: the design, its checks, the test.

use statrs::distribution::ContinuousCDF;
use statrs::distribution::Normal;

use crate::decoy;
use crate::design::Layout;
use crate::design::check_assignment;
use crate::design::lay_out;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::guard::by_unit;
use crate::guard::guards;
use crate::input::Answer;
use crate::input::Decoy;
use crate::input::Ours;
use crate::permute::Contrast;
use crate::permute::DRAWS;
use crate::permute::Stratum;
use crate::permute::p_value;
use crate::permute::served;
use crate::report::Finding;
use crate::report::Outcome;
use crate::report::Power;
use crate::report::Tested;
use crate::report::assumptions;
use crate::report::reasons;
use crate::score::Model;
use crate::score::Row;
use crate::score::mean;
use crate::score::score;

/// How often training that is as large as stated is found: what *power* means here.
pub const POWER: f64 = 0.8;

/// What is compared.
#[derive(Debug)]
pub struct Inputs {
    /// Our answers, served and held back.
    pub ours: Vec<Ours>,
    /// What the suspect said.
    pub suspect: Vec<Answer>,
    /// What each comparison model said, with its name: other models, or the suspect before the campaign.
    pub compared: Vec<(String, Vec<Answer>)>,
    /// Strings that only the campaign was served.
    pub decoys: Vec<Decoy>,
}

/// How it is compared.
#[derive(Debug, Clone)]
pub struct Options {
    /// How often a model that was not trained on the answers is said to be, at most.
    pub level: f64,
    /// The key by which it was drawn which answers were served, and the share; declared to be exchangeable where `None`.
    pub assignment: Option<(Vec<u8>, f64)>,
}

/// Audits a suspect.
///
/// *Null:* the suspect's and the comparison models' answers do not depend on which of our answers the campaign was served.
/// *Reference:* all other ways to deal out the labels *served* and *held back* inside the strata. *Assumption:* all of these
/// ways were equally likely, which a keyed draw makes true, and a declaration only says. Nothing is assumed of the texts: they
/// may depend on each other as they like. *What breaks it:* labels that depend on the prompts; answers to the campaign that
/// reached the suspect by another path (that is training on them too, but not by the campaign); a suspect that was trained on the
/// *prompts* of the campaign with answers of its own, where prompts were held back and not second answers.
///
/// # Errors
/// [`Error`]
pub fn audit(inputs: &Inputs, options: &Options) -> Result<Outcome, Error> {
    if !(options.level > 0.0 && options.level < 0.5) {
        return Err(Error::new(ErrorKind::Unfit, "the level is above 0 and below 0.5"));
    }
    if inputs.compared.is_empty() {
        return Err(Error::new(ErrorKind::Unfit, "no comparison model is given (what all models say is no evidence)"));
    }
    if let Some((key, share)) = &options.assignment {
        check_assignment(&inputs.ours, key, *share)?;
    }
    let suspect = Model::new(&inputs.ours, &inputs.suspect);
    let compared: Vec<Model<'_>> = inputs.compared.iter().map(|(_, said)| Model::new(&inputs.ours, said)).collect();
    for (name, model) in [("the suspect", &suspect)]
        .into_iter()
        .chain(inputs.compared.iter().map(|(name, _)| name.as_str()).zip(&compared))
    {
        if model.is_empty() {
            let text = format!("{name} answers none of our prompts (its id or prompt has to be one of ours)");
            return Err(Error::new(ErrorKind::Unfit, text));
        }
    }
    let unmatched = suspect.unmatched + compared.iter().map(|model| model.unmatched).sum::<usize>();
    let mut rows = score(&inputs.ours, &suspect, &compared);
    rows.retain(|row| row.overlap().is_some() || row.likelihood().is_some());
    let kept: Vec<usize> = rows.iter().map(|row| row.ours).collect();
    let mut layout = lay_out(&inputs.ours, &kept)?;
    let missing = inputs.ours.len() - kept.len();
    if missing > 0 {
        layout.design.left_out.insert("the suspect or every comparison model has no answer to it", missing);
    }
    layout.design.unmatched = unmatched;
    layout.design.assignment = if options.assignment.is_some() { "checked" } else { "declared" };
    Ok(conclude(inputs, options.level, &rows, layout))
}

fn conclude(inputs: &Inputs, level: f64, rows: &[Row], layout: Layout) -> Outcome {
    let names: Vec<String> = inputs.compared.iter().map(|(name, _)| name.clone()).collect();
    let guards = guards(&inputs.ours, rows, &layout, &names);
    let said: Vec<Vec<Answer>> = inputs.compared.iter().map(|(_, said)| said.clone()).collect();
    let decoys =
        (!inputs.decoys.is_empty()).then(|| decoy::count(&inputs.decoys, &inputs.ours, &inputs.suspect, &said));
    // Two ways to be found: each gets half of the level.
    let share = if decoys.is_some() { level / 2.0 } else { level };
    let (tests, p) = tests(rows, &layout);
    let power = power(rows, &layout, &tests, share);
    let holds = guards.iter().all(|guard| guard.holds);
    let by_decoys = decoys.as_ref().is_some_and(|decoys| decoys.p_value <= share);
    let finding = match (by_decoys || holds && p <= share, holds) {
        (true, _) => Finding::Trained,
        (false, true) => Finding::NotShown,
        (false, false) => Finding::Refused,
    };
    let reasons = reasons(finding, &guards, p, share, by_decoys);
    let assumptions = assumptions(&layout.design);
    Outcome {
        finding,
        level,
        level_of_each: share,
        p_value: p,
        tests,
        design: layout.design,
        guards,
        power,
        decoys,
        reasons,
        assumptions,
    }
}

/// Each statistic, and the p-value of the larger of them in standard deviations under the same draws (Westfall and Young 1993).
fn tests(rows: &[Row], layout: &Layout) -> (Vec<Tested>, f64) {
    let (observed, mut tests, mut contrasts) = (served(&layout.strata), Vec::new(), Vec::new());
    let all: [(&'static str, Vec<Option<f64>>); 2] = [
        ("overlap", rows.iter().map(Row::overlap).collect()),
        ("log_likelihood", rows.iter().map(Row::likelihood).collect()),
    ];
    for (name, scores) in all {
        let known = scores.iter().filter(|score| score.is_some()).count();
        if known == 0 {
            continue;
        }
        let contrast = Contrast::new(&by_unit(&scores, layout), &layout.strata);
        tests.push(Tested {
            name,
            answers: known,
            difference: contrast.value(&observed),
            deviation: contrast.deviation,
            p_value: p_value(&layout.strata, DRAWS, &mut |served| contrast.standardised(served)),
        });
        contrasts.push(contrast);
    }
    let p = match tests.as_slice() {
        [only] => only.p_value,
        _ => p_value(&layout.strata, DRAWS, &mut |served| {
            contrasts.iter().map(|contrast| contrast.standardised(served)).fold(f64::NEG_INFINITY, f64::max)
        }),
    };
    (tests, p)
}

/// What the test could have seen, from the spread of the overlap under the draws. The normal approximation serves this figure only,
/// never the finding.
fn power(rows: &[Row], layout: &Layout, tests: &[Tested], level: f64) -> Option<Power> {
    let overlap = tests.iter().find(|test| test.name == "overlap")?;
    let normal = Normal::new(0.0, 1.0).ok()?;
    let level = level / tests.len() as f64;
    let least = (normal.inverse_cdf(1.0 - level) + normal.inverse_cdf(POWER)) * overlap.deviation;
    let units = by_unit(&rows.iter().map(|row| row.suspect).collect::<Vec<_>>(), layout);
    let served = served(&layout.strata);
    let room = mean(served.iter().filter_map(|unit| Some(1.0 - units.get(*unit)?)))?;
    // Who repeats some answers and not others makes the scores vary more: by the variance of a coin, times the room.
    let weight: f64 = layout.strata.iter().map(Stratum::weight).sum();
    let is_found = |share: f64| {
        let variance = overlap.deviation.powi(2) + room.powi(2) * share * (1.0 - share) / weight;
        share * room >= least / overlap.deviation.max(1e-12) * variance.sqrt()
    };
    let share = (1..=1_000).map(|thousandth| f64::from(thousandth) / 1_000.0).find(|share| is_found(*share));
    Some(Power { power: POWER, least_difference: least, least_share_repeated: share })
}
