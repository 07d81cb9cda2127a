//! What a store of acts does.

use crate::error::Error;

/// An act in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The case.
    pub case: String,
    /// The number of the act in it.
    pub number: u64,
    /// Its stored form ([`crate::Act::to_bytes`]).
    pub body: Vec<u8>,
    /// Its entry in the ledger; `None` while it is not there.
    pub entry: Option<u64>,
}

/// Up to where a ledger was compared with the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogMark {
    /// The key of the ledger that this store belongs to; empty before the first.
    pub key: String,
    /// How many entries it had.
    pub size: u64,
}

/// Keeps acts. They are added and never changed, but for the entry of the ledger that they came to have.
///
/// Whatever returns has been put on disk.
pub trait Store: Send {
    /// Adds an act without an entry.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Conflict`] where the case has an act of this number.
    fn add(&mut self, act: &Stored) -> Result<(), Error>;

    /// The acts of one case, by number.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`].
    fn acts_of(&mut self, case: &str) -> Result<Vec<Stored>, Error>;

    /// All acts, by case and number.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`].
    fn all(&mut self) -> Result<Vec<Stored>, Error>;

    /// The acts without an entry, by case and number.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`].
    fn pending(&mut self) -> Result<Vec<Stored>, Error>;

    /// Up to where the ledger was compared.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`].
    fn mark(&mut self) -> Result<LogMark, Error>;

    /// Gives acts their entries, adds those that are not there, and moves the mark: all or nothing.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`].
    fn recorded(&mut self, acts: &[Stored], mark: &LogMark) -> Result<(), Error>;
}
