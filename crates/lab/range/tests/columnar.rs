//! A world told as a data directory is the world told as lines and then ingested.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ord::sort::sort_to_indices;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use columns::{IngestOptions, Store, exchange_schema, ingest};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use range::{Form, GenerateOptions, World, generate};
use workers::Silent;

fn options(form: Form, scale: f64) -> GenerateOptions {
    GenerateOptions { form, scale, seed: 3, ..GenerateOptions::default() }
}

/// All rows of a data directory, by id.
fn rows(root: &Path) -> RecordBatch {
    let mut batches = Vec::new();
    for file in Store::open(root).unwrap().exchange_files().unwrap() {
        let file = std::fs::File::open(file).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        batches.extend(reader.map(Result::unwrap));
    }
    let all = concat_batches(&exchange_schema(), &batches).unwrap();
    let order = sort_to_indices(all.column_by_name("id").unwrap(), None, None).unwrap();
    take_record_batch(&all, &order).unwrap()
}

/// Folders of the partitions, sorted.
fn partitions(root: &Path) -> Vec<PathBuf> {
    let files = Store::open(root).unwrap().exchange_files().unwrap();
    let mut folders: Vec<PathBuf> =
        files.iter().map(|file| file.parent().unwrap().strip_prefix(root).unwrap().to_owned()).collect();
    folders.dedup();
    folders
}

#[test]
fn the_rows_are_those_of_an_ingest_of_the_lines() {
    for (name, scale, shards) in
        [("yardstick", 0.03, 4), ("t4", 0.05, 3), ("voice-two", 0.05, 1), ("record", 0.0004, 16)]
    {
        let world = World::load(name).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (lines, table) = (folder.path().join("lines"), folder.path().join("table"));
        let as_lines = generate(&world, &options(Form::Lines, scale), &lines, &|_, _| {}).unwrap();
        let as_table = generate(&world, &options(Form::Columnar { shards }, scale), &table, &|_, _| {}).unwrap();
        assert_eq!(as_lines.exchanges, as_table.exchanges, "{name}");
        for name in ["accounts.jsonl", "actions.jsonl", "truth.json"] {
            assert_eq!(std::fs::read(lines.join(name)).ok(), std::fs::read(table.join(name)).ok(), "{name}");
        }
        let data = folder.path().join("data");
        let log = lines.join("exchanges.jsonl.zst").to_string_lossy().into_owned();
        let asked = IngestOptions { inputs: vec![log], shards, keep_identifiers: true, ..IngestOptions::default() };
        ingest(&asked, &data, &Silent::default()).unwrap();
        assert_eq!(columns::embedder_of(&data).unwrap(), columns::embedder_of(&table).unwrap());
        assert_eq!(partitions(&data), partitions(&table), "{name}");
        let (ingested, made) = (rows(&data), rows(&table));
        assert_eq!(made.num_rows() as u64, as_table.exchanges, "{name}");
        for (column, field) in exchange_schema().fields().iter().enumerate() {
            assert_eq!(ingested.column(column), made.column(column), "{name}: column {}", field.name());
        }
    }
}

#[test]
fn a_world_is_replaced_whole_and_a_data_directory_is_not() {
    let world = World::load("hard-negatives").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("world");
    let make = |form| generate(&world, &options(form, 0.1), &out, &|_, _| {});
    make(Form::Columnar { shards: 5 }).unwrap();
    make(Form::Columnar { shards: 2 }).unwrap();
    assert!(partitions(&out).iter().all(|place| place.ends_with("shard=00") || place.ends_with("shard=01")));
    make(Form::Lines).unwrap();
    assert!(!out.join("exchange").exists() && !out.join(columns::MANIFEST).exists());
    make(Form::Columnar { shards: 2 }).unwrap();
    assert!(!out.join("exchanges.jsonl.zst").exists());
    // Without its truth it could be anybody's.
    std::fs::remove_file(out.join("truth.json")).unwrap();
    let error = make(Form::Lines).unwrap_err().to_string();
    assert!(error.contains("data directory"), "{error}");
    assert!(!partitions(&out).is_empty());
}

#[test]
fn a_wrong_number_of_shards_is_refused() {
    let world = World::load("hard-negatives").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for shards in [0, 100] {
        let out = folder.path().join("x");
        let error = generate(&world, &options(Form::Columnar { shards }, 0.1), &out, &|_, _| {}).unwrap_err();
        assert!(error.to_string().contains("shards"), "{error}");
        assert!(!out.exists());
    }
}

/// The numbers that the world is named for, at 1:500.
#[test]
fn the_record_keeps_its_numbers_at_any_scale() {
    let world = World::load("record").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("world");
    let made = generate(&world, &options(Form::Columnar { shards: 4 }, 0.002), &out, &|_, _| {}).unwrap();
    let close = |is: u64, wanted: u64, tenths: u64| is.abs_diff(wanted) * 1_000 <= wanted * tenths;
    // Of the smallest kinds at least one account stays.
    assert!(close(made.accounts, 2_000, 5), "{made:?}");
    // Fifty log-normal volumes, and those of their twins, have a mean that is off by a twelfth: three of these are let pass.
    assert!(close(made.exchanges, 200_000, 150), "{made:?}");
    let truth: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("truth.json")).unwrap()).unwrap();
    let campaign = truth.pointer("/campaigns/0").unwrap();
    assert_eq!(campaign.pointer("/accounts").unwrap().as_array().unwrap().len(), 50);
    let exchanges = campaign.pointer("/exchanges").unwrap().as_u64().unwrap();
    assert!(close(exchanges, 57_600, 250), "{exchanges}");
}
