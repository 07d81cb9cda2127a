//! Profile increments: what was folded already, so that a hunt need not read its logs again.
//!
//! ```text
//! DIR/profile/v3/span=hour/day=2026-06-05/shard=03/part-<digest>.parquet    a row an account and hour
//! DIR/profile/v3/span=day/day=2026-06-04/shard=03/part-<digest>.parquet     a row an account
//! DIR/profile/v3/span=block/day=2026-05-27/shard=03/part-<digest>-<days>.parquet   the same, of eight days
//! ```
//!
//! A part says by its name of which rows it was made: the digest is the sum of those of its exchange files, which are
//! sums over rows. A part by the hour is made of one file, and has its digest. A part whose digest is that of the exchanges beside it is fresh; one beside which there are no
//! exchanges any more stands for them. Nothing else is believed: no time of a file, no list of what was done.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::new_null_array;
use arrow_schema::DataType;
use arrow_schema::Field;
use arrow_schema::Schema;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::basic::ZstdLevel;
use parquet::file::properties::EnabledStatistics;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use record::time::DAY_US;
use record::time::HOUR_US;

use crate::error::Error;
use crate::layout::INCREMENT_VERSION;
use crate::layout::exchanges_below;
use crate::layout::profiles_below;
use crate::store::Partition;
use crate::store::day_name;
use crate::store::table_files;

/// Days of a block. Blocks begin at days since 1970 that are multiples of it.
pub const BLOCK_DAYS: i64 = 8;

/// How long a part's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// A row an account and hour.
    Hour,
    /// A row an account.
    Day,
    /// A row an account, of [`BLOCK_DAYS`] days.
    Block,
}

impl Span {
    const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Block];

    const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Block => "block",
        }
    }

    /// Days that a part covers.
    #[must_use]
    pub const fn days(self) -> i64 {
        match self {
            Self::Hour | Self::Day => 1,
            Self::Block => BLOCK_DAYS,
        }
    }
}

/// A file of increments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// How long its rows are.
    pub span: Span,
    /// Its shard, and its (first) day.
    pub partition: Partition,
    /// The sum of the digests of the exchange files that it was made of.
    pub digest: u64,
    /// Of which of its days there was anything, the first in the lowest bit.
    pub days: u8,
    /// The file.
    pub path: PathBuf,
}

impl Part {
    /// Where it belongs below a data directory.
    #[must_use]
    pub fn place(&self, root: &Path) -> PathBuf {
        let folder = profiles_below(root).join(format!("span={}", self.span.name())).join(self.partition.folder());
        folder.join(match self.span {
            Span::Hour | Span::Day => format!("part-{:016x}.parquet", self.digest),
            Span::Block => format!("part-{:016x}-{:02x}.parquet", self.digest, self.days),
        })
    }

    fn of_file(path: PathBuf) -> Option<Self> {
        let name = path.iter().find_map(|name| name.to_str()?.strip_prefix("span="))?;
        let span = Span::ALL.into_iter().find(|span| span.name() == name)?;
        let partition = Partition::of_file(&path)?;
        let name = path.file_stem()?.to_str()?.strip_prefix("part-")?;
        let (digest, days) = match (span, name.split_once('-')) {
            (Span::Block, Some((digest, days))) => (digest, u8::from_str_radix(days, 16).ok()?),
            (Span::Block, None) | (_, Some(_)) => return None,
            (_, None) => (name, 1),
        };
        Some(Self { span, partition, digest: u64::from_str_radix(digest, 16).ok()?, days, path })
    }

    /// The days of which there is anything in it.
    pub fn own_days(&self) -> impl Iterator<Item = i64> + '_ {
        (0..self.span.days()).filter(|day| self.days >> day & 1 == 1).map(|day| self.partition.day + day)
    }
}

/// The digest in a file's name.
pub(crate) fn digest_of(path: &Path) -> Option<u64> {
    let name = path.file_stem()?.to_str()?.strip_prefix("part-")?;
    u64::from_str_radix(name, 16).ok()
}

/// A file of exchanges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeFile {
    /// The file.
    pub path: PathBuf,
    /// The digest of its rows.
    pub digest: u64,
}

/// The exchange files of one day and shard.
#[derive(Debug, Clone, Default)]
pub struct Exchanges {
    /// The files, sorted.
    pub files: Vec<ExchangeFile>,
}

impl Exchanges {
    /// The sum of the files' digests: that of all their rows, however they are cut into files.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.wrapping_add(file.digest))
    }
}

/// What a data directory holds.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// Exchange files by day and shard.
    pub exchanges: BTreeMap<Partition, Exchanges>,
    /// Exchange files in no partition, or with names that are not ours: they are read, and never folded ahead.
    pub loose: Vec<PathBuf>,
    /// Increments by shard and (first) day.
    pub parts: Vec<Part>,
}

/// What is to be read of a data directory for a window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Exchange files; only what is inside the window counts of them.
    pub exchanges: Vec<PathBuf>,
    /// Increments that lie inside the window, every row of them.
    pub whole: Vec<PathBuf>,
    /// Increments by the hour; only the hours inside the window count of them.
    pub hours: Vec<PathBuf>,
}

/// A window in whole days and, inside its first and last one, in hours.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// First moment, microseconds since 1970; open if `None`.
    pub since_us: Option<i64>,
    /// End, which is not in it; open if `None`.
    pub until_us: Option<i64>,
}

impl Window {
    /// Whether a moment is in it.
    #[must_use]
    pub fn holds(self, at_us: i64) -> bool {
        self.since_us.is_none_or(|since| at_us >= since) && self.until_us.is_none_or(|until| at_us < until)
    }

    /// Whether any moment from `first_us` to `last_us` may be in it.
    #[must_use]
    pub fn meets(self, first_us: i64, last_us: i64) -> bool {
        self.since_us.is_none_or(|since| last_us >= since) && self.until_us.is_none_or(|until| first_us < until)
    }

    /// Whether it has nothing of some days from `day` on.
    fn misses(self, day: i64, days: i64) -> bool {
        !self.meets(day * DAY_US, (day + days) * DAY_US - 1)
    }

    /// Whether it has all of some days from `day` on.
    fn covers(self, day: i64, days: i64) -> bool {
        self.since_us.is_none_or(|since| day * DAY_US >= since)
            && self.until_us.is_none_or(|until| (day + days) * DAY_US <= until)
    }

    /// Whether it begins and ends at whole hours.
    fn is_hourly(self) -> bool {
        [self.since_us, self.until_us].into_iter().flatten().all(|edge| edge.rem_euclid(HOUR_US) == 0)
    }
}

impl Holdings {
    /// Lists a data directory.
    ///
    /// # Errors
    /// [`Error::Table`] where it cannot be listed.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let mut held = Self::default();
        for file in table_files(root, &exchanges_below(root))? {
            match (Partition::of_file(&file), digest_of(&file)) {
                (Some(partition), Some(digest)) => {
                    held.exchanges.entry(partition).or_default().files.push(ExchangeFile { path: file, digest });
                }
                _ => held.loose.push(file),
            }
        }
        held.parts = table_files(root, &profiles_below(root))?.into_iter().filter_map(Part::of_file).collect();
        held.parts.sort();
        Ok(held)
    }

    /// The digest of a shard's exchanges of some days; `None` where there are none.
    fn digest(&self, shard: u8, day: i64, days: i64) -> Option<u64> {
        let of = |day| self.exchanges.get(&Partition { day, shard }).map(Exchanges::digest);
        (day..day + days).filter_map(of).reduce(u64::wrapping_add)
    }

    /// Whether a part was made of just the exchanges that are beside it, or stands for ones that are gone.
    #[must_use]
    pub fn is_fresh(&self, part: &Part) -> bool {
        let Partition { day, shard } = part.partition;
        match (part.span, self.exchanges.get(&part.partition)) {
            (Span::Hour, Some(exchanges)) => exchanges.files.iter().any(|file| file.digest == part.digest),
            _ => self.digest(shard, day, part.span.days()).is_none_or(|digest| digest == part.digest),
        }
    }

    /// Whether there are no exchanges any more of a day that a part is of.
    fn is_gone(&self, part: &Part, day: i64) -> bool {
        !self.exchanges.contains_key(&Partition { day, shard: part.partition.shard })
    }

    /// Whether a part is all that is left of every one of its days.
    #[must_use]
    pub fn is_all_that_is_left(&self, part: &Part) -> bool {
        part.own_days().all(|day| self.is_gone(part, day))
    }

    /// Forgets increments whose exchanges are all here, so that these are read. One of which some exchanges are gone stays:
    /// it is read, or told by [`Holdings::reading`].
    pub fn prefer_exchanges(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        self.parts = parts.into_iter().filter(|part| part.own_days().any(|day| self.is_gone(part, day))).collect();
    }

    /// All shards of exchanges and increments.
    fn shards(&self) -> BTreeSet<u8> {
        let exchanges = self.exchanges.keys().map(|partition| partition.shard);
        exchanges.chain(self.parts.iter().map(|part| part.partition.shard)).collect()
    }

    /// What is to be read for a window, shard by shard: the longest fresh increments that lie in it, and exchanges for
    /// the rest.
    ///
    /// # Errors
    /// [`Error::Usage`] where an increment whose exchanges are gone is cut by the window.
    pub fn reading(&self, window: Window) -> Result<BTreeMap<u8, Reading>, Error> {
        self.shards().into_iter().map(|shard| Ok((shard, self.reading_of(shard, window)?))).collect()
    }

    fn reading_of(&self, shard: u8, window: Window) -> Result<Reading, Error> {
        let mut reading = Reading::default();
        let fresh = |span| {
            let own = self.parts.iter().filter(move |part| part.partition.shard == shard && part.span == span);
            own.filter(|part| self.is_fresh(part) && !window.misses(part.partition.day, part.span.days()))
        };
        // The longest first; of what a longer one covers, nothing else is read.
        let mut covered: BTreeSet<i64> = BTreeSet::new();
        for part in fresh(Span::Block).chain(fresh(Span::Day)) {
            let Partition { day, .. } = part.partition;
            let days = day..day + part.span.days();
            if days.clone().all(|day| !covered.contains(&day)) && window.covers(day, part.span.days()) {
                reading.whole.push(part.path.clone());
                covered.extend(days);
            }
        }
        // An hour's part goes with one file of exchanges.
        let mut folded: BTreeSet<(i64, u64)> = BTreeSet::new();
        for part in fresh(Span::Hour).filter(|part| !covered.contains(&part.partition.day)) {
            let day = part.partition.day;
            match (window.covers(day, 1), window.is_hourly()) {
                (true, _) => reading.whole.push(part.path.clone()),
                (false, true) => reading.hours.push(part.path.clone()),
                (false, false) => continue,
            }
            folded.insert((day, part.digest));
        }
        for (Partition { day, .. }, exchanges) in self.exchanges.iter().filter(|(at, _)| at.shard == shard) {
            if !covered.contains(day) && !window.misses(*day, 1) {
                let unread = exchanges.files.iter().filter(|file| !folded.contains(&(*day, file.digest)));
                reading.exchanges.extend(unread.map(|file| file.path.clone()));
            }
        }
        // What only a part stands for is read, or told.
        for part in self.parts.iter().filter(|part| part.partition.shard == shard) {
            let is_read = |day| covered.contains(&day) || folded.contains(&(day, part.digest));
            if part.own_days().any(|day| !window.misses(day, 1) && self.is_gone(part, day) && !is_read(day)) {
                let why = if self.is_fresh(part) {
                    "the window cuts it (let --since and --until be midnight UTC at its edges)"
                } else {
                    "others of its exchanges have changed (run stillwatch fold, or bring the exchanges back)"
                };
                return Err(Error::Usage(format!(
                    "{} stands for exchanges that are gone, of {} days from {}, and {why}",
                    part.path.display(),
                    part.span.days(),
                    day_name(part.partition.day),
                )));
            }
        }
        Ok(reading)
    }

    /// The exchange files that have no part by the hour yet.
    pub fn unfolded(&self, partition: Partition) -> impl Iterator<Item = &ExchangeFile> {
        let files = self.exchanges.get(&partition).into_iter().flat_map(|exchanges| &exchanges.files);
        files.filter(move |file| {
            !self
                .parts
                .iter()
                .any(|part| part.span == Span::Hour && part.partition == partition && part.digest == file.digest)
        })
    }
}

/// The columns of increments: `hour` is null but in those by the hour.
#[must_use]
pub fn increment_schema() -> SchemaRef {
    let ids = DataType::List(Arc::new(Field::new("item", DataType::Int64, false)));
    let metadata = [(VERSION_KEY.to_owned(), INCREMENT_VERSION.to_string())].into();
    let fields = vec![
        Field::new("hour", DataType::Int64, true),
        Field::new("account", DataType::Utf8, false),
        Field::new("profile", DataType::LargeBinary, false),
        Field::new("ids", ids, false),
    ];
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// Key of the version in a file's metadata.
const VERSION_KEY: &str = "stillwatch.profile.version";

/// Writes rows of increments, with those of the columns `hour`, `account`, `profile` and `ids` that they have.
///
/// # Errors
/// [`Error::Write`]; [`Error::Bug`] where the columns are others.
pub fn write_increments(path: &Path, batches: &[RecordBatch]) -> Result<(), Error> {
    // Hashes do not compress, and are most of it.
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP));
    for name in ["profile", "ids.list.item"] {
        let column = ColumnPath::new(name.split('.').map(str::to_owned).collect());
        properties = properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_statistics_enabled(column.clone(), EnabledStatistics::None)
            .set_column_compression(column, Compression::UNCOMPRESSED);
    }
    let schema = increment_schema();
    let file = File::create_new(path).map_err(Error::write(path))?;
    let failed = |error: parquet::errors::ParquetError| Error::write(path)(io::Error::other(error.to_string()));
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties.build())).map_err(failed)?;
    for batch in batches {
        let columns = schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Arc::clone(column),
            None => new_null_array(field.data_type(), batch.num_rows()),
        });
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect())
            .map_err(|error| Error::Bug(error.to_string()))?;
        writer.write(&batch).map_err(failed)?;
    }
    let file = writer.into_inner().map_err(failed)?;
    file.sync_all().map_err(Error::write(path))
}

/// Rows of a row group: a profile is some kilobytes.
const ROW_GROUP: usize = 16 * 1024;
