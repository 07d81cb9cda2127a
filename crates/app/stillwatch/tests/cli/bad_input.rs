//! Wrong input and a hostile world: a clear message, the right exit status, nothing half-written.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::common::STILLWATCH;
use crate::common::command;
use crate::common::failed;
use crate::common::text;
use crate::common::world;

const GOOD: &str = r#"{"id":"r1","at":"2026-04-22T00:00:01Z","account":"a1","request":{"messages":[{"role":"user","content":"name three rivers"}]}}"#;

fn hunt(input: &Path, found: &Path) -> (i32, String) {
    failed(&["hunt", text(input), "--out", text(found), "--quiet"])
}

/// Nothing stands at the output path, and nothing temporary beside it.
fn nothing_left(folder: &Path) {
    let left: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".stillwatch") || name == "found")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

fn rejects(found: &Path) -> String {
    fs::read_to_string(found.join("rejects.jsonl")).unwrap()
}

#[test]
fn a_truncated_gzip_gives_what_was_whole() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..5_000).map(|i| GOOD.replace("r1", &format!("r{i}"))).collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(lines.join("\n").as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let log = folder.path().join("log.jsonl.gz");
    fs::write(&log, &packed[..packed.len() / 2]).unwrap();
    let found = folder.path().join("found");
    let (code, _) = hunt(&log, &found);
    assert_eq!(code, 0, "one reject among thousands");
    assert!(rejects(&found).contains("gzip"), "{}", rejects(&found));
}

/// A pipe that nobody writes to.
fn pipe(folder: &Path) -> std::path::PathBuf {
    let pipe = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    pipe
}

#[test]
fn what_is_no_folder_is_not_replaced_and_a_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    fs::write(&log, GOOD).unwrap();
    let pipe = pipe(folder.path());
    let (code, said) = hunt(&log, &pipe);
    assert!(code == 2 && said.contains("is a pipe or a device"), "{code}: {said}");
    assert!(!pipe.is_dir());
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("later", &link).unwrap();
    assert_eq!(hunt(&log, &link).0, 0);
    assert!(link.is_symlink() && folder.path().join("later/summary.json").is_file());
}

#[test]
fn files_beside_the_log_are_regular_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (log, found) = (folder.path().join("log.jsonl"), folder.path().join("found"));
    fs::write(&log, GOOD).unwrap();
    let pipe = pipe(folder.path());
    let options =
        ["--map", "--entities", "--bank", "--embedding", "--disposable-domains", "--hosting-asns", "--secret"];
    for option in options.iter().chain(&["--accounts", "--actions", "--join"]) {
        for file in [pipe.as_path(), Path::new("/dev/zero")] {
            let (code, said) = failed(&["hunt", text(&log), "--out", text(&found), option, text(file)]);
            assert!(matches!(code, 1..=3) && said.contains("error: "), "{option} {}: {code}: {said}", file.display());
            nothing_left(folder.path());
        }
    }
}

#[test]
fn single_bad_records_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    let mut bytes: Vec<u8> = Vec::new();
    for i in 0..400 {
        bytes.extend(GOOD.replace("r1", &format!("r{i}")).bytes());
        bytes.push(b'\n');
    }
    bytes.extend(b"{\"id\":\"x\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"\xff\xfe\"}\n");
    bytes.extend(b"{\"id\":\"y\",\"at\":\"yesterday\",\"account\":\"a\"}\n");
    bytes.extend(b"{\"id\":\"half\",\"at\":\"2026-04");
    fs::write(&log, bytes).unwrap();
    let found = folder.path().join("found");
    assert_eq!(hunt(&log, &found).0, 0, "under one percent");
    let rejects = rejects(&found);
    assert_eq!(rejects.lines().count(), 3, "{rejects}");
    for line in ["\"line\":401", "\"line\":402", "\"line\":403"] {
        assert!(rejects.contains(line), "{line} in {rejects}");
    }
    let strict = failed(&["hunt", text(&log), "--out", text(&found), "--quiet", "--max-rejects", "0.1%"]);
    assert_eq!(strict.0, 3);
    assert!(strict.1.contains("--max-rejects"), "{}", strict.1);
    assert!(found.join("campaigns.json").is_file(), "the results are written all the same");
}

#[test]
fn a_line_without_end_is_refused_without_being_held() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    let mut file = fs::File::create(&log).unwrap();
    writeln!(file, "{GOOD}").unwrap();
    // A quarter of a gibibyte in one line: far over the bound, and enough to see memory grow.
    for _ in 0..256 {
        file.write_all(&vec![b'a'; 1 << 20]).unwrap();
    }
    writeln!(file, "\n{}", GOOD.replace("r1", "r2")).unwrap();
    drop(file);
    let found = folder.path().join("found");
    let (code, _) = failed(&["hunt", text(&log), "--out", text(&found), "--quiet", "--max-rejects", "50%"]);
    assert_eq!(code, 0);
    assert_eq!(rejects(&found).lines().count(), 1);
    let summary: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(found.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["accepted"], 2);
    let peak = summary["peak_memory_bytes"].as_u64().unwrap();
    assert!(peak < 200 << 20, "{peak} bytes of memory");
}

#[test]
fn what_is_no_log_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let found = at("found");
    fs::create_dir(at("pictures")).unwrap();
    fs::write(at("pictures/cat.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    fs::create_dir(at("empty")).unwrap();
    for (input, word) in [("pictures", "no file"), ("empty", "no file"), ("nowhere.jsonl", "nowhere")] {
        let (code, message) = hunt(&at(input), &found);
        assert_eq!(code, 3, "{input}: {message}");
        assert!(message.contains(word) && message.contains("error:"), "{input}: {message}");
        nothing_left(folder.path());
    }
    // A file that is named and is no log is refused with its reason, and the results say so.
    let (code, message) = hunt(&at("pictures/cat.png"), &found);
    assert_eq!(code, 3, "{message}");
    assert!(message.contains("PNG") && message.contains("error:"), "{message}");
    assert!(rejects(&found).contains("PNG"));
}

#[test]
fn a_table_with_wrong_types_names_the_column() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.parquet");
    wrong_table(&log);
    let (code, message) = hunt(&log, &folder.path().join("found"));
    assert_eq!(code, 3, "{message}");
    assert!(message.contains("`at`"), "{message}");
}

/// A Parquet file whose `at` is a boolean.
fn wrong_table(path: &Path) {
    use std::sync::Arc;

    use arrow_array::ArrayRef;
    use arrow_array::BooleanArray;
    use arrow_array::RecordBatch;
    use arrow_array::StringArray;
    let texts = || Arc::new(StringArray::from(vec!["x", "y"])) as ArrayRef;
    let flags = Arc::new(BooleanArray::from(vec![true, false])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("id", texts()), ("at", flags), ("account", texts())]).unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn bad_usage_is_status_two() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    fs::write(&log, GOOD).unwrap();
    let found = folder.path().join("found");
    let base = ["hunt", text(&log), "--out", text(&found)];
    for (more, word) in [
        (&["--fdr", "2"][..], "--fdr"),
        (&["--since", "2026-05-01", "--until", "2026-04-01"], "--since"),
        (&["--since", "soon"], "--since"),
        (&["--engine", "spark://localhost:1"], "--engine"),
        (&["--engine", "ballista://localhost:1"], "--data-dir"),
        (&["--format", "morse"], "--format"),
        (&["--reference-accounts", "x"], "--reference"),
    ] {
        let (code, message) = failed(&[&base[..], more].concat());
        assert_eq!(code, 2, "{more:?}: {message}");
        assert!(message.contains(word), "{more:?}: {message}");
        nothing_left(folder.path());
    }
    // A folder with other things in it is not replaced.
    fs::create_dir(&found).unwrap();
    fs::write(found.join("thesis.txt"), "do not lose").unwrap();
    let (code, message) = failed(&base);
    assert_eq!(code, 2, "{message}");
    assert!(found.join("thesis.txt").is_file());
}

#[test]
fn results_replace_results_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("log.jsonl"), GOOD).unwrap();
    let hunt = |out: &Path, more: &[&str]| {
        failed(&[&["hunt", text(&at("log.jsonl")), "--out", text(out), "--quiet"], more].concat()).0
    };
    assert_eq!(hunt(&at("found"), &[]), 0);
    assert_eq!(hunt(&at("found"), &[]), 0, "results are replaced");
    // A project that happens to have a summary.json.
    fs::create_dir_all(at("project/src")).unwrap();
    fs::write(at("project/summary.json"), "{}").unwrap();
    assert_eq!(hunt(&at("project"), &[]), 2);
    assert!(at("project/src").is_dir());
    // The data directory as output, or inside it.
    assert_eq!(hunt(&at("both"), &["--data-dir", text(&at("both"))]), 2);
    assert_eq!(hunt(&at("found"), &["--data-dir", text(&at("found/data"))]), 2);
    assert!(at("found/summary.json").is_file());
}

#[test]
fn one_id_counts_once_over_tables_and_another_id_is_another_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.jsonl"), GOOD).unwrap();
    fs::write(at("b.jsonl"), GOOD.replace("r1", "r2")).unwrap();
    let ingest = |log: &str, data: &str| {
        assert_eq!(failed(&["ingest", text(&at(log)), "--data-dir", text(&at(data)), "--quiet"]).0, 0);
    };
    ingest("a.jsonl", "one");
    ingest("b.jsonl", "one");
    ingest("a.jsonl", "two");
    let exchanges = |paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(|path| text(&at(path)).to_owned()).collect();
        let mut arguments = vec!["hunt", "--quiet", "--out"];
        let found = at("found");
        arguments.push(text(&found));
        arguments.extend(paths.iter().map(String::as_str));
        assert_eq!(failed(&arguments).0, 0);
        let summary: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(found.join("summary.json")).unwrap()).unwrap();
        summary["exchanges"].as_u64().unwrap()
    };
    assert_eq!(exchanges(&["one"]), 2, "two ids that say the same are two exchanges");
    assert_eq!(exchanges(&["one", "two"]), 2);
    assert_eq!(exchanges(&["one", "a.jsonl", "b.jsonl"]), 2);
    assert_eq!(exchanges(&["one", "one"]), 2);
}

#[test]
fn enormous_numbers_are_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "0.5");
    let lines = fs::read_to_string(&world.log).unwrap();
    let huge: Vec<String> = lines
        .lines()
        .map(|line| {
            let mut exchange: serde_json::Value = serde_json::from_str(line).unwrap();
            exchange["response"]["input_tokens"] = u64::MAX.into();
            exchange["response"]["output_tokens"] = u64::MAX.into();
            exchange.to_string()
        })
        .collect();
    let log = folder.path().join("huge.jsonl");
    fs::write(&log, huge.join("\n")).unwrap();
    let found = folder.path().join("found");
    let (code, message) =
        failed(&["hunt", text(&log), "--accounts", text(&world.accounts), "--out", text(&found), "-q"]);
    assert_eq!(code, 0, "{message}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "2", "0.3");
    let found = folder.path().join("found");
    // Files may grow to 32 KiB: writing fails as it does on a full disk.
    let limited = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" hunt \"$1\" --out \"$2\" --quiet"])
        .args([STILLWATCH, text(&world.log), text(&found)])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&limited.stderr);
    assert_eq!(limited.status.code(), Some(1), "{message}");
    assert!(message.contains("cannot write"), "{message}");
    nothing_left(folder.path());
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    let mut lines = std::io::BufWriter::new(fs::File::create(&log).unwrap());
    for i in 0..1_500_000 {
        writeln!(lines, "{}", GOOD.replace("r1", &format!("r{i}"))).unwrap();
    }
    drop(lines);
    let found = folder.path().join("found");
    let hunt = command()
        .args(["hunt", text(&log), "--out", text(&found), "--quiet"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The hunt is in the middle of reading when the signal comes.
    std::thread::sleep(Duration::from_millis(400));
    assert!(Command::new("kill").args(["-INT", &hunt.id().to_string()]).status().unwrap().success());
    let output = hunt.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("stopped"), "{message}");
    nothing_left(folder.path());
}

#[test]
fn what_an_adversary_writes_reaches_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log\u{1b}[31m.jsonl");
    fs::write(&log, "{\"id\":\"\u{1b}]0;owned\u{7}\"}\n").unwrap();
    let (code, message) = hunt(&log, &folder.path().join("found"));
    assert_ne!(code, 0);
    assert!(!message.contains('\u{1b}'), "{message:?}");
}
