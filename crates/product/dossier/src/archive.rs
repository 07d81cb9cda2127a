//! The archive: a zip whose files are stored as they are, in one form only.
//!
//! A zip has bytes that no reader looks at. Here there is one way to write given files, and an archive that differs from it in one
//! byte is refused. That needs the writer to be ours for ever: a library may write other bytes with its next version.

use crate::error::Error;

/// Files of the largest archive.
const MAX_FILES: usize = 256;

/// 1 January 1980, the first day that a zip can tell.
const DATE: u16 = 0x21;
/// Version of the format that is needed to read stored files.
const VERSION: u16 = 20;

/// A file: its name and its bytes.
pub type File = (String, Vec<u8>);

/// The archive of some files, in their order.
///
/// # Errors
/// [`Error::Usage`] where it would be of four gibibytes or more.
pub fn write(files: &[File]) -> Result<Vec<u8>, Error> {
    let too_large = || Error::Usage("the archive would be larger than four gibibytes (export less)".to_owned());
    let number = |length: usize| u32::try_from(length).map_err(|_| too_large());
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let (length, offset) = (number(data.len())?, number(bytes.len())?);
        let name_length = u16::try_from(name.len()).map_err(|_| too_large())?;
        let mut common = Vec::new();
        // Version, flags, method, time, date.
        [VERSION, 0, 0, 0, DATE].iter().for_each(|field| common.extend(field.to_le_bytes()));
        [crc32fast::hash(data), length, length].iter().for_each(|field| common.extend(field.to_le_bytes()));
        common.extend(name_length.to_le_bytes());
        common.extend([0; 2]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(data);
        directory.extend(b"PK\x01\x02");
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&common);
        // Comment, disk, attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (offset, length) = (number(bytes.len())?, number(directory.len())?);
    let count = u16::try_from(files.len()).map_err(|_| too_large())?.to_le_bytes();
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(length.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0; 2]);
    Ok(bytes)
}

/// The files of an archive.
///
/// # Errors
/// [`Error::Damaged`] where it differs in any byte from what [`write()`] makes of its files.
pub fn read(bytes: &[u8]) -> Result<Vec<File>, Error> {
    let damaged = || Error::Damaged("the archive is damaged: it is not in the form in which it was written".to_owned());
    let mut files = Vec::new();
    let mut rest = bytes;
    while let Some(after) = rest.strip_prefix(b"PK\x03\x04") {
        let (head, after) = after.split_first_chunk::<26>().ok_or_else(damaged)?;
        let [.., a, b, c, d, low, high, _, _] = *head;
        let (length, name_length) = (u32::from_le_bytes([a, b, c, d]) as usize, u16::from_le_bytes([low, high]));
        let (name, after) = after.split_at_checked(usize::from(name_length)).ok_or_else(damaged)?;
        let (data, after) = after.split_at_checked(length).ok_or_else(damaged)?;
        let name = std::str::from_utf8(name).map_err(|_| damaged())?;
        files.push((name.to_owned(), data.to_vec()));
        if files.len() > MAX_FILES {
            return Err(damaged());
        }
        rest = after;
    }
    if files.is_empty() || write(&files).ok().as_deref() != Some(bytes) { Err(damaged()) } else { Ok(files) }
}
