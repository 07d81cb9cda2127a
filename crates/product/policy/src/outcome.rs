//! What the rules say of a situation.

use crate::cedar::Answer;
use crate::cedar::Names;
use crate::cedar::Slice;
use crate::ceiling;
use crate::error::Error;
use crate::rule::Rule;
use crate::situation::Situation;
use crate::words::Basis;
use crate::words::Measure;

/// A rule that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Its place among the rules of its policy.
    pub place: u16,
    /// What it does here: its measure, or `observe` where the ceiling of the verdict is lower.
    pub measure: Measure,
    /// Whether it matches because of what is held of the account.
    pub by_verdict: bool,
}

/// What the rules say of a situation, whatever their mode and expiry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The rules that match, the strictest first.
    pub matches: Vec<Match>,
    /// Rules that could not be evaluated: a sum in them left 64 bits. A rule of law counts as matching then.
    pub failed: Vec<u16>,
}

pub(crate) fn outcome(rules: &[Rule], slices: &[Slice], names: &Names, situation: &Situation) -> Outcome {
    let answer = answers(slices, names, situation).unwrap_or_else(|_| Answer {
        matched: Vec::new(),
        failed: (0_u16..).zip(rules).map(|(place, _)| place).collect(),
    });
    let cleared = situation.cleared();
    // What matches without the verdict does not match because of it.
    let without =
        if cleared == *situation || answer.matched.is_empty() { None } else { answers(slices, names, &cleared).ok() };
    let by_law = answer.failed.iter().filter(|place| rule(rules, **place).is_some_and(|rule| rule.basis == Basis::Law));
    let all = answer.matched.iter().chain(by_law).copied().collect::<Vec<u16>>();
    let by_verdict = |place: u16| without.as_ref().is_some_and(|without| !without.matched.contains(&place));
    Outcome { matches: judged(rules, situation, &all, by_verdict), failed: answer.failed }
}

/// Rules that match, the strictest first, each held below the ceiling of the verdict where it matches because of it.
pub(crate) fn judged(
    rules: &[Rule],
    situation: &Situation,
    matching: &[u16],
    mut by_verdict: impl FnMut(u16) -> bool,
) -> Vec<Match> {
    let judge = |place: &u16| {
        let own = rule(rules, *place)?.measure;
        let by_verdict = by_verdict(*place);
        let measure = if by_verdict && !ceiling::allows(situation, own) { Measure::Observe } else { own };
        Some(Match { place: *place, measure, by_verdict })
    };
    let mut matches: Vec<Match> = matching.iter().filter_map(judge).collect();
    matches.sort_by(|a, b| match (rule(rules, a.place), rule(rules, b.place)) {
        (Some(one), Some(other)) => strictest_first((one, a.measure), (other, b.measure)),
        _ => a.place.cmp(&b.place),
    });
    matches
}

/// The answers to all questions, joined.
fn answers(slices: &[Slice], names: &Names, situation: &Situation) -> Result<Answer, Error> {
    let (entities, context) = names.facts(situation)?;
    let mut all = Answer::default();
    for slice in slices {
        let answer = names.ask(slice, &entities, &context)?;
        all.matched.extend(answer.matched);
        all.failed.extend(answer.failed);
    }
    Ok(all)
}

fn rule(rules: &[Rule], place: u16) -> Option<&Rule> {
    rules.get(usize::from(place))
}

fn strictest_first(a: (&Rule, Measure), b: (&Rule, Measure)) -> std::cmp::Ordering {
    let rank = |(rule, measure): (&Rule, Measure)| (measure, rule.basis, rule.severity);
    rank(b).cmp(&rank(a)).then_with(|| a.0.id.cmp(&b.0.id))
}
