//! Moves that survive a crash of the machine.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;

/// Moves a file or folder within a file system. When this returns, the new name is on disk.
///
/// The contents are not synchronised: a file must be, before it is moved.
///
/// # Errors
/// What the system says.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(folder_of(to))
}

/// The folder that a path is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file beside its place and moves it there, with the rights that a new file has. When this returns, it is on disk.
///
/// # Errors
/// What the system says; what was at the place is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = tempfile::Builder::new();
    beside.prefix(".staging-");
    // Who may read a table may read its manifest.
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = beside.tempfile_in(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder_of(path))
}

/// Puts a whole folder in the place of another, so that at every moment one of the two is there. What was there before is
/// then at `whole`.
///
/// Where the system cannot exchange two names at once, there is a moment at which neither is there.
///
/// # Errors
/// What the system says; what was there is then still there.
pub fn put_in_place(whole: &Path, place: &Path) -> io::Result<()> {
    sync_folder(whole)?;
    if !place.exists() {
        return rename(whole, place);
    }
    match rustix::fs::renameat_with(rustix::fs::CWD, whole, rustix::fs::CWD, place, rustix::fs::RenameFlags::EXCHANGE) {
        Ok(()) => sync_folder(folder_of(place)),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            let old = whole.with_extension("old");
            fs::rename(place, &old)?;
            rename(whole, place).inspect_err(|_| {
                // The first error is the one to tell.
                let _ = fs::rename(&old, place);
            })
        }
        Err(error) => Err(error.into()),
    }
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
    fn a_folder_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let (new, place) = (folder.path().join("new"), folder.path().join("place"));
        for text in ["one", "two"] {
            fs::create_dir_all(&new).unwrap();
            fs::write(new.join("file"), text).unwrap();
            put_in_place(&new, &place).unwrap();
            assert_eq!(fs::read_to_string(place.join("file")).unwrap(), text);
        }
        assert_eq!(fs::read_to_string(new.join("file")).unwrap(), "one");
    }

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
