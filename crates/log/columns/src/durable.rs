//! Moves that survive a crash of the machine.

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;

/// Moves a file or folder within a file system. When this returns, the new name is on disk.
///
/// The contents are not synchronised: a file must be, before it is moved.
///
/// # Errors
/// What the system says.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Puts the names in a folder on disk.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    // A rename is in the folder and not in the file: without this, a crash can undo it.
    File::open(folder)?.sync_all()
}

/// Makes a folder that only its owner may look into; one that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_moved_and_a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::write(&from, "rows").unwrap();
        rename(&from, &to).unwrap();
        assert_eq!((from.exists(), fs::read(&to).unwrap().as_slice()), (false, b"rows".as_slice()));
        assert!(rename(&to, &folder.path().join("none/to")).is_err());
        assert!(to.exists());
    }
}
