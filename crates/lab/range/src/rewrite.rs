//! Rewriters: several ways to say the same brief so that no wording of it returns.
//!
//! An adversary who adapts has each prompt reworded. The brief (who writes what for whom, by which rules, in which
//! form) stays; the words do not. Each rewriter is a mechanism of its own with a word list of its own, as several
//! models would be.

mod brief;
mod phrase;
mod recompose;
mod register;
mod thesaurus;

pub(crate) use brief::Brief;

use crate::error::Error;
use crate::rng::Rng;
use crate::text::{Grammar, Style};
use thesaurus::Thesaurus;

/// Number of rewriters.
pub(crate) const REWRITERS: u32 = 3;

/// The word lists of all rewriters.
#[derive(Debug)]
pub(crate) struct Rewriting {
    thesaurus: Thesaurus,
    items: Thesaurus,
    clauses: Grammar,
    registers: Grammar,
}

impl Rewriting {
    /// Reads the word lists.
    pub(crate) fn load() -> Result<Rewriting, Error> {
        let broken = |file: &'static str| move |reason: String| Error::Grammar { file, reason };
        let grammar = |file, source: &'static str| Grammar::parse(source).map_err(broken(file));
        Ok(Rewriting {
            thesaurus: Thesaurus::parse(include_str!("../text/thesaurus.txt")).map_err(broken("thesaurus.txt"))?,
            items: Thesaurus::parse(include_str!("../text/items.txt")).map_err(broken("items.txt"))?,
            clauses: grammar("clauses.txt", include_str!("../text/clauses.txt"))?,
            registers: grammar("registers.txt", include_str!("../text/registers.txt"))?,
        })
    }

    /// The text with its turns of phrase swapped for others.
    pub(crate) fn varied(&self, text: &str, rng: &mut Rng) -> String {
        self.items.reworded(text, rng)
    }

    /// Writes a prompt for `item` that says what `brief` means in the words of one of the first `rewriters`.
    pub(crate) fn write(&self, brief: &Brief, rewriters: u32, item: &str, rng: &mut Rng, out: &mut String) {
        let item = &self.varied(item, rng);
        let from = out.len();
        match rng.below(u64::from(rewriters.clamp(1, REWRITERS))) {
            0 => recompose::write(&self.clauses, brief, item, rng, out),
            1 => thesaurus::write(&self.thesaurus, brief, item, rng, out),
            _ => return register::write(&self.registers, brief, item, rng, out),
        }
        // Now and then the result goes through hasty hands.
        if rewriters >= REWRITERS && rng.chance(0.25) && out.len() - from > item.len() {
            let slips = rng.between(1, 4) as u32;
            Style { capitals: rng.chance(0.5), slips, context: 0, opener: 0 }.apply(rng, out, from);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::brief::{FORMATS, PRODUCTS, PUBLICS, ROLES, RULES};
    use super::*;

    fn runs(text: &str) -> HashSet<String> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.windows(6).map(|run| run.join(" ")).collect()
    }

    /// Share of the pairs of prompts for one brief that have six words in a row in common.
    fn shared(brief: &Brief, rewriters: u32) -> f64 {
        let rewriting = Rewriting::load().unwrap();
        let prompts: Vec<HashSet<String>> = (0..120)
            .map(|seed| {
                let mut text = String::new();
                rewriting.write(brief, rewriters, "ITEM", &mut Rng::new(seed), &mut text);
                assert!(text.contains("ITEM"), "{text}");
                assert!(!text.contains('<'), "{text}");
                assert!(text.split_whitespace().count() > 14, "{text}");
                runs(&text)
            })
            .collect();
        let (mut pairs, mut common) = (0.0, 0.0);
        for (rank, one) in prompts.iter().enumerate() {
            for other in prompts.iter().skip(rank + 1) {
                pairs += 1.0;
                common += f64::from(u8::from(!one.is_disjoint(other)));
            }
        }
        common / pairs
    }

    #[test]
    fn a_wording_seldom_returns() {
        for seed in 0..12 {
            let brief = Brief::draw(&mut Rng::new(seed), seed % 2 == 0);
            let (all, one) = (shared(&brief, 3), shared(&brief, 1));
            assert!(all < 0.15, "{all} of the pairs share six words, three rewriters");
            assert!(one < 0.35, "{one} of the pairs share six words, one rewriter");
        }
    }

    #[test]
    fn every_meaning_has_its_words() {
        let rewriting = Rewriting::load().unwrap();
        for (list, count) in
            [("role", ROLES), ("public", PUBLICS), ("product", PRODUCTS), ("rule", RULES), ("format", FORMATS)]
        {
            for number in 0..count {
                for grammar in [&rewriting.clauses, &rewriting.registers] {
                    assert!(grammar.list(&format!("{list}{number}")).is_some(), "{list}{number}");
                }
            }
        }
    }
}
