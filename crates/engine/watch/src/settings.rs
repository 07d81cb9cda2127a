//! What the engine is told: one TOML file.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use campaign::Schedule;
use record::Format;
use serde::Deserialize;

use crate::error::Error;

/// The largest configuration that is read, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// What the engine is told. Paths are relative to the folder of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The data directory; made if needed.
    pub data_dir: PathBuf,
    /// Folder for the results of the last sweep, as those of a hunt.
    pub found: PathBuf,
    /// File for the verdict snapshot that gates read.
    pub snapshot: PathBuf,
    /// Where HTTP is listened to; nowhere if it is not there. Port 0 takes a free one.
    #[serde(default)]
    pub listen: Option<SocketAddr>,
    /// What is acknowledged survives: a stop of the program in every mode, of the machine in the others than `buffer`.
    #[serde(default)]
    pub durability: Durability,
    /// Bounds of memory and disk.
    #[serde(default)]
    pub limits: Limits,
    /// When and how groups are assessed.
    #[serde(default)]
    pub sweep: Sweep,
    /// Files and folders that are followed.
    #[serde(default)]
    pub follow: Vec<Follow>,
    /// Maps of foreign logs: which attribute or column is which field.
    #[serde(default)]
    pub maps: Vec<PathBuf>,
    /// Keeps keys, end users and addresses as they are, and not as keyed hashes.
    #[serde(default)]
    pub keep_identifiers: bool,
}

/// When an exchange is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Durability {
    /// When the system has it: survives a stop of the program.
    Buffer,
    /// When the disk has it; the disk is asked at most every so many milliseconds, for all that came.
    Group {
        /// Milliseconds.
        every_ms: u64,
    },
    /// When the disk has it; the disk is asked at once.
    Each,
}

impl Default for Durability {
    fn default() -> Self {
        Self::Group { every_ms: 10 }
    }
}

/// Bounds of memory and disk.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The longest body of a request, packed as it is, in bytes.
    pub body_bytes: usize,
    /// The longest body of a request unpacked, in bytes.
    pub unpacked_bytes: usize,
    /// Requests that are read at a time; others are told to come again.
    pub requests: usize,
    /// Bytes of a file of the write-ahead log.
    pub segment_bytes: u64,
    /// Bytes of the whole log, beyond which senders are told to come again.
    pub log_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 << 20,
            unpacked_bytes: 64 << 20,
            requests: 8,
            segment_bytes: 64 << 20,
            log_bytes: 4 << 30,
        }
    }
}

/// When and how groups are assessed.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sweep {
    /// Seconds between two sweeps.
    pub every_s: u64,
    /// Days of exchanges that are assessed, back from the newest one.
    pub window_days: u32,
    /// Files of account records.
    pub accounts: Vec<String>,
    /// Traffic of trusted benign accounts.
    pub reference: Vec<String>,
    /// Their account records.
    pub reference_accounts: Vec<String>,
    /// Files of honest groups.
    pub bank: Vec<PathBuf>,
    /// Files of enforcement acts.
    pub actions: Vec<String>,
    /// A list of e-mail domains that give addresses away for minutes.
    pub disposable_domains: Option<PathBuf>,
    /// A list of numbers of hosting and proxy networks.
    pub hosting_asns: Option<PathBuf>,
    /// Seconds between two ticks: accounts that match a campaign since the last sweep are published.
    pub tick_s: u64,
    /// At most how often an honest newcomer matches a campaign between two sweeps.
    pub match_rate: f64,
    /// At most how often an honest new account may be asked for verification for what its registration shares with a campaign.
    pub signup_rate: f64,
    /// Accounts that match since the last sweep, from which the next sweep comes early.
    pub early_after: u64,
    /// Hours since a group was first formed, or had doubled, at which its evidence is read, so that a rate holds over all sweeps;
    /// where there are none, each sweep keeps the rates by itself.
    pub looks_h: Vec<u32>,
    /// Rate of false discoveries for action.
    pub fdr: f64,
    /// Rate for investigation.
    pub fdr_suspected: f64,
}

impl Default for Sweep {
    fn default() -> Self {
        Self {
            every_s: 600,
            window_days: 60,
            accounts: Vec::new(),
            reference: Vec::new(),
            reference_accounts: Vec::new(),
            bank: Vec::new(),
            actions: Vec::new(),
            disposable_domains: None,
            hosting_asns: None,
            tick_s: 2,
            match_rate: 0.001,
            signup_rate: 0.01,
            early_after: 20,
            looks_h: vec![0],
            fdr: 0.01,
            fdr_suspected: 0.1,
        }
    }
}

impl Sweep {
    /// When the evidence of a group is read.
    pub(crate) fn schedule(&self) -> Result<Option<Schedule>, Error> {
        let schedule = (!self.looks_h.is_empty()).then(|| Schedule::of_hours(&self.looks_h)).transpose();
        schedule.map_err(|error| Error::usage(format!("looks_h = {:?}: {error}", self.looks_h)))
    }
}

/// Files that are followed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// A file, a folder, a glob, or a URL of objects.
    pub path: String,
    /// The format of what is in it; found from the content where it is not there.
    #[serde(default)]
    pub format: Option<String>,
    /// Whether lines are read as they come, or files as a whole once they have not changed for a while.
    #[serde(default)]
    pub read: How,
    /// Seconds for which a file must not have changed before it is read as a whole.
    #[serde(default = "settled_s")]
    pub settled_s: u64,
}

const fn settled_s() -> u64 {
    10
}

/// How a followed file is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By what its name ends with.
    #[default]
    Auto,
    /// Lines, as they come.
    Lines,
    /// As a whole.
    Whole,
}

impl Follow {
    /// The format, where one is named.
    pub(crate) fn format(&self) -> Result<Option<Format>, Error> {
        let Some(name) = self.format.as_deref().filter(|name| *name != "auto") else { return Ok(None) };
        name.parse().map(Some).map_err(|error| Error::usage(format!("format of follow {:?}: {error}", self.path)))
    }
}

impl Settings {
    /// Reads a configuration.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Usage`] with the line and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = record::read_text_file(path, MAX_BYTES).map_err(Error::file(path))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(|error| Error::usage(format!("{}: {error}", path.display())))
    }

    /// Reads a configuration from its text; `folder` is what its paths are relative to.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Error> {
        let mut settings: Self = toml::from_str(text).map_err(|error| Error::usage(error.to_string()))?;
        settings.check()?;
        settings.place(folder);
        Ok(settings)
    }

    /// Makes paths relative to a folder.
    fn place(&mut self, folder: &Path) {
        let sweep = &mut self.sweep;
        let paths = [&mut self.data_dir, &mut self.found, &mut self.snapshot].into_iter().chain(&mut self.maps);
        let lists = sweep.disposable_domains.iter_mut().chain(&mut sweep.hosting_asns).chain(&mut sweep.bank);
        paths.chain(lists).for_each(|path| *path = folder.join(&path));
        let inputs = [&mut sweep.accounts, &mut sweep.reference, &mut sweep.reference_accounts, &mut sweep.actions];
        let inputs = inputs.into_iter().flatten().chain(self.follow.iter_mut().map(|follow| &mut follow.path));
        for input in inputs.filter(|input| !input.contains("://")) {
            *input = folder.join(&input).display().to_string();
        }
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(listen) = self.listen.filter(|listen| !listen.ip().is_loopback()) {
            return Err(Error::usage(format!(
                "listen = \"{listen}\" can be reached from other machines, and this listener has no keys (use 127.0.0.1, and put \
                 what checks keys before it)"
            )));
        }
        let Limits { body_bytes, unpacked_bytes, requests, segment_bytes, log_bytes } = self.limits;
        let limits = [
            ("body_bytes", body_bytes as u64, 1, 128 << 20),
            ("unpacked_bytes", unpacked_bytes as u64, 1, 128 << 20),
            ("requests", requests as u64, 1, 1024),
            ("segment_bytes", segment_bytes, 1 << 16, 1 << 30),
            ("log_bytes", log_bytes, segment_bytes, u64::MAX),
            ("every_s", self.sweep.every_s, 1, 30 * 86_400),
            ("tick_s", self.sweep.tick_s, 1, 3600),
            ("window_days", u64::from(self.sweep.window_days), 1, 3660),
        ];
        if let Some((name, value, least, most)) =
            limits.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value))
        {
            return Err(Error::usage(format!("{name} = {value} is not between {least} and {most}")));
        }
        for (name, rate, none) in [
            ("match_rate", self.sweep.match_rate, "matches nobody"),
            ("signup_rate", self.sweep.signup_rate, "asks nobody for verification"),
        ] {
            if !(0.0..=0.1).contains(&rate) {
                return Err(Error::usage(format!("{name} = {rate} is not between 0 and 0.1 (0 {none})")));
            }
        }
        self.sweep.schedule()?;
        if let Durability::Group { every_ms } = self.durability
            && !(1..=10_000).contains(&every_ms)
        {
            return Err(Error::usage(format!("every_ms = {every_ms} is not between 1 and 10000")));
        }
        self.follow.iter().try_for_each(|follow| follow.format().map(drop))
    }
}
