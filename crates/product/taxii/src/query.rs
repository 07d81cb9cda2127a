//! What a request asks for of a collection.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::collection::Collection;
use crate::collection::Held;
use crate::collection::moment;

/// The most objects of one answer.
pub const MOST: usize = 1_000;

/// The filters of a request.
#[derive(Debug, Default)]
pub struct Query<'q> {
    added_after: Option<String>,
    limit: Option<usize>,
    next: Option<(&'q str, &'q str, &'q str)>,
    ids: Option<BTreeSet<&'q str>>,
    kinds: Option<BTreeSet<&'q str>>,
    versions: Option<BTreeSet<&'q str>>,
    is_other_standard: bool,
}

/// A part of a collection.
pub struct Page<'c> {
    pub objects: Vec<&'c Held>,
    /// Where the next part begins.
    pub next: Option<String>,
}

impl<'q> Query<'q> {
    /// Reads the parameters of a request; others than the standard's are passed over.
    pub fn read(parameters: &'q [(String, String)]) -> Result<Self, String> {
        let mut query = Self::default();
        for (name, value) in parameters {
            let list = || Some(value.split(',').map(str::trim).filter(|one| !one.is_empty()).collect());
            match name.as_str() {
                "added_after" => {
                    let told = || format!("added_after={value} is no time (write 2026-05-01T00:00:00Z)");
                    query.added_after = Some(moment(value).ok_or_else(told)?);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| *limit > 0);
                    query.limit = Some(limit.ok_or_else(|| format!("limit={value} is no number above 0"))?);
                }
                "next" => {
                    let mut parts = value.splitn(3, '~');
                    let place = parts.next().zip(parts.next()).zip(parts.next());
                    let ((added, id), version) = place.ok_or("next is not what a page gave")?;
                    query.next = Some((added, id, version));
                }
                "match[id]" => query.ids = list(),
                "match[type]" => query.kinds = list(),
                "match[version]" => query.versions = list(),
                "match[spec_version]" => query.is_other_standard = !value.split(',').any(|one| one.trim() == "2.1"),
                _ => {}
            }
        }
        Ok(query)
    }

    /// Asks for one object, whatever the parameters say of ids and types.
    pub fn of_object(&mut self, id: &'q str) {
        (self.ids, self.kinds) = (Some(BTreeSet::from([id])), None);
    }

    /// Asks for all versions where nothing is said of them.
    pub fn all_versions(&mut self) {
        self.versions = Some(BTreeSet::from(["all"]));
    }

    /// The part of a collection.
    pub fn page<'c>(&self, collection: &'c Collection) -> Page<'c> {
        if self.is_other_standard {
            return Page { objects: Vec::new(), next: None };
        }
        let is_asked = |held: &&Held| {
            self.ids.as_ref().is_none_or(|ids| ids.contains(held.id.as_str()))
                && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(held.kind.as_str()))
        };
        let asked: Vec<&Held> = collection.objects.iter().filter(is_asked).collect();
        let mut ends: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        for held in &asked {
            let (first, last) = ends.entry(&held.id).or_insert((&held.version, &held.version));
            (*first, *last) = ((*first).min(&held.version), (*last).max(&held.version));
        }
        let is_version = |held: &&Held| match (&self.versions, ends.get(held.id.as_str())) {
            (Some(wanted), Some((first, last))) => {
                wanted.contains("all")
                    || wanted.contains(held.version.as_str())
                    || (wanted.contains("first") && held.version == *first)
                    || (wanted.contains("last") && held.version == *last)
            }
            (None, Some((_, last))) => held.version == *last,
            (_, None) => false,
        };
        let is_after = |held: &&Held| {
            self.added_after.as_ref().is_none_or(|after| held.added > *after)
                && self.next.is_none_or(|place| held.place() > place)
        };
        let mut rest = asked.into_iter().filter(is_version).filter(is_after);
        let objects: Vec<&Held> = rest.by_ref().take(self.limit.unwrap_or(MOST).min(MOST)).collect();
        let has_more = rest.next().is_some();
        let last = objects.last().filter(|_| has_more);
        let next = last.map(|held| format!("{}~{}~{}", held.added, held.id, held.version));
        Page { objects, next }
    }
}
