//! Why there is no intersection.

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The own items cannot be used.
    Usage,
    /// The other party's message is not what the protocol has it send.
    Refused,
    /// A message of another session, another step, or a second one where one was taken already.
    Mixed,
    /// What was kept between two steps is damaged.
    State,
    /// The system gives no random bytes.
    System,
}

/// Why there is no intersection.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, text)
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(ErrorKind::System, format!("the system gives no random bytes: {error}")))?;
    Ok(bytes)
}
