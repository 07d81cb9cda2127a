//! Heads that were sent to a time-stamping authority, and what it answered. This crate keeps the bytes; whoever reads them knows
//! their form (RFC 3161).
//!
//! A folder a head, named by its size: the head as the log signed it, the query, and each answer by its hash.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use sha2::Digest;
use sha2::Sha256;

use crate::checkpoint::Checkpoint;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::files::make_private;
use crate::files::read_at_most;
use crate::files::replace;
use crate::files::sync_folder;
use crate::merkle::Hash;
use crate::note::hex;
use crate::reader::Reader;
use crate::reader::small;

/// The folder of all of them, in that of the log.
const TIMESTAMPS: &str = "timestamps";
const HEAD: &str = "head";
const QUERY: &str = "query.tsq";
/// What the name of an answer ends with.
const ANSWER: &str = "tsr";

/// Heads that are read; more are not looked at.
const MAX_HEADS: usize = 4096;
/// Bytes of the longest answer.
const MAX_ANSWER: u64 = 1 << 20;

/// A head that was sent to an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampedHead {
    /// Its number of entries.
    pub size: u64,
    /// The file of the head.
    pub path: PathBuf,
    /// The head, signed by the log and nobody else.
    pub head: Vec<u8>,
    /// The query.
    pub query: Vec<u8>,
    /// The answers, by the names of their files.
    pub answers: Vec<(String, Vec<u8>)>,
}

impl StampedHead {
    /// What is asked to be stamped: the SHA-256 of the head.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Sha256::digest(&self.head).into()
    }

    /// Keeps an answer beside the head.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn keep_answer(&self, answer: &[u8]) -> Result<PathBuf, Error> {
        let folder = crate::files::folder_of(&self.path);
        let hash: Hash = Sha256::digest(answer).into();
        let path = folder.join(format!("{}.{ANSWER}", hex(hash.get(..8).unwrap_or_default())));
        replace(&path, answer)?;
        sync_folder(folder).map(|()| path)
    }
}

impl Reader {
    /// The head as the log signed it, without the signatures of witnesses, which come later: the bytes that are stamped.
    #[must_use]
    pub fn own_head(&self) -> Vec<u8> {
        let mut note = self.note().clone();
        note.signatures.retain(|line| line.name == self.key().name());
        note.to_bytes()
    }

    /// The SHA-256 of these bytes.
    #[must_use]
    pub fn own_head_hash(&self) -> Hash {
        Sha256::digest(self.own_head()).into()
    }

    /// Keeps the head and the query for it. Where the same head was asked about before, that query stays.
    ///
    /// # Errors
    /// [`ErrorKind::Inconsistent`] where another head of the same size was stamped; [`ErrorKind::Io`].
    pub fn keep_query(&self, root: &Path, query: &[u8]) -> Result<PathBuf, Error> {
        let all = root.join(TIMESTAMPS);
        let folder = all.join(self.checkpoint().size.to_string());
        let (head, asked) = (folder.join(HEAD), folder.join(QUERY));
        match small(&head)? {
            Some(known) if known != self.own_head() => {
                let text = format!("another head of as many entries was time-stamped before: {}", head.display());
                return Err(Error::new(ErrorKind::Inconsistent, text));
            }
            Some(_) if small(&asked)?.is_some() => return Ok(asked),
            _ => {}
        }
        make_private(&folder)?;
        replace(&asked, query)?;
        replace(&head, &self.own_head())?;
        sync_folder(&folder)?;
        sync_folder(&all)?;
        sync_folder(root).map(|()| asked)
    }

    /// The heads of the log in a folder that were sent to an authority, by their sizes.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] where a head is not of this log; [`ErrorKind::Io`].
    pub fn stamped_heads(&self, root: &Path) -> Result<Vec<StampedHead>, Error> {
        let mut heads = Vec::new();
        for folder in listed(&root.join(TIMESTAMPS))? {
            let path = folder.join(HEAD);
            // A run that was stopped left a query without its head.
            let (Some(head), Some(query)) = (small(&path)?, small(&folder.join(QUERY))?) else { continue };
            let checkpoint = Checkpoint::open(&crate::note::Note::parse(&head)?, self.key())?;
            let mut answers = Vec::new();
            for answer in listed(&folder)?.iter().filter(|path| path.extension().is_some_and(|end| end == ANSWER)) {
                let name = answer.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                answers.extend(read_at_most(answer, MAX_ANSWER)?.map(|bytes| (name, bytes)));
            }
            heads.push(StampedHead { size: checkpoint.size, path, head, query, answers });
        }
        heads.sort_by_key(|one| one.size);
        Ok(heads)
    }
}

/// What is in a folder, by name; nothing where there is none.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let found = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.map_err(Error::read(folder))?,
    };
    let paths = found.take(MAX_HEADS).map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(Error::read(folder))?;
    paths.sort();
    Ok(paths)
}
