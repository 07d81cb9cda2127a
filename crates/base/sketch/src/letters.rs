//! What a character counts as, where it is none of ASCII.
//!
//! A text can be written in many ways that look the same: with letters of other scripts, in their wide or ornate forms,
//! with marks above them, with characters between them that nobody sees. Who wants a text not to be known again changes
//! those. So characters are *folded* before they are hashed: compatibility forms to the usual ones (NFKD, Unicode
//! Standard Annex 15), look-alikes to one of them (the skeleton of Unicode Technical Standard 39), upper case to lower;
//! marks and characters that are not seen count for nothing, and what is neither letter nor digit parts words.
//!
//! Folding is for telling texts apart, not for reading: words of one script may fold to letters of another.

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// The letters that a character is folded to, as bytes of UTF-8: none for what is not seen, a space for what parts words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Letters {
    bytes: [u8; MOST],
    len: u8,
}

/// The most bytes that a character is folded to. The few that would be more stand for themselves.
const MOST: usize = 7;

/// Characters from here to [`TABLE_END`] are folded once. Nearly all letters outside ASCII are in it, or are ideographs.
const TABLE_START: u32 = 0x80;
const TABLE_END: u32 = 0x3400;

impl Letters {
    /// What a character of two bytes or more counts as.
    pub(crate) fn of(character: char) -> Self {
        static TABLE: OnceLock<Vec<Letters>> = OnceLock::new();
        let code = character as u32;
        match code {
            // Ideographs and Korean syllables stand for themselves.
            TABLE_END..=0x9fff | 0xac00..=0xd7a3 => Self::itself(character),
            TABLE_START..TABLE_END => {
                let table = TABLE.get_or_init(|| {
                    (TABLE_START..TABLE_END).map(|code| char::from_u32(code).map_or(Self::PART, folded)).collect()
                });
                table.get((code - TABLE_START) as usize).copied().unwrap_or(Self::PART)
            }
            _ => folded(character),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    const PART: Self = Self { bytes: [b' ', 0, 0, 0, 0, 0, 0], len: 1 };

    fn itself(character: char) -> Self {
        let mut bytes = [0; MOST];
        let len = character.encode_utf8(&mut bytes).len();
        Self { bytes, len: len as u8 }
    }
}

fn folded(character: char) -> Letters {
    if is_unseen(character) {
        return Letters::default();
    }
    let mut letters = String::new();
    for part in character.to_lowercase().nfkd().filter(|part| !is_unseen(*part)) {
        fold_part(part, &mut letters);
    }
    if letters.is_empty() {
        return Letters::PART;
    }
    let mut bytes = [0; MOST];
    match bytes.get_mut(..letters.len()) {
        Some(place) => {
            place.copy_from_slice(letters.as_bytes());
            Letters { bytes, len: letters.len() as u8 }
        }
        None => Letters::itself(character),
    }
}

/// Adds what one character of a decomposed one is folded to.
fn fold_part(part: char, letters: &mut String) {
    if part.is_ascii() {
        letters.push(part.to_ascii_lowercase());
    } else if part.is_alphanumeric() {
        let mut buffer = [0; 4];
        let alike: String = skeleton(part.encode_utf8(&mut buffer)).filter(|part| !is_unseen(*part)).collect();
        match alike.as_str() {
            // The standard writes m as two letters, since these look like it; what is in ASCII is left as it is.
            "rn" => letters.push('m'),
            alike => letters.extend(alike.chars().flat_map(char::to_lowercase).filter(|part| part.is_alphanumeric())),
        }
    } else {
        letters.push(' ');
    }
}

/// Whether a character adds nothing that a reader would miss: characters that are not seen, and marks that are put above
/// or below letters.
const fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(character: char) -> String {
        String::from_utf8_lossy(Letters::of(character).as_bytes()).into_owned()
    }

    #[test]
    fn what_looks_the_same_is_folded_to_the_same() {
        for (character, letters) in [
            ('é', "e"),
            ('É', "e"),
            ('а', "a"),
            ('О', "o"),
            ('ｍ', "m"),
            ('𝐦', "m"),
            ('ﬁ', "fi"),
            ('９', "9"),
            ('ж', "ж"),
            ('Ж', "ж"),
            ('漢', "漢"),
            ('か', "か"),
            ('が', "か"),
        ] {
            assert_eq!(of(character), letters, "{character}");
        }
    }

    #[test]
    fn what_is_not_seen_is_nothing_and_what_is_no_letter_parts_words() {
        for character in ['\u{200b}', '\u{200d}', '\u{2060}', '\u{ad}', '\u{301}', '\u{feff}', '\u{e0041}', '\u{fe0f}']
        {
            assert_eq!(of(character), "", "{character:?}");
        }
        for character in ['\u{a0}', '\u{2014}', '\u{201c}', '。', '😀', '→', '\u{2028}', '\u{3000}'] {
            assert_eq!(of(character), " ", "{character:?}");
        }
    }

    #[test]
    fn no_character_is_folded_to_bytes_that_are_no_text() {
        for character in (TABLE_START..=0x1_ffff).filter_map(char::from_u32) {
            let letters = Letters::of(character);
            assert!(std::str::from_utf8(letters.as_bytes()).is_ok(), "{character:?}");
        }
    }
}
