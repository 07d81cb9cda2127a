//! Small Parquet files that unfold to much, or are of an odd build.

use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::DictionaryArray;
use arrow_array::Int32Array;
use arrow_array::ListArray;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::StructArray;
use arrow_array::types::Int32Type;
use arrow_buffer::OffsetBuffer;
use arrow_schema::Field;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::basic::ZstdLevel;
use parquet::file::properties::EnabledStatistics;
use parquet::file::properties::WriterProperties;

use crate::bomb::Bomb;
use crate::bomb::WriteFile;
use crate::planted::SECRETS;

type Columns = Vec<(String, ArrayRef)>;

/// Every bomb that is a table.
pub(crate) fn table_bombs() -> impl Iterator<Item = Bomb> {
    let tables: [(&'static str, WriteFile); 11] = [
        ("dictionary.parquet", dictionary),
        ("long-values.parquet", long_values),
        ("deep-columns.parquet", |path| deep(path, 2000)),
        ("rather-deep-columns.parquet", |path| deep(path, 100)),
        ("many-columns.parquet", many_columns),
        ("long-names.parquet", long_names),
        ("row-groups.parquet", row_groups),
        ("long-list.parquet", long_list),
        ("lying-footer.parquet", lying_footer),
        ("lying-pages.parquet", lying_pages),
        ("filters.parquet", filters),
    ];
    tables.into_iter().map(|(name, write)| Bomb { name, write })
}

fn failed(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

fn properties() -> parquet::file::properties::WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None)
}

fn write(path: &Path, columns: Columns, properties: WriterProperties) -> io::Result<()> {
    let batch = RecordBatch::try_from_iter(columns).map_err(failed)?;
    let mut writer = ArrowWriter::try_new(File::create(path)?, batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    writer.close().map(drop).map_err(failed)
}

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// The columns that a table of so many exchanges needs.
fn exchanges(rows: usize) -> Columns {
    vec![
        ("id".to_owned(), texts((0..rows).map(|row| format!("t{row}")))),
        ("at".to_owned(), texts((0..rows).map(|_| "2026-04-22T00:00:01Z".to_owned()))),
        ("account".to_owned(), texts((0..rows).map(|_| "bomb".to_owned()))),
    ]
}

/// A valid table of some exchanges, to be changed.
///
/// # Errors
/// What the system or the library says.
pub fn write_table(path: &Path, rows: usize) -> io::Result<()> {
    write(path, exchanges(rows), properties().build())
}

/// A column with one value in every row.
fn repeated(value: &str, rows: usize) -> io::Result<ArrayRef> {
    let keys = Int32Array::from(vec![0; rows]);
    let values = Arc::new(StringArray::from_iter_values([value]));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).map_err(failed)?))
}

/// One long value in a dictionary, in every row of several columns: gigabytes.
fn dictionary(path: &Path) -> io::Result<()> {
    let mut columns = exchanges(1500);
    let value = "x y z w ".repeat(128 * 1024);
    for name in ["system", "headers", "user_agent"] {
        columns.push((name.to_owned(), repeated(&value, 1500)?));
    }
    write(path, columns, properties().set_dictionary_page_size_limit(64 << 20).build())
}

/// Values of 16 MiB that pack well, without a dictionary.
fn long_values(path: &Path) -> io::Result<()> {
    let mut columns = exchanges(16);
    columns.push(("system".to_owned(), texts((0..16).map(|_| "long ".repeat(3 << 20)))));
    write(path, columns, properties().set_dictionary_enabled(false).build())
}

/// A column in which each object holds one object.
fn deep(path: &Path, depth: usize) -> io::Result<()> {
    let path = path.to_owned();
    let make = move || {
        let mut nested = texts(["x".to_owned()].into_iter());
        for _ in 0..depth {
            let field = Arc::new(Field::new("a", nested.data_type().clone(), true));
            nested = Arc::new(StructArray::from(vec![(field, nested)]));
        }
        let mut columns = exchanges(1);
        columns.push(("deep".to_owned(), nested));
        write(&path, columns, properties().build())
    };
    // The library that writes it goes as deep as the table.
    let thread = thread::Builder::new().stack_size(1 << 30).spawn(make)?;
    thread.join().map_err(|_| failed("the table was too deep to be written"))?
}

/// Twenty thousand columns.
fn many_columns(path: &Path) -> io::Result<()> {
    let mut columns = exchanges(2);
    columns.extend((0..20_000).map(|column| (format!("c{column}"), texts((0..2).map(|_| "x".to_owned())))));
    write(path, columns, properties().build())
}

/// Columns whose names are megabytes long.
fn long_names(path: &Path) -> io::Result<()> {
    let mut columns = exchanges(2);
    let name = "n".repeat(4 << 20);
    columns.extend((0..4).map(|column| (format!("{name}{column}"), texts((0..2).map(|_| "x".to_owned())))));
    write(path, columns, properties().build())
}

/// Twenty thousand row groups of one row.
fn row_groups(path: &Path) -> io::Result<()> {
    write(path, exchanges(20_000), properties().set_max_row_group_row_count(Some(1)).build())
}

/// Lists of ten million values that are missing: no byte a value in the file, and several in memory.
fn long_list(path: &Path) -> io::Result<()> {
    let values: ArrayRef = Arc::new(Int32Array::new_null(10_000_000));
    let offsets = OffsetBuffer::new(vec![0, 10_000_000, 10_000_000].into());
    let field = Arc::new(Field::new("item", values.data_type().clone(), true));
    let list = ListArray::try_new(field, offsets, values, None).map_err(failed)?;
    let mut columns = exchanges(2);
    columns.push(("messages".to_owned(), Arc::new(list)));
    write(path, columns, properties().build())
}

/// A footer that says that it is as long as a footer can be.
fn lying_footer(path: &Path) -> io::Result<()> {
    write_table(path, 100)?;
    let mut bytes = fs::read(path)?;
    let end = bytes.len();
    bytes.splice(end - 8..end - 4, [0xff, 0xff, 0xff, 0x7f]);
    fs::write(path, bytes)
}

/// Pages and a footer with numbers made large, wherever a number of many bytes might stand.
fn lying_pages(path: &Path) -> io::Result<()> {
    write_table(path, 100)?;
    let mut bytes = fs::read(path)?;
    // In the compact form of Thrift a field of 32 bits begins 0x15, and what follows is the number.
    let places: Vec<usize> =
        (4..bytes.len().saturating_sub(8)).filter(|at| bytes.get(*at) == Some(&0x15)).take(4).collect();
    for at in places.into_iter().rev() {
        bytes.splice(at + 1..at + 2, [0xfe, 0xff, 0xff, 0xff, 0x0f]);
    }
    fs::write(path, bytes)
}

/// Filters of megabytes for each of many row groups.
fn filters(path: &Path) -> io::Result<()> {
    let filtered = properties().set_bloom_filter_enabled(true).set_bloom_filter_max_ndv(1_000_000);
    write(path, exchanges(40), filtered.set_max_row_group_row_count(Some(4)).build())
}

/// Tables with a secret in each column that is read: as text, and in a list.
pub(crate) fn write_planted_tables(folder: &Path) -> io::Result<()> {
    const COLUMNS: [&str; 16] = [
        "id",
        "at",
        "account",
        "key",
        "conversation",
        "end_user",
        "ip",
        "asn",
        "user_agent",
        "model",
        "system",
        "messages",
        "status",
        "input_tokens",
        "temperature",
        "tools",
    ];
    for (number, name) in COLUMNS.iter().enumerate() {
        let secret = SECRETS.get(number % SECRETS.len()).copied().unwrap_or_default();
        let text = texts((0..2).map(|_| secret.to_owned()));
        let item = Arc::new(Field::new("item", text.data_type().clone(), true));
        let list = ListArray::try_new(item, OffsetBuffer::new(vec![0, 1, 2].into()), Arc::clone(&text), None);
        for (kind, column) in [("text", text), ("list", Arc::new(list.map_err(failed)?))] {
            let mut columns: Columns = exchanges(2).into_iter().filter(|(known, _)| known != name).collect();
            columns.push(((*name).to_owned(), column));
            write(&folder.join(format!("{name}-{kind}.parquet")), columns, properties().build())?;
        }
    }
    Ok(())
}
