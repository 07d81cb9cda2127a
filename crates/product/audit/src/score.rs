//! What each answer of ours has in common with what models answered.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::input::Answer;
use crate::input::Ours;
use crate::shingle::RUN;
use crate::shingle::Rarity;
use crate::shingle::runs;
use crate::shingle::words;

/// What a model said to our prompts.
#[derive(Debug)]
pub struct Model<'a> {
    /// Of each prompt the runs of each answer.
    answers: HashMap<&'a str, Vec<HashSet<u64>>>,
    likelihoods: HashMap<&'a str, f64>,
    /// Lines that belong to no prompt of ours.
    pub unmatched: usize,
}

impl<'a> Model<'a> {
    /// A model's answers, by our prompts.
    pub fn new(ours: &'a [Ours], said: &'a [Answer]) -> Self {
        let by_id: HashMap<&str, &Ours> = ours.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut by_prompt: HashMap<&str, Vec<&Ours>> = HashMap::new();
        ours.iter().for_each(|row| by_prompt.entry(row.prompt.trim()).or_default().push(row));
        let mut model = Self { answers: HashMap::new(), likelihoods: HashMap::new(), unmatched: 0 };
        for line in said {
            let named = line.id.as_deref().and_then(|id| by_id.get(id).copied());
            let prompt = line.prompt.as_deref().map(str::trim);
            let rows = prompt.and_then(|prompt| by_prompt.get(prompt)).map(Vec::as_slice).unwrap_or_default();
            // A likelihood is told of one answer of ours.
            let told_of = named.or(match rows {
                [only] => Some(*only),
                _ => None,
            });
            let Some(row) = told_of.or_else(|| rows.first().copied()) else {
                model.unmatched += 1;
                continue;
            };
            if let Some(answer) = &line.answer {
                model.answers.entry(row.prompt.trim()).or_default().push(runs(&words(answer), RUN));
            }
            if let (Some(row), Some(value)) = (told_of, line.log_likelihood) {
                model.likelihoods.insert(row.id.as_str(), value);
            }
        }
        model
    }

    /// Whether it answered anything.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.likelihoods.is_empty()
    }

    /// The runs of all of its answers, prompt by prompt.
    pub fn texts(&self) -> impl Iterator<Item = &HashSet<u64>> {
        self.answers.values().flatten()
    }
}

/// How one answer of ours compares.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its place among our answers.
    pub ours: usize,
    /// The share of it that the suspect's answers have.
    pub suspect: Option<f64>,
    /// The same of each comparison model.
    pub compared: Vec<Option<f64>>,
    /// Its log-likelihood under the suspect.
    pub suspect_likelihood: Option<f64>,
    /// The same under each comparison model.
    pub compared_likelihood: Vec<Option<f64>>,
}

/// The mean of what is there.
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
}

impl Row {
    /// The suspect's overlap less that of the comparison models.
    pub fn overlap(&self) -> Option<f64> {
        Some(self.suspect? - mean(self.compared.iter().flatten().copied())?)
    }

    /// The suspect's log-likelihood less that of the comparison models, or as it is where none of these was told.
    pub fn likelihood(&self) -> Option<f64> {
        Some(self.suspect_likelihood? - mean(self.compared_likelihood.iter().flatten().copied()).unwrap_or(0.0))
    }

    /// As [`Row::overlap`], with a comparison model in the place of the suspect.
    pub fn control(&self, model: usize) -> Option<f64> {
        let own = (*self.compared.get(model)?)?;
        let others = self.compared.iter().enumerate().filter(|(at, _)| *at != model).filter_map(|(_, value)| *value);
        Some(own - mean(others).unwrap_or(0.0))
    }
}

/// Compares all answers of ours.
pub fn score(ours: &[Ours], suspect: &Model<'_>, compared: &[Model<'_>]) -> Vec<Row> {
    let own: Vec<HashSet<u64>> = ours.iter().map(|row| runs(&words(&row.answer), RUN)).collect();
    let mut rarity = Rarity::default();
    own.iter().chain(compared.iter().flat_map(Model::texts)).for_each(|text| rarity.add(text));
    let of = |row: &Ours, own: &HashSet<u64>, prompt: &HashSet<u64>, model: &Model<'_>| {
        let answers = model.answers.get(row.prompt.trim())?;
        mean(answers.iter().map(|answer| rarity.shared(own, prompt, answer)))
    };
    let one = |(place, (row, own)): (usize, (&Ours, &HashSet<u64>))| {
        let prompt = runs(&words(&row.prompt), RUN);
        let likelihood = |model: &Model<'_>| model.likelihoods.get(row.id.as_str()).copied();
        Row {
            ours: place,
            suspect: of(row, own, &prompt, suspect),
            compared: compared.iter().map(|model| of(row, own, &prompt, model)).collect(),
            suspect_likelihood: likelihood(suspect),
            compared_likelihood: compared.iter().map(likelihood).collect(),
        }
    };
    ours.iter().zip(&own).enumerate().map(one).collect()
}
