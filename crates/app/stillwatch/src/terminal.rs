//! What goes to the terminal. Names in logs are written by an adversary: no control byte of theirs gets through.

use std::io::Write;

/// Whether a terminal would not show a character, or would do something at it: controls, separators of lines, marks of
/// direction, characters without width, and tags.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text without hidden characters; each becomes its escape.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && c != '\n' {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// JSON of the same meaning without hidden characters: beyond its own line feeds they are within strings only.
pub fn plain_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
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
    use super::plain_json;

    #[test]
    fn no_control_byte_gets_through() {
        assert_eq!(plain("a\u{1b}[31mred\u{7}\r"), "a\\u{1b}[31mred\\u{7}\\u{d}");
        assert_eq!(plain("evil\u{202e}txt"), "evil\\u{202e}txt");
        assert_eq!(plain("two\nlines, naïve 漢字"), "two\nlines, naïve 漢字");
    }

    #[test]
    fn json_is_the_same_without_hidden_characters() {
        let value =
            serde_json::json!({"name": "a\u{9b}31m\u{202e}\u{2028}\u{7f}\u{e0041}\n\t", "other": "naïve 漢字 😀"});
        let told = plain_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(told.chars().all(|c| c == '\n' || !super::is_hidden(c)), "{told}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&told).unwrap(), value);
        assert!(told.contains("naïve 漢字 😀"));
    }
}
