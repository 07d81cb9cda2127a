//! Time-stamps in an archive: heads of the ledger that an authority saw, and what it signed.

use std::collections::BTreeMap;

use ledger::Checkpoint;
use ledger::ENTRY_BYTES;
use ledger::MemoryTree;
use ledger::Note;
use ledger::StampedHead;
use ledger::VerifyingKey;
use ledger::leaf_hash;
use report::grouped;
use sha2::Digest;
use sha2::Sha256;
use timestamp::Certificate;

use crate::archive::File;
use crate::error::Error;

/// The folder of all of them.
pub const FOLDER: &str = "timestamps/";
const HEAD: &str = "head";

/// Heads before the verdict, and after it, that an archive carries.
const MAX_HEADS: usize = 16;
/// Answers of one head.
const MAX_ANSWERS: usize = 4;

/// What an archive carries of a ledger's time-stamps: the last heads before the verdict, and the first that have it.
pub fn files(stamped: Vec<StampedHead>, size: u64, verdict: u64) -> Vec<File> {
    let of_log = stamped.into_iter().filter(|one| one.size <= size && !one.answers.is_empty());
    let (after, before): (Vec<_>, Vec<_>) = of_log.partition(|one| one.size > verdict);
    let left_out = before.len().saturating_sub(MAX_HEADS);
    let mut files = Vec::new();
    for head in before.into_iter().skip(left_out).chain(after.into_iter().take(MAX_HEADS)) {
        let place = format!("{FOLDER}{}/", head.size);
        let answers = head.answers.into_iter().take(MAX_ANSWERS);
        files.extend(answers.map(|(name, bytes)| (format!("{place}{name}"), bytes)));
        files.push((format!("{place}{HEAD}"), head.head));
    }
    files
}

/// Checks every time-stamp: its head is a beginning of the ledger, and the authority signed the hash of that head.
///
/// # Errors
/// [`Error::Damaged`] with the first that does not hold.
pub fn check(
    files: &BTreeMap<String, Vec<u8>>,
    key: &VerifyingKey,
    verdict: u64,
    authorities: &[Certificate],
    tell: &mut dyn FnMut(String),
) -> Result<(), Error> {
    let (entries, _) = files.get("entries").map(Vec::as_slice).unwrap_or_default().as_chunks::<ENTRY_BYTES>();
    let mut tree = None;
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with(FOLDER)) {
        let (folder, file) = name.rsplit_once('/').unwrap_or_default();
        let head = files.get(&format!("{folder}/{HEAD}")).ok_or_else(|| Error::at(name, "its head is missing"))?;
        if file == HEAD {
            let tree = tree.get_or_insert_with(|| MemoryTree::of(entries.iter().map(|entry| leaf_hash(entry))));
            let note = Note::parse(bytes).map_err(|error| Error::at(name, error))?;
            let stamped = Checkpoint::open(&note, key).map_err(|error| Error::at(name, error))?;
            let is_own = folder.strip_prefix(FOLDER) == Some(stamped.size.to_string().as_str());
            if !is_own || stamped.size > tree.len() || tree.root_of(stamped.size) != stamped.root {
                return Err(Error::at(name, "it is no beginning of the ledger"));
            }
            continue;
        }
        let size: u64 = folder.strip_prefix(FOLDER).and_then(|size| size.parse().ok()).unwrap_or(0);
        let stamp = timestamp::check(bytes, authorities).map_err(|error| Error::at(name, error))?;
        if *stamp.hash() != <[u8; 32]>::from(Sha256::digest(head)) {
            return Err(Error::at(name, "the authority saw another head"));
        }
        let trust = if authorities.is_empty() {
            "whose certificate nobody named here: compare it with one from elsewhere (--tsa-cert)"
        } else {
            stamp.check_trust(authorities).map_err(|error| Error::at(name, error))?;
            "whose certificate is one that you trust"
        };
        let reach = if verdict < size { "the verdict is among them" } else { "the verdict came later" };
        let who = stamp.signer().subject();
        let entries = grouped(size);
        tell(format!("{entries} entries were there at {}, says {who}, {trust}; {reach}", stamp.at()));
    }
    Ok(())
}
