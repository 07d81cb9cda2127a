//! Makes an archive of a data directory, while others may write there.
//!
//! The order of the steps is what makes it consistent. What is copied earlier may lack what is copied later, and never the other way
//! round, which is the state that a run leaves that is stopped between two steps, and from which the next run goes on:
//!
//! ```text
//! 1. the write-ahead log           rows that come to the table meanwhile come again, and change nothing
//! 2. nobody adds to the ledger:    the ledger follows the cases and the table
//!      cases, the ledger, and everything else; then which files are the tables
//! 3. others may add again
//! 4. the files of the tables, of which none is removed meanwhile
//! ```

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::ErrorKind as IoKind;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use columns::MANIFEST;
use columns::PinnedTables;
use columns::Scratch;
use columns::durable::folder_of;
use columns::durable::staged;
use columns::durable::sync_folder;
use ledger::Pause;
use record::time::now_to_the_second;
use sha2::Digest;
use sha2::Sha256;
use tar::Builder;
use tar::EntryType;
use tar::Header;
use workers::Phase;
use workers::Progress;
use workers::check;
use zstd::stream::write::Encoder;

use crate::contents::KEYS;
use crate::contents::LEDGER;
use crate::contents::Source;
use crate::contents::beside_the_tables;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::form::DATA;
use crate::form::FORMAT;
use crate::form::HEAD;
use crate::form::Head;
use crate::form::SUMS;
use crate::form::Sums;
use crate::form::VERSION;

/// How hard zstd tries: most of a data directory is packed already.
const LEVEL: i32 = 3;

/// One of these is in every data directory that has no table.
const OF_DATA_DIR: [&str; 4] = [LEDGER, "secret", case::CASES_FILE, "campaigns.json"];

/// What is to be in an archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Leave the files out that hold keys: they are to be kept elsewhere, and put back after a restore.
    pub without_keys: bool,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What the archive says of itself.
    pub head: Head,
    /// Files of the data directory in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The length of the archive.
    pub packed_bytes: u64,
}

/// Writes a data directory of this machine into a new file that only its owner may read.
///
/// # Errors
/// [`ErrorKind::Usage`] where `root` is no data directory, or a consistent copy cannot be made of it, or `file` is there;
/// [`ErrorKind::Source`] where a file is missing or not as it was written; [`ErrorKind::Io`]. There is no file then.
pub fn back_up(root: &Path, file: &Path, options: &Options, progress: &dyn Progress) -> Result<Made, Error> {
    check_places(root, file)?;
    let folder = folder_of(file);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut out = staged(folder, &format!(".staging-{name}-"), 0o600).map_err(Error::write(file))?;
    let mut archive = Archive::begin(BufWriter::new(out.as_file_mut()), file)?;
    let mut head = Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now_to_the_second(),
        left_out: Vec::new(),
    };
    if options.without_keys {
        head.left_out = KEYS.iter().filter(|key| root.join(key).exists()).map(|key| (*key).to_owned()).collect();
    }
    let text = serde_json::to_vec_pretty(&head).map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
    archive.add(HEAD, text.len() as u64, &mut text.as_slice(), progress)?;
    copy_all(root, &head, folder, &mut archive, progress)?;
    let (files, bytes) = (archive.files - 1, archive.bytes - text.len() as u64);
    archive.finish()?;
    out.as_file().sync_all().map_err(Error::write(file))?;
    let packed_bytes = out.as_file().metadata().map_err(Error::write(file))?.len();
    out.persist_noclobber(file).map_err(|error| Error::write(file)(error.error))?;
    sync_folder(folder).map_err(Error::write(folder))?;
    Ok(Made { head, files, bytes, packed_bytes })
}

/// Copies everything, in the order that the head of this file explains.
fn copy_all(
    root: &Path,
    head: &Head,
    scratch: &Path,
    archive: &mut Archive<'_>,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let is_wanted = |source: &Source| !head.left_out.contains(&source.name);
    for source in beside_the_tables(root, case::CASES_FILE)?.iter().filter(|source| source.is_log()) {
        archive.copy(source, progress)?;
    }
    let pause = Pause::of(&root.join(LEDGER))?;
    let scratch = Scratch::inside(scratch)?;
    let cases = Source { name: case::CASES_FILE.to_owned(), path: scratch.path().join(case::CASES_FILE) };
    if case::copy_store(root, &cases.path)? {
        archive.copy(&cases, progress)?;
    }
    let beside = beside_the_tables(root, case::CASES_FILE)?;
    let is_rest = |source: &&Source| !source.is_log() && source.name != MANIFEST && is_wanted(source);
    for source in beside.iter().filter(is_rest) {
        archive.copy(source, progress)?;
    }
    // So that at most one commit is in the tables that the ledger waits for.
    let tables = PinnedTables::of(root)?;
    drop(pause);
    progress.begin(Phase::Read, Some(tables.files().map(|(_, bytes)| bytes).sum()));
    let before = archive.bytes;
    for (name, bytes) in tables.files() {
        let source = Source::below(root, name);
        if archive.copy(&source, progress)? != Some(bytes) {
            let what = "is missing, or not as long as it was written";
            let text = format!("{} {what} (stillwatch fsck {} says what else)", source.path.display(), root.display());
            return Err(Error::new(ErrorKind::Source, text));
        }
        progress.advance(archive.bytes - before, 0);
    }
    if let Some(manifest) = tables.manifest() {
        archive.add(&format!("{DATA}{MANIFEST}"), manifest.len() as u64, &mut { manifest }, progress)?;
    }
    Ok(())
}

fn check_places(root: &Path, file: &Path) -> Result<(), Error> {
    if root.to_str().is_some_and(|text| text.contains("://")) {
        // Says why not.
        return PinnedTables::of(root).map(drop).map_err(Error::from);
    }
    if !root.is_dir() {
        return Err(Error::usage(format!("{} is no folder (name a data directory)", root.display())));
    }
    columns::check_version(root)?;
    let is_there = |name: &str| root.join(name).exists();
    if !columns::is_columnar(root)? && !OF_DATA_DIR.into_iter().any(is_there) {
        return Err(Error::usage(format!("{} is no data directory (stillwatch ingest makes one)", root.display())));
    }
    // Before anything is written.
    drop(PinnedTables::of(root)?);
    if file.file_name().is_none() || file.symlink_metadata().is_ok() {
        return Err(Error::usage(format!("{} is there already (name a new file)", file.display())));
    }
    let folder = folder_of(file);
    let inside = folder.canonicalize().map_err(Error::write(folder))?;
    match inside.starts_with(root.canonicalize().map_err(Error::read(root))?) {
        true => Err(Error::usage(format!("{} is inside the data directory (name a file elsewhere)", file.display()))),
        false => Ok(()),
    }
}

/// An archive that is being written.
struct Archive<'a> {
    tar: Builder<Encoder<'static, BufWriter<&'a mut File>>>,
    place: &'a Path,
    sums: Sums,
    files: u64,
    bytes: u64,
}

impl<'a> Archive<'a> {
    fn begin(out: BufWriter<&'a mut File>, place: &'a Path) -> Result<Self, Error> {
        let mut packed = Encoder::new(out, LEVEL).map_err(Error::write(place))?;
        packed.include_checksum(true).map_err(Error::write(place))?;
        Ok(Self { tar: Builder::new(packed), place, sums: Sums::default(), files: 0, bytes: 0 })
    }

    /// Copies a file as long as it is now, and returns its length; `None` where it went meanwhile.
    fn copy(&mut self, source: &Source, progress: &dyn Progress) -> Result<Option<u64>, Error> {
        let file = match File::open(&source.path) {
            Err(error) if error.kind() == IoKind::NotFound => return Ok(None),
            other => other.map_err(Error::read(&source.path))?,
        };
        let bytes = file.metadata().map_err(Error::read(&source.path))?.len();
        let name = format!("{DATA}{}", source.name);
        self.add(&name, bytes, &mut file.take(bytes), progress)?;
        Ok(Some(bytes))
    }

    fn add(&mut self, name: &str, bytes: u64, from: &mut dyn Read, progress: &dyn Progress) -> Result<(), Error> {
        check(progress)?;
        let mut header = header_of(bytes);
        let mut read = Hashed { from, hash: Sha256::new(), bytes: 0 };
        self.tar.append_data(&mut header, name, &mut read).map_err(Error::write(self.place))?;
        if read.bytes != bytes {
            return Err(Error::new(
                ErrorKind::Source,
                format!("{name} became shorter while it was copied (try again)"),
            ));
        }
        self.sums.push(name, &read.hash.finalize());
        self.files += 1;
        self.bytes += bytes;
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        let mut header = header_of(self.sums.as_bytes().len() as u64);
        let told = Error::write;
        self.tar.append_data(&mut header, SUMS, self.sums.as_bytes()).map_err(told(self.place))?;
        let packed = self.tar.into_inner().map_err(told(self.place))?;
        let mut out = packed.finish().map_err(told(self.place))?;
        out.flush().map_err(told(self.place))
    }
}

/// What stands before a file: it tells nothing of the machine.
fn header_of(bytes: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(bytes);
    header
}

/// What is read, and its digest.
struct Hashed<'a> {
    from: &'a mut dyn Read,
    hash: Sha256,
    bytes: u64,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}
