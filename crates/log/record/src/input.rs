//! From what the user names to the inputs to read: files, folders, globs and object-store URLs.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::io::Cursor;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Error;
use crate::formats::Bodies;
use crate::source::Meter;
use crate::source::Raw;
use crate::source::Source;
#[cfg(feature = "postgres")]
use crate::spend_logs::Mark;
#[cfg(feature = "postgres")]
use crate::spend_logs::SpendLogs;
#[cfg(feature = "store")]
use crate::store;
use crate::whole::open_regular;

/// Endings that a folder is searched for. A file named outright is read whatever its name.
const ENDINGS: [&str; 13] = [
    ".jsonl", ".json", ".ndjson", ".parquet", ".gz", ".zst", ".zstd", ".har", ".csv", ".tsv", ".pb", ".binpb", ".otlp",
];
/// Files that are remembered as left out.
const MAX_SKIPPED: usize = 10_000;
/// Enough to tell every container by its magic bytes.
const HEAD_BYTES: usize = 8;

/// One file or object to read.
#[derive(Debug, Clone)]
pub struct Input {
    name: String,
    place: Place,
    size_bytes: Option<u64>,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Memory(Arc<[u8]>),
    #[cfg(feature = "store")]
    Object(store::Object),
    #[cfg(feature = "postgres")]
    Rows(Arc<SpendLogs>),
}

/// An opened input, before its format is known.
pub(crate) enum Opened {
    /// Text, perhaps compressed.
    Text(Source),
    /// A Parquet file, and its path or URL.
    #[cfg(feature = "parquet")]
    Table(std::ffi::OsString, crate::table_file::TableFile),
}

impl Input {
    /// The path or URL.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size as stored, compressed as it is; `None` where it is not known, such as for a pipe.
    #[must_use]
    pub fn size_bytes(&self) -> Option<u64> {
        self.size_bytes
    }

    pub(crate) fn failed(&self, source: io::Error) -> Error {
        match &self.place {
            Place::File(_) | Place::Memory(_) => Error::Read { path: PathBuf::from(&self.name), source },
            #[cfg(feature = "store")]
            Place::Object(_) => store::failed(&self.name, &source),
            #[cfg(feature = "postgres")]
            Place::Rows(_) => Error::Store { url: self.name.clone(), reason: source.to_string() },
        }
    }

    pub(crate) fn open_raw(&self, meter: &Meter) -> Result<Opened, Error> {
        let mut rest = self.reader()?;
        let mut head = Vec::with_capacity(HEAD_BYTES);
        (&mut rest).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(|error| self.failed(error))?;
        if head.starts_with(b"PAR1") {
            return self.open_table();
        }
        Source::new(head, rest, meter.clone()).map(Opened::Text).map_err(|error| self.failed(error))
    }

    /// Where the bodies beside it are, for logs that keep them in files of their own.
    pub(crate) fn bodies(&self) -> Bodies {
        match &self.place {
            Place::File(path) => Bodies::beside(path),
            Place::Memory(_) => Bodies::default(),
            #[cfg(feature = "store")]
            Place::Object(_) => Bodies::default(),
            #[cfg(feature = "postgres")]
            Place::Rows(_) => Bodies::default(),
        }
    }

    fn reader(&self) -> Result<Raw, Error> {
        match &self.place {
            Place::File(path) => {
                let (file, length) = open_regular(path).map_err(|error| self.failed(error))?;
                // A file that grows while it is read is read as long as it was.
                Ok(Box::new(file.take(length)))
            }
            Place::Memory(bytes) => Ok(Box::new(Cursor::new(Arc::clone(bytes)))),
            #[cfg(feature = "store")]
            Place::Object(object) => Ok(Box::new(object.reader()?)),
            #[cfg(feature = "postgres")]
            Place::Rows(logs) => Ok(Box::new(logs.reader()?)),
        }
    }

    #[cfg(feature = "parquet")]
    fn open_table(&self) -> Result<Opened, Error> {
        use crate::table_file::TableFile;
        match &self.place {
            Place::File(path) => {
                let (file, _) = open_regular(path).map_err(|error| self.failed(error))?;
                Ok(Opened::Table(path.into(), TableFile::of_file(file)))
            }
            Place::Memory(_) => Err(Error::Usage(format!(
                "{} is Parquet, which is read from files only (ingest the file, or send JSON lines)",
                self.name
            ))),
            #[cfg(feature = "store")]
            Place::Object(object) => {
                let file = TableFile::of_object(store::CachedObject::new(object.clone()));
                Ok(Opened::Table(object.url().into(), file))
            }
            #[cfg(feature = "postgres")]
            Place::Rows(_) => Err(Error::Usage(format!("{} holds rows and no Parquet", self.name))),
        }
    }

    #[cfg(not(feature = "parquet"))]
    fn open_table(&self) -> Result<Opened, Error> {
        Err(Error::Usage(format!("{} is Parquet, which this build does not read (build with `parquet`)", self.name)))
    }

    /// Bytes that came by another way than a file. `name` is what messages call them.
    #[must_use]
    pub fn memory(name: &str, bytes: Arc<[u8]>) -> Self {
        Self { name: shown(Path::new(name)), size_bytes: Some(bytes.len() as u64), place: Place::Memory(bytes) }
    }

    fn file(path: PathBuf) -> Self {
        let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file);
        Self { name: shown(&path), size_bytes: metadata.map(|m| m.len()), place: Place::File(path) }
    }

    #[cfg(feature = "store")]
    fn object(object: store::Object) -> Self {
        Self { name: object.url(), size_bytes: Some(object.size_bytes()), place: Place::Object(object) }
    }

    /// What makes two inputs the same.
    fn identity(&self) -> String {
        match &self.place {
            Place::File(path) => fs::canonicalize(path).unwrap_or_else(|_| path.clone()).display().to_string(),
            Place::Memory(_) => self.name.clone(),
            #[cfg(feature = "store")]
            Place::Object(object) => object.url(),
            #[cfg(feature = "postgres")]
            Place::Rows(_) => self.name.clone(),
        }
    }

    /// The same input from where another reading of it stopped, where it is a table that is read on.
    #[cfg(feature = "postgres")]
    #[must_use]
    pub fn after(&self, mark: Mark) -> Self {
        match &self.place {
            Place::Rows(logs) => Self { place: Place::Rows(Arc::new(logs.after(mark))), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// How far the input was read, where it is a table that is read on.
    #[cfg(feature = "postgres")]
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        match &self.place {
            Place::Rows(logs) => logs.mark(),
            _ => None,
        }
    }
}

/// A path for messages: a line feed in the name of a file would begin a line of its own.
fn shown(path: &Path) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    path.display().to_string().chars().map(escaped).collect()
}

/// Name of the manifest of a data directory. A folder that has one holds no logs.
pub const MANIFEST: &str = "stillwatch-manifest.json";

/// What paths name: the inputs, and what was left out of the folders among them.
#[derive(Debug, Default)]
pub struct Expanded {
    /// Inputs, sorted, each once.
    pub inputs: Vec<Input>,
    /// Files of folders that were left out, sorted: their names end as those of no log.
    pub skipped: Vec<String>,
}

/// The inputs that files, folders (searched to the bottom), globs and object-store URLs name: sorted, each once.
///
/// # Errors
/// If one of them names nothing, or cannot be listed.
pub fn expand(inputs: &[String]) -> Result<Vec<Input>, Error> {
    expand_all(inputs).map(|expanded| expanded.inputs)
}

/// As [`expand`], with the files that were left out.
///
/// # Errors
/// As [`expand`].
pub fn expand_all(inputs: &[String]) -> Result<Expanded, Error> {
    let mut found = Expanded::default();
    for input in inputs {
        let before = found.inputs.len();
        expand_one(input, &mut found)?;
        if found.inputs.len() == before {
            return Err(Error::NoFiles { input: input.clone() });
        }
    }
    found.inputs.sort_by(|a, b| a.name.cmp(&b.name));
    let mut seen = HashSet::new();
    found.inputs.retain(|input| seen.insert(input.identity()));
    found.skipped.sort();
    found.skipped.dedup();
    Ok(found)
}

fn expand_one(input: &str, found: &mut Expanded) -> Result<(), Error> {
    if let Some(path) = input.strip_prefix("file://") {
        return expand_one(path, found);
    }
    if input.starts_with("postgres://") || input.starts_with("postgresql://") {
        return expand_database(input, found);
    }
    if input.contains("://") {
        return expand_url(input, found);
    }
    let path = Path::new(input);
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => search(path, found),
        Ok(_) => {
            found.inputs.push(Input::file(path.to_path_buf()));
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => expand_glob(input, found),
        Err(source) => Err(Error::Read { path: path.to_path_buf(), source }),
    }
}

/// Everything that a pattern names. `**` does not go into folders behind symbolic links, which may go round.
fn expand_glob(pattern: &str, found: &mut Expanded) -> Result<(), Error> {
    if !pattern.contains(['*', '?', '[']) {
        return Ok(());
    }
    let matcher = glob::Pattern::new(pattern)
        .map_err(|error| Error::Usage(format!("`{pattern}` is no glob: {} (quote it for the shell)", error.msg)))?;
    // As in a shell, `*` does not stand for a hidden file.
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::new()
    };
    let is_plain = |part: &&std::ffi::OsStr| !part.to_string_lossy().contains(['*', '?', '[']);
    let parts: Vec<_> = Path::new(pattern).iter().collect();
    let base: PathBuf = parts.iter().copied().take_while(is_plain).collect();
    let is_deep = pattern.contains("**");
    let depth = if is_deep { usize::MAX } else { parts.len() - base.iter().count() };
    let here = base.as_os_str().is_empty();
    let mut folders = vec![(if here { PathBuf::from(".") } else { base }, depth)];
    while let Some((folder, depth)) = folders.pop() {
        // What cannot be listed, or is no folder, holds nothing that the pattern names.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = if here {
                entry.path().strip_prefix(".").map(Path::to_owned).unwrap_or_default()
            } else {
                entry.path()
            };
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            let is_folder = path.is_dir();
            match (matcher.matches_path_with(&path, options), is_folder) {
                (true, true) => search(&path, found)?,
                (true, false) => found.inputs.push(Input::file(path)),
                (false, true) if depth > 1 && !(is_deep && is_link) => folders.push((path, depth - 1)),
                (false, _) => {}
            }
        }
    }
    Ok(())
}

/// Files by which the results of a hunt are known.
const RESULTS: (&str, [&str; 3]) = ("campaigns.json", ["accounts.jsonl", "groups.jsonl", "summary.json"]);

/// Every log below a folder. Hidden files are left out, and folders behind symbolic links, which may go round.
fn search(folder: &Path, found: &mut Expanded) -> Result<(), Error> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let failed = |source| Error::Read { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let kind = entry.file_type().map_err(failed)?;
            if name == MANIFEST {
                return Err(Error::Usage(format!(
                    "{} is a data directory and no log: what is in it would be read once more, without its texts (hunt it by \
                     itself, or keep it outside the folder of the logs)",
                    folder.display()
                )));
            }
            if name == RESULTS.0 && RESULTS.1.iter().all(|other| folder.join(other).is_file()) {
                return Err(Error::Usage(format!(
                    "{} holds the results of a hunt, and no log (keep results outside the folder of the logs)",
                    folder.display()
                )));
            }
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if has_ending(&name.to_string_lossy()) && !is_body(&entry.path()) {
                if entry.path().is_file() {
                    found.inputs.push(Input::file(entry.path()));
                }
            } else if found.skipped.len() < MAX_SKIPPED {
                found.skipped.push(shown(&entry.path()));
            }
        }
    }
    Ok(())
}

/// Whether a file is a body that an Amazon Bedrock log keeps beside it, and no log.
fn is_body(path: &Path) -> bool {
    let is_in_data = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "data");
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    is_in_data
        && ["_input.json.gz", "_output.json.gz", "_input.json", "_output.json"].iter().any(|end| name.ends_with(end))
}

fn has_ending(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(feature = "postgres")]
fn expand_database(url: &str, found: &mut Expanded) -> Result<(), Error> {
    let logs = SpendLogs::of_url(url)?;
    found.inputs.push(Input { name: logs.name().to_owned(), size_bytes: None, place: Place::Rows(Arc::new(logs)) });
    Ok(())
}

#[cfg(not(feature = "postgres"))]
fn expand_database(_url: &str, _found: &mut Expanded) -> Result<(), Error> {
    // The URL may have a password in it.
    Err(Error::Usage(
        "this build reads no PostgreSQL (build with `postgres`, or export the table LiteLLM_SpendLogs)".to_owned(),
    ))
}

#[cfg(feature = "store")]
fn expand_url(url: &str, found: &mut Expanded) -> Result<(), Error> {
    found.inputs.extend(store::list(url, has_ending)?.into_iter().map(Input::object));
    Ok(())
}

#[cfg(not(feature = "store"))]
fn expand_url(url: &str, _found: &mut Expanded) -> Result<(), Error> {
    Err(Error::Store {
        url: url.to_owned(),
        reason: "this build reads no object stores (build with `store`)".to_owned(),
    })
}

#[cfg(test)]
mod tests;
