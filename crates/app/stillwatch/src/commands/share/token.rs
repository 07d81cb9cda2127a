//! Tokens that other providers show.

use std::path::Path;

use axum::http::HeaderMap;
use axum::http::header;

use crate::exit::Failure;
use crate::files;

/// The shortest token.
const LEAST: usize = 16;

/// The token of a file.
pub fn read(path: &Path) -> Result<String, Failure> {
    let told = |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: {error}", path.display()));
    let text = files::text(path).map_err(|error| told(&error))?;
    let text = text.trim();
    match text.len() >= LEAST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err(told(&format!("a token is {LEAST} visible signs or more (openssl rand -hex 32)"))),
    }
}

/// Whether a request has a token. How long that takes says nothing of where they differ.
pub fn has(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| taxii::password(value.to_str().ok()?));
    given.is_some_and(|given| {
        let pairs = given.bytes().zip(token.bytes());
        given.len() == token.len() && pairs.fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    })
}
