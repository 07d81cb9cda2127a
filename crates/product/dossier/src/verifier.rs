//! The page that checks an archive in a browser: a second implementation of the check, in plain JavaScript.
//!
//! Its sources are in `web/`. They share no code with this crate, and nothing in them was generated from it, so that a mistake in
//! one is found by the other. What both must agree on is in `fixtures/vectors.json`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;
use sha2::Sha256;

/// The name of the page in an archive.
pub const PAGE: &str = "verify.html";

/// The script, in the order in which its parts need each other.
const SCRIPT: [&str; 7] = [
    include_str!("../web/bytes.js"),
    include_str!("../web/json.js"),
    include_str!("../web/ledger.js"),
    include_str!("../web/records.js"),
    include_str!("../web/claims.js"),
    include_str!("../web/verify.js"),
    include_str!("../web/page.js"),
];
const STYLE: &str = include_str!("../web/verify.css");
const BODY: &str = include_str!("../web/page.html");

/// The page, in one file: it may run its own script and style, which are named by their hashes, and may reach nothing else.
#[must_use]
pub fn verifier_page() -> String {
    let script = format!("\n(() => {{\n'use strict';\n{}}})();\n", SCRIPT.join("\n"));
    let style = format!("\n{STYLE}");
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(&style)
    );
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Check a case archive</title>\n<style>{style}</style>\n</head>\n{BODY}<script>{script}</script>\n</html>\n"
    )
}
