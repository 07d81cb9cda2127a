//! An entry of the log: what kind of record it stands for, and a salted commitment to it.

use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;
use crate::merkle::Hash;
use crate::salts::SALT_BYTES;
use crate::salts::Salts;

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 34;

/// Version of the form of an entry.
const VERSION: u8 = 1;

/// Names of records among the salts; see [`Salts::of`].
const RECORD: u8 = 1;

/// An entry: one byte of version, one of the kind of record, 32 of the commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The kind of record, a number that whoever writes records gives a meaning.
    pub kind: u8,
    /// SHA-256 of `stillwatch record 1`, the salt, and the record.
    pub commitment: Hash,
}

impl Entry {
    /// The entry of a record.
    #[must_use]
    pub fn of(kind: u8, salt: &[u8; SALT_BYTES], record: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(b"stillwatch record 1").chain_update(salt).chain_update(record);
        Self { kind, commitment: hash.finalize().into() }
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let parts = [VERSION, self.kind].into_iter().chain(self.commitment);
        bytes.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
        bytes
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] where it is of another length or version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        match bytes {
            [VERSION, kind, commitment @ ..] => {
                let commitment = commitment.try_into();
                let commitment =
                    commitment.map_err(|_| Error::malformed("an entry of the log is not 34 bytes long"))?;
                Ok(Self { kind: *kind, commitment })
            }
            _ => Err(Error::malformed("an entry of the log is of a later version of stillwatch (use that version)")),
        }
    }
}

impl Salts {
    /// The salt of the record at an index.
    #[must_use]
    pub fn of_record(&self, index: u64) -> [u8; SALT_BYTES] {
        self.of(RECORD, &index.to_be_bytes())
    }
}
