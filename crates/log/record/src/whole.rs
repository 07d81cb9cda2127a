//! Files that are read as a whole: regular ones, up to a bound.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

/// Opens a regular file, and says how long it is. Others may never end, or never begin.
pub(crate) fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let wrong = || io::Error::other("it is a pipe or a device, and not a file (write it to a file first)");
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, and not a file"));
    }
    if !found.is_file() {
        return Err(wrong());
    }
    let mut options = File::options();
    options.read(true);
    // Another may have come to the path since: opening a pipe would wait for its writer.
    #[cfg(target_os = "linux")]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
    let file = options.open(path)?;
    let found = file.metadata()?;
    if found.is_file() { Ok((file, found.len())) } else { Err(wrong()) }
}

/// `O_NONBLOCK`: of no effect on regular files.
#[cfg(target_os = "linux")]
const NONBLOCK: i32 = 0o4000;

/// Opens a regular file, to be read as far as it is long now.
///
/// # Errors
/// What the system says; that it is no regular file.
pub fn open_file(path: &Path) -> io::Result<impl Read + use<>> {
    open_regular(path).map(|(file, length)| file.take(length))
}

/// The bytes of a regular file.
///
/// # Errors
/// What the system says; that it is no regular file, or longer than `most_bytes`.
pub fn read_file(path: &Path, most_bytes: u64) -> io::Result<Vec<u8>> {
    let (file, length) = open_regular(path)?;
    if length > most_bytes {
        let text = format!("it is {length} bytes long, and at most {most_bytes} are read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a regular file.
///
/// # Errors
/// As [`read_file`]; that it is no UTF-8.
pub fn read_text_file(path: &Path, most_bytes: u64) -> io::Result<String> {
    String::from_utf8(read_file(path, most_bytes)?).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("it is no text in UTF-8: {}", error.utf8_error()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound_and_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "text").unwrap();
        assert_eq!(read_text_file(&path, 4).unwrap(), "text");
        assert_eq!(read_file(&path, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        fs::write(&path, [0xff]).unwrap();
        assert!(read_text_file(&path, 4).unwrap_err().to_string().contains("UTF-8"));
        for other in [folder.path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
            let error = read_file(other, 1 << 30).unwrap_err().to_string();
            assert!(error.contains("not a file"), "{}: {error}", other.display());
        }
    }
}
