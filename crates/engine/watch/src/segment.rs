//! A file of the write-ahead log.

use std::fs;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use columns::durable::sync_folder;

use crate::error::Error;
use crate::frame::Frame;
use crate::frame::HEAD_BYTES;
use crate::frame::MAX_BYTES;
use crate::frame::head_of;

/// What a file begins with.
const MAGIC: &[u8; 16] = b"stillwatch-wal1\n";

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    path: PathBuf,
    pub number: u64,
    pub bytes: u64,
    /// Why nothing may be added any more.
    broken: Option<String>,
}

/// The path of a file of the log.
pub(crate) fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:012}.wal"))
}

/// The numbers of the files in a folder, ascending.
pub(crate) fn numbers(folder: &Path) -> Result<Vec<u64>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let name = entry.map_err(Error::file(folder))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".wal")?.parse::<u64>().ok());
        found.extend(number);
    }
    found.sort_unstable();
    Ok(found)
}

impl Segment {
    /// Begins a file. Its name is on disk when this returns.
    pub fn begin(folder: &Path, number: u64) -> Result<Self, Error> {
        let path = path_of(folder, number);
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(Error::file(&path))?;
        let begun = file.write_all(MAGIC).and_then(|()| file.sync_all());
        if let Err(error) = begun {
            // Else its name would be taken when it is tried again.
            let _ = fs::remove_file(&path);
            return Err(Error::file(&path)(error));
        }
        sync_folder(folder).map_err(Error::file(folder))?;
        Ok(Self { file, path, number, bytes: MAGIC.len() as u64, broken: None })
    }

    /// Adds frames, all of them or none.
    pub fn append(&mut self, frames: &[&[u8]]) -> Result<(), Error> {
        if let Some(reason) = &self.broken {
            return Err(Error::lost(format!("{} cannot be written: {reason}", self.path.display())));
        }
        let written = frames.iter().try_for_each(|frame| self.file.write_all(frame));
        if let Err(error) = written {
            // A torn frame must not be followed by others.
            if let Err(worse) = self.cut() {
                self.broken = Some(format!("{error}, and its torn end could not be cut: {worse}"));
            }
            return Err(Error::file(&self.path)(error));
        }
        self.bytes += frames.iter().map(|frame| frame.len() as u64).sum::<u64>();
        Ok(())
    }

    fn cut(&mut self) -> io::Result<()> {
        use std::io::Seek;
        self.file.set_len(self.bytes)?;
        self.file.seek(io::SeekFrom::Start(self.bytes)).map(drop)
    }

    /// Puts on disk what was added. What a disk says it could not write is not asked for again: it may be gone.
    pub fn sync(&mut self) -> Result<(), Error> {
        let synced = self.file.sync_data();
        if let Err(error) = &synced {
            self.broken = Some(error.to_string());
        }
        synced.map_err(Error::file(&self.path))
    }
}

/// Reads the frames of a file in order.
#[derive(Debug)]
pub(crate) struct FrameReader {
    file: BufReader<File>,
    path: PathBuf,
    at: u64,
    length: u64,
    may_be_torn: bool,
    /// Bytes of a torn end.
    pub torn: u64,
}

impl FrameReader {
    /// Opens a file. Of the last file of a log the end may be torn: it is cut off. Nobody was told that it is safe.
    pub fn open(folder: &Path, number: u64, may_be_torn: bool) -> Result<Self, Error> {
        let path = path_of(folder, number);
        let file = File::open(&path).map_err(Error::file(&path))?;
        let length = file.metadata().map_err(Error::file(&path))?.len();
        let mut file = BufReader::new(file);
        let mut magic = [0; MAGIC.len()];
        let mut reader = if length < MAGIC.len() as u64 && may_be_torn {
            Self { file, path, at: 0, length, may_be_torn, torn: 0 }
        } else {
            let begun = file.read_exact(&mut magic);
            if begun.is_err() || magic != *MAGIC {
                return Err(Error::damaged(&path, 0, "it does not begin as a file of the log (move it away)"));
            }
            Self { file, path, at: MAGIC.len() as u64, length, may_be_torn, torn: 0 }
        };
        if reader.at == 0 {
            reader.cut()?;
        }
        Ok(reader)
    }

    /// The next frame; `None` at the end.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        if self.at >= self.length {
            return Ok(None);
        }
        let mut head = [0; HEAD_BYTES];
        if self.length - self.at < HEAD_BYTES as u64 {
            return self.end("it ends within a frame");
        }
        self.file.read_exact(&mut head).map_err(Error::file(&self.path))?;
        let (bytes, sum) = head_of(&head);
        let next = self.at + (HEAD_BYTES + bytes) as u64;
        if next > self.length || bytes > MAX_BYTES {
            return self.end("a frame is longer than the file");
        }
        let mut body = vec![0; bytes];
        self.file.read_exact(&mut body).map_err(Error::file(&self.path))?;
        match Frame::of(&body, sum) {
            Ok(frame) => {
                self.at = next;
                Ok(Some(frame))
            }
            // The last frame: the machine stopped before it was on disk.
            Err(reason) if next == self.length => self.end(&reason),
            Err(reason) => Err(self.damaged(reason)),
        }
    }

    /// What is wrong with the frame that was read last.
    pub fn damaged(&self, reason: impl Into<String>) -> Error {
        Error::damaged(&self.path, self.at, reason)
    }

    fn end(&mut self, reason: &str) -> Result<Option<Frame>, Error> {
        if !self.may_be_torn {
            return Err(self.damaged(reason));
        }
        self.cut()?;
        Ok(None)
    }

    fn cut(&mut self) -> Result<(), Error> {
        self.torn = self.length - self.at;
        self.length = self.at;
        // A file of which nothing is whole begins as an empty one.
        let begun: &[u8] = if self.at == 0 { MAGIC } else { &[] };
        let cut = || {
            let mut file = File::options().write(true).open(&self.path)?;
            file.set_len(self.at)?;
            file.write_all(begun)?;
            file.sync_all()
        };
        cut().map_err(Error::file(&self.path))
    }
}
