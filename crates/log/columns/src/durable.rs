//! Moves that survive a crash of the machine.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

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

/// What the names of files begin with that are written beside their place.
const STAGED: &str = ".staging-";

/// Writes a file beside its place and moves it there, with the rights that a new file has. When this returns, it is on disk.
/// What killed runs left of the same file is removed.
///
/// # Errors
/// What the system says; what was at the place is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Who may read a table may read its manifest.
    replace_with(path, bytes, 0o666)
}

/// As [`replace`], for a file that only its owner may read.
///
/// # Errors
/// What the system says; what was at the place is then still there.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, bytes, 0o600)
}

fn replace_with(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let path = &followed(path)?;
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other("it is a folder, a pipe or a device, and would be replaced (name a file)"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut file = staged(folder_of(path), &format!("{STAGED}{name}-"), mode)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder_of(path))
}

/// Links that are followed, one after another.
const MOST_LINKS: usize = 16;

/// Where a path leads that is a link, though nothing may be there yet; else the path itself. So what is replaced is what a
/// link leads to, and the link stays.
///
/// # Errors
/// That there are too many links, or what the system says.
pub fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        if !place.is_symlink() {
            return Ok(place);
        }
        let target = fs::read_link(&place)?;
        place = folder_of(&place).join(target);
    }
    Err(io::Error::other("it is a link to a link, without end (name another path)"))
}

/// A new file whose name begins with a prefix, after removing those of dead runs. It is locked for as long as it is open.
///
/// # Errors
/// What the system says.
pub fn staged(folder: &Path, prefix: &str, mode: u32) -> io::Result<tempfile::NamedTempFile> {
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()) {
            // What cannot be removed is only in the way.
            let _ = remove_if_dead(&entry.path());
        }
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    loop {
        let file = builder.tempfile_in(folder)?;
        // Before it was locked, another run may have taken it for a dead one's.
        if file.as_file().lock().is_err() || file.path().exists() {
            return Ok(file);
        }
    }
}

/// Removes a file that nobody holds a lock on.
///
/// # Errors
/// What the system says.
pub(crate) fn remove_if_dead(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(());
    }
    let file = File::options().write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
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

/// Takes the rights of others to a file away.
///
/// # Errors
/// What the system says.
pub(crate) fn make_owners(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    Ok(())
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
    fn what_a_dead_run_left_of_a_file_goes_and_what_a_living_one_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("campaigns.json");
        let dead = folder.path().join(".staging-campaigns.json-dead");
        fs::write(&dead, "half").unwrap();
        let other = folder.path().join(".staging-looks.json-dead");
        fs::write(&other, "half").unwrap();
        let living = staged(folder.path(), &format!("{STAGED}campaigns.json-"), 0o600).unwrap();
        replace(&path, b"whole").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!((dead.exists(), living.path().exists(), other.exists()), (false, true, true));
    }

    #[test]
    fn a_link_is_followed_and_what_is_no_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("file", &link).unwrap();
        for text in ["first", "second"] {
            replace(&link, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), text);
            assert!(link.is_symlink());
        }
        assert!(replace(folder.path(), b"text").unwrap_err().to_string().contains("would be replaced"));
        let round = folder.path().join("round");
        std::os::unix::fs::symlink("round", &round).unwrap();
        assert!(replace(&round, b"text").unwrap_err().to_string().contains("without end"));
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
