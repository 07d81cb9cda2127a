//! Reads an archive, and trusts nothing of it.
//!
//! An archive has one form: the first file says what it is, the last one has the digests of all others, and every file between is a
//! regular one below `data/` whose name leads nowhere else. Anything that [`back_up`](crate::back_up) does not write is refused.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use columns::Scratch;
use columns::durable;
use columns::durable::folder_of;
use columns::durable::make_private;
use columns::durable::sync_folder;
use sha2::Digest;
use sha2::Sha256;
use tar::Archive;
use tar::EntryType;
use workers::Phase;
use workers::Progress;
use workers::check as go_on;
use zstd::stream::read::Decoder;

use crate::error::Error;
use crate::form::DATA;
use crate::form::FORMAT;
use crate::form::HEAD;
use crate::form::Head;
use crate::form::MAX_FILES;
use crate::form::MAX_HEAD_BYTES;
use crate::form::SUMS;
use crate::form::Sums;
use crate::form::VERSION;
use crate::form::is_plain;

/// Bytes that an archive may unpack to, whatever its length.
const FREE_BYTES: u64 = 256 << 20;
/// Beyond these, how many times its length.
const MAX_RATIO: u64 = 100;
/// The largest window that is given to zstd, as a power of two.
const WINDOW_LOG: u32 = 24;
/// Bytes after the last file: what fills its block, and two blocks that end the archive.
const MAX_END: u64 = 4 * 512;
/// Bytes that are copied at a time.
const PIECE_BYTES: usize = 256 << 10;

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What it says of itself.
    pub head: Head,
    /// Files of the data directory in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Reads an archive to its end and compares every digest.
///
/// # Errors
/// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) with what is wrong; [`ErrorKind::Io`](crate::ErrorKind::Io).
pub fn check(file: &Path, progress: &dyn Progress) -> Result<Checked, Error> {
    walk(file, &mut |_| Ok(Box::new(io::sink())), progress)
}

/// Restores an archive as a new data directory, at a place where nothing is, or an empty folder. It takes the place as a whole, after
/// every digest was compared.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ErrorKind::Usage) where something is at the place; [`ErrorKind::Damaged`](crate::ErrorKind::Damaged); [`ErrorKind::Io`](crate::ErrorKind::Io). Nothing is there then.
pub fn restore(file: &Path, root: &Path, progress: &dyn Progress) -> Result<Checked, Error> {
    check_place(root)?;
    let scratch = Scratch::inside(folder_of(root))?;
    let whole = scratch.path().join("data");
    make_private(&whole).map_err(Error::write(&whole))?;
    let mut folders = BTreeSet::from([whole.clone()]);
    let checked = walk(
        file,
        &mut |name| {
            let path = name.split('/').fold(whole.clone(), |path, part| path.join(part));
            let folder = folder_of(&path);
            if folders.insert(folder.to_owned()) {
                make_private(folder).map_err(Error::write(folder))?;
                folders.extend(folder.ancestors().take_while(|above| *above != whole).map(Path::to_owned));
            }
            Ok(Box::new(Restored::new(&path)?))
        },
        progress,
    )?;
    folders.iter().try_for_each(|folder| sync_folder(folder).map_err(Error::write(folder)))?;
    // Takes the place of an empty folder too, and of no other.
    durable::rename(&whole, root).map_err(Error::write(root))?;
    Ok(checked)
}

fn check_place(root: &Path) -> Result<(), Error> {
    let told = |what: &str| Err(Error::usage(format!("{} {what}", root.display())));
    match fs::symlink_metadata(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match root.file_name() {
            Some(_) => Ok(()),
            None => told("is no name of a folder"),
        },
        Err(error) => Err(Error::read(root)(error)),
        Ok(found) if !found.is_dir() => told("is no folder (name a new one)"),
        Ok(_) => match fs::read_dir(root).map_err(Error::read(root))?.next() {
            None => Ok(()),
            Some(_) => told("is not empty, and nothing is restored over what is there (name a new folder)"),
        },
    }
}

/// Where a file goes.
trait Sink: Write {
    /// Puts it on disk.
    fn finish(&mut self) -> Result<(), Error>;
}

impl Sink for io::Sink {
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// A file that is being restored.
struct Restored {
    file: File,
    path: PathBuf,
}

impl Restored {
    fn new(path: &Path) -> Result<Self, Error> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: options.open(path).map_err(Error::write(path))?, path: path.to_owned() })
    }
}

impl Write for Restored {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Sink for Restored {
    fn finish(&mut self) -> Result<(), Error> {
        self.file.sync_all().map_err(Error::write(&self.path))
    }
}

type Open<'a> = dyn FnMut(&str) -> Result<Box<dyn Sink>, Error> + 'a;

/// Reads an archive to its end, gives each file of the data directory to what `open` opens, and compares the digests.
fn walk(file: &Path, open: &mut Open<'_>, progress: &dyn Progress) -> Result<Checked, Error> {
    let there = fs::metadata(file).map_err(Error::read(file))?;
    if !there.is_file() {
        return Err(Error::usage(format!("{} is no file (name a backup)", file.display())));
    }
    progress.begin(Phase::Read, None);
    let damaged = |reason: &str| Error::damaged(file, reason);
    let opened = File::open(file).map_err(Error::read(file))?;
    let mut packed = Decoder::with_buffer(BufReader::with_capacity(PIECE_BYTES, opened)).map_err(Error::read(file))?;
    packed.window_log_max(WINDOW_LOG).map_err(Error::read(file))?;
    let left = FREE_BYTES.saturating_add(there.len().saturating_mul(MAX_RATIO));
    let mut archive = Archive::new(Bounded { from: packed, left });
    let mut walked =
        Walked { place: file, head: None, sums: Sums::default(), names: BTreeSet::new(), files: 0, bytes: 0 };
    let unread = |error: io::Error| damaged(&format!("it is no backup, or is damaged: {error}"));
    let mut is_ended = false;
    // Raw: no extension says what the name or the length of the next file is.
    for entry in archive.entries().map_err(unread)?.raw(true) {
        let mut entry = entry.map_err(unread)?;
        go_on(progress)?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(damaged("it holds a link, a folder or another thing that no backup holds"));
        }
        let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| damaged("a name is not UTF-8"))?;
        let bytes = entry.header().size().map_err(unread)?;
        if walked.next(&name, bytes, &mut entry, open)? {
            is_ended = true;
            break;
        }
        progress.advance(walked.bytes, 0);
    }
    let Some(head) = walked.head else { return Err(damaged("it is empty")) };
    if !is_ended {
        return Err(damaged("it is cut: its end is missing"));
    }
    let mut end = Vec::new();
    archive.into_inner().take(MAX_END + 1).read_to_end(&mut end).map_err(unread)?;
    match end.len() as u64 <= MAX_END && end.iter().all(|byte| *byte == 0) {
        true => Ok(Checked { head, files: walked.files, bytes: walked.bytes }),
        false => Err(damaged("something follows its end")),
    }
}

/// What was read of an archive.
struct Walked<'a> {
    place: &'a Path,
    head: Option<Head>,
    sums: Sums,
    names: BTreeSet<String>,
    files: u64,
    bytes: u64,
}

impl Walked<'_> {
    /// Reads the next file; whether it was the last.
    fn next(&mut self, name: &str, bytes: u64, from: &mut dyn Read, open: &mut Open<'_>) -> Result<bool, Error> {
        let damaged = |reason: String| Error::damaged(self.place, reason);
        if self.head.is_none() {
            let head = read_head(name, bytes, from).map_err(damaged)?;
            self.sums.push(name, &Sha256::digest(&head.1));
            self.head = Some(head.0);
            return Ok(false);
        }
        if name == SUMS {
            self.compare(bytes, from)?;
            return Ok(true);
        }
        let below = name.strip_prefix(DATA).filter(|below| is_plain(below));
        let below = below.ok_or_else(|| damaged(format!("it holds {name:?}, which is no name of a backup's file")))?;
        if self.names.len() >= MAX_FILES {
            return Err(damaged(format!("it holds more than {MAX_FILES} files")));
        }
        if !self.names.insert(name.to_owned()) {
            return Err(damaged(format!("it holds {name:?} twice")));
        }
        let mut sink = open(below)?;
        let (read, digest) = copy(from, sink.as_mut()).map_err(|error| match error {
            Copied::Read(error) => Error::damaged(self.place, format!("{name:?} cannot be read: {error}")),
            Copied::Written(error) => Error::write(Path::new(below))(error),
        })?;
        if read != bytes {
            return Err(Error::damaged(self.place, format!("it is cut within {name:?}")));
        }
        sink.finish()?;
        self.sums.push(name, &digest);
        self.files += 1;
        self.bytes += bytes;
        Ok(false)
    }

    /// Compares the digests of what was read with those that the archive ends with.
    fn compare(&self, bytes: u64, from: &mut dyn Read) -> Result<(), Error> {
        let own = self.sums.as_bytes();
        let mut told = Vec::new();
        let read = from.take(own.len() as u64 + 1).read_to_end(&mut told);
        read.map_err(|error| Error::damaged(self.place, format!("its digests cannot be read: {error}")))?;
        if told == own && bytes == own.len() as u64 {
            return Ok(());
        }
        let reason = match self.sums.differs(&told) {
            Some(name) => format!("{name:?} is not as it was written"),
            None => "its list of digests names files that are missing".to_owned(),
        };
        Err(Error::damaged(self.place, reason))
    }
}

/// The first file, which says what the archive is, and its bytes.
fn read_head(name: &str, bytes: u64, from: &mut dyn Read) -> Result<(Head, Vec<u8>), String> {
    if name != HEAD || bytes > MAX_HEAD_BYTES {
        return Err("it is no backup of stillwatch".to_owned());
    }
    let mut text = Vec::new();
    from.read_to_end(&mut text).map_err(|error| error.to_string())?;
    let version = serde_json::from_slice::<Version>(&text).map_err(|error| format!("{HEAD}: {error}"))?;
    if version.format != FORMAT {
        return Err("it is no backup of stillwatch".to_owned());
    }
    if version.version != VERSION {
        return Err(format!("it is of version {} (use the program that made it, or a later one)", version.version));
    }
    let head = serde_json::from_slice(&text).map_err(|error| format!("{HEAD}: {error}"))?;
    Ok((head, text))
}

/// What every version of the form says.
#[derive(serde::Deserialize)]
struct Version {
    format: String,
    version: u32,
}

/// Why a file was not copied.
enum Copied {
    Read(io::Error),
    Written(io::Error),
}

fn copy(from: &mut dyn Read, to: &mut dyn Sink) -> Result<(u64, Vec<u8>), Copied> {
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE_BYTES]);
    loop {
        let read = from.read(&mut piece).map_err(Copied::Read)?;
        let some = piece.get(..read).unwrap_or_default();
        if some.is_empty() {
            return Ok((bytes, hash.finalize().to_vec()));
        }
        hash.update(some);
        to.write_all(some).map_err(Copied::Written)?;
        bytes += read as u64;
    }
}

/// Ends with an error where more comes out of an archive than a backup of its length holds.
struct Bounded<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!("more than {MAX_RATIO} times its length comes out of it, which no backup does"))
        })?;
        Ok(read)
    }
}
