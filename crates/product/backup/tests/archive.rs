//! Archives that were damaged, and archives that somebody made to do harm.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use backup::ErrorKind;
use backup::Options;
use backup::back_up;
use backup::check;
use backup::restore;
use sha2::Digest;
use sha2::Sha256;
use tar::EntryType;
use tar::Header;
use workers::Silent;

const HEAD: &str =
    r#"{"format":"stillwatch backup","version":1,"program":"0.1.0","made_at":"2026-11-27T00:00:00Z","left_out":[]}"#;

/// A small data directory: a registry, and files that are left out.
fn data(folder: &Path) -> PathBuf {
    let root = folder.join("data");
    fs::create_dir_all(root.join("inbound/peer")).unwrap();
    for (name, text) in [
        ("campaigns.json", "{}".to_owned()),
        ("users.json", "[]".to_owned()),
        ("secret", "ab".repeat(32)),
        ("inbound/peer/one.json", (0..20_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_string()).collect()),
        ("sessions.json", "who is signed in".to_owned()),
        (".lock", String::new()),
        ("users.lock", String::new()),
        ("state.new", "half".to_owned()),
    ] {
        fs::write(root.join(name), text).unwrap();
    }
    root
}

fn backed_up(folder: &Path) -> PathBuf {
    let file = folder.join("backup.tar.zst");
    back_up(&data(folder), &file, &Options::default(), &Silent::default()).unwrap();
    file
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A file of an archive: its type, its name and its text.
type File<'a> = (EntryType, &'a str, &'a [u8]);

/// An archive of any files, whose digests are right.
fn archive(folder: &Path, files: &[File<'_>], after: &[u8]) -> PathBuf {
    let mut tar = Vec::new();
    let mut sums = String::new();
    for (kind, name, text) in files {
        push(&mut tar, *kind, name, text);
        let digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        sums += &format!("{digest}  {name}\n");
    }
    push(&mut tar, EntryType::Regular, "SHA256SUMS", sums.as_bytes());
    tar.extend([0; 1024]);
    tar.extend(after);
    let file = folder.join("made.tar.zst");
    fs::write(&file, zstd::encode_all(tar.as_slice(), 1).unwrap()).unwrap();
    file
}

/// Adds a file as it is given: a library would refuse some of these names.
fn push(tar: &mut Vec<u8>, kind: EntryType, name: &str, text: &[u8]) {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    header.set_cksum();
    tar.extend(header.as_bytes());
    tar.extend(text);
    tar.resize(tar.len().next_multiple_of(512), 0);
}

/// Says why an archive is refused, after seeing that nothing of it is left anywhere.
fn refused(folder: &Path, file: &Path) -> String {
    let place = folder.join("restored");
    let before = names(folder);
    let error = restore(file, &place, &Silent::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    assert_eq!(names(folder), before, "{error}");
    assert_eq!(check(file, &Silent::default()).unwrap_err().to_string(), error.to_string());
    error.to_string()
}

#[test]
fn what_is_backed_up_comes_back_and_what_is_of_a_moment_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = backed_up(folder.path());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let place = folder.path().join("restored");
    fs::create_dir(&place).unwrap();
    let checked = restore(&file, &place, &Silent::default()).unwrap();
    assert_eq!(checked, check(&file, &Silent::default()).unwrap());
    assert_eq!(names(&place), ["campaigns.json", "inbound", "secret", "users.json"]);
    let one = "inbound/peer/one.json";
    assert_eq!(fs::read(place.join(one)).unwrap(), fs::read(folder.path().join("data").join(one)).unwrap());
    for (path, mode) in [(place.clone(), 0o700), (place.join("inbound/peer"), 0o700), (place.join("secret"), 0o600)] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
    assert_eq!(names(folder.path()), ["backup.tar.zst", "data", "restored"]);
    // Any other program reads it too.
    let tar = zstd::decode_all(fs::File::open(&file).unwrap()).unwrap();
    fs::write(folder.path().join("plain.tar"), tar).unwrap();
    let other = "tar -xf plain.tar && sha256sum --quiet --check SHA256SUMS";
    assert!(Command::new("sh").args(["-c", other]).current_dir(folder.path()).status().unwrap().success());
    let error = restore(&file, &place, &Silent::default()).unwrap_err();
    assert!(error.kind() == ErrorKind::Usage && error.to_string().contains("not empty"), "{error}");
}

#[test]
fn keys_are_left_out_where_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (root, file) = (data(folder.path()), folder.path().join("b"));
    let made = back_up(&root, &file, &Options { without_keys: true }, &Silent::default()).unwrap();
    assert_eq!((made.head.left_out.as_slice(), made.files), (&["secret".to_owned()][..], 3));
    let place = folder.path().join("restored");
    let checked = restore(&file, &place, &Silent::default()).unwrap();
    assert_eq!(checked.head, made.head);
    assert!(!place.join("secret").exists());
}

#[test]
fn what_cannot_be_backed_up_is_refused_and_no_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let root = data(folder.path());
    let refused = |root: &Path, file: &Path, words: &str| {
        let error = back_up(root, file, &Options::default(), &Silent::default()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    let file = folder.path().join("b");
    refused(&root, &root.join("b"), "inside the data directory");
    refused(&folder.path().join("none"), &file, "is no folder");
    refused(folder.path(), &file, "is no data directory");
    refused(Path::new("s3://bucket/data"), &file, "object store");
    fs::write(&file, "mine").unwrap();
    refused(&root, &file, "there already");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("link")).unwrap();
    refused(&root, &file, "is a link");
    fs::remove_file(root.join("link")).unwrap();
    fs::write(root.join("line\nfeed"), "").unwrap();
    refused(&root, &file, "control characters");
    fs::remove_file(root.join("line\nfeed")).unwrap();
    fs::create_dir_all(root.join("exchange/v4")).unwrap();
    refused(&root, &file, "no manifest");
    assert_eq!(names(folder.path()), ["data"]);
}

/// A few bits of a packed archive mean nothing to zstd: with them changed, the same comes out.
#[test]
fn no_changed_byte_changes_what_is_restored_and_any_cut_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(backed_up(folder.path())).unwrap();
    let unpacked = zstd::decode_all(good.as_slice()).unwrap();
    let file = folder.path().join("changed");
    let (mut state, mut refused_ones) = (7_u64, 0);
    for _ in 0..300 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (state >> 33) as usize % good.len();
        let mut bad = good.clone();
        bad[at] ^= 1 << (state >> 24 & 7);
        fs::write(&file, &bad).unwrap();
        match check(&file, &Silent::default()) {
            Ok(_) => assert!(zstd::decode_all(bad.as_slice()).unwrap() == unpacked, "byte {at} was changed unseen"),
            Err(_) => refused_ones += 1,
        }
        fs::write(&file, &good[..at]).unwrap();
        assert!(check(&file, &Silent::default()).is_err(), "a cut at {at} is not seen");
    }
    assert!(refused_ones > 280, "{refused_ones} of 300");
    fs::write(&file, &good[..good.len() / 2]).unwrap();
    refused(folder.path(), &file);
    fs::write(&file, [&good[..], b"more"].concat()).unwrap();
    refused(folder.path(), &file);
    fs::write(&file, b"").unwrap();
    refused(folder.path(), &file);
}

/// Its packed form is right, and so is every check of zstd: only the digests tell.
#[test]
fn a_changed_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut tar = zstd::decode_all(fs::File::open(backed_up(folder.path())).unwrap()).unwrap();
    let at = tar.windows(2).position(|two| two == b"{}").unwrap();
    tar[at] = b'[';
    let file = folder.path().join("changed");
    fs::write(&file, zstd::encode_all(tar.as_slice(), 1).unwrap()).unwrap();
    let told = refused(folder.path(), &file);
    assert!(told.contains("data/campaigns.json") && told.contains("not as it was written"), "{told}");
}

#[test]
fn what_no_backup_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let regular = EntryType::Regular;
    let head: File<'_> = (regular, "backup.json", HEAD.as_bytes());
    let good: File<'_> = (regular, "data/campaigns.json", b"{}");
    // What follows is refused for one thing alone.
    assert!(check(&archive(folder.path(), &[head, good], b""), &Silent::default()).is_ok());
    let later = HEAD.replace("\"version\":1", "\"version\":2");
    let other = HEAD.replace("stillwatch backup", "other");
    let cases: [(&str, &[File<'_>], &[u8]); 16] = [
        ("no name of a backup", &[head, (regular, "data/../escaped", b"x")], b""),
        ("no name of a backup", &[head, (regular, "/escaped", b"x")], b""),
        ("no name of a backup", &[head, (regular, "escaped", b"x")], b""),
        ("no name of a backup", &[head, (regular, "data//x", b"x")], b""),
        ("no name of a backup", &[head, (regular, "data/.pending", b"[]")], b""),
        ("no name of a backup", &[head, (regular, "data/a\nb", b"x")], b""),
        ("a link", &[head, (EntryType::Symlink, "data/x", b"")], b""),
        ("a link", &[head, (EntryType::Link, "data/x", b"")], b""),
        ("a link", &[head, (EntryType::Directory, "data/x", b"")], b""),
        ("a link", &[head, (EntryType::GNULongName, "././@LongLink", b"data/x\0")], b""),
        ("a link", &[head, (EntryType::XHeader, "data/x", b"20 path=data/../../x\n")], b""),
        ("twice", &[head, good, good], b""),
        ("something follows", &[head, good], b"more"),
        ("no backup of stillwatch", &[good], b""),
        ("version 2", &[(regular, "backup.json", later.as_bytes()), good], b""),
        ("no backup of stillwatch", &[(regular, "backup.json", other.as_bytes()), good], b""),
    ];
    for (words, files, after) in cases {
        let file = archive(folder.path(), files, after);
        let told = refused(folder.path(), &file);
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// Three hundred megabytes of nothing in some kilobytes.
#[test]
fn a_bomb_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bomb");
    let bytes: u64 = 300 << 20;
    let mut tar = Vec::new();
    push(&mut tar, EntryType::Regular, "backup.json", HEAD.as_bytes());
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..6].copy_from_slice(b"data/x");
    header.set_entry_type(EntryType::Regular);
    header.set_size(bytes);
    header.set_cksum();
    tar.extend(header.as_bytes());
    let mut packed = zstd::stream::write::Encoder::new(fs::File::create(&file).unwrap(), 1).unwrap();
    packed.write_all(&tar).unwrap();
    let nothing = vec![0; 1 << 20];
    (0..bytes >> 20).for_each(|_| packed.write_all(&nothing).unwrap());
    packed.finish().unwrap();
    let told = refused(folder.path(), &file);
    assert!(told.contains("100 times its length"), "{told}");
}
