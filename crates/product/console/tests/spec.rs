//! The document of the API that is checked in is that of the types.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use std::fs;
use std::path::Path;

/// Set, the file is written instead: `UPDATE_OPENAPI=1 cargo test -p console --test spec`.
const UPDATE: &str = "UPDATE_OPENAPI";

#[test]
fn the_document_is_that_of_the_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = console::openapi().unwrap();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&file, &made).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == made,
        "openapi.json is not that of the types: {UPDATE}=1 cargo test -p console --test spec, and read the diff"
    );
    let document: serde_json::Value = serde_json::from_str(&made).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        let is_open = ["/healthz", "/readyz", "/api/v1/sessions"].contains(&path.as_str());
        for operation in item.as_object().unwrap().values() {
            let is_free = operation["security"].as_array().is_some_and(Vec::is_empty);
            assert_eq!(is_free, is_open, "{path} needs a token, or does not");
        }
    }
}
