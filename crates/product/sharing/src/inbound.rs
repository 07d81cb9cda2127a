//! What others share with us.
//!
//! It is read as what it is: bytes of somebody else. Nothing in it is followed, run or shown as markup. What is understood are
//! values in our own form; everything else is counted by kind. It is kept apart from what this deployment saw, it is shown
//! beside it, and it accuses nobody.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use columns::Secret;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::content::keyed_hash;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::guard::name;
use crate::ids;
use crate::indicator::IndicatorKind;
use crate::stored;
use crate::tlp::Tlp;

/// The longest file that is read, in bytes.
pub const MAX_BYTES: usize = 32 << 20;
/// The most objects or attributes of one file.
const MAX_OBJECTS: usize = 200_000;
/// The longest pattern that is looked at.
const MAX_PATTERN: usize = 4_096;
/// The folder in a data directory.
const FOLDER: &str = "inbound";

/// A value that somebody shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Told {
    /// What it is.
    pub kind: IndicatorKind,
    /// Its hash under the group's key.
    pub keyed_hash: String,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Who sent it, as whoever imports it says.
    pub from: String,
    /// When it was imported.
    pub at: String,
    /// The narrowest marking in it; amber where nothing is marked.
    pub tlp: Tlp,
    /// Values, each once, sorted.
    pub indicators: Vec<Told>,
    /// What was not understood, by kind.
    pub passed_over: BTreeMap<String, u64>,
}

/// Reads a STIX bundle or a MISP event.
///
/// # Errors
/// [`ErrorKind::Malformed`] that says what it is not.
pub fn parse(from: &str, at: &str, bytes: &[u8]) -> Result<Inbound, Error> {
    let malformed = |text: String| Error::new(ErrorKind::Malformed, text);
    if bytes.len() > MAX_BYTES {
        return Err(malformed(format!("it is longer than {MAX_BYTES} bytes (import it in parts)")));
    }
    let document: Value =
        serde_json::from_slice(bytes).map_err(|error| malformed(format!("it is no JSON: {error}")))?;
    let mut found = Found::default();
    if document.get("type").and_then(Value::as_str) == Some("bundle") {
        let objects = document.get("objects").and_then(Value::as_array);
        let objects = objects.ok_or_else(|| malformed("a STIX bundle has a list `objects`".to_owned()))?;
        check_count(objects.len())?;
        objects.iter().for_each(|object| found.stix(object));
    } else if let Some(event) = document.get("Event").and_then(Value::as_object) {
        let list = |name: &str| event.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let (attributes, tags) = (list("Attribute"), list("Tag"));
        check_count(attributes.len() + tags.len())?;
        attributes.iter().for_each(|attribute| found.misp(attribute));
        tags.iter().filter_map(|tag| Tlp::of(tag.get("name")?.as_str()?)).for_each(|tlp| found.mark(tlp));
    } else {
        return Err(malformed("it is neither a STIX 2.1 bundle nor a MISP event".to_owned()));
    }
    Ok(Inbound {
        from: name(from)?,
        at: at.to_owned(),
        tlp: found.tlp.unwrap_or(Tlp::Amber),
        indicators: found.indicators.into_iter().collect(),
        passed_over: found.passed_over,
    })
}

fn check_count(objects: usize) -> Result<(), Error> {
    match objects {
        0..=MAX_OBJECTS => Ok(()),
        _ => Err(Error::new(
            ErrorKind::Malformed,
            format!("it has {objects} objects, more than {MAX_OBJECTS} (import it in parts)"),
        )),
    }
}

#[derive(Default)]
struct Found {
    indicators: BTreeSet<Told>,
    passed_over: BTreeMap<String, u64>,
    tlp: Option<Tlp>,
}

impl Found {
    fn stix(&mut self, object: &Value) {
        let marks = object.get("object_marking_refs").and_then(Value::as_array);
        for id in marks.into_iter().flatten().filter_map(Value::as_str) {
            match Tlp::of_marking(id) {
                Some(tlp) => self.mark(tlp),
                None => self.pass("unknown marking"),
            }
        }
        match object.get("type").and_then(Value::as_str) {
            Some("indicator") if object.get("revoked").and_then(Value::as_bool) == Some(true) => self.pass("revoked"),
            Some("indicator") => {
                let pattern = object.get("pattern").and_then(Value::as_str).filter(|text| text.len() <= MAX_PATTERN);
                match pattern.and_then(of_pattern) {
                    Some(told) => drop(self.indicators.insert(told)),
                    None => self.pass("indicator with another pattern"),
                }
            }
            Some("marking-definition") => {}
            Some(kind) if KNOWN.contains(&kind) => self.pass(kind),
            _ => self.pass("unknown type"),
        }
    }

    fn misp(&mut self, attribute: &Value) {
        let tags = attribute.get("Tag").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        tags.iter().filter_map(|tag| Tlp::of(tag.get("name")?.as_str()?)).for_each(|tlp| self.mark(tlp));
        match attribute.get("value").and_then(Value::as_str).and_then(of_attribute) {
            Some(told) => drop(self.indicators.insert(told)),
            None => self.pass("attribute with another value"),
        }
    }

    /// What was marked most narrowly holds for all of it.
    fn mark(&mut self, tlp: Tlp) {
        self.tlp = self.tlp.max(Some(tlp));
    }

    fn pass(&mut self, kind: &str) {
        *self.passed_over.entry(kind.to_owned()).or_default() += 1;
    }
}

/// Types that are counted by their names. Others are counted together, so that nobody fills the counts with names of theirs.
const KNOWN: [&str; 19] = [
    "attack-pattern",
    "campaign",
    "course-of-action",
    "grouping",
    "identity",
    "infrastructure",
    "intrusion-set",
    "location",
    "malware",
    "malware-analysis",
    "note",
    "observed-data",
    "opinion",
    "relationship",
    "report",
    "sighting",
    "threat-actor",
    "tool",
    "vulnerability",
];

/// The value of a pattern of our form; `None` for every other pattern.
fn of_pattern(pattern: &str) -> Option<Told> {
    let rest = pattern.trim().strip_prefix("[x-stillwatch-observable:kind = '")?;
    let (kind, rest) = rest.split_once('\'')?;
    let hash = rest.strip_prefix(" AND x-stillwatch-observable:keyed_hash = '")?.strip_suffix("']")?;
    told(kind, hash)
}

fn of_attribute(value: &str) -> Option<Told> {
    let (kind, hash) = value.strip_prefix("stillwatch:")?.split_once(':')?;
    told(kind, hash)
}

fn told(kind: &str, hash: &str) -> Option<Told> {
    let kind = IndicatorKind::of(kind)?;
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then(|| Told { kind, keyed_hash: hash.to_owned() })
}

/// Keeps what came in, in the data directory. The same again from the same sender replaces itself.
///
/// # Errors
/// [`ErrorKind::Io`].
pub fn keep(data_dir: &Path, inbound: &Inbound) -> Result<(), Error> {
    let folder = data_dir.join(FOLDER);
    columns::durable::make_private(&folder).map_err(Error::io(&folder))?;
    let content = serde_json::to_vec(&(&inbound.from, &inbound.indicators)).map_err(Error::bug)?;
    let file = folder.join(format!("{}.json", ids::named(&ids::own(), &content)));
    let bytes = serde_json::to_vec_pretty(inbound).map_err(Error::bug)?;
    columns::durable::replace(&file, &bytes).map_err(Error::io(&file))
}

/// All that came in.
///
/// # Errors
/// [`ErrorKind::Io`] where a file cannot be read or is damaged.
pub fn kept(data_dir: &Path) -> Result<Vec<Inbound>, Error> {
    stored::all(&data_dir.join(FOLDER), "import it again")
}

/// How many accounts of a set, and of all others, have a value that somebody shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Matches {
    /// Distinct values that were met.
    pub values: usize,
    /// Accounts of the set that have one.
    pub inside: usize,
    /// Accounts of the set with a record.
    pub inside_of: usize,
    /// Other accounts that have one.
    pub outside: usize,
    /// Other accounts with a record.
    pub outside_of: usize,
}

/// Compares what came in with account records.
#[must_use]
pub fn matches(inbound: &Inbound, accounts: &BTreeSet<String>, records: &[record::Account], key: &Secret) -> Matches {
    let known: BTreeSet<(IndicatorKind, &str)> =
        inbound.indicators.iter().map(|told| (told.kind, told.keyed_hash.as_str())).collect();
    let mut met: BTreeSet<(IndicatorKind, String)> = BTreeSet::new();
    let mut matches = Matches::default();
    for record in records {
        let held = IndicatorKind::ALL.into_iter().filter_map(|kind| {
            let hash = keyed_hash(key, kind, kind.value_of(record)?);
            known.contains(&(kind, hash.as_str())).then_some((kind, hash))
        });
        let held: Vec<_> = held.collect();
        let (has, of) = match accounts.contains(&record.account) {
            true => (&mut matches.inside, &mut matches.inside_of),
            false => (&mut matches.outside, &mut matches.outside_of),
        };
        *has += usize::from(!held.is_empty());
        *of += 1;
        met.extend(held);
    }
    matches.values = met.len();
    matches
}
