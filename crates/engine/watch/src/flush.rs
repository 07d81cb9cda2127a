//! The files of the write-ahead log that are closed, on their way to the data directory.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use columns::Appended;
use columns::Appender;
use workers::Progress;

use crate::error::Error;
use crate::segment::FrameReader;
use crate::segment::path_of;
use crate::state::State;

/// Brings closed files to the data directory.
///
/// A file goes when its rows are committed and its notes are written. Where the program stops between the two, the rows come
/// again and change nothing.
#[derive(Debug)]
pub(crate) struct Flusher {
    folder: PathBuf,
    pub table: Appender,
    /// What is noted in the files that are gone.
    gone: State,
}

/// What was flushed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Flushed {
    pub files: u64,
    pub bytes: u64,
    pub appended: Appended,
}

impl Flusher {
    pub const fn new(folder: PathBuf, table: Appender, gone: State) -> Self {
        Self { folder, table, gone }
    }

    /// Brings files to the data directory, all of them or none.
    pub fn flush(&mut self, numbers: &BTreeSet<u64>, progress: &dyn Progress) -> Result<Flushed, Error> {
        if numbers.is_empty() {
            return Ok(Flushed::default());
        }
        let mut flushed = Flushed { files: numbers.len() as u64, ..Flushed::default() };
        let mut state = self.gone.clone();
        let mut rows = Rows {
            folder: &self.folder,
            left: numbers.iter().copied().collect(),
            open: None,
            state: &mut state,
            batches: Vec::new(),
            failed: None,
        };
        let appended = self.table.append(&mut rows, progress);
        if let Some(error) = rows.failed.take() {
            return Err(error);
        }
        flushed.appended = appended?;
        state.write(&self.folder)?;
        self.gone = state;
        for path in numbers.iter().map(|number| path_of(&self.folder, *number)) {
            flushed.bytes += fs::metadata(&path).map_err(Error::file(&path))?.len();
            fs::remove_file(&path).map_err(Error::file(&path))?;
        }
        Ok(flushed)
    }
}

/// The rows of some files, in order.
struct Rows<'a> {
    folder: &'a Path,
    left: std::collections::VecDeque<u64>,
    open: Option<FrameReader>,
    state: &'a mut State,
    batches: Vec<RecordBatch>,
    failed: Option<Error>,
}

impl Rows<'_> {
    fn read(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            if let Some(batch) = self.batches.pop() {
                return Ok(Some(batch));
            }
            let Some(reader) = &mut self.open else {
                let Some(number) = self.left.pop_front() else { return Ok(None) };
                self.open = Some(FrameReader::open(self.folder, number, false)?);
                continue;
            };
            match reader.next_frame()? {
                None => self.open = None,
                Some(frame) => {
                    self.batches = frame.batches().map_err(|reason| reader.damaged(reason))?;
                    self.batches.reverse();
                    self.state.learn(frame.note);
                }
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch, columns::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.read() {
            Ok(batch) => batch.map(Ok),
            Err(error) => {
                let told = columns::Error::Bug(error.to_string());
                self.failed = Some(error);
                Some(Err(told))
            }
        }
    }
}
