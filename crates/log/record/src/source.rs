//! Bytes of an input: counted as they are read, decompressed by what they are and not by what they are called.

use std::io;
use std::io::BufReader;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use flate2::bufread::MultiGzDecoder;

/// What a source reads from.
pub(crate) type Raw = Box<dyn Read + Send>;

const RAW_BUFFER_BYTES: usize = 256 * 1024;

/// How a source is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// The compression that begins with these bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A zstd file may begin with a skippable frame.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
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
        };
        Ok(Self { reader, compression, meter, failed: None })
    }

    /// Appends at most `limit` bytes to `out`; 0 is the end.
    pub(crate) fn read(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<usize, ReadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let before = out.len();
        // `read_to_end` keeps what it has read when it fails, so what comes before the damage is not lost.
        let result = (&mut self.reader).take(limit as u64).read_to_end(out);
        let count = out.len() - before;
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

    fn damage(&self, error: &io::Error) -> String {
        let kind = self.compression.name();
        let place = self.meter.bytes();
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return format!("truncated {kind} stream: it ends at byte {place} of the file (copy the file again)");
        }
        format!("corrupt {kind} stream before byte {place} of the file: {error} (copy the file again)")
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
