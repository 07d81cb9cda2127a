//! Strings that only the campaign was served, in what the suspect says.

use serde::Serialize;
use statrs::distribution::Binomial;
use statrs::distribution::DiscreteCDF;

use crate::input::Answer;
use crate::input::Decoy;
use crate::input::Ours;

/// What became of the decoys.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decoyed {
    /// Decoys that count.
    pub placed: usize,
    /// Those that are in our prompts, in answers that were held back or in a comparison model's: they were not unique, and do
    /// not count.
    pub struck_out: usize,
    /// Those that the suspect said.
    pub found: usize,
    /// The first ten of these.
    pub examples: Vec<String>,
    /// Places in the suspect's answers at which a decoy could begin.
    pub places: u64,
    /// The chance that a model which was not trained on them says as many, at most.
    pub p_value: f64,
}

/// Counts decoys.
///
/// *Null:* what the suspect says does not depend on which strings were drawn. A place holds a given decoy with the chance of
/// its draw, so that a decoy is found with at most `places / 2^bits`; decoys are drawn apart, so that the number found is at
/// most binomial with the largest of these chances. That holds for any dependence among the answers. *What breaks it:* decoys
/// that were not drawn at random, or that became known otherwise: an answer quoted in public.
pub fn count(decoys: &[Decoy], ours: &[Ours], suspect: &[Answer], compared: &[Vec<Answer>]) -> Decoyed {
    let said = |answers: &[Answer], text: &str| {
        answers.iter().filter_map(|one| one.answer.as_deref()).any(|answer| answer.contains(text))
    };
    let is_known = |text: &str| {
        ours.iter().any(|row| row.prompt.contains(text) || !row.served && row.answer.contains(text))
            || compared.iter().any(|answers| said(answers, text))
    };
    let placed: Vec<&Decoy> = decoys.iter().filter(|decoy| !is_known(&decoy.text)).collect();
    let found: Vec<&str> = placed.iter().map(|decoy| decoy.text.as_str()).filter(|text| said(suspect, text)).collect();
    let places: u64 = suspect.iter().filter_map(|one| one.answer.as_deref()).map(|answer| answer.len() as u64).sum();
    let fewest = placed.iter().map(|decoy| decoy.bits).fold(f64::INFINITY, f64::min);
    let chance = (places as f64 / fewest.exp2()).min(1.0);
    let p_value = match (found.len() as u64, Binomial::new(chance, placed.len() as u64)) {
        (0, _) | (_, Err(_)) => 1.0,
        (found, Ok(null)) => null.sf(found - 1).min(1.0),
    };
    Decoyed {
        placed: placed.len(),
        struck_out: decoys.len() - placed.len(),
        found: found.len(),
        examples: found.iter().take(10).map(|text| (*text).to_owned()).collect(),
        places,
        p_value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Answer {
        Answer { id: Some("a".to_owned()), prompt: None, answer: Some(text.to_owned()), log_likelihood: None }
    }

    #[test]
    fn the_bound_is_the_union_over_places_and_a_known_string_is_struck_out() {
        let decoy = |text: &str| Decoy { text: text.to_owned(), bits: 40.0 };
        let decoys = [decoy("violet-4711-heron"), decoy("umber-0815-stork"), decoy("I hope this helps")];
        let suspect = [says("as the violet-4711-heron said"), says("I hope this helps")];
        let found = count(&decoys, &[], &suspect, &[vec![says("I hope this helps you")]]);
        assert_eq!((found.placed, found.struck_out, found.found), (2, 1, 1));
        let chance = found.places as f64 / 40f64.exp2();
        assert!((found.p_value / (2.0 * chance) - 1.0).abs() < 1e-3, "{} {chance}", found.p_value);
        assert_eq!(count(&decoys, &[], &[says("nothing")], &[]).p_value, 1.0);
    }
}
