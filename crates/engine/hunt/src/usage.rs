//! How much each account used, and what for: what a backtest of rules plays again.
//!
//! Read from the exchanges of a data directory. Days of which only increments are left tell no request, and are not counted.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::BooleanArray;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::types::TimestampMicrosecondType;
use columns::Holdings;
use columns::Table;
use record::time::DAY_US;
use workers::Phase;
use workers::Progress;
use workers::check;
use workers::try_parallel_map;

use crate::batch::integers;
use crate::batch::other_type;
use crate::error::Error;
use crate::fold::BATCH_ROWS;

/// What a group of exchanges has in common, apart from its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked {
    /// Two-letter code of the place of the network, in capitals.
    pub country: Option<[u8; 2]>,
    /// Whether log probabilities or logit biases were asked for.
    pub logprobs: bool,
    /// Whether they came as an order in bulk.
    pub batch: bool,
}

/// Exchanges and their tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Exchanges.
    pub exchanges: u64,
    /// Tokens read and written.
    pub tokens: u64,
}

/// What one account used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountUsage {
    /// By what was asked for.
    pub by_ask: BTreeMap<Asked, Amount>,
    /// Exchanges of its busiest day, in UTC.
    pub busiest_day: u64,
}

/// What all accounts of a data directory used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedUsage {
    /// By account.
    pub accounts: BTreeMap<String, AccountUsage>,
    /// Days from the first exchange to the last, both counted; zero where there is none.
    pub days: u64,
}

/// Exchanges of one account, and of each of its days.
#[derive(Debug, Default)]
struct Part {
    by_ask: HashMap<Asked, Amount>,
    by_day: BTreeMap<i64, u64>,
}

/// Reads what the accounts of a data directory used.
///
/// # Errors
/// [`Error`] where there is no data directory, or a file cannot be read.
pub fn read_usage(data_dir: &Path, workers: usize, progress: &dyn Progress) -> Result<RecordedUsage, Error> {
    if !columns::is_columnar(data_dir)? {
        let told = format!("{} is no data directory (make one with `stillwatch ingest`)", data_dir.display());
        return Err(Error::usage(told));
    }
    let held = Holdings::read(data_dir)?;
    let mut by_day: BTreeMap<i64, Vec<PathBuf>> = BTreeMap::new();
    // Files in no partition may hold any day.
    by_day.entry(i64::MIN).or_default().extend(held.loose);
    for (partition, exchanges) in held.exchanges {
        by_day.entry(partition.day).or_default().extend(exchanges.files.into_iter().map(|file| file.path));
    }
    let mut all = RecordedUsage::default();
    let bytes =
        |files: &[PathBuf]| -> u64 { files.iter().map(|file| fs::metadata(file).map_or(0, |data| data.len())).sum() };
    progress.begin(Phase::Read, Some(by_day.values().map(|files| bytes(files)).sum()));
    let mut done = 0;
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for files in by_day.values() {
        check(progress)?;
        let mut together: HashMap<String, Part> = HashMap::new();
        for (account, part) in try_parallel_map(files, workers, |file| read(file))?.into_iter().flatten() {
            together.entry(account).or_default().add(part);
        }
        for (account, part) in together {
            let usage = all.accounts.entry(account).or_default();
            for (asked, amount) in part.by_ask {
                usage.by_ask.entry(asked).or_default().add(amount);
            }
            usage.busiest_day = usage.busiest_day.max(part.by_day.values().copied().max().unwrap_or(0));
            first = first.min(part.by_day.keys().next().copied().unwrap_or(first));
            last = last.max(part.by_day.keys().next_back().copied().unwrap_or(last));
        }
        done += bytes(files);
        progress.advance(done, 0);
    }
    all.days = if last < first { 0 } else { last.abs_diff(first) + 1 };
    Ok(all)
}

impl Amount {
    fn add(&mut self, other: Self) {
        self.exchanges = self.exchanges.saturating_add(other.exchanges);
        self.tokens = self.tokens.saturating_add(other.tokens);
    }
}

impl Part {
    fn add(&mut self, other: Self) {
        for (asked, amount) in other.by_ask {
            self.by_ask.entry(asked).or_default().add(amount);
        }
        for (day, exchanges) in other.by_day {
            *self.by_day.entry(day).or_default() += exchanges;
        }
    }
}

fn read(file: &Path) -> Result<HashMap<String, Part>, Error> {
    let names = [
        "account",
        "at",
        "country",
        "endpoint",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "input_tokens",
        "output_tokens",
    ];
    let table = Table::open(file)?.with_dictionary("account")?;
    let mut parts = HashMap::new();
    for batch in table.read(0..table.row_groups(), &names, BATCH_ROWS)? {
        count(&batch?, &mut parts).map_err(|reason| table.failed(reason))?;
    }
    Ok(parts)
}

fn count(batch: &RecordBatch, parts: &mut HashMap<String, Part>) -> Result<(), String> {
    let accounts = batch.column_by_name("account").and_then(|column| column.as_dictionary_opt::<Int32Type>());
    let accounts = accounts.ok_or_else(|| other_type("account"))?;
    let names = accounts.values().as_string_opt::<i32>().ok_or_else(|| other_type("account"))?;
    let times = batch.column_by_name("at").and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
    let times = times.ok_or_else(|| other_type("at"))?;
    let (countries, endpoints) = (texts(batch, "country")?, texts(batch, "endpoint")?);
    let logprobs: &BooleanArray = batch
        .column_by_name("logprobs")
        .and_then(|column| column.as_boolean_opt())
        .ok_or_else(|| other_type("logprobs"))?;
    let (top, bias) = (integers(batch, "top_logprobs")?, integers(batch, "logit_bias")?);
    let (input, output) = (integers(batch, "input_tokens")?, integers(batch, "output_tokens")?);
    let number = |column: &arrow_array::Int64Array, row: usize| {
        if column.is_valid(row) { u64::try_from(column.value(row)).unwrap_or(0) } else { 0 }
    };
    for (row, key) in accounts.keys().iter().enumerate() {
        let Some(key) = key.and_then(|key| usize::try_from(key).ok()).filter(|key| *key < names.len()) else {
            continue;
        };
        let name = names.value(key);
        let asked = Asked {
            country: if countries.is_valid(row) { code(countries.value(row)) } else { None },
            logprobs: (logprobs.is_valid(row) && logprobs.value(row)) || number(top, row) > 0 || number(bias, row) > 0,
            batch: endpoints.is_valid(row) && endpoints.value(row).contains("batch"),
        };
        let part = match parts.get_mut(name) {
            Some(part) => part,
            None => parts.entry(name.to_owned()).or_default(),
        };
        let tokens = number(input, row).saturating_add(number(output, row));
        part.by_ask.entry(asked).or_default().add(Amount { exchanges: 1, tokens });
        *part.by_day.entry(times.value(row).div_euclid(DAY_US)).or_default() += 1;
    }
    Ok(())
}

/// A place's code; `None` where the log has something else.
fn code(text: &str) -> Option<[u8; 2]> {
    let code: [u8; 2] = text.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|byte| byte.to_ascii_uppercase()))
}

fn texts<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b StringArray, String> {
    batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>()).ok_or_else(|| other_type(name))
}
