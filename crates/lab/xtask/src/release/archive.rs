//! Files on their way into archives, whose bytes depend on nothing else.

use std::io::Write;

use flate2::Compression;
use flate2::GzBuilder;
use sha2::Digest;
use sha2::Sha256;
use tar::Builder;
use tar::EntryType;
use tar::Header;

/// A file that is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its place, with `/` between folders.
    pub place: String,
    /// Whether it is a program.
    pub runs: bool,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    /// A file that is read.
    pub fn new(place: String, bytes: Vec<u8>) -> Self {
        Self { place, runs: false, bytes }
    }

    /// A file that is run.
    pub fn program(place: &str, bytes: Vec<u8>) -> Self {
        Self { place: place.to_owned(), runs: true, bytes }
    }

    /// Its mode.
    pub const fn mode(&self) -> u32 {
        if self.runs { 0o755 } else { 0o644 }
    }
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digests of files, in the form that `sha256sum` reads.
pub fn sums(files: &[File]) -> File {
    let lines: String = files.iter().map(|file| format!("{}  {}\n", digest(&file.bytes), file.place)).collect();
    File::new("SHA256SUMS".to_owned(), lines.into_bytes())
}

/// Packs bytes. No name and no time is stored.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
    let all = packed.write_all(bytes).and_then(|()| packed.finish());
    all.map_err(|error| error.to_string())
}

/// An archive of files below one folder, sorted by name, all of user 0 and of one time, with the digests of all in `SHA256SUMS`.
pub fn tar_gz(folder: &str, files: &[File], epoch_s: u64) -> Result<Vec<u8>, String> {
    let mut files: Vec<File> = files.to_vec();
    files.sort_by(|one, other| one.place.cmp(&other.place));
    files.push(sums(&files));
    let mut tar = Builder::new(Vec::new());
    for file in &files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(file.mode());
        header.set_mtime(epoch_s);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(file.bytes.len() as u64);
        let place = format!("{folder}/{}", file.place);
        let added = tar.append_data(&mut header, &place, file.bytes.as_slice());
        added.map_err(|error| format!("{place}: {error}"))?;
    }
    gzip(&tar.into_inner().map_err(|error| error.to_string())?)
}
