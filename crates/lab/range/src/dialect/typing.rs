//! How people of the second voice type.

use crate::rng::Rng;

/// Types the text from `from` on again, with slips of neighbouring keys and dropped capitals; so many slips in a
/// thousand letters.
pub(crate) fn retype(capitals: bool, slips: u32, rng: &mut Rng, out: &mut String, from: usize) {
    let text = out.split_off(from.min(out.len()));
    for letter in text.chars() {
        let letter = if capitals { letter } else { letter.to_ascii_lowercase() };
        if letter.is_ascii_lowercase() && rng.below(1_000) < u64::from(slips) {
            match rng.below(3) {
                0 => out.extend([letter, neighbour(letter)]),
                1 => out.push(neighbour(letter)),
                _ => {}
            }
        } else {
            out.push(letter);
        }
    }
}

fn neighbour(letter: char) -> char {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    for row in ROWS {
        let mut keys = row.chars();
        if keys.by_ref().any(|key| key == letter) {
            return keys.next().unwrap_or(letter);
        }
    }
    letter
}
