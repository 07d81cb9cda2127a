//! Decodes a table in a process of its own.
//!
//! A few kilobytes of Parquet can unfold to gigabytes, nest until the stack is full, or meet a fault of the library. None of it
//! can be asked of a file beforehand. So a child process with a bound of memory decodes it, and what ends the child costs
//! the file and not the run. Rows come back as Arrow IPC, in frames of one letter, four bytes of length and the content.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::io;
use std::io::BufReader;
use std::io::Cursor;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;

use arrow_array::ArrayRef;
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use arrow_schema::SchemaRef;
use parquet::file::reader::Length as _;
use rustix::process::Resource;
use rustix::process::Rlimit;
use rustix::process::setrlimit;

use super::decode::Opening;
use super::decode::Wanted;
use crate::limits::MAX_RECORD_BYTES;
use crate::limits::unfolded_too_far;
use crate::table_file::TableFile;
use crate::table_file::TablePlace;

/// What a child may take beside what it begins with.
const MAX_DECODED_BYTES: u64 = 512 * 1024 * 1024;
/// Rows are sent in frames of about this at most, so that a queue of them is bounded.
const FRAME_BYTES: usize = 8 * 1024 * 1024;
/// A batch that takes more memory is halved before it is written.
const BATCH_BYTES: usize = 64 * 1024 * 1024;
/// Longest frame: a row within the bound of a record, with room for its layout.
const MAX_FRAME_BYTES: u32 = 2 * MAX_RECORD_BYTES as u32;
/// Processor time of a child, and so many bytes of the file for each second more.
const BASE_SECONDS: u64 = 120;
const BYTES_A_SECOND: u64 = 1024 * 1024;

/// The program that decodes, and its first arguments.
static PROGRAM: OnceLock<(PathBuf, &'static str)> = OnceLock::new();

/// From now on, tables of logs are decoded by `program COMMAND PLACE`, which calls [`serve`]. Without it they are decoded
/// in this process, which is for files that are trusted.
pub fn decode_apart(program: PathBuf, command: &'static str) {
    // The first one stays: there is one program.
    drop(PROGRAM.set((program, command)));
}

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Tag {
    /// Rows of the table as eight bytes, then its columns as an IPC stream without rows.
    Head = b'H',
    /// Rows as an IPC stream.
    Rows = b'R',
    /// A row that is longer than a record may be; its length as eight bytes.
    Long = b'L',
    /// Why the table cannot be read further.
    Failed = b'F',
    /// The end of the table.
    End = b'E',
}

impl Tag {
    fn of(letter: u8) -> Option<Self> {
        [Self::Head, Self::Rows, Self::Long, Self::Failed, Self::End].into_iter().find(|tag| *tag as u8 == letter)
    }
}

/// Rows of a table.
#[derive(Debug)]
pub(super) enum Piece {
    Rows(RecordBatch),
    /// One row, and how long it is in bytes.
    Long(u64),
}

/// A child that decodes one table.
pub(super) struct Apart {
    place: OsString,
    child: Child,
    orders: ChildStdin,
    frames: BufReader<ChildStdout>,
    schema: SchemaRef,
    rows: u64,
    wanted: Option<Wanted>,
}

impl Drop for Apart {
    fn drop(&mut self) {
        // A child that has ended cannot be killed, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Apart {
    /// Has a child read what a table says of itself. `None` where no program is named for it.
    ///
    /// # Errors
    /// What is wrong with the table, or why no child can be started.
    pub(super) fn open(place: &OsStr) -> Option<Result<Self, String>> {
        PROGRAM.get().map(|(program, command)| Self::start(program, command, place))
    }

    fn start(program: &Path, command: &str, place: &OsStr) -> Result<Self, String> {
        let unable = |error: io::Error| format!("no process can be started to decode it ({error})");
        let mut child = Command::new(program)
            .arg(command)
            .arg("--")
            .arg(place)
            // Arenas of its own for each thread would count against the bound of memory.
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(unable)?;
        let (Some(orders), Some(frames)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unable(io::ErrorKind::BrokenPipe.into()));
        };
        let mut frames = BufReader::new(frames);
        let head = read_frame(&mut frames);
        let schema = SchemaRef::new(arrow_schema::Schema::empty());
        let mut apart = Self { place: place.to_owned(), child, orders, frames, schema, rows: 0, wanted: None };
        let head = match head {
            Ok((Tag::Head, head)) => head,
            Ok((Tag::Failed, reason)) => return Err(String::from_utf8_lossy(&reason).into_owned()),
            Ok(_) | Err(_) => return Err(DIED.to_owned()),
        };
        let (rows, schema) = head.split_first_chunk().ok_or(DIED)?;
        apart.rows = u64::from_le_bytes(*rows);
        let unread = |error| format!("its columns cannot be read; they may nest too deep ({error})");
        apart.schema = StreamReader::try_new(Cursor::new(schema), None).map_err(unread)?.schema();
        Ok(apart)
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Has the child decode these columns.
    ///
    /// # Errors
    /// If the child has died.
    pub(super) fn begin(&mut self, wanted: Wanted) -> Result<(), String> {
        let order = serde_json::to_vec(&wanted).map_err(|error| error.to_string())?;
        self.wanted = Some(wanted);
        self.orders.write_all(&order).and_then(|()| self.orders.write_all(b"\n")).map_err(|_| DIED.to_owned())
    }

    /// The next rows, after so many; `None` at the end. Where the child dies, another one decodes fewer rows at a time.
    pub(super) fn next(&mut self, rows_read: u64) -> Option<Result<Piece, String>> {
        match read_frame(&mut self.frames) {
            Ok((Tag::Rows, content)) => Some(rows_of(content).map(Piece::Rows).map_err(|error| error.to_string())),
            Ok((Tag::Long, length)) => {
                Some(Ok(Piece::Long(length.as_array().map_or(0, |length| u64::from_le_bytes(*length)))))
            }
            Ok((Tag::Failed, reason)) => Some(Err(String::from_utf8_lossy(&reason).into_owned())),
            Ok((Tag::End, _)) => None,
            Ok((Tag::Head, _)) | Err(_) => match self.again(rows_read) {
                Ok(()) => self.next(rows_read),
                Err(reason) => Some(Err(reason)),
            },
        }
    }

    /// Has another child go on after the rows that were read, unless this one is the second.
    fn again(&mut self, rows_read: u64) -> Result<(), String> {
        let wanted = self.wanted.take().filter(|wanted| !wanted.few_rows).ok_or(DIED)?;
        let mut other = Self::open(&self.place).ok_or(DIED)??;
        other.begin(Wanted { from_row: rows_read, few_rows: true, ..wanted })?;
        *self = other;
        Ok(())
    }
}

const DIED: &str =
    "the file is damaged, or unfolds to more than 512 MiB (write it again with smaller values and pages)";

fn read_frame(frames: &mut impl Read) -> io::Result<(Tag, Vec<u8>)> {
    let (mut tag, mut length) = ([0; 1], [0; 4]);
    frames.read_exact(&mut tag)?;
    frames.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    let [letter] = tag;
    let tag = Tag::of(letter).filter(|_| length <= MAX_FRAME_BYTES).ok_or(io::ErrorKind::InvalidData)?;
    let mut content = vec![0; length as usize];
    frames.read_exact(&mut content)?;
    Ok((tag, content))
}

fn write_frame(frames: &mut impl Write, tag: Tag, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).map_err(io::Error::other)?;
    frames.write_all(&[tag as u8])?;
    frames.write_all(&length.to_le_bytes())?;
    frames.write_all(content)
}

fn rows_of(content: Vec<u8>) -> Result<RecordBatch, ArrowError> {
    let mut reader = StreamReader::try_new(Cursor::new(content), None)?;
    let missing = || ArrowError::IpcError("the frame holds no rows".to_owned());
    reader.next().unwrap_or_else(|| Err(missing()))
}

fn stream_of(schema: &SchemaRef, batch: Option<&RecordBatch>) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), schema)?;
    batch.map_or(Ok(()), |batch| writer.write(batch))?;
    writer.finish()?;
    writer.into_inner()
}

/// The child: decodes the table at a place, a path or the URL of an object, as `orders` say, into `frames`. What is wrong with the
/// table is told in a frame.
///
/// # Errors
/// If the other end of a stream is gone.
pub fn serve(place: &Path, orders: &mut impl io::BufRead, frames: &mut impl Write) -> io::Result<()> {
    if let Err(reason) = bound().map_err(Failure::Pipe).and_then(|()| decode(place, orders, frames)) {
        match reason {
            Failure::Pipe(error) => return Err(error),
            Failure::Table(reason) => write_frame(frames, Tag::Failed, reason.as_bytes())?,
        }
    }
    frames.flush()
}

enum Failure {
    Pipe(io::Error),
    Table(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Pipe(error)
    }
}

/// Bounds this process.
fn bound() -> io::Result<()> {
    let set = |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|pages| pages.split(' ').next()?.parse::<u64>().ok());
    // Where the system does not say what a process has, a bound would be a guess.
    if let Some(pages) = pages {
        set(Resource::As, pages * rustix::param::page_size() as u64 + MAX_DECODED_BYTES)?;
    }
    set(Resource::Core, 0)?;
    Ok(())
}

fn decode(place: &Path, orders: &mut impl io::BufRead, frames: &mut impl Write) -> Result<(), Failure> {
    let file = open(place).map_err(|error| Failure::Table(error.to_string()))?;
    let size_bytes = file.len();
    let seconds = BASE_SECONDS + size_bytes / BYTES_A_SECOND;
    setrlimit(Resource::Cpu, Rlimit { current: Some(seconds), maximum: Some(seconds) }).map_err(io::Error::from)?;
    let opening = Opening::open(file).map_err(Failure::Table)?;
    let arrow = |error: ArrowError| Failure::Table(error.to_string());
    let mut head = opening.rows().to_le_bytes().to_vec();
    head.extend(stream_of(opening.schema(), None).map_err(arrow)?);
    write_frame(frames, Tag::Head, &head)?;
    frames.flush()?;
    let mut order = String::new();
    // Whoever asks for nothing wanted to know the columns.
    if orders.read_line(&mut order)? == 0 {
        return Ok(());
    }
    let wanted = serde_json::from_str(&order).map_err(io::Error::from)?;
    let mut decoder = opening.read(wanted).map_err(Failure::Table)?;
    let mut sent = 0;
    while let Some(batch) = decoder.next() {
        sent += send(&batch.map_err(Failure::Table)?, frames)?;
        if let Some(reason) = unfolded_too_far(size_bytes, sent) {
            return Err(Failure::Table(reason));
        }
    }
    write_frame(frames, Tag::End, &[])?;
    Ok(())
}

fn open(place: &Path) -> Result<TableFile, crate::Error> {
    TablePlace::find(place)
        .and_then(|place| place.open())
        .map_err(|source| crate::Error::Read { path: place.to_owned(), source })
}

/// Sends rows in frames of bounded length; says how many bytes they are.
fn send(batch: &RecordBatch, frames: &mut impl Write) -> Result<u64, Failure> {
    let rows = batch.num_rows();
    let halves = |frames: &mut _| {
        let first = send(&batch.slice(0, rows / 2), frames)?;
        Ok(first + send(&batch.slice(rows / 2, rows - rows / 2), frames)?)
    };
    // The children of lists count whole here, which only means more frames.
    let in_memory = |column: &ArrayRef| column.to_data().get_slice_memory_size().unwrap_or(usize::MAX);
    if rows > 1 && batch.columns().iter().map(in_memory).fold(0, usize::saturating_add) > BATCH_BYTES {
        return halves(frames);
    }
    let content = stream_of(&batch.schema(), Some(batch)).map_err(|error| Failure::Table(error.to_string()))?;
    let bytes = content.len();
    if rows > 1 && bytes > FRAME_BYTES {
        drop(content);
        return halves(frames);
    }
    if bytes > MAX_RECORD_BYTES {
        write_frame(frames, Tag::Long, &(bytes as u64).to_le_bytes())?;
    } else {
        write_frame(frames, Tag::Rows, &content)?;
    }
    Ok(bytes as u64)
}
