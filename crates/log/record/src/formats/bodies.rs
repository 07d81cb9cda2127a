//! Bodies that a log keeps in files of their own.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::json;
use crate::limits::MAX_RECORD_BYTES;

/// Where the bodies beside a log file are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bodies {
    folder: Option<PathBuf>,
}

impl Bodies {
    /// The bodies beside a local log file.
    pub(crate) fn beside(file: &Path) -> Self {
        Self { folder: file.parent().map(Path::to_path_buf) }
    }

    /// The body that a path in a bucket names: the file of its last part, in the folder `data` beside the log or beside it.
    ///
    /// Nothing of the path but its last part counts, and that part cannot lead out of the folder.
    pub(super) fn read(&self, path: &str) -> Option<Value> {
        let name = path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty() && !name.starts_with('.'))?;
        let folder = self.folder.as_ref()?;
        let file = [folder.join("data").join(name), folder.join(name)].into_iter().find_map(|path| {
            // What is no plain file could be waited for without end.
            path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
            File::open(path).ok()
        })?;
        let mut text = String::new();
        let bound = MAX_RECORD_BYTES as u64;
        if name.ends_with(".gz") {
            MultiGzDecoder::new(file).take(bound).read_to_string(&mut text).ok()?;
        } else {
            file.take(bound).read_to_string(&mut text).ok()?;
        }
        json::tree(&text).ok()
    }
}
