//! Numbers and texts as bytes: numbers of 64 bits with the least byte first, texts after their length of 32 bits.

use crate::error::Error;

/// Writes.
#[derive(Debug, Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    pub fn text(&mut self, text: &[u8]) {
        // Nothing of ours is near four gibibytes.
        self.0.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend(text);
    }
}

/// Reads what [`Writer`] wrote.
pub struct Reader<'b> {
    bytes: &'b [u8],
    what: &'static str,
}

impl<'b> Reader<'b> {
    pub const fn new(bytes: &'b [u8], what: &'static str) -> Self {
        Self { bytes, what }
    }

    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or_else(|| Error::cut(self.what))?;
        self.bytes = rest;
        Ok(*taken)
    }

    pub fn number(&mut self) -> Result<u64, Error> {
        self.take().map(u64::from_le_bytes)
    }

    pub fn slice(&mut self, length: usize) -> Result<&'b [u8], Error> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(|| Error::cut(self.what))?;
        self.bytes = rest;
        Ok(taken)
    }

    pub fn text(&mut self) -> Result<String, Error> {
        let length = u32::from_le_bytes(self.take()?) as usize;
        let text = std::str::from_utf8(self.slice(length)?);
        text.map(str::to_owned).map_err(|_| Error::new(format!("{} holds a text that is none", self.what)))
    }

    pub const fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn end(self) -> Result<(), Error> {
        if self.is_at_end() { Ok(()) } else { Err(Error::cut(self.what)) }
    }
}
