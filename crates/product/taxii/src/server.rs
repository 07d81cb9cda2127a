//! The answers of a server that is only read.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::DISCOVERY;
use crate::MEDIA_TYPE;
use crate::STIX;
use crate::collection::Collection;
use crate::query::Page;
use crate::query::Query;

/// The one API root.
const ROOT: &str = "/sharing/";

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The decoded parameters.
    pub parameters: &'a [(String, String)],
    /// The header `Accept`.
    pub accept: Option<&'a str>,
}

/// An answer, whose media type is [`MEDIA_TYPE`].
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// When the first and the last object of it was added: the headers `X-TAXII-Date-Added-First` and `-Last`.
    pub added: Option<(String, String)>,
}

/// Answers a request of somebody who may see some collections, of which there is one each for what they belong to.
#[must_use]
pub fn answer(collections: &[Collection], request: &Request<'_>) -> Answer {
    if !request.accept.is_none_or(takes) {
        return refusal(406, "the media type is application/taxii+json;version=2.1");
    }
    let parts: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    match (request.method, parts.as_slice()) {
        ("GET", ["taxii2"]) => whole(json!({
            "title": "Stillwatch", "description": "Campaigns that are shared with a group.", "default": ROOT,
            "api_roots": [ROOT],
        })),
        // Nothing is taken, and the standard wants a number above zero.
        ("GET", ["sharing"]) => whole(json!({
            "title": "Shared campaigns", "versions": [MEDIA_TYPE], "max_content_length": 1,
        })),
        ("GET", ["sharing", "collections"]) => {
            let list: Vec<Value> = collections.iter().map(described).collect();
            whole(if list.is_empty() { json!({}) } else { json!({ "collections": list }) })
        }
        (method, ["sharing", "collections", id, rest @ ..]) => match collections.iter().find(|one| one.id == *id) {
            None => refusal(404, "there is no such collection, or it is not for you"),
            Some(collection) => of_collection(collection, method, rest, request.parameters),
        },
        ("GET", _) => refusal(404, &format!("there is nothing at this path (begin at {DISCOVERY})")),
        _ => refusal(405, "this server is only read"),
    }
}

fn of_collection(collection: &Collection, method: &str, rest: &[&str], parameters: &[(String, String)]) -> Answer {
    let mut query = match Query::read(parameters) {
        Ok(query) => query,
        Err(told) => return refusal(400, &told),
    };
    let has = |id: &str| collection.objects.iter().any(|held| held.id == id);
    match (method, rest) {
        ("GET", []) => whole(described(collection)),
        ("GET", ["objects"]) => objects(&query.page(collection)),
        ("GET", ["manifest"]) => manifest(&query.page(collection)),
        ("GET", ["objects", id, rest @ ..]) if has(id) => {
            query.of_object(id);
            match rest {
                [] => objects(&query.page(collection)),
                ["versions"] => {
                    query.all_versions();
                    versions(&query.page(collection))
                }
                _ => refusal(404, "there is nothing at this path"),
            }
        }
        ("POST", ["objects"]) | ("DELETE", ["objects", _]) => refusal(403, "this collection is only read"),
        ("GET", _) => refusal(404, "there is no such object"),
        _ => refusal(405, "this server is only read"),
    }
}

/// Whether a client takes what this server speaks.
fn takes(accept: &str) -> bool {
    accept.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let version = parts.find_map(|part| part.strip_prefix("version="));
        matches!(kind.as_str(), "application/taxii+json" | "application/*" | "*/*")
            && version.is_none_or(|version| version.trim_matches('"') == "2.1")
    })
}

fn described(collection: &Collection) -> Value {
    json!({
        "id": collection.id, "title": collection.title, "description": collection.description, "can_read": true,
        "can_write": false, "media_types": [STIX],
    })
}

fn whole(body: Value) -> Answer {
    Answer { status: 200, body, added: None }
}

fn objects(page: &Page<'_>) -> Answer {
    part(page, "objects", |held| held.value.clone())
}

fn manifest(page: &Page<'_>) -> Answer {
    part(
        page,
        "objects",
        |held| json!({ "id": held.id, "date_added": held.added, "version": held.version, "media_type": STIX }),
    )
}

fn versions(page: &Page<'_>) -> Answer {
    part(page, "versions", |held| json!(held.version))
}

fn part(page: &Page<'_>, name: &str, shown: impl Fn(&crate::collection::Held) -> Value) -> Answer {
    let mut body = Map::new();
    // An answer without objects has no list, says the standard.
    if !page.objects.is_empty() {
        body.insert("more".to_owned(), json!(page.next.is_some()));
        body.insert(name.to_owned(), page.objects.iter().map(|held| shown(held)).collect());
    }
    if let Some(next) = &page.next {
        body.insert("next".to_owned(), json!(next));
    }
    let added = page.objects.first().zip(page.objects.last());
    let added = added.map(|(first, last)| (first.added.clone(), last.added.clone()));
    Answer { status: 200, body: Value::Object(body), added }
}

/// An error message of the standard.
fn refusal(status: u16, title: &str) -> Answer {
    Answer { status, body: json!({ "title": title, "http_status": status.to_string() }), added: None }
}
