//! Words and hashes of words.

use crate::rng::mix;

/// Hash of some bytes: FNV-1a, then mixed.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    mix(bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |state, byte| (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)))
}

/// Hashes of the words of a text in order: runs of letters and digits, in lower case, with every digit alike, so that
/// numbers of the same length are the same word. Letters of scripts without spaces are words of their own.
pub(crate) fn words(text: &str) -> Vec<u64> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut flush = |word: &mut String| {
        if !word.is_empty() {
            words.push(hash(word.as_bytes()));
            word.clear();
        }
    };
    for letter in text.chars() {
        if is_ideograph(letter) {
            flush(&mut word);
            word.push(letter);
            flush(&mut word);
        } else if letter.is_numeric() {
            word.push('0');
        } else if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        } else {
            flush(&mut word);
        }
    }
    flush(&mut word);
    words
}

fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// Hashes of all runs of `length` words; of the whole text if it is shorter.
pub(crate) fn runs(words: &[u64], length: usize) -> Vec<u64> {
    let join = |run: &[u64]| run.iter().fold(length as u64, |state, word| mix(state.rotate_left(5) ^ word));
    if words.len() < length.max(1) {
        return if words.is_empty() { Vec::new() } else { vec![join(words)] };
    }
    words.windows(length.max(1)).map(join).collect()
}

/// Sorted, each once.
pub(crate) fn set(mut hashes: Vec<u64>) -> Vec<u64> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Share of what two sorted sets have in common; zero if both are empty.
pub(crate) fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let both = common(a, b);
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

/// How many values two sorted sets have in common.
fn common(a: &[u64], b: &[u64]) -> usize {
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut both = 0;
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                both += 1;
                left.next();
                right.next();
            }
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_ignore_case_marks_and_numbers() {
        assert_eq!(words("Say: hello, 12!"), words("say HELLO 93"));
        assert_ne!(words("say hello"), words("hello say"));
        assert_eq!(words("写一个").len(), 3);
        assert!(words(" .,! ").is_empty());
    }

    #[test]
    fn runs_slide_and_short_texts_are_one() {
        let five = words("a b c d e");
        assert_eq!(runs(&five, 3).len(), 3);
        assert_eq!(runs(&five, 9).len(), 1);
        assert!(runs(&[], 3).is_empty());
        assert_eq!(runs(&words("b c d"), 3).first(), runs(&five, 3).get(1));
    }

    #[test]
    fn jaccard_of_sets() {
        assert_eq!(jaccard(&[1, 2, 3], &[2, 3, 4]), 0.5);
        assert_eq!(jaccard(&[], &[]), 0.0);
        assert_eq!(jaccard(&[1], &[1]), 1.0);
    }
}
