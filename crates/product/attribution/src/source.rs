//! Sources of outside facts, and how many of them are independent.
//!
//! Two sources that draw on one are one, and so are two of one publisher. What is left are groups of sources, of which each
//! can be wrong by itself. That count is what a claim may rest on, and not the number of pages that repeat it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::error::ErrorKind;

/// What a claim is worth at most, in a hundred, while one independent source stands behind it.
pub const ONE_SOURCE_CAP: u32 = 70;
/// The longest text of a source, in bytes.
const MAX_TEXT: usize = 2_000;
/// The most sources that one source can name.
const MAX_CITES: usize = 64;

/// How near a source is to what it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Who did it, or a register: a filing, an announcement of its own, own records.
    Primary,
    /// A news wire or a regulator.
    Wire,
    /// The specialist press.
    Specialist,
    /// Anything else.
    Other,
}

impl Tier {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Primary, Self::Wire, Self::Specialist, Self::Other];

    /// Its name, as in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Wire => "wire",
            Self::Specialist => "specialist",
            Self::Other => "other",
        }
    }
}

/// Where an outside fact comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name among the sources of one file or case.
    pub id: String,
    /// A URL, or another citation by which a reader finds it.
    pub citation: String,
    /// Who publishes it.
    pub publisher: String,
    /// How near it is.
    pub tier: Tier,
    /// When it was published: a date, or RFC 3339.
    pub at: String,
    /// Names of the sources that it derives from. They need not be known here.
    #[serde(default)]
    pub cites: Vec<String>,
}

impl Source {
    /// Says what is not well formed, if anything.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] with the fix.
    pub fn check(&self) -> Result<(), Error> {
        let no = |text: String| Err(Error::new(ErrorKind::Source, text));
        let Self { id, citation, publisher, at, cites, .. } = self;
        for (name, text) in [("id", id), ("citation", citation), ("publisher", publisher)] {
            if text.trim().is_empty() || text.len() > MAX_TEXT {
                return no(format!("the {name} of a source is 1 to {MAX_TEXT} bytes (source {id:?})"));
            }
        }
        if cites.len() > MAX_CITES || cites.iter().any(|cited| cited.is_empty() || cited.len() > MAX_TEXT) {
            return no(format!("source {id:?} cites at most {MAX_CITES} others, each by its id"));
        }
        if cites.contains(id) {
            return no(format!("source {id:?} cites itself (leave that out)"));
        }
        match self.at_second() {
            Some(_) => Ok(()),
            None => no(format!("source {id:?}: {at:?} is no time (write 2026-05-01 or 2026-05-01T12:00:00Z)")),
        }
    }

    /// When it was published, in seconds since 1970. A date alone is its midnight in UTC.
    #[must_use]
    pub fn at_second(&self) -> Option<i64> {
        let midnight = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        let moment = self.at.parse::<Timestamp>().ok().or_else(|| self.at.parse::<Date>().ok().and_then(midnight))?;
        Some(moment.as_second())
    }
}

/// What stands behind a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Independent sources for it.
    pub independent: usize,
    /// Independent sources against it.
    pub contradicted_by: usize,
    /// The nearest tier among those for it.
    pub best_tier: Option<Tier>,
    /// What it is worth at most, in a hundred.
    pub cap: u32,
    /// In words.
    pub words: String,
    /// How the claim spread, the earliest first.
    pub timeline: Vec<Told>,
}

/// One step of how a claim spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// When.
    pub at: String,
    /// The source.
    pub source: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its tier.
    pub tier: Tier,
    /// Whether it contradicts the claim.
    pub against: bool,
    /// The earlier source of the same claim that it is no more than a repetition of.
    pub repeats: Option<String>,
}

/// Judges the sources for and against one claim. `all` are those that are known, by which chains of citations are followed.
#[must_use]
pub fn standing(supporting: &[&Source], against: &[&Source], all: &[&Source]) -> Standing {
    let (pro, contra) = (groups(supporting, all), groups(against, all));
    let independent = pro.len();
    let mut timeline: Vec<(i64, Told)> = Vec::new();
    for (groups, against) in [(&pro, false), (&contra, true)] {
        for group in groups {
            let first = group.first().map(|source| source.id.clone());
            timeline.extend(group.iter().map(|source| {
                let repeats = first.clone().filter(|first| *first != source.id);
                let Source { id, publisher, tier, at, .. } = (*source).clone();
                let told = Told { at, source: id, publisher, tier, against, repeats };
                (source.at_second().unwrap_or(i64::MAX), told)
            }));
        }
    }
    timeline.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.source.cmp(&other.source)));
    let cap = match independent {
        0 => 0,
        1 => ONE_SOURCE_CAP,
        _ => 100,
    };
    Standing {
        independent,
        contradicted_by: contra.len(),
        best_tier: supporting.iter().map(|source| source.tier).min(),
        cap,
        words: in_words(independent, supporting.len(), contra.len()),
        timeline: timeline.into_iter().map(|(_, told)| told).collect(),
    }
}

fn in_words(independent: usize, given: usize, against: usize) -> String {
    let mut words = match independent {
        0 => "no source".to_owned(),
        1 => format!("ONE independent source (of {given}): worth at most {ONE_SOURCE_CAP} of 100"),
        _ => format!("{independent} independent sources (of {given})"),
    };
    if against > 0 {
        words.push_str(&format!("; CONTRADICTED by {against}, and not counted"));
    }
    words
}

/// Sources in groups that are independent of each other, each sorted by time: those that share an origin or a publisher are
/// in one group.
fn groups<'s>(sources: &[&'s Source], all: &[&'s Source]) -> Vec<Vec<&'s Source>> {
    let known: BTreeMap<&str, &Source> = all.iter().map(|source| (source.id.as_str(), *source)).collect();
    let mut groups: Vec<(Vec<String>, Vec<&Source>)> = Vec::new();
    for source in sources {
        let mut marks = origins(source, &known);
        let mut members = vec![*source];
        groups.retain(|(theirs, their_members)| {
            let is_apart = theirs.iter().all(|mark| !marks.contains(mark));
            if !is_apart {
                marks.extend(theirs.iter().cloned());
                members.extend(their_members);
            }
            is_apart
        });
        groups.push((marks, members));
    }
    let mut sorted: Vec<Vec<&Source>> = groups.into_iter().map(|(_, members)| members).collect();
    for members in &mut sorted {
        members.sort_by_key(|source| (source.at_second().unwrap_or(i64::MAX), source.id.as_str()));
        members.dedup_by_key(|source| source.id.as_str());
    }
    sorted.sort_by_key(|members| members.first().map(|first| first.id.as_str()));
    sorted
}

/// What a source has in common with those that are not independent of it: its publisher, itself, and whatever it derives
/// from, at any remove.
fn origins(source: &Source, known: &BTreeMap<&str, &Source>) -> Vec<String> {
    let mut marks = vec![format!("publisher {}", source.publisher.trim().to_lowercase())];
    let mut waiting = vec![source.id.as_str()];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(id) = waiting.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        marks.push(format!("source {id}"));
        if let Some(cited) = known.get(id) {
            waiting.extend(cited.cites.iter().map(String::as_str));
        }
    }
    // A source that was not among the known ones is followed for one step at least.
    marks.extend(source.cites.iter().map(|cited| format!("source {cited}")));
    marks
}
