//! Changes of valid files: bytes that flip, ends that are missing, parts that come from another file, come again or nest, and
//! numbers that are too large.

use crate::random::Random;

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 14] = [
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\\ud800",
    "\u{202e}\u{2028}\u{9b}".as_bytes(),
    b"\x1b]0;x\x07",
    b"\n",
    b"\"",
    b"NaN",
    b"-1e999",
    b"99999999999999999999999999999999",
    b"-9223372036854775808",
    b"9999-12-31T23:59:60Z",
];

/// What a part is put into when it is made to nest.
const NESTS: [(&[u8], &[u8]); 3] = [(b"[", b"]"), (b"{\"a\":", b"}"), (b"\"", b"\"")];

/// The longest that a changed file gets, in bytes.
const LONGEST: usize = 4 << 20;

/// A seed with one to three changes.
#[must_use]
pub fn mutated(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(3) {
        change(&mut bytes, other, random);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    match random.below(8) {
        0 => flip(bytes, random),
        1 => bytes.truncate(random.below(bytes.len() + 1)),
        2 => {
            let (to, from) = (random.range(bytes.len()), random.range(other.len()));
            bytes.splice(to, other.get(from).unwrap_or_default().iter().copied());
        }
        3 => repeat(bytes, random),
        4 => nest(bytes, random),
        5 => enlarge(bytes, random),
        6 => {
            let at = random.below(bytes.len() + 1);
            let piece = random.pick(&PIECES).copied().unwrap_or_default();
            bytes.splice(at..at, piece.iter().copied());
        }
        _ => {
            let range = random.range(bytes.len());
            bytes.get_mut(range).unwrap_or_default().fill(0);
        }
    }
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let (at, bit) = (random.below(bytes.len()), random.below(8));
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }
}

/// Puts a part in again, up to some thousand times.
fn repeat(bytes: &mut Vec<u8>, random: &mut Random) {
    let range = random.range(bytes.len());
    let times = 1 << random.below(13);
    let part = bytes.get(range.clone()).unwrap_or_default().to_vec();
    let times = times.min(LONGEST / part.len().max(1));
    bytes.splice(range.end..range.end, part.repeat(times));
}

/// Puts a part into some thousand brackets.
fn nest(bytes: &mut Vec<u8>, random: &mut Random) {
    let range = values(bytes, random).unwrap_or_else(|| random.range(bytes.len()));
    let (open, close) = random.pick(&NESTS).copied().unwrap_or_default();
    let times = 1 << random.below(15);
    let inner = bytes.get(range.clone()).unwrap_or_default().to_vec();
    bytes.splice(range, [open.repeat(times), inner, close.repeat(times)].concat());
}

/// Makes a number large: more digits, or another sign.
fn enlarge(bytes: &mut Vec<u8>, random: &mut Random) {
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes.get(*at).is_some_and(u8::is_ascii_digit) && !digit_before(bytes, *at))
        .collect();
    let Some(at) = random.pick(&starts).copied() else { return flip(bytes, random) };
    let new: &[u8] = match random.below(4) {
        0 => b"-",
        1 => b"999999999999999999",
        2 => b"1e308",
        _ => b"0.0000000000000000000000000000001",
    };
    bytes.splice(at..at, new.iter().copied());
}

fn digit_before(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(u8::is_ascii_digit)
}

/// Where a value of JSON is that a colon begins and a comma or a bracket ends.
fn values(bytes: &[u8], random: &mut Random) -> Option<std::ops::Range<usize>> {
    let colons: Vec<usize> = (0..bytes.len()).filter(|at| bytes.get(*at) == Some(&b':')).collect();
    let start = random.pick(&colons)? + 1;
    let length = bytes.get(start..)?.iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?;
    Some(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_the_same_at_every_run_and_bounded() {
        let seed = br#"{"id":"r1","at":17,"list":[1,2]}"#;
        let made = |seed_number| {
            let mut random = Random::new(seed_number);
            (0..500).map(|_| mutated(seed, b"other", &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(made(3), made(3));
        assert_ne!(made(3), made(4));
        assert!(made(3).iter().all(|bytes| bytes.len() <= LONGEST));
        assert!(made(3).iter().filter(|bytes| bytes.as_slice() != seed).count() > 400);
    }

    #[test]
    fn nothing_can_be_changed_too() {
        let mut random = Random::new(1);
        (0..500).for_each(|_| drop(mutated(b"", b"", &mut random)));
    }
}
