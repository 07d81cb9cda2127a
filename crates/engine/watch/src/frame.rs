//! A frame: what one submission adds to the write-ahead log.
//!
//! ```text
//! length of all that follows the checksum   4 bytes, little endian
//! xxh3 of it                                8 bytes, little endian
//! length of the note                        4 bytes, little endian
//! the note                                  JSON
//! the rows                                  an Arrow IPC stream, packed with zstd; nothing where there are none
//! ```

use std::collections::BTreeMap;
use std::io;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use columns::exchange_schema;
use serde::Deserialize;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

/// Bytes before the part that the checksum covers.
pub(crate) const HEAD_BYTES: usize = 12;
/// The longest frame that is written or read.
pub(crate) const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Fast: the log is read again within minutes.
const LEVEL: i32 = 1;

/// How far a followed file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// What the file was called.
    pub path: String,
    /// Bytes of it that were read.
    pub offset: u64,
}

/// What a sender called a submission, and what it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Hash of the sender's key.
    pub key: u64,
    /// The answer.
    pub receipt: Receipt,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Exchanges that are kept, each once in the end: those that were there already count here too.
    pub accepted: u64,
    /// Records that were refused.
    pub refused: u64,
    /// Records that tell of no exchange.
    pub passed_over: u64,
}

/// What a frame says beside its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How far files were read, by their identity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub positions: BTreeMap<String, Position>,
    /// What the sender called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// Packs the rows of a submission while they are made.
pub(crate) struct Packer {
    writer: Option<StreamWriter<Encoder<'static, Vec<u8>>>>,
    pub rows: u64,
}

impl Packer {
    pub const fn new() -> Self {
        Self { writer: None, rows: 0 }
    }

    pub fn push(&mut self, batch: &RecordBatch) -> io::Result<()> {
        if self.writer.is_none() {
            let encoder = Encoder::new(Vec::new(), LEVEL)?;
            self.writer = Some(StreamWriter::try_new(encoder, &exchange_schema()).map_err(io::Error::other)?);
        }
        if let Some(writer) = &mut self.writer {
            writer.write(batch).map_err(io::Error::other)?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// The frame.
    pub fn finish(self, note: &Note) -> io::Result<Vec<u8>> {
        let rows = match self.writer {
            None => Vec::new(),
            Some(writer) => writer.into_inner().map_err(io::Error::other)?.finish()?,
        };
        let note = serde_json::to_vec(note)?;
        let length = 4 + note.len() + rows.len();
        if length > MAX_BYTES {
            return Err(io::Error::other("a submission is too large (send it in smaller ones)"));
        }
        let mut frame = vec![0; HEAD_BYTES];
        frame.extend((note.len() as u32).to_le_bytes());
        frame.extend(note);
        frame.extend(rows);
        let sum = xxh3_64(frame.get(HEAD_BYTES..).unwrap_or_default());
        let head = (length as u32).to_le_bytes().into_iter().chain(sum.to_le_bytes());
        frame.iter_mut().zip(head).for_each(|(place, byte)| *place = byte);
        Ok(frame)
    }
}

/// A frame as it was read: its note and its packed rows.
#[derive(Debug)]
pub(crate) struct Frame {
    pub note: Note,
    rows: Vec<u8>,
}

/// The length of a frame's body and its checksum, from its first [`HEAD_BYTES`].
pub(crate) fn head_of(head: &[u8; HEAD_BYTES]) -> (usize, u64) {
    let [a, b, c, d, sum @ ..] = *head;
    (u32::from_le_bytes([a, b, c, d]) as usize, u64::from_le_bytes(sum))
}

impl Frame {
    /// Reads a body; says what is wrong with it.
    pub fn of(body: &[u8], sum: u64) -> Result<Self, String> {
        if xxh3_64(body) != sum {
            return Err("its checksum is another".to_owned());
        }
        let (length, rest) = body.split_first_chunk::<4>().ok_or("it is too short")?;
        let length = u32::from_le_bytes(*length) as usize;
        let (note, rows) = rest.split_at_checked(length).ok_or("it ends within its note")?;
        let note = serde_json::from_slice(note).map_err(|error| format!("its note cannot be read: {error}"))?;
        Ok(Self { note, rows: rows.to_vec() })
    }

    /// The rows.
    pub fn batches(&self) -> Result<Vec<RecordBatch>, String> {
        if self.rows.is_empty() {
            return Ok(Vec::new());
        }
        let unread = |error: &dyn std::fmt::Display| format!("its rows cannot be read: {error}");
        let decoder = Decoder::new(self.rows.as_slice()).map_err(|error| unread(&error))?;
        let reader = StreamReader::try_new(decoder, None).map_err(|error| unread(&error))?;
        if reader.schema().fields() != exchange_schema().fields() {
            return Err(
                "its rows have other columns, since another version wrote it (run that version once more)".to_owned()
            );
        }
        reader.map(|batch| batch.map_err(|error| unread(&error))).collect()
    }
}
