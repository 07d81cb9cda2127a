//! Follows files and folders: what is added to them is read as it comes, also when they are rotated or truncated.
//!
//! A file is known by its device, its number there and a hash of its beginning, and not by its name. A file that is renamed is
//! read to its end; one that is begun anew is read from its beginning. How far a file was read is written with the rows that were
//! read, so that after a stop nothing is read twice or left out.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::SystemTime;

use record::Format;
use record::Input;
use record::MAX_RECORD_BYTES;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::frame::Position;
use crate::intake::Piece;
use crate::metrics::Metrics;
use crate::settings::Follow;
use crate::settings::How;
use crate::shared::Shared;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Bytes of lines that are read at a time.
const PIECE_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of a file's beginning by which it is known, with the rest of its identity.
const BEGINNING_BYTES: u64 = 256;
/// Files that are held open, so that one which is renamed or removed is read to its end.
const MAX_OPEN: usize = 1024;
/// Files that are followed under one name: how far each was read is remembered.
const MAX_FILES: usize = 100_000;
/// Names of files that are read as a whole.
const WHOLE: [&str; 10] = [".gz", ".zst", ".zstd", ".parquet", ".har", ".csv", ".tsv", ".pb", ".binpb", ".otlp"];

/// Looks at all followed files again and again.
pub(crate) fn follow_loop(shared: &Shared) {
    let mut follower = Follower { shared, open: BTreeMap::new() };
    while !shared.stop.load(Ordering::SeqCst) {
        let mut is_well = true;
        let mut lag = 0;
        for follow in &shared.settings.follow {
            match follower.look(follow) {
                Ok(left) => lag += left,
                Err(error) if error.kind() == ErrorKind::Stopped => return,
                Err(error) => {
                    is_well = false;
                    shared.degrade("follow", &format!("{}: {error}", follow.path));
                }
            }
        }
        shared.metrics.follow_lag_bytes.set(i64::try_from(lag).unwrap_or(i64::MAX));
        if is_well {
            shared.metrics.follow_rounds.inc();
            shared.mend("follow");
        }
        thread::sleep(LOOK);
    }
}

/// A file that is held open.
struct Open {
    file: File,
    path: PathBuf,
    identity: String,
}

struct Follower<'a> {
    shared: &'a Shared,
    /// The files by the paths under which they were found.
    open: BTreeMap<PathBuf, Open>,
}

impl Follower<'_> {
    /// Reads what is new; returns the bytes that are left.
    fn look(&mut self, follow: &Follow) -> Result<u64, Error> {
        let format = follow.format()?;
        let inputs = match record::expand(std::slice::from_ref(&follow.path)) {
            Ok(inputs) => inputs,
            // A folder that is not there yet, or is empty, may be filled.
            Err(record::Error::NoFiles { .. }) => Vec::new(),
            Err(error) => return Err(columns::Error::from(error).into()),
        };
        if inputs.len() > MAX_FILES {
            let text = format!("it names {} files, and {MAX_FILES} at most are followed (name fewer)", inputs.len());
            return Err(Error::usage(text));
        }
        let mut left = 0;
        for input in inputs {
            if self.shared.stop.load(Ordering::SeqCst) {
                return Err(Error::stopped());
            }
            let name = input.name().to_owned();
            let is_whole = match follow.read {
                How::Lines => false,
                How::Whole => true,
                How::Auto => name.contains("://") || WHOLE.iter().any(|ending| name.ends_with(ending)),
            };
            if is_whole {
                self.read_whole(input, format, follow)?;
            } else {
                left += self.read_lines(Path::new(&name), format)?;
            }
        }
        Ok(left)
    }

    /// Reads the lines that were added to a file.
    fn read_lines(&mut self, path: &Path, format: Option<Format>) -> Result<u64, Error> {
        let found = match fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(Error::file(path)(error)),
        };
        let mut left = 0;
        if let Some(open) = self.open.get(path) {
            let same = open.file.metadata().is_ok_and(|own| is_same(&own, &found));
            if !same {
                // It was rotated: what was added before is read first.
                let old = self.open.remove(path);
                left += old.map_or(Ok(0), |mut old| read_on(self.shared, &mut old, format))?;
            }
        }
        if !self.open.contains_key(path) {
            let file = File::open(path).map_err(Error::file(path))?;
            left += self.read_renamed(path, &file, format)?;
            while self.open.len() >= MAX_OPEN {
                self.open.pop_first();
            }
            let open = Open { file, path: path.to_owned(), identity: String::new() };
            self.open.insert(path.to_owned(), open);
        }
        match self.open.get_mut(path) {
            Some(open) => Ok(left + read_on(self.shared, open, format)?),
            None => Ok(left),
        }
    }

    /// After a stop: a file that had the name before, and was renamed in its folder, is read to its end.
    fn read_renamed(&self, path: &Path, now: &File, format: Option<Format>) -> Result<u64, Error> {
        let now = now.metadata().map_err(Error::file(path))?;
        let name = path.display().to_string();
        let known: Vec<String> = self
            .shared
            .positions()
            .into_iter()
            .filter(|(identity, position)| position.path == name && !identity.starts_with(&number_of(&now)))
            .map(|(identity, _)| identity)
            .collect();
        if known.is_empty() {
            return Ok(0);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut left = 0;
        for entry in fs::read_dir(folder).map_err(Error::file(folder))?.flatten() {
            let Ok(found) = entry.metadata() else { continue };
            let number = number_of(&found);
            if found.is_file() && known.iter().any(|identity| identity.starts_with(&number)) {
                let path = entry.path();
                let file = File::open(&path).map_err(Error::file(&path))?;
                left += read_on(self.shared, &mut Open { file, path, identity: String::new() }, format)?;
            }
        }
        Ok(left)
    }

    /// Reads a file or an object that does not change any more.
    fn read_whole(&self, input: Input, format: Option<Format>, follow: &Follow) -> Result<(), Error> {
        let name = input.name().to_owned();
        let size = input.size_bytes().unwrap_or(0);
        let identity = if name.contains("://") {
            format!("object {name} {size}")
        } else {
            let found = fs::metadata(&name).map_err(Error::file(Path::new(&name)))?;
            let changed = found.modified().map_err(Error::file(Path::new(&name)))?;
            let settled = SystemTime::now().duration_since(changed).unwrap_or_default().as_secs() >= follow.settled_s;
            if !settled {
                return Ok(());
            }
            let since = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            format!("{}{size} {}", number_of(&found), since.as_micros())
        };
        if self.shared.position(&identity).is_some() {
            return Ok(());
        }
        let positions = BTreeMap::from([(identity, Position { path: name, offset: size })]);
        let piece = Piece { input, format, positions: positions.clone(), key: None, waits: true };
        match self.shared.take(piece) {
            Err(error) if error.kind() == ErrorKind::Usage => give_up(self.shared, positions, &error),
            other => other.map(drop),
        }
    }
}

/// What cannot be read is not tried again: that it was left is written where its rows would be.
fn give_up(shared: &Shared, positions: BTreeMap<String, Position>, error: &Error) -> Result<(), Error> {
    shared.beside.notices.note(&format!("left unread: {error}"));
    Metrics::count(&shared.metrics.records, "unreadable", 1);
    let nothing = Input::memory("nothing", Arc::from(&b""[..]));
    shared.take(Piece { input: nothing, format: Some(Format::Native), positions, key: None, waits: true }).map(drop)
}

/// Reads whole lines from where a file was read to; returns the bytes that are left.
fn read_on(shared: &Shared, open: &mut Open, format: Option<Format>) -> Result<u64, Error> {
    let failed = |error| Error::file(&open.path)(error);
    loop {
        if shared.stop.load(Ordering::SeqCst) {
            return Err(Error::stopped());
        }
        let found = open.file.metadata().map_err(failed)?;
        let identity = identity_of(&mut open.file, &found).map_err(failed)?;
        let Some(identity) = identity else { return Ok(found.len()) };
        open.identity.clone_from(&identity);
        let name = open.path.display().to_string();
        let offset = shared.position(&identity).map_or(0, |known| known.offset);
        // A file that was cut and filled again with the same beginning is read anew; what is in it twice counts once.
        let offset = if offset > found.len() { 0 } else { offset };
        if offset == found.len() {
            return Ok(0);
        }
        let read = read_piece(&mut open.file, offset, found.len() - offset).map_err(failed)?;
        let Lines { bytes, skipped } = read;
        if bytes.is_empty() && skipped == 0 {
            // A line that is not ended yet.
            return Ok(found.len() - offset);
        }
        if skipped > 0 {
            Metrics::count(&shared.metrics.records, "refused", 1);
            shared.beside.notices.note(&format!("{name}, byte {offset}: a line is too long, and was left"));
        }
        let next = offset + bytes.len() as u64 + skipped;
        let positions = BTreeMap::from([(identity, Position { path: name.clone(), offset: next })]);
        let input = Input::memory(&format!("{name} from byte {offset}"), Arc::from(bytes));
        let piece = Piece { input, format, positions: positions.clone(), key: None, waits: true };
        match shared.take(piece) {
            Err(error) if error.kind() == ErrorKind::Usage => give_up(shared, positions, &error)?,
            other => drop(other?),
        }
    }
}

/// Some whole lines of a file.
struct Lines {
    bytes: Vec<u8>,
    /// Bytes of a line that is longer than any record may be.
    skipped: u64,
}

fn read_piece(file: &mut File, offset: u64, there: u64) -> io::Result<Lines> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    let mut wanted = PIECE_BYTES;
    loop {
        let more = (wanted - bytes.len()) as u64;
        let read = file.by_ref().take(more).read_to_end(&mut bytes)?;
        let last = bytes.iter().rposition(|byte| *byte == b'\n');
        if let Some(last) = last {
            bytes.truncate(last + 1);
            return Ok(Lines { bytes, skipped: 0 });
        }
        if bytes.len() > MAX_RECORD_BYTES {
            // Its end is looked for next time.
            return Ok(Lines { skipped: bytes.len() as u64, bytes: Vec::new() });
        }
        if (read as u64) < more || bytes.len() as u64 >= there {
            return Ok(Lines { bytes: Vec::new(), skipped: 0 });
        }
        wanted = MAX_RECORD_BYTES + 1;
    }
}

/// The device and number of a file, as the beginning of its identity.
#[cfg(unix)]
fn number_of(found: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("file {}:{} ", found.dev(), found.ino())
}

#[cfg(not(unix))]
fn number_of(_: &Metadata) -> String {
    "file ".to_owned()
}

fn is_same(a: &Metadata, b: &Metadata) -> bool {
    number_of(a) == number_of(b)
}

/// What a file is known by. `None` while it has no whole line: its beginning may still grow.
fn identity_of(file: &mut File, found: &Metadata) -> io::Result<Option<String>> {
    file.seek(SeekFrom::Start(0))?;
    let mut beginning = Vec::new();
    file.by_ref().take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
    let line = beginning.iter().position(|byte| *byte == b'\n');
    if line.is_none() && (beginning.len() as u64) < BEGINNING_BYTES {
        return Ok(None);
    }
    // The first line, where it is short: more lines may come.
    beginning.truncate(line.map_or(beginning.len(), |line| line + 1));
    Ok(Some(format!("{}{:016x}", number_of(found), xxh3_64(&beginning))))
}
