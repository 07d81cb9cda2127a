//! A witness: somebody else, who remembers the largest head of a log that they saw, and signs only what goes on from it.

use std::path::Path;
use std::path::PathBuf;

use crate::checkpoint::Checkpoint;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::files::CHECKPOINT;
use crate::files::WITNESSES;
use crate::files::make_private;
use crate::files::replace;
use crate::files::sync_folder;
use crate::merkle::verify_consistency;
use crate::note::Note;
use crate::note::SignatureKind;
use crate::note::SigningKey;
use crate::note::VerifyingKey;
use crate::reader::Reader;
use crate::reader::read_witnesses;
use crate::reader::small;

/// Folder of the heads that were cosigned, by their sizes.
pub const COSIGNED: &str = "cosigned";

/// A witness, whose key is in a file with the head that it saw last beside it.
#[derive(Debug)]
pub struct Witness {
    key: SigningKey,
    seen: PathBuf,
}

impl Witness {
    /// That of a key's file, which is made where it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] where it is no key of a witness, or where the name is none.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let key = SigningKey::read_or_make(path, |_| name.to_owned(), SignatureKind::Witness)?;
        if key.verifying().kind() != SignatureKind::Witness {
            let text = format!("{} is a log's key and no witness's (name another file; it is made)", path.display());
            return Err(Error::malformed(text));
        }
        let mut seen = path.as_os_str().to_owned();
        seen.push(".seen");
        Ok(Self { key, seen: seen.into() })
    }

    /// What checks its signatures.
    #[must_use]
    pub fn key(&self) -> VerifyingKey {
        self.key.verifying()
    }

    /// Signs the head of a log, if it goes on from the head that was seen before; it is remembered from now on.
    ///
    /// # Errors
    /// [`ErrorKind::Inconsistent`] where the log is another, is shorter, or has another past; [`ErrorKind::Io`].
    pub fn cosign(&self, log: &Reader, seconds: u64) -> Result<Note, Error> {
        let head = log.checkpoint();
        let refuse = |what: &str| {
            let text =
                format!("the log {} {what}, so that it is not signed (see {})", head.origin, self.seen.display());
            Err(Error::new(ErrorKind::Inconsistent, text))
        };
        if let Some(bytes) = small(&self.seen)? {
            let seen = Checkpoint::open(&Note::parse(&bytes)?, log.key()).map_err(|error| {
                Error::new(ErrorKind::Inconsistent, format!("what this witness saw before: {error}"))
            })?;
            if seen.size > head.size {
                return refuse(&format!("has {} entries, and had {}: it was cut", head.size, seen.size));
            }
            if seen.size > 0 {
                let proof = log.prove_consistency(seen.size)?;
                if !verify_consistency(seen.size, &seen.root, head.size, &head.root, &proof) {
                    return refuse(&format!("has another past than the {} entries that were seen", seen.size));
                }
            }
        }
        replace(&self.seen, &head_alone(log).to_bytes())?;
        let mut note = log.note().clone();
        note.add(self.key.sign(&note.text, seconds));
        Ok(note)
    }
}

/// The head as the log signed it, without witnesses.
fn head_alone(log: &Reader) -> Note {
    let mut note = log.note().clone();
    note.signatures.retain(|line| line.name == log.key().name());
    note
}

impl Reader {
    /// Keeps a head of this log with the signature of a witness: beside the log, and in the place of the current head where
    /// it is that one.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] where the head is not of this log, or the witness did not sign it; [`ErrorKind::Io`].
    pub fn keep_cosigned(&self, root: &Path, note: &Note, witness: &VerifyingKey) -> Result<(), Error> {
        let head = Checkpoint::open(note, self.key())?;
        if note.witnessed_at(witness).is_none() {
            let text = format!("{} did not sign the checkpoint of {} entries", witness.name(), head.size);
            return Err(Error::new(ErrorKind::Damaged, text));
        }
        let mut known = read_witnesses(root)?;
        if !known.contains(witness) {
            known.push(witness.clone());
            let lines: String = known.iter().map(|key| format!("{key}\n")).collect();
            replace(&root.join(WITNESSES), lines.as_bytes())?;
        }
        let folder = root.join(COSIGNED);
        make_private(&folder)?;
        replace(&folder.join(head.size.to_string()), &note.to_bytes())?;
        sync_folder(&folder)?;
        if head == *self.checkpoint() {
            replace(&root.join(CHECKPOINT), &note.to_bytes())?;
        }
        sync_folder(root)
    }
}
