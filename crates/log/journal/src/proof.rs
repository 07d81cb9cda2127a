//! Proofs that reach one exchange: row, account, batch, ledger.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ledger::Checkpoint;
use ledger::Entry;
use ledger::Hash;
use ledger::Note;
use ledger::SALT_BYTES;
use ledger::VerifyingKey;
use ledger::leaf_hash;
use ledger::verify_inclusion;
use serde::Deserialize;
use serde::Serialize;

use crate::base64_bytes;
use crate::base64_path;
use crate::batch::AccountNode;
use crate::batch::Batch;
use crate::error::Error;
use crate::kind::Kind;
use crate::row::Group;
use crate::row::Owned;
use crate::row::commit;
use crate::row::decode;
use crate::row::row_leaf;

/// That a record is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafProof {
    /// The index of its entry.
    pub index: u64,
    /// The number of its kind.
    pub kind: u8,
    /// Its salt.
    #[serde(with = "base64_bytes")]
    pub salt: [u8; SALT_BYTES],
    /// The record.
    #[serde(with = "base64_bytes")]
    pub record: Vec<u8>,
    /// The hashes beside the path to the root of the ledger.
    #[serde(with = "base64_path")]
    pub path: Vec<Hash>,
}

impl LeafProof {
    /// Checks it against the head of the ledger.
    ///
    /// # Errors
    /// [`Error`] where it shows nothing of the kind.
    pub fn check(&self, head: &Checkpoint) -> Result<(), Error> {
        let entry = Entry::of(self.kind, &self.salt, &self.record).to_bytes();
        match verify_inclusion(&leaf_hash(&entry), self.index, head.size, &self.path, &head.root) {
            true => Ok(()),
            false => Err(Error::new(format!("the record of entry {} is not in the ledger", self.index))),
        }
    }

    /// The batch of exchanges that it is the record of.
    ///
    /// # Errors
    /// [`Error`] where it is the record of something else.
    pub fn batch(&self) -> Result<Batch, Error> {
        match Kind::of(self.kind) {
            Some(Kind::Exchanges) => Batch::from_bytes(&self.record),
            _ => Err(Error::new(format!("entry {} is no batch of exchanges", self.index))),
        }
    }
}

/// That an account has rows in a batch, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountProof {
    /// The entry of the batch.
    pub entry: u64,
    /// The account.
    pub account: String,
    /// Its rows in the batch.
    pub rows: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Its first exchange, in microseconds since 1970.
    pub first_us: i64,
    /// Its last exchange.
    pub last_us: i64,
    /// Root of the tree of its rows.
    #[serde(with = "base64_bytes")]
    pub root: Hash,
    /// Its salt.
    #[serde(with = "base64_bytes")]
    pub salt: [u8; SALT_BYTES],
    /// Its place among the accounts of the batch.
    pub place: u64,
    /// The hashes beside the path to the root of the batch.
    #[serde(with = "base64_path")]
    pub path: Vec<Hash>,
}

impl AccountProof {
    /// Checks it against the batch.
    ///
    /// # Errors
    /// [`Error`] where it shows nothing of the kind.
    pub fn check(&self, batch: &Batch) -> Result<AccountNode, Error> {
        let node = AccountNode {
            account: self.account.clone(),
            rows: self.rows,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            first_us: self.first_us,
            last_us: self.last_us,
            root: self.root,
        };
        match verify_inclusion(&node.leaf(&self.salt), self.place, batch.accounts, &self.path, &batch.root) {
            true => Ok(node),
            false => Err(Error::new(format!("account {:?} is not so in entry {}", self.account, self.entry))),
        }
    }
}

/// A part of a row: shown, or its commitment alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Part {
    /// Shown.
    Shown {
        /// Its salt.
        #[serde(with = "base64_bytes")]
        salt: [u8; SALT_BYTES],
        /// Its values.
        #[serde(with = "base64_bytes")]
        values: Vec<u8>,
    },
    /// Kept back.
    Hidden(
        /// The commitment to it.
        #[serde(with = "base64_bytes")]
        Hash,
    ),
}

impl Part {
    /// The commitment to it.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        match self {
            Self::Shown { salt, values } => commit(salt, values),
            Self::Hidden(hash) => *hash,
        }
    }
}

/// The values of a row that a proof shows, by their columns.
pub type Shown = Vec<(String, Owned)>;

/// That a row is an account's, in a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowProof {
    /// The entry of the batch.
    pub entry: u64,
    /// The account.
    pub account: String,
    /// Facts, identifiers, text.
    pub parts: [Part; 3],
    /// Its place among the rows of the account.
    pub place: u64,
    /// The hashes beside the path to the root of the account.
    #[serde(with = "base64_path")]
    pub path: Vec<Hash>,
}

impl RowProof {
    /// Checks it against the account, and returns what it shows.
    ///
    /// # Errors
    /// [`Error`] where it shows nothing of the kind.
    pub fn check(&self, batch: &Batch, account: &AccountNode) -> Result<Shown, Error> {
        let leaf = row_leaf(&[0, 1, 2].map(|at| self.parts.get(at).map(Part::commitment).unwrap_or_default()));
        let is_there = verify_inclusion(&leaf, self.place, account.rows, &self.path, &account.root);
        if !is_there || self.account != account.account {
            let text = format!("row {} of account {:?} is not so in entry {}", self.place, self.account, self.entry);
            return Err(Error::new(text));
        }
        let mut shown = Vec::new();
        for (group, part) in Group::ALL.into_iter().zip(&self.parts) {
            let Part::Shown { values, .. } = part else { continue };
            let names = batch.columns.split(' ').filter_map(|column| column.split_once(':').map(|(name, _)| name));
            let names: Vec<&str> = names.filter(|name| Group::of(name) == group).collect();
            let values = decode(values)?;
            if names.len() != values.len() {
                return Err(Error::new(format!("a row of entry {} has not the columns of its batch", self.entry)));
            }
            shown.extend(names.into_iter().map(str::to_owned).zip(values));
        }
        let is_own = |(name, value): &(String, Owned)| name != "account" || *value == Owned::Text(self.account.clone());
        match shown.iter().all(is_own) {
            true => Ok(shown),
            false => Err(Error::new(format!("a row of entry {} is another account's than it is under", self.entry))),
        }
    }
}

/// All that shows one exchange to somebody who has the key of the ledger and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeProof {
    /// The key of the ledger, as `NAME+ID+KEY`.
    pub key: String,
    /// The signed head of the ledger.
    pub checkpoint: String,
    /// The batch.
    pub batch: LeafProof,
    /// The account in it.
    pub account: AccountProof,
    /// The row.
    pub row: RowProof,
}

impl ExchangeProof {
    /// Checks all of it, and returns the head of the ledger and what is shown. The key is trusted: whoever asks has to know
    /// whose it is.
    ///
    /// # Errors
    /// [`Error`] that names the step that fails.
    pub fn check(&self) -> Result<(Checkpoint, Shown), Error> {
        let key = VerifyingKey::parse(&self.key)?;
        let head = Checkpoint::open(&Note::parse(self.checkpoint.as_bytes())?, &key)?;
        self.batch.check(&head)?;
        let batch = self.batch.batch()?;
        let account = self.account.check(&batch)?;
        let shown = self.row.check(&batch, &account)?;
        match [self.account.entry, self.row.entry] == [self.batch.index; 2] {
            true => Ok((head, shown)),
            false => Err(Error::new("the parts of the proof are of different batches")),
        }
    }
}

impl std::fmt::Display for Owned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("none"),
            Self::Text(text) => write!(f, "{text}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Bytes(bytes) => f.write_str(&STANDARD.encode(bytes)),
            Self::Hashes(hashes) => write!(f, "{hashes:?}"),
        }
    }
}
