//! Further passes of a recording: the same program at other tasks.
//!
//! A recording is one short run; a pool of accounts runs the program for weeks. Each further pass changes words for
//! words of the same look, everywhere alike. What the program says in every request stays; the tasks become others; and
//! an answer that comes back still is the answer that was given, because both are changed in the same way. The changed
//! texts mean nothing. Detectors that read meaning are judged on the first pass alone.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use super::recording::Call;
use super::recording::Recording;
use crate::rng::Rng;

/// Words in at least this share of the requests are the program's own, or common to every task.
const OWN: f64 = 0.1;

impl Recording {
    /// The recording at other tasks; pass 0 is the recording itself.
    #[must_use]
    pub fn pass(&self, number: u64) -> Self {
        if number == 0 {
            return self.clone();
        }
        let change = self.exchanged(number);
        let changed = |text: &str| rewrite(text, &change);
        let call = |call: &Call| Call {
            system: call.system.as_deref().map(changed),
            messages: call.messages.iter().map(|(role, text)| (*role, changed(text))).collect(),
            answer: changed(&call.answer),
            ..call.clone()
        };
        Self { calls: self.calls.iter().map(call).collect() }
    }

    /// Which word stands for which: a permutation among words of the same look.
    fn exchanged(&self, number: u64) -> HashMap<&str, &str> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for call in &self.calls {
            let texts = call.system.iter().chain(call.messages.iter().map(|(_, text)| text));
            let words: HashSet<&str> = texts.flat_map(|text| pieces(text)).filter(|piece| is_word(piece)).collect();
            words.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
            pieces(&call.answer).filter(|piece| is_word(piece)).for_each(|word| {
                counts.entry(word).or_default();
            });
        }
        let own = (OWN * self.calls.len() as f64).max(3.0);
        let mut looks: BTreeMap<(u8, usize), Vec<&str>> = BTreeMap::new();
        for (word, _) in counts.into_iter().filter(|(_, count)| (*count as f64) < own) {
            looks.entry(look(word)).or_default().push(word);
        }
        let mut rng = Rng::new(number);
        let mut change = HashMap::new();
        for words in looks.into_values() {
            let order = rng.distinct(words.len(), words.len());
            change.extend(words.iter().copied().zip(order.iter().filter_map(|place| words.get(*place).copied())));
        }
        change
    }
}

/// Words are exchanged for words of the same script and case, and numbers for numbers of the same length.
fn look(word: &str) -> (u8, usize) {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if first.is_numeric() => (0, word.len()),
        Some(first) if first.is_uppercase() => (1, 0),
        Some(first) if first.is_ascii() => (2, usize::from(word.len() > 3)),
        _ => (3, word.chars().count()),
    }
}

fn is_word(piece: &str) -> bool {
    piece.chars().next().is_some_and(char::is_alphanumeric)
}

/// A text cut into words and what is between them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?.is_alphanumeric();
        let end = rest.find(|letter: char| letter.is_alphanumeric() != first).unwrap_or(rest.len());
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(piece)
    })
}

fn rewrite(text: &str, change: &HashMap<&str, &str>) -> String {
    pieces(text).map(|piece| change.get(piece).copied().unwrap_or(piece)).collect()
}

#[cfg(test)]
mod tests {
    use record::Role;

    use super::*;

    fn recording() -> Recording {
        let call = |said: String, answer: &str| Call {
            messages: vec![(Role::User, said)],
            answer: answer.to_owned(),
            ..Call::default()
        };
        let tasks = ["boil seven small red beets", "paint three tall old fences", "count many wild grey geese"];
        let asked = tasks.iter().map(|task| call(format!("Please rewrite: {task}"), &format!("<a>{task} today</a>")));
        let graded = tasks.iter().map(|task| call(format!("Please grade: {task} today"), "<s>5</s>"));
        Recording { calls: asked.chain(graded).collect() }
    }

    #[test]
    fn tasks_change_and_returns_stay() {
        let first = recording();
        let (second, third) = (first.pass(1), first.pass(2));
        assert_eq!(first.pass(0), first);
        assert_eq!(second, first.pass(1));
        assert!(second != first && third != second);
        assert_eq!((first.returns(), second.returns(), third.returns()), (3, 3, 3));
        assert!(second.calls.iter().all(|call| call.messages[0].1.starts_with("Please ")));
    }

    #[test]
    fn pieces_are_the_text_again() {
        let text = "a-b, 12 über <x>日本</x>";
        assert_eq!(pieces(text).collect::<String>(), text);
        assert_eq!(pieces("").count(), 0);
    }
}
