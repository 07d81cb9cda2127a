//! A writer of HTML that escapes all that is not of our own making.
//!
//! Markup is `&'static str`: a text that was made while the program runs cannot be one, so that nothing from a log gets
//! into the page unescaped.

use std::fmt::Write;

/// Characters of a text that are shown; of a longer one the rest is counted.
const MAX_CHARACTERS: usize = 600;

/// A document, or a part of one.
#[derive(Debug, Clone, Default)]
pub struct Html {
    text: String,
}

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Of our own making.
    Fixed(&'static str),
    /// A number, written with at most one decimal.
    Number(f64),
    /// Any text; it is escaped.
    Text(&'a str),
    /// The points of a drawing, of any length: only what paths are made of is written.
    Data(&'a str),
}

impl Html {
    /// Adds markup.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    /// Adds a text, escaped.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.text, text);
        self
    }

    /// Adds an opening tag with attributes.
    pub fn open(&mut self, tag: &'static str, attributes: &[(&'static str, Value<'_>)]) -> &mut Self {
        self.tag(tag, attributes);
        self.text.push('>');
        self
    }

    /// Adds a tag of SVG that has no content.
    pub fn shape(&mut self, tag: &'static str, attributes: &[(&'static str, Value<'_>)]) -> &mut Self {
        self.tag(tag, attributes);
        self.text.push_str("/>\n");
        self
    }

    /// Adds a closing tag.
    pub fn close(&mut self, tag: &'static str) -> &mut Self {
        self.text.push_str("</");
        self.text.push_str(tag);
        self.text.push_str(">\n");
        self
    }

    /// Adds an element that holds a text and nothing else.
    pub fn element(&mut self, tag: &'static str, class: &'static str, text: &str) -> &mut Self {
        if class.is_empty() {
            self.open(tag, &[]);
        } else {
            self.open(tag, &[("class", Value::Fixed(class))]);
        }
        self.text(text).close(tag)
    }

    /// The markup.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    fn tag(&mut self, tag: &'static str, attributes: &[(&'static str, Value<'_>)]) {
        self.text.push('<');
        self.text.push_str(tag);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            match value {
                Value::Fixed(text) => self.text.push_str(text),
                Value::Number(number) => self.number(*number),
                Value::Text(text) => escape(&mut self.text, text),
                Value::Data(data) => {
                    let is_data = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | ',' | '.' | '-');
                    self.text.extend(data.chars().filter(is_data));
                }
            }
            self.text.push('"');
        }
    }

    fn number(&mut self, number: f64) {
        let tenths = if number.is_finite() { (number * 10.0).round() / 10.0 } else { 0.0 };
        // No negative zero; writing to a string cannot fail.
        let _ = write!(self.text, "{}", tenths + 0.0);
    }
}

/// Escapes a text for content and for attributes in quotes. Control characters, and those that turn or hide what stands
/// beside them, become their code points in brackets.
fn escape(out: &mut String, text: &str) {
    for character in text.chars().take(MAX_CHARACTERS) {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            hidden if is_hidden(hidden) => {
                let _ = write!(out, "[U+{:04X}]", u32::from(hidden));
            }
            shown => out.push(shown),
        }
    }
    let left_out = text.chars().skip(MAX_CHARACTERS).count();
    if left_out > 0 {
        let _ = write!(out, "… ({left_out} more characters)");
    }
}

/// Whether a character shows nothing of its own, or changes how others are shown.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::Html;
    use super::MAX_CHARACTERS;
    use super::Value;

    fn escaped(text: &str) -> String {
        let mut html = Html::default();
        html.text(text);
        html.into_string()
    }

    #[test]
    fn markup_in_a_text_is_no_markup() {
        assert_eq!(
            escaped("<script>alert('x\"&')</script>"),
            "&lt;script&gt;alert(&#39;x&quot;&amp;&#39;)&lt;/script&gt;"
        );
        let mut html = Html::default();
        html.open("a", &[("title", Value::Text("\" onload=\"x")), ("x", Value::Number(-0.04))]);
        assert_eq!(html.into_string(), "<a title=\"&quot; onload=&quot;x\" x=\"0\">");
    }

    #[test]
    fn what_hides_or_turns_text_is_shown() {
        assert_eq!(
            escaped("a\u{202e}b\u{2028}c\u{0}d\u{feff}\u{e0041}"),
            "a[U+202E]b[U+2028]c[U+0000]d[U+FEFF][U+E0041]"
        );
        assert_eq!(escaped("naïve 漢字 🙂"), "naïve 漢字 🙂");
    }

    #[test]
    fn a_long_text_is_cut_and_counted() {
        let long = escaped(&"<".repeat(MAX_CHARACTERS + 7));
        assert_eq!(long, format!("{}… (7 more characters)", "&lt;".repeat(MAX_CHARACTERS)));
    }

    #[test]
    fn no_number_breaks_a_drawing() {
        let mut html = Html::default();
        html.shape(
            "rect",
            &[("x", Value::Number(f64::NAN)), ("y", Value::Number(1.26)), ("z", Value::Number(f64::INFINITY))],
        );
        assert_eq!(html.into_string(), "<rect x=\"0\" y=\"1.3\" z=\"0\"/>\n");
    }
}
