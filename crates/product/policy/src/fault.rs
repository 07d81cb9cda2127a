//! What is wrong with a policy, with the place in its files.

use std::fmt;

/// A place in a text, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character of the line.
    pub column: usize,
}

impl Place {
    /// The place of a byte of a text; `None` beyond its end, or within a character.
    pub(crate) fn of(text: &str, offset: usize) -> Option<Self> {
        let before = text.get(..offset)?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        Some(Self { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 })
    }
}

/// Something that is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file that it is in; empty where it is in none.
    pub file: String,
    /// The rule or the test that it is about.
    pub name: Option<String>,
    /// Where in the file, as far as that is known.
    pub place: Option<Place>,
    /// What is wrong, and how to mend it.
    pub text: String,
}

impl Fault {
    /// A fault of no file.
    pub(crate) fn anywhere(text: impl Into<String>) -> Self {
        Self { file: String::new(), name: None, place: None, text: text.into() }
    }

    /// A fault of a file.
    pub(crate) fn of_file(file: &str, place: Option<Place>, text: impl Into<String>) -> Self {
        Self { file: file.to_owned(), name: None, place, text: text.into() }
    }

    /// A fault of a rule or of a test.
    pub(crate) fn of_one(file: &str, name: &str, place: Option<Place>, text: impl Into<String>) -> Self {
        Self { file: file.to_owned(), name: Some(name.to_owned()), place, text: text.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, name, place, text } = self;
        f.write_str(file)?;
        match (name, place) {
            // A test is named by a sentence.
            (Some(name), _) if file.starts_with("tests/") => write!(f, ", {name:?}: {text}"),
            (Some(name), _) => write!(f, ", {name}: {text}"),
            (None, Some(Place { line, column })) => write!(f, ": line {line}, column {column}: {text}"),
            (None, None) if file.is_empty() => f.write_str(text),
            (None, None) => write!(f, ": {text}"),
        }
    }
}
