//! The exchanges of a world in order of time, and who is who.

use std::collections::HashMap;
use std::fs;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use record::time::parse_time_us;
use serde::Deserialize;

use crate::error::Error;
use crate::line::Line;
use crate::line::Turn;

/// The exchanges of a world in order of time: where each is in a file, since a large world does not fit into memory.
#[derive(Debug)]
pub struct Script {
    file: File,
    cues: Vec<Cue>,
    campaigns: Vec<TrueCampaign>,
    of_account: HashMap<String, usize>,
}

/// When it is an exchange's turn, and where it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cue {
    pub at_us: i64,
    offset: u64,
    bytes: u32,
}

#[derive(Debug, Deserialize)]
struct Truth {
    campaigns: Vec<TrueCampaign>,
}

/// A campaign of the world.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TrueCampaign {
    pub name: String,
    pub level: String,
    #[serde(default)]
    accounts: Vec<String>,
}

impl Script {
    /// Reads the world in a folder, and unpacks its exchanges beside it.
    ///
    /// # Errors
    /// [`Error`] where a file of the world is missing or damaged, or there is nothing to play.
    pub fn open(world: &Path) -> Result<Self, Error> {
        let (packed, plain) = (world.join("exchanges.jsonl.zst"), world.join("played.jsonl"));
        let source = File::open(&packed).map_err(Error::file(&packed))?;
        let mut lines = BufReader::new(zstd::Decoder::new(source).map_err(Error::file(&packed))?);
        let mut out = BufWriter::new(File::create(&plain).map_err(Error::file(&plain))?);
        let (mut cues, mut line, mut offset, mut number) = (Vec::new(), Vec::new(), 0_u64, 0_u64);
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line).map_err(Error::file(&packed))? == 0 {
                break;
            }
            number += 1;
            let turn: Turn = serde_json::from_slice(&line)
                .map_err(|error| Error::Malformed { path: format!("{}:{number}", packed.display()), error })?;
            out.write_all(&line).map_err(Error::file(&plain))?;
            let bytes = u32::try_from(line.len()).unwrap_or(u32::MAX);
            if let Some(at_us) = parse_time_us(&turn.at).filter(|_| !turn.is_shut_out()) {
                cues.push(Cue { at_us, offset, bytes });
            }
            offset += u64::from(bytes);
        }
        out.flush().map_err(Error::file(&plain))?;
        cues.sort_unstable_by_key(|cue| (cue.at_us, cue.offset));
        let (file, truth) = (File::open(&plain).map_err(Error::file(&plain))?, world.join("truth.json"));
        let Truth { campaigns } = serde_json::from_slice(&fs::read(&truth).map_err(Error::file(&truth))?)
            .map_err(|error| Error::Malformed { path: truth.display().to_string(), error })?;
        let of_account =
            campaigns.iter().enumerate().flat_map(|(at, one)| one.accounts.iter().map(move |id| (id.clone(), at)));
        let of_account = of_account.collect();
        if cues.is_empty() {
            return Err(Error::Empty);
        }
        Ok(Self { file, cues, campaigns, of_account })
    }

    /// When the first exchange is sent: microseconds since 1970.
    #[must_use]
    pub fn begins_us(&self) -> i64 {
        self.cues.first().map_or(0, |cue| cue.at_us)
    }

    /// When the last one is.
    #[must_use]
    pub fn ends_us(&self) -> i64 {
        self.cues.last().map_or(0, |cue| cue.at_us)
    }

    /// How many exchanges are sent.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.cues.len()
    }

    pub(crate) fn cues(&self) -> &[Cue] {
        &self.cues
    }

    pub(crate) fn campaigns(&self) -> &[TrueCampaign] {
        &self.campaigns
    }

    /// The campaign that an account is of.
    pub(crate) fn campaign_of(&self, account: &str) -> Option<usize> {
        self.of_account.get(account).copied()
    }

    /// Reads an exchange.
    pub(crate) fn line(&self, cue: Cue) -> Option<Line> {
        let mut bytes = vec![0; cue.bytes as usize];
        self.file.read_exact_at(&mut bytes, cue.offset).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}
