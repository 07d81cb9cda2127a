//! Texts and moments inside a question. A text is as it is where nothing in it could be taken for something else, else between quotes.

use std::fmt;
use std::fmt::Write;

use jiff::Timestamp;

/// A text as it is written in a question.
#[derive(Debug, Clone, Copy)]
pub struct Literal<'t>(pub &'t str);

/// Whether a character means nothing but itself, anywhere in a text.
const fn is_plain(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '/' | ':' | '@' | '+' | '=' | ',' | '%')
}

/// Whether a reader sees a character as itself. Letters that are drawn as nothing are none.
fn is_seen(char: char) -> bool {
    let is_filler = matches!(char, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    char == ' ' || char.is_ascii_graphic() || (!char.is_ascii() && char.is_alphanumeric() && !is_filler)
}

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        if !text.is_empty() && text.chars().all(is_plain) && text != "none" {
            return f.write_str(text);
        }
        f.write_char('"')?;
        for char in text.chars() {
            match char {
                '"' | '\\' => write!(f, "\\{char}")?,
                char if is_seen(char) => f.write_char(char)?,
                char => write!(f, "\\u{{{:x}}}", u32::from(char))?,
            }
        }
        f.write_char('"')
    }
}

/// A moment as text: RFC 3339 in UTC.
#[must_use]
pub fn time_text(at_us: i64) -> String {
    Timestamp::from_microsecond(at_us).map_or_else(|_| "out of range".to_owned(), |at| at.to_string())
}
