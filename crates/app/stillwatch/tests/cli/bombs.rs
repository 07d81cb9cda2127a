//! Small files that unfold to much. A good file beside each is read whole, and memory is bounded.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::StructArray;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::common::text;

/// Address space that the program may take, in KiB: its own, some threads, and what it holds. A table's process is within it.
const MEMORY_KIB: u32 = 3_000_000;

/// Ingests a folder under a bound of memory: exit status, what is said, and how many records are new and refused.
fn ingest(folder: &Path) -> (Option<i32>, String, (u64, u64)) {
    let data = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_stillwatch");
    let command =
        format!("ulimit -v {MEMORY_KIB}; exec {binary} ingest \"$1\" --data-dir \"$2\" --json --max-rejects 1");
    let secret = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/secret");
    let mut shell = Command::new("bash");
    shell.args(["-c", &command, "bash", text(folder), text(&data.path().join("data"))]);
    let output = shell.env("STILLWATCH_SECRET", secret).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let counts: serde_json::Value = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}{said}"));
    let count = |name: &str| counts[name].as_u64().unwrap();
    (output.status.code(), said, (count("accepted"), count("refused")))
}

/// A folder with a good log of two hundred exchanges.
fn with_good_log() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let line = |id: u32| format!("{{\"id\":\"g{id}\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"good\"}}\n");
    fs::write(folder.path().join("good.jsonl"), (0..200).map(line).collect::<String>()).unwrap();
    folder
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .set_dictionary_page_size_limit(64 << 20)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// The columns that a table of so many exchanges needs.
fn exchanges(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    let time = |_| "2026-04-22T00:00:01Z".to_owned();
    vec![
        ("id", texts((0..rows).map(|row| format!("t{row}")))),
        ("at", texts((0..rows).map(time))),
        ("account", texts((0..rows).map(|row| format!("a{}", row % 7)))),
    ]
}

/// As a column, one value in every row.
fn repeated(value: &str, rows: usize) -> ArrayRef {
    use arrow_array::DictionaryArray;
    use arrow_array::Int32Array;
    use arrow_array::types::Int32Type;
    let keys = Int32Array::from(vec![0; rows]);
    let values = Arc::new(StringArray::from_iter_values([value]));
    Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).unwrap())
}

#[test]
fn a_dictionary_that_unfolds_to_gigabytes_costs_its_file() {
    let folder = with_good_log();
    let mut columns = exchanges(4000);
    let value = "x y z w ".repeat(128 * 1024);
    columns.extend(["system", "headers", "user_agent"].map(|name| (name, repeated(&value, 4000))));
    let path = folder.path().join("bomb.parquet");
    write(&path, columns);
    assert!(fs::metadata(&path).unwrap().len() < 200_000, "it is no bomb");
    let (code, said, (accepted, _)) = ingest(folder.path());
    assert!(accepted >= 200, "{said}");
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("unfold"), "{said}");
}

#[test]
fn rows_that_do_not_fit_many_at_a_time_are_decoded_few_at_a_time() {
    // Of no order, so that the file is long enough for what it unfolds to.
    let mut state = 7_u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 59) as u8 % 26)
    };
    let value: String = (0..400_000).map(|_| letter()).collect();
    let folder = with_good_log();
    let mut columns = exchanges(1700);
    columns.push(("headers", repeated(&value, 1700)));
    write(&folder.path().join("long.parquet"), columns);
    let (code, said, counts) = ingest(folder.path());
    assert_eq!((code, counts), (Some(0), (1900, 0)), "{said}");
}

/// Writes a table with a column that nests so deep.
fn write_nested(path: &Path, depth: u32) {
    let mut nested = texts(["x".to_owned()].into_iter());
    for _ in 0..depth {
        let field = Arc::new(arrow_schema::Field::new("a", nested.data_type().clone(), true));
        nested = Arc::new(StructArray::from(vec![(field, nested)]));
    }
    let mut columns = exchanges(1);
    columns.push(("deep", nested));
    write(path, columns);
}

#[test]
fn columns_that_nest_too_deep_cost_their_file() {
    for depth in [100, 2000] {
        let folder = with_good_log();
        let path = folder.path().join("deep.parquet");
        // The library that writes it goes as deep.
        let writer = std::thread::Builder::new().stack_size(1 << 30);
        writer.spawn(move || write_nested(&path, depth)).unwrap().join().unwrap();
        let (code, said, counts) = ingest(folder.path());
        assert_eq!((code, counts), (Some(3), (200, 0)), "{depth}: {said}");
        assert!(said.contains("deep.parquet"), "{depth}: {said}");
    }
}

#[test]
fn a_text_that_unfolds_too_far_costs_its_file() {
    let folder = with_good_log();
    // A record and then blanks: 600 MB in 60 KB.
    let mut packed =
        zstd::stream::write::Encoder::new(File::create(folder.path().join("blank.jsonl.zst")).unwrap(), 3).unwrap();
    let blank = vec![b' '; 1 << 20];
    std::io::Write::write_all(&mut packed, b"{\"id\":\"b\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"b\"}\n")
        .unwrap();
    for _ in 0..600 {
        std::io::Write::write_all(&mut packed, &blank).unwrap();
        std::io::Write::write_all(&mut packed, b"\n").unwrap();
    }
    packed.finish().unwrap();
    // What came before is read, and the rest of the file is one reject.
    let (code, said, counts) = ingest(folder.path());
    assert_eq!((code, counts), (Some(0), (201, 1)), "{said}");
}
