//! Time-stamps in an archive: the one of the fixture holds, and whatever else stands in its place is refused, by the page too.

use ledger::Checkpoint;
use ledger::ENTRY_BYTES;
use ledger::Hash;
use ledger::MemoryTree;
use ledger::leaf_hash;

use crate::tests::agreement::compare;
use crate::tests::parts::Parts;
use crate::tests::parts::home;
use crate::verify::Trust;
use crate::verify::verify_with;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(home().join("fixtures/v1").join(name)).unwrap()
}

/// An archive with these files below its folder of time-stamps.
fn with(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut parts = Parts::court();
    parts.files.extend(files.iter().map(|(name, bytes)| (format!("timestamps/{name}"), bytes.clone())));
    parts.sealed()
}

/// A head of the first entries, signed by the ledger; of another root, where one is given.
fn head(size: u64, root: Option<Hash>) -> Vec<u8> {
    let parts = Parts::court();
    let (entries, _) = parts.files["entries"].as_chunks::<ENTRY_BYTES>();
    let tree = MemoryTree::of(entries.iter().map(|entry| leaf_hash(entry)));
    let key = Parts::key();
    let root = root.unwrap_or_else(|| tree.root_of(size));
    Checkpoint { origin: key.verifying().name().to_owned(), size, root }.signed(&key).to_bytes()
}

#[test]
fn a_stamp_tells_when_and_who() {
    let own = Parts::court().files["checkpoint"].clone();
    let archive = with(&[("114/head", own), ("114/a.tsr", fixture("stamp.tsr"))]);
    let trusted = timestamp::read_certificates(&fixture("tsa.pem")).unwrap();
    let told = verify_with(&archive, Trust { key: None, authorities: &trusted });
    let line = told.lines.iter().find(|line| line.text.contains("CN=authority")).expect("the stamp is told");
    assert!(told.holds() && line.text.contains("114 entries were there at 2026-11-27T00:19:09.151Z"), "{}", line.text);
    assert!(line.text.contains("one that you trust; the verdict is among them"), "{}", line.text);
    let told = verify_with(&archive, Trust::default());
    assert!(told.holds() && told.lines.iter().any(|line| line.text.contains("nobody named here")), "{told:#?}");
}

#[test]
fn page_and_program_agree_on_stamps() {
    let (own, stamp) = (head(114, None), fixture("stamp.tsr"));
    let mut forged = stamp.clone();
    // The hash of the head, another one.
    let at = forged.windows(2).position(|two| two == [0x04, 0x20]).expect("a stamp has a hash") + 5;
    forged[at] ^= 1;
    let archives = vec![
        ("a stamp", with(&[("114/head", own.clone()), ("114/a.tsr", stamp.clone())])),
        ("a head without a stamp", with(&[("114/head", own.clone())])),
        ("an earlier head", with(&[("50/head", head(50, None))])),
        ("a head of no entries", with(&[("0/head", head(0, None))])),
        ("a stamp without its head", with(&[("114/a.tsr", stamp.clone())])),
        ("a head in another place", with(&[("113/head", own.clone()), ("113/a.tsr", stamp.clone())])),
        ("a head in a place with a zero", with(&[("0114/head", own.clone())])),
        ("a stamp of another head", with(&[("50/head", head(50, None)), ("50/a.tsr", stamp.clone())])),
        ("another past", with(&[("50/head", head(50, Some([7; 32])))])),
        ("a later head", with(&[("115/head", head(115, Some([7; 32])))])),
        ("a head that nobody signed", with(&[("114/head", b"stillwatch\n114\n".to_vec())])),
        ("a forged stamp", with(&[("114/head", own.clone()), ("114/a.tsr", forged)])),
        ("no stamp", with(&[("114/head", own.clone()), ("114/a.tsr", Vec::new())])),
        ("a file of no head", with(&[("a.tsr", stamp.clone())])),
        ("a folder more", with(&[("114/b/a.tsr", stamp), ("114/head", own)])),
    ];
    let archives = archives.into_iter().map(|(what, bytes)| (what.to_owned(), bytes, None)).collect();
    assert!(compare(archives).is_none_or(|told| told == (4, 11)));
}
