use super::*;

#[test]
fn files_end_by_size_and_by_age_and_hold_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("spool");
    let mut spool = Spool::new(&place, "exchanges", 20, Duration::from_millis(50)).unwrap();
    for number in 0..4 {
        spool.write(format!("{{\"line\":{number}}}\n").as_bytes(), 7).unwrap();
    }
    std::thread::sleep(Duration::from_millis(60));
    spool.turn().unwrap();
    spool.write(b"{\"line\":4}\n", 8).unwrap();
    spool.flush().unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    let all: String = texts.concat();
    let expected: String = (0..5).map(|number| format!("{{\"line\":{number}}}\n")).collect();
    assert_eq!(all, expected, "in the order of the names");
    #[cfg(unix)]
    for (path, mode) in [(&files[0], 0o600), (&place, 0o700)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
}
