//! SQL over a data directory, for those who have no other engine at hand.

use std::io::Write;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::json::ArrayWriter;
use arrow::util::display::ArrayFormatter;
use arrow::util::display::FormatOptions;
use datafusion::execution::context::SQLOptions;

use crate::engine::Engine;
use crate::engine::register_exchanges;
use crate::error::Error;

/// The accounts of the table `exchange`, with their sums.
const ACCOUNT_VIEW: &str = "\
CREATE VIEW account AS SELECT account, count(*) AS exchanges, min(at) AS first_seen, max(at) AS last_seen, \
sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, count(DISTINCT ip_hash) AS addresses, \
count(DISTINCT model_hash) AS models FROM exchange GROUP BY account";

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// Columns in line, for people.
    Table,
    /// One JSON array of objects.
    Json,
    /// A header and rows, as RFC 4180 has them.
    Csv,
}

/// Runs a query over the tables `exchange` and `account` of a data directory and writes its rows. Nothing can be
/// changed by a query, and no other files can be read.
///
/// # Errors
/// [`Error::Columns`] where the directory holds no exchanges, the query is wrong, or `out` cannot be written;
/// [`Error::Engine`] where it fails while it runs.
pub fn query(data_dir: &Path, sql: &str, workers: usize, format: RowFormat, out: &mut dyn Write) -> Result<(), Error> {
    if !columns::is_columnar(data_dir)? {
        return Err(Error::usage(format!(
            "{} holds no exchanges (ingest logs first: stillwatch ingest LOGS --data-dir {})",
            data_dir.display(),
            data_dir.display()
        )));
    }
    let _readers = columns::reading(data_dir);
    columns::check_listing(data_dir)?;
    let engine = Engine::new(workers)?;
    let context = engine.session();
    register_exchanges(&context, &[columns::exchanges_below(data_dir)])?;
    engine.block_on(context.sql(ACCOUNT_VIEW))?;
    let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let rows = engine.block_on(context.sql_with_options(sql, read_only)).map_err(|error| {
        Error::usage(format!("the query cannot be run: {error} (stillwatch sql --help lists the tables and columns)"))
    })?;
    let batches = engine.block_on(rows.collect())?;
    write_rows(&batches, format, out)
        .map_err(|error| columns::Error::write(Path::new("standard output"))(std::io::Error::other(error)).into())
}

fn write_rows(batches: &[RecordBatch], format: RowFormat, out: &mut dyn Write) -> Result<(), ArrowError> {
    match format {
        RowFormat::Json => {
            let mut writer = ArrayWriter::new(&mut *out);
            writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
            writer.finish()?;
            writeln!(out)?;
        }
        RowFormat::Csv => {
            for row in cells(batches, csv_cell)? {
                writeln!(out, "{}", row.join(","))?;
            }
        }
        RowFormat::Table => {
            let rows = cells(batches, |text, _| printable(text))?;
            let columns = rows.first().map_or(0, Vec::len);
            let width = |column: usize| {
                rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
            };
            let widths: Vec<usize> = (0..columns).map(width).collect();
            for row in rows {
                let line: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
                writeln!(out, "{}", line.join("  ").trim_end())?;
            }
        }
    }
    Ok(())
}

/// The header and the rows as text; `escape` is given a cell and whether it is a number or a time.
fn cells(batches: &[RecordBatch], escape: impl Fn(&str, bool) -> String) -> Result<Vec<Vec<String>>, ArrowError> {
    let options = FormatOptions::default();
    let mut rows = Vec::new();
    for batch in batches {
        let schema = batch.schema();
        if rows.is_empty() {
            rows.push(schema.fields().iter().map(|field| escape(field.name(), false)).collect());
        }
        let formatters: Vec<(ArrayFormatter<'_>, bool)> = batch
            .columns()
            .iter()
            .map(|column| {
                let is_plain = column.data_type().is_numeric() || matches!(column.data_type(), DataType::Timestamp(..));
                Ok((ArrayFormatter::try_new(column, &options)?, is_plain))
            })
            .collect::<Result<_, ArrowError>>()?;
        for row in 0..batch.num_rows() {
            let cell = |(formatter, is_plain): &(ArrayFormatter<'_>, bool)| {
                escape(&formatter.value(row).to_string(), *is_plain)
            };
            rows.push(formatters.iter().map(cell).collect());
        }
    }
    Ok(rows)
}

/// A text without control characters, which are written by whoever wrote the log.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A cell of a CSV file. A text that a spreadsheet would take for a formula gets an apostrophe before it.
fn csv_cell(text: &str, is_plain: bool) -> String {
    let is_formula = !is_plain && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::ArrayRef;
    use arrow::array::Int64Array;
    use arrow::array::StringArray;

    use super::*;

    fn written(format: RowFormat) -> String {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("=1+1"), Some("a,\"b\"\u{1b}[2J"), None]));
        let counts: ArrayRef = Arc::new(Int64Array::from(vec![-1, 20, 3]));
        let batch = RecordBatch::try_from_iter([("account", names), ("exchanges", counts)]).unwrap();
        let mut out = Vec::new();
        write_rows(&[batch], format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_formula_or_a_control_byte_of_a_log_does_nothing() {
        assert_eq!(written(RowFormat::Csv), "account,exchanges\n'=1+1,-1\n\"a,\"\"b\"\"\u{1b}[2J\",20\n,3\n");
        let table = written(RowFormat::Table);
        assert!(!table.contains('\u{1b}') && table.contains("=1+1"), "{table}");
        let json: serde_json::Value = serde_json::from_str(&written(RowFormat::Json)).unwrap();
        assert_eq!(json[0]["account"], "=1+1");
        assert_eq!(json[1]["exchanges"], 20);
    }
}
