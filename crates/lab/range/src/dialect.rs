//! A second way to write: sentences put together from clauses, with words, code and typing habits of its own.
//!
//! It shares no word list and no code with the first (`text`, whose grammars are kept as phrases): what is tuned on
//! the one can be judged on the other. It knows nothing of who speaks to whom; that is asked of it piece by piece.

mod clause;
mod paste;
mod piece;
mod things;
mod tongue;
mod typing;
mod words;

pub(crate) use paste::write_change;
pub(crate) use paste::write_journal;
pub(crate) use paste::write_program;
pub(crate) use paste::write_table;
pub(crate) use piece::Piece;
pub(crate) use piece::write;
pub(crate) use piece::write_brief;
pub(crate) use piece::write_inquiry;
pub(crate) use piece::write_recipe;
pub(crate) use tongue::Tongue;
pub(crate) use tongue::write_tongue;
pub(crate) use typing::retype;

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::rng::Rng;

    #[test]
    fn it_uses_nothing_of_the_first() {
        let sources = [
            include_str!("dialect/clause.rs"),
            include_str!("dialect/paste.rs"),
            include_str!("dialect/piece.rs"),
            include_str!("dialect/things.rs"),
            include_str!("dialect/tongue.rs"),
            include_str!("dialect/typing.rs"),
            include_str!("dialect/words.rs"),
        ];
        for source in sources {
            for line in source.lines().filter(|line| line.contains("crate::") || line.contains("include_str")) {
                assert_eq!(line.trim(), "use crate::rng::Rng;", "only the random streams are common");
            }
        }
    }

    #[test]
    fn strangers_seldom_say_the_same() {
        let mut owners: HashMap<String, HashSet<u64>> = HashMap::new();
        let mut prompts = Vec::new();
        for seed in 0..3_000 {
            let mut text = String::new();
            write_inquiry(seed % 40, &mut Rng::new(seed), &mut text);
            let words: Vec<&str> = text.split_whitespace().collect();
            let runs: Vec<String> = words.windows(8).map(|run| run.join(" ")).collect();
            for run in &runs {
                owners.entry(run.clone()).or_default().insert(seed);
            }
            prompts.push(runs);
        }
        let shared = prompts.iter().filter(|runs| runs.iter().any(|run| owners[run].len() > 1)).count();
        assert!(shared * 50 < prompts.len(), "{shared} of {} share eight words", prompts.len());
    }

    #[test]
    fn a_brief_is_worded_anew_and_a_recipe_is_not() {
        let brief = |seed| {
            let mut text = String::new();
            write_brief(7, "ITEM", &mut Rng::new(seed), &mut text);
            text
        };
        assert!(brief(1).contains("ITEM") && brief(1) != brief(2));
        let runs = |text: &str| -> HashSet<String> {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.windows(6).map(|run| run.join(" ")).collect()
        };
        let all: Vec<HashSet<String>> = (0..60).map(|seed| runs(&brief(seed))).collect();
        let pairs =
            all.iter().enumerate().flat_map(|(rank, one)| all.iter().skip(rank + 1).map(move |other| (one, other)));
        let (shared, count) = pairs
            .fold((0, 0), |(shared, count), (one, other)| (shared + usize::from(!one.is_disjoint(other)), count + 1));
        assert!(shared * 4 < count, "{shared} of {count} pairs share six words");
        let recipe = |seed| {
            let mut text = String::new();
            write_recipe(true, &mut Rng::new(seed), &mut text);
            text
        };
        assert_eq!(recipe(3), recipe(3));
        assert!(recipe(3).contains("<item>") && recipe(3).split_whitespace().count() > 20);
    }
}
