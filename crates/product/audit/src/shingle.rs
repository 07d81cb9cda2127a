//! Runs of words, how rare they are, and how much of one text is in another.

use std::collections::HashMap;
use std::collections::HashSet;

use sketch::hash::mix;
use sketch::hash::text_hash;

/// Words of a run. Shorter runs are shared by chance; a model that remembers loosely shares few longer ones.
pub const RUN: usize = 3;

/// The hashes of the words of a text: runs of letters and digits in lower case. Where a script has no spaces, a
/// character is a word.
pub fn words(text: &str) -> Vec<u64> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            words.push(text_hash(word.as_bytes()));
            word.clear();
        }
    };
    for character in text.chars().flat_map(char::to_lowercase) {
        let alone = matches!(character, '\u{0e00}'..='\u{0e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}');
        if alone || !character.is_alphanumeric() {
            end(&mut word);
        }
        if character.is_alphanumeric() {
            word.push(character);
        }
        if alone {
            end(&mut word);
        }
    }
    end(&mut word);
    words
}

/// The runs of some words.
pub fn runs(words: &[u64], length: usize) -> HashSet<u64> {
    words.windows(length).map(|run| run.iter().fold(0, |hash, word| mix(hash ^ word).wrapping_add(*word))).collect()
}

/// How rare runs are among the answers of the comparison models and our own. It does not depend on which of ours were served.
#[derive(Debug, Default)]
pub struct Rarity {
    texts: f64,
    texts_with: HashMap<u64, u32>,
}

impl Rarity {
    /// Counts a text.
    pub fn add(&mut self, runs: &HashSet<u64>) {
        self.texts += 1.0;
        for run in runs {
            *self.texts_with.entry(*run).or_default() += 1;
        }
    }

    /// The weight of a run: the logarithm of how many texts there are to one that has it.
    fn weight(&self, run: u64) -> f64 {
        let with = self.texts_with.get(&run).copied().unwrap_or(0);
        ((1.0 + self.texts) / (1.0 + f64::from(with))).ln()
    }

    /// The share of our answer, by weight, that another text has too. What the prompt says already does not count.
    pub fn shared(&self, ours: &HashSet<u64>, prompt: &HashSet<u64>, other: &HashSet<u64>) -> f64 {
        let (mut all, mut both) = (0.0, 0.0);
        // In the order of the hashes, so that the sum is the same in every run.
        let mut sorted: Vec<u64> = ours.difference(prompt).copied().collect();
        sorted.sort_unstable();
        for run in sorted {
            let weight = self.weight(run);
            all += weight;
            both += if other.contains(&run) { weight } else { 0.0 };
        }
        if all > 0.0 { both / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_run_weighs_more_and_the_prompt_nothing() {
        let of = |text: &str| runs(&words(text), RUN);
        let mut rarity = Rarity::default();
        for _ in 0..50 {
            rarity.add(&of("I hope this helps"));
        }
        rarity.add(&of("something else altogether"));
        let ours = of("I hope this helps. The violet engine hums.");
        let nothing = HashSet::new();
        let common = rarity.shared(&ours, &nothing, &of("i hope THIS helps!"));
        let rare = rarity.shared(&ours, &nothing, &of("the violet engine hums"));
        assert!(rare > 10.0 * common && common > 0.0, "{rare} {common}");
        assert_eq!(rarity.shared(&ours, &nothing, &ours), 1.0);
        assert_eq!(rarity.shared(&ours, &ours, &ours), 0.0, "all of it is in the prompt");
        assert_eq!(rarity.shared(&of("two words"), &nothing, &of("two words")), 0.0);
    }

    #[test]
    fn words_are_the_same_whatever_is_between_them() {
        assert_eq!(words("Don't—stop, 42!"), words("don t stop 42"));
        assert_eq!(words("模型被").len(), 3);
        assert_eq!(words(" \u{202e} .").len(), 0);
    }
}
