//! One fixed wording whose phrases are swapped for others of like meaning.

use std::collections::BTreeMap;

use super::brief::Brief;
use super::phrase::capital;
use crate::rng::Rng;

const ROLES: [&str; 8] = [
    "an experienced engineer",
    "a careful analyst",
    "a patient tutor",
    "a strict reviewer",
    "a curious researcher",
    "a sharp editor",
    "a fair examiner",
    "a sober statistician",
];
const PUBLICS: [&str; 6] = [
    "university students",
    "junior staff",
    "a general audience",
    "exam candidates",
    "working experts",
    "a review board",
];
const PRODUCTS: [&str; 6] =
    ["a worked solution", "an explanation", "a dialogue", "a critique", "a report", "a set of tests"];
/// Phrases of each rule, each of which stands in the thesaurus.
const RULES: [&[&str]; 9] = [
    &["state", "every assumption", "before you begin"],
    &["proceed", "one step at a time", "without leaving gaps"],
    &["consider", "several approaches", "and justify", "the one you choose"],
    &["check", "the final result", "against the facts given"],
    &["handle", "the unusual cases", "as carefully as", "the common ones"],
    &["support", "each claim", "with evidence"],
    &["give", "exact figures", "wherever possible"],
    &["avoid", "empty phrases", "and repetition"],
    &["admit", "what is uncertain", "instead of guessing"],
];
const FORMATS: [&[&str]; 5] = [
    &["finish with", "the answer alone", "on the last line"],
    &["return only", "the requested text", "without any comment"],
    &["divide", "the text", "into numbered sections"],
    &["arrange", "the main points", "in a table"],
    &["enclose", "the reasoning and the answer", "in separate tags"],
];
const ELICIT: &[&str] = &["write out", "your full train of thought", "including the dead ends"];

/// Phrases that may stand for each other.
#[derive(Debug)]
pub(crate) struct Thesaurus {
    phrases: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Thesaurus {
    /// Reads lines of `phrase = other | other`.
    pub(crate) fn parse(source: &'static str) -> Result<Thesaurus, String> {
        let mut phrases = BTreeMap::new();
        for line in source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (phrase, others) = line.split_once('=').ok_or_else(|| format!("no = in {line:?}"))?;
            let mut all = vec![phrase.trim()];
            all.extend(others.split('|').map(str::trim));
            phrases.insert(phrase.trim(), all);
        }
        Ok(Thesaurus { phrases })
    }

    /// The phrase or one that may stand for it.
    fn swap(&self, phrase: &'static str, rng: &mut Rng) -> &'static str {
        debug_assert!(self.phrases.contains_key(phrase), "no entry {phrase:?}");
        self.phrases.get(phrase).and_then(|all| rng.pick(all)).copied().unwrap_or(phrase)
    }

    /// A text with the phrases in it swapped.
    pub(super) fn reworded(&self, text: &str, rng: &mut Rng) -> String {
        let mut text = text.to_owned();
        for phrase in self.phrases.keys() {
            if text.contains(phrase) {
                text = text.replace(phrase, self.swap(phrase, rng));
            }
        }
        text
    }

    fn sentence(&self, phrases: &[&'static str], rng: &mut Rng) -> String {
        let words: Vec<&str> = phrases.iter().map(|phrase| self.swap(phrase, rng)).collect();
        capital(&words.join(" "))
    }
}

fn nth<T: Copy>(items: &[T], number: u64) -> Option<T> {
    items.get(number as usize).copied()
}

/// Writes the prompt.
pub(super) fn write(thesaurus: &Thesaurus, brief: &Brief, item: &str, rng: &mut Rng, out: &mut String) {
    let role = nth(&ROLES, brief.role).unwrap_or_default();
    let public = nth(&PUBLICS, brief.public).unwrap_or_default();
    let product = nth(&PRODUCTS, brief.product).unwrap_or_default();
    let mut sentences = vec![
        thesaurus.sentence(&["act as", role, "who writes for", public], rng),
        thesaurus.sentence(&["produce", product, "of the task below"], rng),
    ];
    let mut rest: Vec<&[&str]> = brief.rules.iter().filter_map(|rule| nth(&RULES, *rule)).collect();
    rest.extend(nth(&FORMATS, brief.format));
    if brief.elicit {
        rest.push(ELICIT);
    }
    rng.shuffle(&mut rest);
    sentences.extend(rest.into_iter().map(|phrases| thesaurus.sentence(phrases, rng)));
    let joint = rng.word_of(&[". ", ".\n", "; "]);
    out.push_str(&sentences.join(joint));
    out.push_str(".\n");
    out.push_str(&thesaurus.sentence(&["here is the task"], rng));
    out.push_str(rng.word_of(&[": ", ":\n", ":\n\n"]));
    out.push_str(item);
}
