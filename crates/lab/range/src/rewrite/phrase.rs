//! Phrases of the word lists, with the brief's own words in them.

use super::brief::Brief;
use crate::rng::Rng;
use crate::text::{Grammar, Topic};

/// Writes a phrase of a list of which there is one for each number.
pub(super) fn numbered(grammar: &Grammar, list: &str, number: u64, rng: &mut Rng) -> String {
    said(grammar, &format!("{list}{number}"), rng)
}

/// Writes a phrase of a list; a list that does not exist writes nothing (a test holds the names together).
pub(super) fn said(grammar: &Grammar, list: &str, rng: &mut Rng) -> String {
    let mut out = String::new();
    debug_assert!(grammar.list(list).is_some(), "no list {list:?}");
    if let Some(list) = grammar.list(list) {
        grammar.write(list, &Topic::default(), rng, &mut out);
    }
    out
}

/// Puts the brief's own words where a phrase has marks for them.
pub(super) fn filled(grammar: &Grammar, phrase: &str, brief: &Brief, rng: &mut Rng) -> String {
    let mut text = phrase.to_owned();
    for (mark, list, number) in
        [("<role>", "role", brief.role), ("<public>", "public", brief.public), ("<product>", "product", brief.product)]
    {
        if text.contains(mark) {
            text = text.replace(mark, &numbered(grammar, list, number, rng));
        }
    }
    text
}

/// Begins a text with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
