//! The files of a folder of policies.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::words::Mode;

/// Largest file of a folder of policies, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Most files of a folder of policies.
const MAX_FILES: usize = 500;

/// How often a folder is read that is exchanged for another meanwhile.
const MAX_READS: usize = 3;

/// The name of the schema's file.
pub(crate) const SCHEMA: &str = "schema.cedarschema";
/// The name of the file of lists and numbers.
pub(crate) const SETTINGS: &str = "settings.toml";
/// The folder of the tests beside the policies, as it begins a name.
const TESTS: &str = "tests/";

/// Calls `include_str!` for each shipped file.
macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../policies/", $name)))),+]
    };
}

/// The files of the folder `policies` of the repository.
const SHIPPED: &[(&str, &str)] = shipped![
    "README.md",
    "schema.cedarschema",
    "settings.toml",
    "embargo.cedar",
    "ladder.cedar",
    "verification.cedar",
    "resale.cedar",
    "caps.cedar",
    "information.cedar",
    "tests/caps.toml",
    "tests/embargo.toml",
    "tests/information.toml",
    "tests/ladder.toml",
    "tests/resale.toml",
    "tests/verification.toml",
];

/// The files of a folder of policies, by their names inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Source {
    files: BTreeMap<String, String>,
}

impl Source {
    /// The policies that come with the program.
    #[must_use]
    pub fn shipped() -> Self {
        Self { files: SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect() }
    }

    /// Reads a folder: what is in it, and in its folder `tests`. A folder that is exchanged for another while it is read is read again,
    /// so that what is returned is of one of the two.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] with the path, and where a file is too large or is no UTF-8.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        for _ in 1..MAX_READS {
            let before = identity(folder);
            let read = Self::read_once(folder);
            if identity(folder) == before {
                return read;
            }
        }
        Self::read_once(folder)
    }

    fn read_once(folder: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        for (below, prefix) in [(folder.to_owned(), ""), (folder.join("tests"), TESTS)] {
            if !prefix.is_empty() && !below.is_dir() {
                continue;
            }
            for entry in fs::read_dir(&below).map_err(|error| unreadable(&below, &error))? {
                let path = entry.map_err(|error| unreadable(&below, &error))?.path();
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let is_ours = [".cedar", ".cedarschema", ".toml", ".md"].iter().any(|end| name.ends_with(end));
                if name.starts_with('.') || !is_ours || !path.is_file() {
                    continue;
                }
                files.insert(format!("{prefix}{name}"), text(&path)?);
                if files.len() > MAX_FILES {
                    let told = format!("{} holds more than {MAX_FILES} files of policies", folder.display());
                    return Err(Error::new(ErrorKind::Unreadable, told));
                }
            }
        }
        if !files.keys().any(|name| name.ends_with(".cedar")) {
            let told = format!("{} holds no policies (make a folder with `stillwatch policy init`)", folder.display());
            return Err(Error::new(ErrorKind::Unreadable, told));
        }
        Ok(Self { files })
    }

    /// Writes the files into a folder that is not there yet or empty, all or none.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] where the folder holds something, or cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            let told = format!("{} is not empty (give a new folder)", folder.display());
            return Err(Error::new(ErrorKind::Unreadable, told));
        }
        let folder = &std::path::absolute(folder).map_err(|error| unreadable(folder, &error))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let staging = folder.with_file_name(format!(".{name}.staging-{}", std::process::id()));
        self.put(&staging, folder).map_err(|error| {
            // The first error is the one to tell.
            let _ = fs::remove_dir_all(&staging);
            unreadable(folder, &error)
        })
    }

    /// Writes the files beside their place and moves them there as a whole.
    fn put(&self, staging: &Path, folder: &Path) -> std::io::Result<()> {
        fs::create_dir_all(staging.join("tests"))?;
        for (name, text) in &self.files {
            fs::write(staging.join(name), text)?;
        }
        fs::rename(staging, folder)
    }

    /// The same with every rule live: what would be done if all were.
    #[must_use]
    pub fn all_live(self) -> Self {
        self.with_live(|_| true)
    }

    /// The same with those rules live whose id `is_live` says yes to; the others are as they were.
    #[must_use]
    pub fn with_live(mut self, is_live: impl Fn(&str) -> bool) -> Self {
        let (shadow, live) =
            (format!("@mode(\"{}\")", Mode::Shadow.as_str()), format!("@mode(\"{}\")", Mode::Live.as_str()));
        for (_, text) in self.files.iter_mut().filter(|(name, _)| name.ends_with(".cedar")) {
            // The id of a rule comes first, and its mode after it.
            let changed = text.split_inclusive("@id(\"").map(|part| match part.split_once('"') {
                Some((id, _)) if is_live(id) => part.replace(&shadow, &live),
                _ => part.to_owned(),
            });
            *text = changed.collect();
        }
        self
    }

    /// The same with another text for a file.
    #[must_use]
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    /// The same without a file.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.files.remove(name);
        self
    }

    /// All files, by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.named(|_| true)
    }

    /// A file.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// The files of rules.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&str, &str)> {
        self.named(|name| name.ends_with(".cedar") && !name.starts_with(TESTS))
    }

    /// The files of tests.
    pub(crate) fn tests(&self) -> impl Iterator<Item = (&str, &str)> {
        self.named(|name| name.ends_with(".toml") && name.starts_with(TESTS))
    }

    fn named(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        files.filter(move |(name, _)| wanted(name))
    }

    /// A hash of all that a decision depends on: rules, schema and settings, and neither tests nor words about them.
    #[must_use]
    pub fn hash(&self) -> String {
        let counts = self.named(|name| !name.starts_with(TESTS) && !name.ends_with(".md"));
        let mut hash = Sha256::new();
        for (name, text) in counts {
            // Lengths keep one file's end from passing as the next one's beginning.
            for part in [name, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().take(8).fold("P-".to_owned(), |id, byte| id + &format!("{byte:02x}"))
    }
}

/// What tells a folder from another that takes its name.
#[cfg(unix)]
fn identity(folder: &Path) -> Option<u64> {
    fs::metadata(folder).ok().map(|data| std::os::unix::fs::MetadataExt::ino(&data))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<u64> {
    None
}

fn text(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text));
    read.map_err(|error| unreadable(path, &error))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        let told = format!("{} is larger than {MAX_FILE_BYTES} bytes", path.display());
        return Err(Error::new(ErrorKind::Unreadable, told));
    }
    Ok(text)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Unreadable, format!("{}: {error}", path.display()))
}
