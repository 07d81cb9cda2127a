//! The tables of a data directory at one moment, which stay as they are while somebody copies them.

use std::fs::File;
use std::path::Path;

use crate::error::Error;
use crate::layout::check_version;
use crate::layout::is_columnar;
use crate::layout::read_small;
use crate::layout::url_of;
use crate::manifest::Manifest;
use crate::transaction::reading;

/// The tables of a data directory as its manifest named them at one moment. Until the value goes, no file of them is removed;
/// others may write meanwhile.
#[derive(Debug)]
pub struct PinnedTables {
    manifest: Option<(Vec<u8>, Manifest)>,
    _reading: File,
}

impl PinnedTables {
    /// Those of a data directory on this machine.
    ///
    /// # Errors
    /// [`Error::Usage`] where it is in an object store, of an earlier version, or cannot be locked; [`Error::Table`] where its
    /// manifest is damaged.
    pub fn of(root: &Path) -> Result<Self, Error> {
        let told = |what: &str| Error::Usage(format!("{} {what}", root.display()));
        if url_of(root).is_some() {
            return Err(told(
                "is in an object store (let the store keep versions, or copy it with the store's own tools)",
            ));
        }
        check_version(root)?;
        // Only what is read after this is sure to stay.
        let reading = reading(root).ok_or_else(|| {
            told("cannot be locked, so that its files may go while they are read (is it yours, and on a file system with locks?)")
        })?;
        let manifest = match read_small(&root.join(record::MANIFEST))? {
            Some(bytes) => {
                let manifest = Manifest::parse(root, &bytes)?;
                Some((bytes, manifest))
            }
            None if is_columnar(root)? => {
                let fix = format!("stillwatch fsck {} --repair takes it over", root.display());
                return Err(told(&format!("was written by an earlier version and has no manifest ({fix})")));
            }
            None => None,
        };
        Ok(Self { manifest, _reading: reading })
    }

    /// The manifest as it was stored; `None` where the directory has no tables.
    #[must_use]
    pub fn manifest(&self) -> Option<&[u8]> {
        self.manifest.as_ref().map(|(bytes, _)| bytes.as_slice())
    }

    /// The files, by their names below the directory, with their lengths in bytes.
    pub fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        let files = self.manifest.iter().flat_map(|(_, manifest)| &manifest.files);
        files.map(|(name, entry)| (name.as_str(), entry.bytes))
    }
}
