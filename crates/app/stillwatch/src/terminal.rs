//! What goes to the terminal. Names in logs are written by an adversary: no control byte of theirs gets through.

use std::io::Write;

/// A text without control characters or direction overrides; each becomes its escape.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_override =
            matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if (c.is_control() && c != '\n') || is_override {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Prints to standard output; a closed pipe is not a failure.
pub fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", plain(text));
}

/// Prints bytes of our own making to standard output as they are.
pub fn print_raw(bytes: &[u8]) {
    let _ = std::io::stdout().write_all(bytes);
}

/// Prints to standard error.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", plain(text));
}

/// Prints an error.
pub fn error(text: &str) {
    note(&format!("error: {text}"));
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_control_byte_gets_through() {
        assert_eq!(plain("a\u{1b}[31mred\u{7}\r"), "a\\u{1b}[31mred\\u{7}\\u{d}");
        assert_eq!(plain("evil\u{202e}txt"), "evil\\u{202e}txt");
        assert_eq!(plain("two\nlines, naïve 漢字"), "two\nlines, naïve 漢字");
    }
}
