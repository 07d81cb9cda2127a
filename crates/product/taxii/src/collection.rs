//! A collection: objects in the order in which they were added.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

/// Objects that a caller may read.
#[derive(Debug, Clone)]
pub struct Collection {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// In the order of [`Held::place`].
    pub(crate) objects: Vec<Held>,
}

/// One version of an object.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub added: String,
    pub id: String,
    pub version: String,
    pub kind: String,
    pub value: Value,
}

impl Held {
    /// What orders objects: when they were added, and then anything that is always the same.
    pub fn place(&self) -> (&str, &str, &str) {
        (&self.added, &self.id, &self.version)
    }
}

impl Collection {
    /// A collection of objects, each with the moment at which it was added, RFC 3339. The same version of the same object counts
    /// once, from the first moment. What has no id, no type or no moment is left out.
    #[must_use]
    pub fn new(id: &str, title: &str, description: &str, added: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut versions: BTreeMap<(String, String), Held> = BTreeMap::new();
        for (at, value) in added {
            let Some(held) = moment(&at).and_then(|at| held(at, value)) else { continue };
            let key = (held.id.clone(), held.version.clone());
            let known = versions.get(&key);
            if known.is_none_or(|known| held.added < known.added) {
                versions.insert(key, held);
            }
        }
        let mut objects: Vec<Held> = versions.into_values().collect();
        objects.sort_by(|a, b| a.place().cmp(&b.place()));
        Self { id: id.to_owned(), title: title.to_owned(), description: description.to_owned(), objects }
    }

    /// Versions of objects in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

fn held(added: String, value: Value) -> Option<Held> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let version = text("modified").or_else(|| text("created")).unwrap_or_else(|| added.clone());
    Some(Held { id: text("id")?, kind: text("type")?, version, added, value })
}

/// A moment to the microsecond in UTC, so that the order of texts is the order of time.
pub(crate) fn moment(text: &str) -> Option<String> {
    let at: Timestamp = text.parse().ok()?;
    let whole = Timestamp::from_microsecond(at.as_microsecond()).ok()?;
    Some(format!("{whole:.6}"))
}
