//! How much of a text is known again after it was changed by somebody who has read how quotes are made.

use sketch::HashKey;
use sketch::SECRET_BYTES;
use sketch::hash::mix;
use sketch::sketch_text;

/// Words of a text: a common one, which is no anchor, in two of five places, as in English prose.
fn prose(seed: u64, count: u64) -> Vec<String> {
    let word = |at| {
        let hash = mix(mix(seed) ^ at);
        match hash % 5 {
            0 => "the".to_owned(),
            1 => "because".to_owned(),
            _ => format!("word{}", letters(hash >> 8, 3)),
        }
    };
    (0..count).map(word).collect()
}

fn letters(hash: u64, count: usize) -> String {
    (0..count).map(|place| char::from(b'a' + (hash >> (4 * place) & 15) as u8)).collect()
}

/// The share of texts of 150 words that keep two quotes or more, what it takes to say that one was taken over, when `change`
/// was done to them.
fn known_again(change: impl Fn(u64, Vec<String>) -> Vec<String>) -> f64 {
    let texts = 400;
    let known = (0..texts).filter(|seed| {
        let key = HashKey::from_secret(&[*seed as u8; SECRET_BYTES]);
        let before = prose(*seed, 150);
        let after = change(*seed, before.clone()).join(" ");
        let (before, after) = (sketch_text(&before.join(" "), &key), sketch_text(&after, &key));
        before.quotes().iter().filter(|quote| after.quotes().contains(quote)).count() >= 2
    });
    known.count() as f64 / texts as f64
}

fn before_every(every: usize, words: Vec<String>, mut what: impl FnMut(usize) -> String) -> Vec<String> {
    let put_in = |(at, word): (usize, String)| if at % every == 0 { vec![what(at), word] } else { vec![word] };
    words.into_iter().enumerate().flat_map(put_in).collect()
}

#[test]
fn common_words_between_change_nothing() {
    let fillers = ["also", "please", "indeed", "really", "then", "course", "basically", "certainly"];
    let put_in = |_, words| before_every(4, words, |at| fillers[at / 4 % fillers.len()].to_owned());
    assert!(known_again(put_in) > 0.999);
}

#[test]
fn a_text_is_known_again_with_strange_words_between() {
    let put_in = |every| {
        known_again(move |seed, words| {
            before_every(every, words, |at| format!("other{}", letters(mix(seed << 16 | at as u64), 5)))
        })
    };
    let (twentieth, tenth, fifth) = (put_in(20), put_in(10), put_in(5));
    assert!(twentieth > 0.85, "{twentieth}");
    assert!(tenth > 0.6, "{tenth}");
    // Nothing holds against a text that is made another: this says that the test can tell.
    assert!(fifth < 0.5, "{fifth}");
}

#[test]
fn a_text_is_known_again_without_each_tenth_word() {
    let known = known_again(|_, words| {
        words.into_iter().enumerate().filter(|(at, _)| at % 10 != 9).map(|(_, word)| word).collect()
    });
    assert!(known > 0.7, "{known}");
}

#[test]
fn one_word_between_is_one_anchor_at_most() {
    // The same strange word again and again: it is an anchor under every third key, and then stands once in a run.
    let known = known_again(|_, words| before_every(10, words, |_| "notwithstanding".to_owned()));
    assert!(known > 0.75, "{known}");
}

#[test]
fn what_strangers_say_alike_is_no_quote() {
    let key = HashKey::public();
    let shares = |a: &[String], b: &[String]| {
        let (a, b) = (sketch_text(&a.join(" "), &key), sketch_text(&b.join(" "), &key));
        a.quotes().iter().filter(|quote| b.quotes().contains(quote)).count()
    };
    // Texts of one small vocabulary.
    for seed in 0..200 {
        assert_eq!(shares(&prose(seed, 400), &prose(seed + 1_000, 400)), 0, "{seed}");
    }
    // What a text repeats is said once: a table of the same five words is no quote, whoever has it.
    let rows: Vec<String> = (0..400).map(|at| ["parcel", "granite", "harbour", "violet"][at % 4].to_owned()).collect();
    assert!(sketch_text(&rows.join(" "), &key).quotes().is_empty());
}
