//! The file of records: each after its length, in the order of the entries.

use std::fs::File;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::ErrorKind as IoKind;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;

use crate::error::Error;

/// The longest record.
pub const MAX_RECORD: usize = 1 << 30;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 20;

/// What is handed each record with its index.
pub type RecordSink<'a> = dyn FnMut(u64, &[u8]) -> Result<(), Error> + 'a;

/// Reads the first `count` records, and hands each with its index to `sink`. Returns where the last of them ends.
pub fn read_records(path: &Path, count: u64, sink: &mut RecordSink<'_>) -> Result<u64, Error> {
    walk(path, count, &mut |file, index, length| {
        let mut record = Vec::new();
        file.take(length).read_to_end(&mut record).map_err(Error::read(path))?;
        if record.len() as u64 != length {
            return Err(Error::damaged(path, format!("it ends within record {index}")));
        }
        sink(index, &record)
    })
}

/// Where the first `count` records end, without reading them.
pub fn end_of(path: &Path, count: u64) -> Result<u64, Error> {
    walk(path, count, &mut |file, _, length| {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        file.seek_relative(length).map_err(Error::read(path))
    })
}

/// One record.
pub fn read_record(path: &Path, wanted: u64) -> Result<Vec<u8>, Error> {
    let mut found = Vec::new();
    walk(path, wanted + 1, &mut |file, index, length| {
        if index == wanted {
            file.take(length).read_to_end(&mut found).map_err(Error::read(path))?;
            return Ok(());
        }
        file.seek_relative(i64::try_from(length).unwrap_or(i64::MAX)).map_err(Error::read(path))
    })?;
    Ok(found)
}

type Step<'a> = dyn FnMut(&mut BufReader<File>, u64, u64) -> Result<(), Error> + 'a;

fn walk(path: &Path, count: u64, step: &mut Step<'_>) -> Result<u64, Error> {
    let file = match File::open(path) {
        Err(error) if error.kind() == IoKind::NotFound && count == 0 => return Ok(0),
        opened => opened.map_err(Error::read(path))?,
    };
    let all = file.metadata().map_err(Error::read(path))?.len();
    let mut file = BufReader::with_capacity(BUFFER, file);
    let mut at = 0;
    for index in 0..count {
        let mut length = [0; 4];
        let short = || Error::damaged(path, format!("it ends before record {index}, and the log has {count}"));
        match file.read_exact(&mut length) {
            Err(error) if error.kind() == IoKind::UnexpectedEof => return Err(short()),
            read => read.map_err(Error::read(path))?,
        }
        let length = u64::from(u32::from_be_bytes(length));
        at += 4 + length;
        if length > MAX_RECORD as u64 || at > all {
            return Err(short());
        }
        step(&mut file, index, length)?;
    }
    Ok(at)
}

/// Adds records to the file.
#[derive(Debug)]
pub struct RecordWriter(BufWriter<File>);

impl RecordWriter {
    /// Opens the file behind its first `count` records, and removes what a stopped run left behind them.
    pub fn open(path: &Path, count: u64) -> Result<Self, Error> {
        let end = end_of(path, count)?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(Error::write(path))?;
        file.set_len(end).and_then(|()| file.seek(SeekFrom::End(0))).map_err(Error::write(path))?;
        Ok(Self(BufWriter::new(file)))
    }

    /// Adds one.
    pub fn push(&mut self, path: &Path, record: &[u8]) -> Result<(), Error> {
        if record.len() > MAX_RECORD {
            return Err(Error::malformed("a record of the log must be shorter than a gibibyte"));
        }
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.0.write_all(&length).and_then(|()| self.0.write_all(record)).map_err(Error::write(path))
    }

    /// Puts all of them on disk.
    pub fn finish(self, path: &Path) -> Result<(), Error> {
        let file = self.0.into_inner().map_err(|error| Error::write(path)(error.into_error()))?;
        file.sync_all().map_err(Error::write(path))
    }
}
