//! A folder of JSON lines in files that end by size and by age.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

/// A folder that lines are appended to. The name of a file is when it was begun, so that files sort by time; one that is
/// being written has the same name as when it has ended.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    prefix: &'static str,
    most_bytes: u64,
    most_age: Duration,
    open: Option<Open>,
    number: u64,
}

#[derive(Debug)]
struct Open {
    file: BufWriter<File>,
    bytes: u64,
    since: Instant,
}

impl Spool {
    /// A spool in a folder, which is made if it is not there.
    pub(crate) fn new(folder: &Path, prefix: &'static str, most_bytes: u64, most_age: Duration) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        Ok(Self { folder: folder.to_owned(), prefix, most_bytes, most_age, open: None, number: 0 })
    }

    /// Appends whole lines.
    pub(crate) fn write(&mut self, lines: &[u8], now_us: i64) -> io::Result<()> {
        self.turn()?;
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(begin(&self.folder, self.prefix, now_us, &mut self.number)?),
        };
        let written = open.file.write_all(lines);
        if written.is_err() {
            // What is there may end inside a line: the next lines go to another file.
            self.open = None;
        } else {
            open.bytes += lines.len() as u64;
        }
        written
    }

    /// Hands what was written to the system, and ends a file that is large or old enough.
    pub(crate) fn turn(&mut self) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if open.bytes >= self.most_bytes || open.since.elapsed() >= self.most_age {
            let ended = open.file.flush();
            self.open = None;
            return ended;
        }
        Ok(())
    }

    /// Hands what was written to the system, so that readers see it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), |open| open.file.flush())
    }
}

fn begin(folder: &Path, prefix: &str, now_us: i64, number: &mut u64) -> io::Result<Open> {
    loop {
        let name = format!("{prefix}-{now_us:016}-{:03}.jsonl", *number % 1000);
        *number += 1;
        let mut options = OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => {
                return Ok(Open { file: BufWriter::with_capacity(1 << 16, opened?), bytes: 0, since: Instant::now() });
            }
        }
    }
}

#[cfg(test)]
mod tests;
