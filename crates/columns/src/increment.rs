//! Profile increments: what was folded already, so that a hunt need not read its logs again.
//!
//! ```text
//! DIR/profile/v1/span=hour/day=2026-06-05/shard=03/part-<digest>.parquet    a row an account and hour
//! DIR/profile/v1/span=day/day=2026-06-04/shard=03/part-<digest>.parquet     a row an account
//! DIR/profile/v1/span=block/day=2026-05-27/shard=03/part-<digest>.parquet   the same, of eight days from that one
//! ```
//!
//! A part says by its name of which rows it was made: the digest is the sum of those of its exchange files, which are
//! sums over rows. A part by the hour is made of one file, and has its digest. A part whose digest is that of the exchanges beside it is fresh; one beside which there are no
//! exchanges any more stands for them. Nothing else is believed: no time of a file, no list of what was done.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Error;
use crate::store::Partition;
use crate::store::day_name;
use crate::store::exchanges_below;
use crate::store::files_below;

/// Version of the layout and of what a row holds, in the path.
pub const INCREMENT_VERSION: u32 = 1;

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
    /// The file.
    pub path: PathBuf,
}

impl Part {
    /// The place of a part below a data directory.
    #[must_use]
    pub fn place(root: &Path, span: Span, partition: Partition, digest: u64) -> PathBuf {
        let folder = profiles_below(root).join(format!("span={}", span.name())).join(partition.folder());
        folder.join(format!("part-{digest:016x}.parquet"))
    }

    fn of_file(path: PathBuf) -> Option<Self> {
        let name = path.iter().find_map(|name| name.to_str()?.strip_prefix("span="))?;
        let span = Span::ALL.into_iter().find(|span| span.name() == name)?;
        let (partition, digest) = (Partition::of_file(&path)?, digest_of(&path)?);
        Some(Self { span, partition, digest, path })
    }
}

/// The table of increments below a data directory.
#[must_use]
pub fn profiles_below(root: &Path) -> PathBuf {
    root.join("profile").join(format!("v{INCREMENT_VERSION}"))
}

/// The digest in a file's name.
fn digest_of(path: &Path) -> Option<u64> {
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

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

impl Window {
    /// Whether it has nothing of some days from `day` on.
    fn misses(self, day: i64, days: i64) -> bool {
        self.since_us.is_some_and(|since| (day + days) * DAY_US <= since)
            || self.until_us.is_some_and(|until| day * DAY_US >= until)
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
        for file in files_below(&exchanges_below(root))? {
            match (Partition::of_file(&file), digest_of(&file)) {
                (Some(partition), Some(digest)) => {
                    held.exchanges.entry(partition).or_default().files.push(ExchangeFile { path: file, digest });
                }
                _ => held.loose.push(file),
            }
        }
        held.parts = files_below(&profiles_below(root))?.into_iter().filter_map(Part::of_file).collect();
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
        let gone = |part: &Part| self.digest(shard, part.partition.day, part.span.days()).is_none();
        for part in Span::ALL.into_iter().flat_map(fresh).filter(|part| gone(part)) {
            let day = part.partition.day;
            let is_read = |day| covered.contains(&day) || folded.contains(&(day, part.digest));
            if (day..day + part.span.days()).any(|day| !window.misses(day, 1) && !is_read(day)) {
                return Err(Error::Usage(format!(
                    "the window cuts {}, which covers {} days from {}, and its exchanges are gone (let --since and --until be \
                     midnight UTC at its edges)",
                    part.path.display(),
                    part.span.days(),
                    day_name(day),
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

/// Moves a part in its place and removes those that it replaces.
///
/// # Errors
/// [`Error::Write`].
pub fn settle(made: &Path, place: &Path, replaced: &[PathBuf]) -> Result<(), Error> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
    }
    fs::rename(made, place).map_err(Error::write(place))?;
    for path in replaced.iter().filter(|path| *path != place) {
        fs::remove_file(path).map_err(Error::write(path))?;
    }
    Ok(())
}
