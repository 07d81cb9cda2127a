//! What an adversary who has read the source does to texts so that they are not known again.

use serde::Deserialize;

use crate::rng::Rng;

/// Words of a text between two that are put in.
const EVERY: usize = 20;
/// Words that are put in.
const FILLERS: [&str; 12] = [
    "also",
    "please",
    "indeed",
    "perhaps",
    "simply",
    "again",
    "really",
    "then",
    "of course",
    "basically",
    "certainly",
    "as said",
];

/// A change to texts that a model does not mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Disguise {
    /// Two spaces for one, where a conversation goes on elsewhere.
    Spaces,
    /// A character that nobody sees in half of the words.
    Unseen,
    /// Cyrillic letters that look like Latin ones in half of the words.
    Lookalikes,
    /// A number before every twentieth word.
    Numbers,
    /// A word that every text may have before every twentieth word.
    Fillers,
    /// Another word of the same text before every twentieth word.
    OwnWords,
}

impl Disguise {
    /// Whether new texts are changed too, and not only what was said before on another account.
    pub(crate) const fn is_everywhere(self) -> bool {
        !matches!(self, Self::Spaces)
    }

    /// The text, changed.
    pub(crate) fn alter(self, text: &str, rng: &mut Rng) -> String {
        match self {
            Self::Spaces => text.replace(' ', "  "),
            Self::Unseen => of_words(text, |word| match word.char_indices().nth(1) {
                Some((at, _)) if rng.chance(0.5) => {
                    let (head, tail) = word.split_at(at);
                    format!("{head}\u{200b}{tail}")
                }
                _ => word.to_owned(),
            }),
            Self::Lookalikes => {
                of_words(
                    text,
                    |word| {
                        if rng.chance(0.5) { word.chars().map(lookalike).collect() } else { word.to_owned() }
                    },
                )
            }
            Self::Numbers => put_in(text, || rng.below(1_000).to_string()),
            Self::Fillers => put_in(text, || rng.pick(&FILLERS).copied().unwrap_or("also").to_owned()),
            Self::OwnWords => {
                let own: Vec<&str> = text.split_whitespace().collect();
                put_in(text, || rng.pick(&own).copied().unwrap_or("also").to_owned())
            }
        }
    }
}

fn of_words(text: &str, word: impl FnMut(&str) -> String) -> String {
    text.split(' ').map(word).collect::<Vec<String>>().join(" ")
}

fn put_in(text: &str, mut what: impl FnMut() -> String) -> String {
    let mut count = 0;
    of_words(text, |word| {
        count += 1;
        if count % EVERY == 0 { format!("{} {word}", what()) } else { word.to_owned() }
    })
}

const fn lookalike(letter: char) -> char {
    match letter {
        'a' => '\u{430}',
        'e' => '\u{435}',
        'o' => '\u{43e}',
        'p' => '\u{440}',
        'c' => '\u{441}',
        'x' => '\u{445}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disguised_text_reads_as_before() {
        let text = "write the parser first and then explain each step of it to a person who has never seen one before, twice over";
        for disguise in [
            Disguise::Spaces,
            Disguise::Unseen,
            Disguise::Lookalikes,
            Disguise::Numbers,
            Disguise::Fillers,
            Disguise::OwnWords,
        ] {
            let altered = disguise.alter(text, &mut Rng::new(7));
            assert_ne!(altered, text, "{disguise:?}");
            let plain: String = altered.chars().filter(|letter| *letter != '\u{200b}').map(back).collect();
            let words: Vec<&str> = plain.split_whitespace().collect();
            let mut left = words.iter();
            assert!(text.split(' ').all(|word| left.any(|other| *other == word)), "{disguise:?}: {plain}");
        }
    }

    fn back(letter: char) -> char {
        "aeopcx".chars().find(|latin| lookalike(*latin) == letter).unwrap_or(letter)
    }
}
