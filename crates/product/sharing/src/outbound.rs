//! What was shared as STIX, kept for those of the group who fetch it.

use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::guard::Guard;
use crate::ids;
use crate::stored;
use crate::tlp::Tlp;

/// The folder in a data directory.
const FOLDER: &str = "outbound";

/// A bundle that was let leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// The group that it is for.
    pub with: String,
    /// When it was let leave.
    pub at: String,
    /// Its marking.
    pub tlp: Tlp,
    /// The bundle.
    pub bundle: Value,
}

/// Keeps a bundle that [`Guard::pass`] let leave.
///
/// # Errors
/// [`crate::ErrorKind::Io`].
pub fn publish(data_dir: &Path, outbound: &Outbound) -> Result<(), Error> {
    let folder = data_dir.join(FOLDER);
    columns::durable::make_private(&folder).map_err(Error::io(&folder))?;
    let id = outbound.bundle.get("id").and_then(Value::as_str).unwrap_or_default();
    let name = ids::named(&ids::own(), format!("{}\u{1f}{id}", outbound.with.trim()).as_bytes());
    let file = folder.join(format!("{name}.json"));
    let bytes = serde_json::to_vec(outbound).map_err(Error::bug)?;
    columns::durable::replace(&file, &bytes).map_err(Error::io(&file))
}

/// The objects that a group may fetch, each with the moment at which it was let leave. What is marked more narrowly than the group
/// may see by now is not among them.
///
/// # Errors
/// [`crate::ErrorKind::Io`] where a file cannot be read or is damaged: nothing is shown then.
pub fn published(data_dir: &Path, group: &str) -> Result<Vec<(String, Value)>, Error> {
    let guard = Guard::open(data_dir)?;
    let Some(known) = guard.groups().get(group) else { return Ok(Vec::new()) };
    let mut objects = Vec::new();
    for outbound in stored::all::<Outbound>(&data_dir.join(FOLDER), "remove it, and export again")? {
        if outbound.with.trim() != group || outbound.tlp > known.up_to || outbound.tlp == Tlp::Red {
            continue;
        }
        if let Some(list) = outbound.bundle.get("objects").and_then(Value::as_array) {
            objects.extend(list.iter().map(|object| (outbound.at.clone(), object.clone())));
        }
    }
    Ok(objects)
}

/// The id of a group's collection.
#[must_use]
pub fn collection_id(group: &str) -> String {
    ids::named(&ids::own(), format!("collection\u{1f}{group}").as_bytes())
}
