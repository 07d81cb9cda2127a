//! The record of a batch of exchanges, and of the accounts in it.

use ledger::Hash;
use ledger::SALT_BYTES;
use ledger::Salts;
use sha2::Digest;
use sha2::Sha256;

use crate::bytes::Reader;
use crate::bytes::Writer;
use crate::error::Error;

const VERSION: u8 = 1;

/// Names of accounts among the salts; see [`Salts::of`].
const ACCOUNT: u8 = 2;

/// The rows of one file of the exchange table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The file's place below the data directory.
    pub file: String,
    /// Rows in it.
    pub rows: u64,
    /// Accounts in it.
    pub accounts: u64,
    /// The columns of a row in their order, as `name:kind`, one space between them.
    pub columns: String,
    /// Root of the tree of its accounts.
    pub root: Hash,
}

impl Batch {
    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Writer(vec![VERSION]);
        bytes.text(self.file.as_bytes());
        bytes.number(self.rows);
        bytes.number(self.accounts);
        bytes.text(self.columns.as_bytes());
        bytes.0.extend(self.root);
        bytes.0
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`Error`] where they are no batch of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = versioned(bytes, "the record of a batch")?;
        let batch = Self {
            file: reader.text()?,
            rows: reader.number()?,
            accounts: reader.number()?,
            columns: reader.text()?,
            root: reader.take()?,
        };
        reader.end().map(|()| batch)
    }
}

/// That a batch is no part of the table any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// The entry of the batch.
    pub entry: u64,
}

impl Gone {
    /// Its bytes.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Writer(vec![VERSION]);
        bytes.number(self.entry);
        bytes.0
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`Error`] where they are no such record of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = versioned(bytes, "the record of a batch that is gone")?;
        let gone = Self { entry: reader.number()? };
        reader.end().map(|()| gone)
    }
}

fn versioned<'b>(bytes: &'b [u8], what: &'static str) -> Result<Reader<'b>, Error> {
    let mut reader = Reader::new(bytes, what);
    match reader.take()? {
        [VERSION] => Ok(reader),
        _ => Err(Error::new(format!("{what} is of a later version of stillwatch (use that version)"))),
    }
}

/// What one account did in one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountNode {
    /// The account.
    pub account: String,
    /// Its rows.
    pub rows: u64,
    /// Tokens read, in all rows that say so.
    pub input_tokens: u64,
    /// Tokens written, in all rows that say so.
    pub output_tokens: u64,
    /// Its first exchange, in microseconds since 1970.
    pub first_us: i64,
    /// Its last exchange.
    pub last_us: i64,
    /// Root of the tree of its rows.
    pub root: Hash,
}

impl AccountNode {
    /// Its leaf in the tree of the batch: `account 1`, the salt, and its fields.
    #[must_use]
    pub fn leaf(&self, salt: &[u8; SALT_BYTES]) -> Hash {
        let mut bytes = Writer(b"account 1".to_vec());
        bytes.0.extend(salt);
        bytes.text(self.account.as_bytes());
        let numbers = [self.rows, self.input_tokens, self.output_tokens];
        let times = [self.first_us, self.last_us].map(i64::cast_unsigned);
        numbers.into_iter().chain(times).for_each(|number| bytes.number(number));
        bytes.0.extend(self.root);
        ledger::leaf_hash(&bytes.0)
    }

    /// Its salt, from the key of the account.
    #[must_use]
    pub fn salt(&self, key: &[u8; SALT_BYTES]) -> [u8; SALT_BYTES] {
        derive(b"in batch 1", key, &self.root)
    }
}

/// The key of all salts of an account. Without it nothing shows that a commitment is to a row of the account.
#[must_use]
pub fn account_key(salts: &Salts, account: &str) -> [u8; SALT_BYTES] {
    salts.of(ACCOUNT, account.as_bytes())
}

/// SHA-256 of a label, a key, and what tells keys below it apart.
pub fn derive(label: &[u8], key: &[u8; SALT_BYTES], what: &[u8]) -> [u8; SALT_BYTES] {
    Sha256::new().chain_update(label).chain_update(key).chain_update(what).finalize().into()
}
