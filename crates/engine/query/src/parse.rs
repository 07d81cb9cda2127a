//! Reads a question.
//!
//! ```text
//! question = term { space term }
//! term     = [ "-" ] field ":" test | ( "from" | "to" ) ":" time
//! test     = "none" | value | text "*" | ( "<" | "<=" | ">" | ">=" ) number
//! value    = text | number | hash | "true" | "false" | word
//! text     = characters without space or quote | '"' characters, \" \\ \u{hex} '"'
//! time     = RFC 3339, or a day: 2026-04-22
//! ```

use std::iter::Peekable;
use std::str::Chars;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::Error;
use crate::error::Place;
use crate::field::Field;
use crate::field::Kind;
use crate::term::Order;
use crate::term::Query;
use crate::term::Term;
use crate::term::Test;
use crate::term::Value;

/// The longest question, in bytes.
pub const MAX_QUERY_BYTES: usize = 4_096;
/// Terms of a question, with the edges of its time.
pub const MAX_TERMS: usize = 32;

/// The characters of a question, and how many of them were read.
struct Reader<'q> {
    chars: Peekable<Chars<'q>>,
    at: usize,
}

/// What stands after the colon of a term.
struct Written {
    order: Option<Order>,
    text: String,
    is_quoted: bool,
    has_star: bool,
    place: Place,
}

impl Query {
    /// Reads a question.
    ///
    /// # Errors
    /// [`Error`] that names the characters that cannot be read, and the fix.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_QUERY_BYTES {
            let told = format!("the question is {} bytes long, of {MAX_QUERY_BYTES} (leave terms out)", text.len());
            return Err(Error::question(told));
        }
        let mut reader = Reader { chars: text.chars().peekable(), at: 0 };
        let mut query = Self::default();
        let mut count = 0;
        loop {
            while reader.chars.next_if(|char| char.is_whitespace()).is_some() {
                reader.at += 1;
            }
            let start = reader.at;
            if reader.chars.peek().is_none() {
                break;
            }
            count += 1;
            if count > MAX_TERMS {
                let told = format!("the question has more than {MAX_TERMS} terms (leave terms out)");
                return Err(Error::at(Place { start, end: start + 1 }, told));
            }
            reader.term(&mut query)?;
        }
        Ok(query)
    }
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        self.chars.next().inspect(|_| self.at += 1)
    }

    fn next_if(&mut self, wanted: char) -> bool {
        let found = self.chars.next_if_eq(&wanted).is_some();
        self.at += usize::from(found);
        found
    }

    fn term(&mut self, query: &mut Query) -> Result<(), Error> {
        let sign = self.at;
        let is_negated = self.next_if('-');
        let start = self.at;
        let mut name = String::new();
        while let Some(char) = self.chars.next_if(|char| !char.is_whitespace() && !matches!(char, ':' | '"')) {
            self.at += 1;
            name.push(char);
        }
        let place = Place { start, end: self.at.max(start + 1) };
        if !self.next_if(':') {
            let told = format!("{name:?} is no term (write field:value, with a colon and without a space)");
            return Err(Error::at(place, told));
        }
        if matches!(name.as_str(), "from" | "to") {
            let written = self.written()?;
            if is_negated {
                let told = format!("{name} cannot be negated (leave out the -)");
                return Err(Error::at(Place { start: sign, end: start }, told));
            }
            return edge(query, &name, &written, Place { start: sign, end: self.at });
        }
        let Some(field) = Field::of(&name) else {
            let like = Field::like(&name).map_or_else(String::new, |like| format!("did you mean {}? ", like.name()));
            let told = format!("there is no field {name:?} ({like}the fields are from, to, {})", Field::names());
            return Err(Error::at(place, told));
        };
        let written = self.written()?;
        query.terms.push(Term { is_negated, field, test: test(field, written)? });
        Ok(())
    }

    /// Reads what stands after the colon.
    fn written(&mut self) -> Result<Written, Error> {
        let start = self.at;
        let order = if self.next_if('<') {
            Some(if self.next_if('=') { Order::AtMost } else { Order::Less })
        } else if self.next_if('>') {
            Some(if self.next_if('=') { Order::AtLeast } else { Order::More })
        } else {
            None
        };
        let is_quoted = self.next_if('"');
        let mut text = if is_quoted { self.quoted(start)? } else { self.bare()? };
        let has_star = if is_quoted { self.next_if('*') } else { text.ends_with('*') };
        if !is_quoted && has_star {
            text.pop();
        }
        let place = Place { start, end: self.at.max(start + 1) };
        if let Some(next) = self.chars.peek().filter(|next| !next.is_whitespace()) {
            let told = format!("{next:?} stands after a quoted value (put a space before it)");
            return Err(Error::at(Place { start: self.at, end: self.at + 1 }, told));
        }
        if text.is_empty() && !is_quoted && !has_star {
            return Err(Error::at(
                place,
                "a value is missing (write field:value, or field:none for exchanges without one)",
            ));
        }
        Ok(Written { order, text, is_quoted, has_star, place })
    }

    fn bare(&mut self) -> Result<String, Error> {
        let mut text = String::new();
        while let Some(char) = self.chars.next_if(|char| !char.is_whitespace()) {
            if char == '"' {
                let place = Place { start: self.at, end: self.at + 1 };
                return Err(Error::at(place, "a quote stands inside a value (put the whole value between quotes)"));
            }
            self.at += 1;
            text.push(char);
        }
        Ok(text)
    }

    fn quoted(&mut self, start: usize) -> Result<String, Error> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escaped()?),
                Some(char) => text.push(char),
                None => {
                    let place = Place { start, end: self.at };
                    return Err(Error::at(place, "the quote is not closed (put a \" at the end of the value)"));
                }
            }
        }
    }

    /// Reads what stands after a backslash.
    fn escaped(&mut self) -> Result<char, Error> {
        let start = self.at.saturating_sub(1);
        let found = match self.next() {
            Some(char @ ('"' | '\\')) => Some(char),
            Some('u') if self.next_if('{') => {
                let mut digits = String::new();
                while let Some(digit) = self.chars.next_if(char::is_ascii_hexdigit) {
                    self.at += 1;
                    digits.push(digit);
                }
                let char = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                if self.next_if('}') { char } else { None }
            }
            _ => None,
        };
        let told =
            r#"a backslash is followed by ", \ or u{hexadecimal number of a character} (write \\ for a backslash)"#;
        found.ok_or_else(|| Error::at(Place { start, end: self.at }, told))
    }
}

/// Sets an edge of the time.
fn edge(query: &mut Query, name: &str, written: &Written, whole: Place) -> Result<(), Error> {
    let time = record::parse_time_us(&written.text).or_else(|| day_us(&written.text));
    let Some(time) = time.filter(|_| written.order.is_none() && !written.has_star) else {
        let told = format!("{name} takes a time, as 2026-04-22 or 2026-04-22T13:00:00Z");
        return Err(Error::at(written.place, told));
    };
    let edge = if name == "from" { &mut query.from_us } else { &mut query.to_us };
    if edge.replace(time).is_some() {
        return Err(Error::at(whole, format!("{name} is there twice (leave one out)")));
    }
    match query.from_us.zip(query.to_us) {
        Some((from, to)) if from >= to => {
            Err(Error::at(written.place, "the time ends before it begins (from is in it, to is not: give a later to)"))
        }
        _ => Ok(()),
    }
}

/// The beginning of a day in UTC.
fn day_us(text: &str) -> Option<i64> {
    // The library takes more forms of a day than the help names.
    let day: Date = text.parse().ok().filter(|_| text.len() == "2026-04-22".len())?;
    record::in_range_us(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

fn test(field: Field, written: Written) -> Result<Test, Error> {
    let Written { order, text, is_quoted, has_star, place } = written;
    let kind = field.kind();
    let name = field.name();
    if let Some(order) = order {
        let value = match kind {
            Kind::Number => text.parse().ok().map(Value::Number),
            Kind::Decimal => decimal(&text),
            _ => {
                let told = format!("{name} is no number, and has no {} (write {})", order.as_str(), field.example());
                return Err(Error::at(place, told));
            }
        };
        let value = value.filter(|_| !is_quoted && !has_star);
        let value = value.ok_or_else(|| Error::at(place, format!("{name} takes a number (write {})", field.example())));
        return Ok(Test::Compare(order, value?));
    }
    if has_star {
        let told = || format!("only texts have beginnings, and {name} is none (write {})", field.example());
        return if kind == Kind::Text { Ok(Test::Begins(text)) } else { Err(Error::at(place, told())) };
    }
    if text == "none" && !is_quoted {
        return Ok(Test::None);
    }
    let (value, takes) = match kind {
        Kind::Text => return Ok(Test::Is(Value::Text(text))),
        Kind::Hash => (hash(&text), "a keyed hash of 16 hexadecimal digits".to_owned()),
        Kind::Number => (text.parse().ok().map(Value::Number), "a whole number".to_owned()),
        Kind::Decimal => (decimal(&text), "a number".to_owned()),
        Kind::Flag => (text.parse().ok().map(Value::Flag), "true or false".to_owned()),
        Kind::Word(words) => {
            let word = words.iter().find(|word| **word == text).copied();
            (word.map(Value::Word), format!("one of {}", words.join(", ")))
        }
    };
    let told = || format!("{name} takes {takes}, or none (write {})", field.example());
    value.map(Test::Is).ok_or_else(|| Error::at(place, told()))
}

fn decimal(text: &str) -> Option<Value> {
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Decimal)
}

fn hash(text: &str) -> Option<Value> {
    let is_hash = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    // None is stored as zero.
    let hash = u64::from_str_radix(text, 16).ok().filter(|hash| *hash != 0);
    hash.filter(|_| is_hash).map(Value::Hash)
}
