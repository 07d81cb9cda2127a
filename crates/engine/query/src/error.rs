//! Why a question was not answered.

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
    place: Option<Place>,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The question cannot be read: a mistake of whoever asks.
    Question,
    /// The table cannot be read.
    Table,
}

/// Which characters of a question are meant, counted from zero; the end is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first.
    pub start: usize,
    /// The one after the last.
    pub end: usize,
}

impl Error {
    /// A mistake at a place of a question.
    pub(crate) fn at(place: Place, text: impl AsRef<str>) -> Self {
        let text = format!("character {}: {}", place.start + 1, text.as_ref());
        Self { kind: ErrorKind::Question, text, place: Some(place) }
    }

    /// A mistake of the whole question.
    pub(crate) fn question(text: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Question, text: text.into(), place: None }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Which part of the question is meant.
    #[must_use]
    pub const fn place(&self) -> Option<Place> {
        self.place
    }
}

impl From<columns::Error> for Error {
    fn from(error: columns::Error) -> Self {
        Self { kind: ErrorKind::Table, text: error.to_string(), place: None }
    }
}
