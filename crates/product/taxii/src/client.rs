//! The questions of a client.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::DISCOVERY;
use crate::error::Error;
use crate::error::ErrorKind;

/// The most answers that are asked for.
const MAX_ANSWERS: usize = 2_000;
/// The objects that one answer is asked for.
const PAGE: usize = 1_000;

/// What is fetched from where.
#[derive(Debug, Clone, Default)]
pub struct Place<'a> {
    /// The path of discovery; the standard's where there is none.
    pub discovery: Option<&'a str>,
    /// The scheme and authority of the server, such as `https://sharing.example.com:8491`: API roots elsewhere are passed over.
    pub origin: &'a str,
    /// The one collection; all that may be read where there is none.
    pub collection: Option<&'a str>,
    /// Only what was added after this moment.
    pub added_after: Option<&'a str>,
    /// The most bytes of all answers.
    pub most_bytes: usize,
}

/// What was fetched.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// Titles of the collections.
    pub collections: Vec<String>,
    /// Objects, in the order in which they came.
    pub objects: Vec<Value>,
    /// API roots of other servers, which were not asked.
    pub passed_over: Vec<String>,
}

/// Asks a server for everything that it shows. `ask` gets a path, and gives the body of its answer.
///
/// # Errors
/// Those of `ask`; [`ErrorKind::Malformed`]; [`ErrorKind::TooMuch`].
pub fn fetch(ask: &mut dyn FnMut(&str) -> Result<Vec<u8>, Error>, place: &Place<'_>) -> Result<Fetched, Error> {
    let mut asking = Asking { ask, answers: 0, bytes: 0, most_bytes: place.most_bytes };
    let discovery = asking.json(place.discovery.unwrap_or(DISCOVERY))?;
    let mut fetched = Fetched::default();
    let roots = discovery.get("api_roots").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for root in roots.iter().filter_map(Value::as_str) {
        match path_of(root, place.origin) {
            Some(path) => of_root(&mut asking, path.trim_end_matches('/'), place, &mut fetched)?,
            None => fetched.passed_over.push(root.to_owned()),
        }
    }
    Ok(fetched)
}

/// The path of an API root on the same server.
fn path_of<'a>(root: &'a str, origin: &str) -> Option<&'a str> {
    let path = root.strip_prefix(origin.trim_end_matches('/')).unwrap_or(root);
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
    (path.starts_with('/') && !path.starts_with("//") && is_plain).then_some(path)
}

fn of_root(asking: &mut Asking<'_>, root: &str, place: &Place<'_>, fetched: &mut Fetched) -> Result<(), Error> {
    let known = asking.json(&format!("{root}/collections/"))?;
    let known = known.get("collections").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for collection in known {
        let text = |name: &str| collection.get(name).and_then(Value::as_str);
        let Some(id) = text("id").filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        else {
            return Err(Error::new(ErrorKind::Malformed, "a collection has an id that is none"));
        };
        let is_wanted = place.collection.is_none_or(|wanted| wanted == id);
        if is_wanted && collection.get("can_read").and_then(Value::as_bool) == Some(true) {
            fetched.collections.push(text("title").unwrap_or(id).to_owned());
            of_collection(asking, &format!("{root}/collections/{id}/objects/"), place, &mut fetched.objects)?;
        }
    }
    Ok(())
}

fn of_collection(
    asking: &mut Asking<'_>,
    path: &str,
    place: &Place<'_>,
    objects: &mut Vec<Value>,
) -> Result<(), Error> {
    let after = place.added_after.map_or_else(String::new, |after| format!("&added_after={}", encoded(after)));
    let (mut next, mut seen) = (String::new(), BTreeSet::new());
    loop {
        let mut page = asking.json(&format!("{path}?limit={PAGE}{after}{next}"))?;
        if let Some(Value::Array(list)) = page.get_mut("objects").map(Value::take) {
            objects.extend(list);
        }
        if page.get("more").and_then(Value::as_bool) != Some(true) {
            return Ok(());
        }
        let token = page.get("next").and_then(Value::as_str).filter(|token| seen.insert((*token).to_owned()));
        let Some(token) = token else {
            let text = "the server says that there is more, and not where (ask whoever runs it)";
            return Err(Error::new(ErrorKind::Malformed, text));
        };
        next = format!("&next={}", encoded(token));
    }
}

struct Asking<'a> {
    ask: &'a mut dyn FnMut(&str) -> Result<Vec<u8>, Error>,
    answers: usize,
    bytes: usize,
    most_bytes: usize,
}

impl Asking<'_> {
    fn json(&mut self, path: &str) -> Result<Value, Error> {
        let bytes = (self.ask)(path)?;
        (self.answers, self.bytes) = (self.answers + 1, self.bytes + bytes.len());
        if self.answers > MAX_ANSWERS || self.bytes > self.most_bytes {
            let text = format!(
                "the server gave more than {} bytes or {MAX_ANSWERS} answers (fetch one collection, or what was added after a day)",
                self.most_bytes
            );
            return Err(Error::new(ErrorKind::TooMuch, text));
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::new(ErrorKind::Malformed, format!("{path}: the answer is no JSON: {error}")))
    }
}

/// A value as a part of a query.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
