//! A folder that appears whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::rng::{label, mix};

/// The table of a world, or of a data directory.
const TABLE: &str = "exchange";
/// What a world may be made of, the truth last.
const NAMES: [&str; 8] = [
    "exchanges.jsonl.zst",
    "exchanges.parquet",
    TABLE,
    columns::MANIFEST,
    "embedder",
    "accounts.jsonl",
    "actions.jsonl",
    "truth.json",
];

/// A folder in the making, beside the one it will become; gone if it is not finished.
pub(crate) struct Partial {
    pub(crate) path: PathBuf,
}

impl Partial {
    pub(crate) fn create(out: &Path) -> Result<Partial, Error> {
        // A table without a truth beside it is somebody's data directory.
        if out.join(TABLE).exists() && !out.join("truth.json").exists() {
            return Err(Error::Usage(format!(
                "{} is a data directory, not a world that could be replaced (give another --out)",
                out.display()
            )));
        }
        let name =
            out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_else(|| "world".to_owned());
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(Error::write(parent))?;
        let mark = mix(u64::from(std::process::id()), label(&name)) >> 40;
        let path = parent.join(format!(".{name}.partial-{mark:06x}"));
        if path.exists() {
            fs::remove_dir_all(&path).map_err(Error::write(&path))?;
        }
        fs::create_dir(&path).map_err(Error::write(&path))?;
        Ok(Partial { path })
    }

    /// Puts the folder in its place, or what is in it into the folder that is there.
    pub(crate) fn finish(self, out: &Path) -> Result<(), Error> {
        if !out.exists() {
            return fs::rename(&self.path, out).map_err(Error::write(out));
        }
        // The old truth goes first and the new one comes last: it never stands beside another world's log.
        for name in NAMES.iter().rev() {
            let stale = out.join(name);
            if stale.is_dir() {
                fs::remove_dir_all(&stale).map_err(Error::write(&stale))?;
            } else if stale.exists() {
                fs::remove_file(&stale).map_err(Error::write(&stale))?;
            }
        }
        for name in NAMES {
            let made = self.path.join(name);
            if made.exists() {
                fs::rename(&made, out.join(name)).map_err(Error::write(&out.join(name)))?;
            }
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Best effort: after a success there is nothing left to remove.
        let _ = fs::remove_dir_all(&self.path);
    }
}
