//! One row: its values as bytes, its three parts, and its leaf.

use ledger::Hash;
use ledger::SALT_BYTES;
use sha2::Digest;
use sha2::Sha256;

use crate::batch::derive;
use crate::bytes::Reader;
use crate::bytes::Writer;
use crate::error::Error;

/// What a part of a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// What happened: times, counts, parameters, and keyed hashes.
    Facts,
    /// Who it was: keys, addresses, names of users, conversations and programs.
    Identifiers,
    /// What was said.
    Text,
}

impl Group {
    /// All parts, in their order.
    pub const ALL: [Self; 3] = [Self::Facts, Self::Identifiers, Self::Text];

    /// The part that a column is in.
    #[must_use]
    pub fn of(column: &str) -> Self {
        match column {
            "text" => Self::Text,
            "key" | "conversation" | "end_user" | "ip" | "country" | "user_agent" | "ja4" | "headers" => {
                Self::Identifiers
            }
            _ => Self::Facts,
        }
    }
}

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// None.
    Null,
    /// A text.
    Text(&'a str),
    /// An integer of 64 bits, a hash, or a time in microseconds.
    Integer(i64),
    /// An integer of 32 bits.
    Small(i32),
    /// A number with a fraction.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A list of hashes.
    Hashes(&'a [i64]),
}

impl Value<'_> {
    /// Adds its bytes: one that tells the kind, and the value.
    pub fn write(self, bytes: &mut Vec<u8>) {
        let mut writer = Writer(std::mem::take(bytes));
        match self {
            Self::Null => writer.0.push(0),
            Self::Text(text) => {
                writer.0.push(1);
                writer.text(text.as_bytes());
            }
            Self::Integer(number) => {
                writer.0.push(2);
                writer.number(number.cast_unsigned());
            }
            Self::Small(number) => {
                writer.0.push(3);
                writer.0.extend(number.to_le_bytes());
            }
            Self::Number(number) => {
                writer.0.push(4);
                writer.number(number.to_bits());
            }
            Self::Flag(flag) => writer.0.extend([5, u8::from(flag)]),
            Self::Bytes(data) => {
                writer.0.push(6);
                writer.text(data);
            }
            Self::Hashes(hashes) => {
                writer.0.push(7);
                writer.0.extend(u32::try_from(hashes.len()).unwrap_or(u32::MAX).to_le_bytes());
                hashes.iter().for_each(|hash| writer.number(hash.cast_unsigned()));
            }
        }
        *bytes = writer.0;
    }
}

/// A value that was read from bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Owned {
    /// None.
    Null,
    /// A text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list of hashes.
    Hashes(Vec<i64>),
}

/// Reads the values of a part of a row.
///
/// # Errors
/// [`Error`] where the bytes are no values.
pub fn decode(bytes: &[u8]) -> Result<Vec<Owned>, Error> {
    let mut reader = Reader::new(bytes, "a row");
    let mut values = Vec::new();
    while !reader.is_at_end() {
        values.push(match reader.take()? {
            [0] => Owned::Null,
            [1] => Owned::Text(reader.text()?),
            [2] => Owned::Integer(reader.number()?.cast_signed()),
            [3] => Owned::Integer(i64::from(i32::from_le_bytes(reader.take()?))),
            [4] => Owned::Number(f64::from_bits(reader.number()?)),
            [5] => match reader.take()? {
                [flag @ (0 | 1)] => Owned::Flag(flag == 1),
                _ => return Err(Error::cut("a row")),
            },
            [6] => {
                let length = u32::from_le_bytes(reader.take()?) as usize;
                Owned::Bytes(reader.slice(length)?.to_vec())
            }
            [7] => {
                let count = u32::from_le_bytes(reader.take()?) as usize;
                let hashes = reader.slice(count.checked_mul(8).ok_or_else(|| Error::cut("a row"))?)?;
                Owned::Hashes(hashes.as_chunks::<8>().0.iter().map(|hash| i64::from_le_bytes(*hash)).collect())
            }
            _ => return Err(Error::new("a row holds a value of a kind that is not known (use a later version)")),
        });
    }
    Ok(values)
}

/// What salts one row.
#[derive(Debug, Clone, Copy)]
pub struct RowKey([u8; SALT_BYTES]);

impl RowKey {
    /// From the key of its account and the two hashes that name it.
    #[must_use]
    pub fn new(account: &[u8; SALT_BYTES], id_hash: i64, row_hash: i64) -> Self {
        let mut name = [0; 16];
        let bytes = id_hash.to_le_bytes().into_iter().chain(row_hash.to_le_bytes());
        name.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        Self(derive(b"row 1", account, &name))
    }

    /// The salt of one of its parts.
    #[must_use]
    pub fn salt(&self, group: Group) -> [u8; SALT_BYTES] {
        derive(b"part 1", &self.0, &[group as u8])
    }

    /// The commitment to one of its parts.
    #[must_use]
    pub fn commit(&self, group: Group, bytes: &[u8]) -> Hash {
        commit(&self.salt(group), bytes)
    }
}

/// The commitment to a part of a row.
pub fn commit(salt: &[u8; SALT_BYTES], bytes: &[u8]) -> Hash {
    Sha256::new().chain_update(salt).chain_update(bytes).finalize().into()
}

/// The leaf of a row in the tree of its account: the commitments to its parts.
#[must_use]
pub fn row_leaf(parts: &[Hash; 3]) -> Hash {
    ledger::leaf_hash(parts.as_flattened())
}
