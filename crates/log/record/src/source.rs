//! Bytes of an input: counted as they are read, decompressed by what they are and not by what they are called.

use std::io;
use std::io::BufReader;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use flate2::bufread::MultiGzDecoder;

use crate::limits::MAX_RECORD_BYTES;
use crate::limits::unfolded_too_far;

/// What a source reads from.
pub(crate) type Raw = Box<dyn Read + Send>;

const RAW_BUFFER_BYTES: usize = 256 * 1024;

/// How a source is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
    /// Pieces packed with zstd by themselves, each after its length: the OpenTelemetry collector's file exporter.
    Pieces,
}

impl Compression {
    /// The compression that begins with these bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A zstd file may begin with a skippable frame.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0, _, _, _, 0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Pieces,
            _ => Self::None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd | Self::Pieces => "zstd",
        }
    }
}

/// Why a read failed.
pub(crate) enum ReadError {
    /// The disk or the network failed: the input's error.
    Io(io::Error),
    /// The compressed stream is damaged from here on: a reject.
    Damaged(String),
}

/// A decompressed stream of bytes.
pub(crate) struct Source {
    reader: Raw,
    compression: Compression,
    meter: Meter,
    unfolded_bytes: u64,
    failed: Option<ReadError>,
}

/// What is known of the bytes below the decompression.
#[derive(Clone, Default)]
pub(crate) struct Meter {
    bytes: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
}

impl Meter {
    /// Bytes read from the source so far, compressed as they are.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    #[cfg(feature = "parquet")]
    pub(crate) fn set_bytes(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}

impl Source {
    /// Wraps a stream of which `head` is already read.
    pub(crate) fn new(head: Vec<u8>, rest: Raw, meter: Meter) -> io::Result<Self> {
        let compression = Compression::of(&head);
        meter.bytes.fetch_add(head.len() as u64, Ordering::Relaxed);
        let metered = io::Cursor::new(head).chain(Metered { rest, meter: meter.clone() });
        let reader: Raw = match compression {
            Compression::None => Box::new(metered),
            Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(RAW_BUFFER_BYTES, metered))),
            Compression::Zstd => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(RAW_BUFFER_BYTES, metered))?;
                // Logs kept for years are often packed with `--long`; 128 MiB of window is the most that is spent.
                decoder.window_log_max(27)?;
                Box::new(decoder)
            }
            Compression::Pieces => {
                let packed = BufReader::with_capacity(RAW_BUFFER_BYTES, metered);
                Box::new(Pieces { packed, piece: io::Cursor::default() })
            }
        };
        Ok(Self { reader, compression, meter, unfolded_bytes: 0, failed: None })
    }

    /// Appends at most `limit` bytes to `out`; 0 is the end.
    pub(crate) fn read(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<usize, ReadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if let Some(reason) = unfolded_too_far(self.meter.bytes(), self.unfolded_bytes) {
            return Err(ReadError::Damaged(reason));
        }
        let before = out.len();
        // `read_to_end` keeps what it has read when it fails, so what comes before the damage is not lost.
        let result = (&mut self.reader).take(limit as u64).read_to_end(out);
        let count = out.len() - before;
        self.unfolded_bytes += count as u64;
        let Err(error) = result else { return Ok(count) };
        let is_io = self.compression == Compression::None || self.meter.failed.load(Ordering::Relaxed);
        let error = if is_io { ReadError::Io(error) } else { ReadError::Damaged(self.damage(&error)) };
        if count == 0 {
            return Err(error);
        }
        // Told at the next call: a decoder does not give its error twice.
        self.failed = Some(error);
        Ok(count)
    }

    /// Has the next read fail.
    pub(crate) fn fail(&mut self, error: ReadError) {
        self.failed = Some(error);
    }

    fn damage(&self, error: &io::Error) -> String {
        let kind = self.compression.name();
        let place = self.meter.bytes();
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return format!("truncated {kind} stream: it ends at byte {place} of the file (copy the file again)");
        }
        format!("corrupt {kind} stream before byte {place} of the file: {error} (copy the file again)")
    }
}

/// Reads pieces that are packed by themselves, each after its length as four bytes: JSON as lines, and protobuf with the
/// length of each message before it, as it is without the packing.
struct Pieces<R> {
    packed: R,
    piece: io::Cursor<Vec<u8>>,
}

impl<R: Read> Pieces<R> {
    /// Unpacks the next piece; `false` at the end.
    fn next(&mut self) -> io::Result<bool> {
        let mut length = [0; 4];
        if self.packed.read(length.get_mut(..1).unwrap_or_default())? == 0 {
            return Ok(false);
        }
        self.packed.read_exact(length.get_mut(1..).unwrap_or_default())?;
        let too_long = || io::Error::new(io::ErrorKind::InvalidData, "a piece is longer than 16 MiB");
        let length = u64::from(u32::from_be_bytes(length));
        if length > MAX_RECORD_BYTES as u64 {
            return Err(too_long());
        }
        let mut packed = Vec::new();
        if ((&mut self.packed).take(length).read_to_end(&mut packed)? as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut decoder = zstd::stream::read::Decoder::with_buffer(packed.as_slice())?;
        decoder.window_log_max(27)?;
        let mut piece = Vec::new();
        let bound = MAX_RECORD_BYTES as u64 + 1;
        if decoder.take(bound).read_to_end(&mut piece)? as u64 == bound {
            return Err(too_long());
        }
        // JSON begins with a brace; a message of OTLP with the mark of its first field.
        if piece.first() == Some(&0x0a) {
            let length = u32::try_from(piece.len()).map_err(|_| too_long())?;
            piece.splice(..0, length.to_be_bytes());
        } else {
            piece.push(b'\n');
        }
        self.piece = io::Cursor::new(piece);
        Ok(true)
    }
}

impl<R: Read> Read for Pieces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(buffer)?;
            if count > 0 || buffer.is_empty() || !self.next()? {
                return Ok(count);
            }
        }
    }
}

/// Counts what passes and remembers a failure, which a decoder would report as its own.
struct Metered {
    rest: Raw,
    meter: Meter,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.rest.read(buffer);
        match &result {
            Ok(count) => drop(self.meter.bytes.fetch_add(*count as u64, Ordering::Relaxed)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => self.meter.failed.store(true, Ordering::Relaxed),
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(pieces: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in pieces {
            let piece = zstd::stream::encode_all(piece.as_bytes(), 1).unwrap();
            out.extend((piece.len() as u32).to_be_bytes());
            out.extend(piece);
        }
        out
    }

    fn read_all(bytes: &[u8]) -> (String, bool) {
        let (head, rest) = bytes.split_at(8);
        let mut source =
            Source::new(head.to_vec(), Box::new(io::Cursor::new(rest.to_vec())), Meter::default()).unwrap();
        let mut out = Vec::new();
        loop {
            match source.read(&mut out, 1000) {
                Ok(0) => return (String::from_utf8(out).unwrap(), false),
                Ok(_) => {}
                Err(_) => return (String::from_utf8(out).unwrap(), true),
            }
        }
    }

    #[test]
    fn pieces_after_their_lengths_are_lines() {
        let bytes = packed(&["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(read_all(&bytes), ("{\"a\":1}\n{\"b\":2}\n".to_owned(), false));
        // A cut piece is damage, and what came before it is read.
        assert_eq!(read_all(&bytes[..bytes.len() - 3]), ("{\"a\":1}\n".to_owned(), true));
    }
}
