//! A log on disk: what is added is there, provable, and in the form of C2SP tlog-tiles.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is not as it should be"
)]

mod common;

use std::fs;
use std::path::Path;

use common::add;
use common::copy;
use common::record;
use ledger::ErrorKind;
use ledger::Ledger;
use ledger::LogProof;
use ledger::Note;
use ledger::Reader;
use ledger::VerifyingKey;
use ledger::bundle_path;
use ledger::tile_path;
use ledger::verify;
use ledger::verify_consistency;

#[test]
fn tiles_have_the_names_of_the_specification() {
    assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(tile_path(1, 0, 17), "tile/1/000.p/17");
    assert_eq!(bundle_path(273, 112), "tile/entries/273.p/112");
}

#[test]
fn a_log_of_70000_has_the_tiles_of_the_specification() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), 70_000);
    let is_there = |name: &str| folder.path().join(name).exists();
    assert!(is_there(&tile_path(0, 272, 256)) && is_there(&tile_path(0, 273, 112)));
    assert!(is_there(&tile_path(1, 0, 256)) && is_there(&tile_path(1, 1, 17)) && is_there(&tile_path(2, 0, 1)));
    assert!(!is_there(&tile_path(0, 274, 256)) && !is_there("tile/3"));
    let told = verify(folder.path(), &[]).unwrap();
    assert_eq!((told.faults.as_slice(), told.checkpoint.unwrap().size), ([].as_slice(), 70_000));
}

#[test]
fn any_way_of_adding_gives_one_log() {
    let whole = tempfile::tempdir().unwrap();
    let parts = tempfile::tempdir().unwrap();
    add(whole.path(), 0);
    copy(whole.path(), parts.path());
    add(whole.path(), 700);
    for count in [1, 2, 253, 1, 0, 255, 100, 88] {
        add(parts.path(), count);
        assert_eq!(verify(parts.path(), &[]).unwrap().faults, []);
    }
    for name in ["checkpoint", "records", "tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/001"] {
        assert_eq!(fs::read(whole.path().join(name)).unwrap(), fs::read(parts.path().join(name)).unwrap(), "{name}");
    }
    assert!(!parts.path().join("tile/0/000.p").exists(), "a partial tile stays after it became full");
}

#[test]
fn what_was_added_is_read_back_and_proven() {
    let folder = tempfile::tempdir().unwrap();
    let mut heads = Vec::new();
    for count in [3, 200, 60, 300] {
        add(folder.path(), count);
        heads.push(Reader::open(folder.path()).unwrap());
    }
    let now = heads.last().unwrap();
    for (index, (bytes, _)) in [0, 2, 255, 256, 562].into_iter().map(|index| (index, now.record(index).unwrap())) {
        assert_eq!(bytes, record(index));
        let proof: LogProof = now.prove(index).unwrap().to_string().parse().unwrap();
        assert_eq!(proof.check(&now.entry(index).unwrap(), now.key()).unwrap().size, 563);
        assert!(proof.check(&now.entry((index + 1) % 563).unwrap(), now.key()).is_err());
    }
    assert_eq!(now.record(563).unwrap_err().kind(), ErrorKind::OutOfRange);
    // A reader of before goes on reading what it saw, from full tiles too.
    for old in &heads {
        let size = old.checkpoint().size;
        assert_eq!(old.prove(size - 1).unwrap().check(&old.entry(size - 1).unwrap(), old.key()).unwrap().size, size);
        let proof = now.prove_consistency(size).unwrap();
        let (before, after) = (old.checkpoint(), now.checkpoint());
        assert!(verify_consistency(size, &before.root, after.size, &after.root, &proof));
    }
    assert_eq!(now.kinds().unwrap().len(), 563);
    let mut seen = 0;
    now.for_each_record(&mut |index, bytes| {
        assert_eq!(bytes, record(index));
        seen += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, 563);
}

#[test]
fn keys_are_their_owners_alone_and_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), 1);
    #[cfg(unix)]
    for name in ["key", "salts", "records"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let log = Ledger::open(folder.path()).unwrap();
    let printed = format!("{log:?}");
    let key = fs::read_to_string(folder.path().join("key")).unwrap();
    let secret = key.trim().rsplit('+').next().unwrap();
    assert!(printed.contains("SigningKey") && !printed.contains(secret));
    let public = fs::read_to_string(folder.path().join("key.pub")).unwrap();
    assert_eq!(VerifyingKey::parse(&public).unwrap().to_string(), public.trim());
    for broken in
        ["", "a+b", "a b+00000000+AAAA", &public.replace("stillwatch", "Stillwatch"), &format!("{}+", public.trim())]
    {
        assert_eq!(VerifyingKey::parse(broken).unwrap_err().kind(), ErrorKind::Malformed, "{broken}");
    }
}

#[test]
fn a_log_that_is_not_as_it_was_is_not_added_to() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), 300);
    let refused = |change: &dyn Fn(&Path), words: &str| {
        let other = tempfile::tempdir().unwrap();
        copy(folder.path(), other.path());
        change(other.path());
        let error = Ledger::open(other.path()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    };
    refused(&|root| fs::remove_file(root.join("checkpoint")).unwrap(), "no checkpoint");
    refused(&|root| fs::write(root.join("tile/0/001.p/44"), [7; 44 * 32]).unwrap(), "last tiles");
    refused(&|root| fs::write(root.join("records"), b"").unwrap(), "ends before record");
    refused(&|root| fs::write(root.join("salts"), b"").unwrap(), "salts");
    refused(
        &|root| {
            let other = tempfile::tempdir().unwrap();
            add(other.path(), 1);
            fs::copy(other.path().join("key"), root.join("key")).unwrap();
        },
        "not the key",
    );
}

#[test]
fn notes_have_one_form() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), 5);
    let bytes = fs::read(folder.path().join("checkpoint")).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(Note::parse(&bytes).unwrap().to_bytes(), bytes);
    for broken in
        [text.trim_end(), &text.replace("\n\n", "\n"), &text.replace('\u{2014}', "-"), &text.replace("5\n", "5\r\n")]
    {
        assert!(Note::parse(broken.as_bytes()).is_err(), "{broken}");
    }
    let head = ledger::Checkpoint::parse(&Note::parse(&bytes).unwrap().text).unwrap();
    for broken in ["", "a\n", "a\n05\nAAAA\n", &format!("{}\n", head.text()), &head.text().replace("5\n", "+5\n")] {
        assert!(ledger::Checkpoint::parse(broken).is_err(), "{broken}");
    }
}

/// The form of version 1, as it is in git. It is read, and made again to the byte.
#[test]
fn the_first_version_is_read_and_written_as_it_was() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1");
    let told = verify(&fixture, &[]).unwrap();
    assert_eq!(told.faults, []);
    assert_eq!(
        (told.checkpoint.unwrap().size, told.witnesses.as_slice()),
        (300, ["witness.example".to_owned()].as_slice())
    );
    let again = tempfile::tempdir().unwrap();
    for name in ["key", "salts"] {
        fs::copy(fixture.join(name), again.path().join(name)).unwrap();
    }
    add(again.path(), 300);
    for name in ["records", "key.pub", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"] {
        assert_eq!(fs::read(fixture.join(name)).unwrap(), fs::read(again.path().join(name)).unwrap(), "{name}");
    }
    assert_eq!(Reader::open(&fixture).unwrap().checkpoint(), Reader::open(again.path()).unwrap().checkpoint());
}

/// Makes the fixture: for a new version of the form, beside the old one.
#[test]
#[ignore = "writes into the source folder"]
fn make_the_fixture() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1");
    add(&fixture, 300);
    let witness = ledger::Witness::open(&fixture.join("../witness.key"), "witness.example").unwrap();
    let log = Reader::open(&fixture).unwrap();
    let note = witness.cosign(&log, 1_780_000_000).unwrap();
    log.keep_cosigned(&fixture, &note, &witness.key()).unwrap();
}
