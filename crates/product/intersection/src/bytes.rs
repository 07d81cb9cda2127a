//! Reading and writing of bytes in order.

use crate::error::Error;
use crate::error::ErrorKind;
use crate::group::ENCODED_BYTES;
use crate::group::Encoded;

/// Bytes that were not read yet.
pub struct Reader<'a> {
    rest: &'a [u8],
    kind: ErrorKind,
}

impl<'a> Reader<'a> {
    /// Reads bytes, and gives errors of a kind.
    pub const fn new(bytes: &'a [u8], kind: ErrorKind) -> Self {
        Self { rest: bytes, kind }
    }

    /// An error of its kind.
    pub fn error(&self, text: impl Into<String>) -> Error {
        Error::new(self.kind, text)
    }

    /// The next bytes.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| self.error("it ends early (send or copy it again, whole)"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next bytes, of a length that the type has.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.error("it ends early (send or copy it again, whole)"))
    }

    /// The next number.
    pub fn number(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    /// A list of points with its length before it, which is looked at before anything is read or allocated.
    pub fn points(&mut self, check: impl Fn(usize) -> Result<(), Error>) -> Result<Vec<Encoded>, Error> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        check(count)?;
        let (points, _) = self.take(count.saturating_mul(ENCODED_BYTES))?.as_chunks::<ENCODED_BYTES>();
        Ok(points.to_vec())
    }

    /// That nothing is left.
    pub fn end(&self) -> Result<(), Error> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(self.error(format!("{more} bytes follow its end (send or copy it again)"))),
        }
    }
}

/// Appends a number.
pub fn put_number(bytes: &mut Vec<u8>, number: usize) {
    // No list is longer than its bound, which is far below.
    bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

/// Appends a list of points with its length before it.
pub fn put_points(bytes: &mut Vec<u8>, points: &[Encoded]) {
    put_number(bytes, points.len());
    bytes.extend_from_slice(points.as_flattened());
}
