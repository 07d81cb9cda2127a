//! The head of a log (C2SP tlog-checkpoint): whose it is, how many entries it has, and their root.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::merkle::Hash;
use crate::note::Note;
use crate::note::SignatureKind;
use crate::note::SigningKey;
use crate::note::VerifyingKey;

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree of all entries.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let none = || Error::malformed("this is no checkpoint (a name, a number and a hash, each on its line)");
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(hash)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(none());
        };
        let number: u64 = size.parse().map_err(|_| none())?;
        let root = STANDARD.decode(hash).ok().and_then(|hash| Hash::try_from(hash).ok()).ok_or_else(none)?;
        let checkpoint = Self { origin: origin.to_owned(), size: number, root };
        // No other text says the same: no sign, no leading zero, no line more.
        if origin.is_empty() || checkpoint.text() != text { Err(none()) } else { Ok(checkpoint) }
    }

    /// Signs it for its log.
    #[must_use]
    pub fn signed(&self, key: &SigningKey) -> Note {
        let text = self.text();
        let line = key.sign(&text, 0);
        Note { text, signatures: vec![line] }
    }

    /// The checkpoint of a note that the key of its log signed.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] where it is none, [`crate::ErrorKind::Damaged`] where the signature is wrong, missing,
    /// or of another log.
    pub fn open(note: &Note, key: &VerifyingKey) -> Result<Self, Error> {
        let checkpoint = Self::parse(&note.text)?;
        let fault = match note.is_signed_by(key) {
            Some(true) if key.kind() != SignatureKind::Log => "is signed by a witness's key, and not by the log's",
            Some(true) if checkpoint.origin != key.name() => "is of another log",
            Some(true) => return Ok(checkpoint),
            Some(false) => "has a signature that is wrong",
            None => "is not signed by the key of the log",
        };
        let text = format!("the checkpoint of {} entries of {} {fault}", checkpoint.size, checkpoint.origin);
        Err(Error::new(crate::error::ErrorKind::Damaged, text))
    }
}
