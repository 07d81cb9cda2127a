//! The files of the page, in memory: from a folder, or as they were built into the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use axum::body::Body;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;

/// The file that stands for every place of the page.
const INDEX: &str = "index.html";
/// Below this, a name changes with what is in the file.
const HASHED: &str = "_app/immutable/";
/// The most files of a page.
const MAX_FILES: usize = 2_000;
/// The most bytes of a page, its compressed forms included.
const MAX_BYTES: usize = 64 << 20;

/// What is said where there is no page.
const ABSENT: &str = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Stillwatch</title></head>\n\
<body>\n<h1>Stillwatch</h1>\n<p>The API is here, and the page is not: this program was built without it. Build it with \
<code>cargo xtask console</code> and start <code>stillwatch serve</code> with <code>--console \
crates/product/console/web/build</code>.</p>\n<p>What the API offers: <code>docs/api.md</code>.</p>\n</body>\n</html>\n";

/// A file in the forms in which it is stored.
#[derive(Debug, Default)]
struct File {
    plain: Option<Bytes>,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

/// The files of the page.
#[derive(Debug)]
pub struct Site {
    files: BTreeMap<String, File>,
    policy: HeaderValue,
}

#[cfg(feature = "embed")]
#[derive(rust_embed::RustEmbed)]
#[folder = "web/build"]
#[allow_missing = true]
struct Built;

impl Site {
    /// The page in a folder, or else the one that was built into the program, if any was.
    ///
    /// # Errors
    /// [`Error`] where the folder cannot be read, or is too large to be a page.
    pub fn open(folder: Option<&Path>) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        match folder {
            Some(folder) => {
                let mut bytes = 0;
                read(folder, "", &mut files, &mut bytes)?;
            }
            None => built(&mut files),
        }
        let index = files.get(INDEX).and_then(|file| file.plain.clone()).unwrap_or_default();
        Ok(Self { policy: policy(&index)?, files })
    }

    /// Whether there is a page.
    pub fn is_there(&self) -> bool {
        self.files.get(INDEX).is_some_and(|file| file.plain.is_some())
    }

    /// The file of a path, or the page itself where the path is a place in it; `None` where it is neither.
    pub fn answer(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let name = path.trim_start_matches('/');
        let is_api = name == "api" || name.starts_with("api/") || name.starts_with("v1/");
        let last = name.rsplit('/').next().unwrap_or(name);
        // The last part of these is the name of something, which may have a full stop in it.
        let is_named = ["entities/", "appeals/", "budgets/", "rules/"].iter().any(|place| name.starts_with(place));
        let name = match self.files.contains_key(name) && name != INDEX {
            true => name,
            false if is_api || (last.contains('.') && !is_named) || name.starts_with("_app/") => return None,
            false => INDEX,
        };
        if name == INDEX && !self.is_there() {
            return Some(self.absent());
        }
        let file = self.files.get(name)?;
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
        let (bytes, encoding) = file.form(accepted)?;
        let mut response = Body::from(bytes).into_response();
        let told = response.headers_mut();
        if let Some(encoding) = encoding {
            told.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        told.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
        let cache = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        told.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        if name == INDEX {
            told.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        }
        Some(response)
    }

    fn absent(&self) -> Response {
        let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
        (StatusCode::OK, headers, ABSENT).into_response()
    }
}

impl File {
    /// The smallest form that is accepted.
    fn form(&self, accepted: &str) -> Option<(Bytes, Option<&'static str>)> {
        let accepts = |name: &str| {
            accepted.split(',').any(|one| {
                let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
                let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32));
                coding.trim().eq_ignore_ascii_case(name) && !refused
            })
        };
        let brotli = self.brotli.clone().filter(|_| accepts("br")).map(|bytes| (bytes, Some("br")));
        let gzip = || self.gzip.clone().filter(|_| accepts("gzip")).map(|bytes| (bytes, Some("gzip")));
        brotli.or_else(gzip).or_else(|| self.plain.clone().map(|bytes| (bytes, None)))
    }
}

/// Adds a file to its name's forms.
fn add(files: &mut BTreeMap<String, File>, name: &str, bytes: Bytes) {
    if let Some(name) = name.strip_suffix(".br") {
        files.entry(name.to_owned()).or_default().brotli = Some(bytes);
    } else if let Some(name) = name.strip_suffix(".gz") {
        files.entry(name.to_owned()).or_default().gzip = Some(bytes);
    } else {
        files.entry(name.to_owned()).or_default().plain = Some(bytes);
    }
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, File>, total: &mut usize) -> Result<(), Error> {
    let told = |error: std::io::Error| {
        Error::usage(format!("--console {}: {error} (make it: cargo xtask console)", folder.display()))
    };
    for entry in fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(told)?.is_dir() {
            read(&entry.path(), &format!("{name}/"), files, total)?;
            continue;
        }
        let bytes = fs::read(entry.path()).map_err(told)?;
        *total += bytes.len();
        if files.len() >= MAX_FILES || *total > MAX_BYTES {
            let text = format!("--console {} is too large to be the page (give web/build)", folder.display());
            return Err(Error::usage(text));
        }
        add(files, &name, bytes.into());
    }
    Ok(())
}

#[cfg(feature = "embed")]
fn built(files: &mut BTreeMap<String, File>) {
    for name in Built::iter() {
        if let Some(file) = Built::get(&name) {
            add(files, &name, file.data.into_owned().into());
        }
    }
}

#[cfg(not(feature = "embed"))]
fn built(_: &mut BTreeMap<String, File>) {}

/// What the page may do: load what is here, and run the script that is written in it, which its hash names.
fn policy(index: &[u8]) -> Result<HeaderValue, Error> {
    let text = String::from_utf8_lossy(index);
    let mut scripts = String::from("'self'");
    for part in text.split("<script").skip(1) {
        let Some((attributes, rest)) = part.split_once('>') else { continue };
        let Some((script, _)) = rest.split_once("</script>") else { continue };
        if !attributes.contains("src=") {
            scripts.push_str(&format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes()))));
        }
    }
    let policy = format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HeaderValue::from_str(&policy).map_err(|error| Error::usage(format!("the page cannot be served: {error}")))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Site) {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("_app/immutable");
        fs::create_dir_all(&below).unwrap();
        fs::write(folder.path().join("index.html"), "<script>start()</script><script src=\"/x.js\"></script>").unwrap();
        fs::write(folder.path().join("_app/version.json"), "{}").unwrap();
        for (name, text) in [("a.js", "plain"), ("a.js.gz", "gzip"), ("a.js.br", "brotli")] {
            fs::write(below.join(name), text).unwrap();
        }
        let site = Site::open(Some(folder.path())).unwrap();
        (folder, site)
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn files_are_given_in_the_form_that_is_accepted() {
        let (_folder, site) = site();
        for (accepted, encoding) in [
            ("gzip, deflate, br", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("", ""),
            ("identity, brx", ""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(accepted).unwrap());
            let answer = site.answer("/_app/immutable/a.js", &headers).unwrap();
            assert_eq!(header(&answer, "content-encoding"), encoding, "{accepted}");
            assert_eq!(header(&answer, "content-type"), "text/javascript; charset=utf-8");
            assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
        }
    }

    #[test]
    fn the_page_stands_for_its_places_and_for_nothing_else() {
        let (_folder, site) = site();
        let none = HeaderMap::new();
        for place in [
            "/",
            "/queue",
            "/campaigns/C-fecy91vc",
            "/index",
            "/appeals/C-fecy91vc.7",
            "/entities/ip/a.b",
            "/budgets/account/a.b",
            "/rules/ladder.prove",
        ] {
            let answer = site.answer(place, &none).unwrap();
            assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8", "{place}");
            assert_eq!(header(&answer, "cache-control"), "no-cache");
        }
        for other in ["/api", "/api/v1/none", "/v1/traces", "/gone.js", "/_app/immutable/b.js", "/_app/x", "/../a.txt"]
        {
            assert!(site.answer(other, &none).is_none(), "{other}");
        }
        assert_eq!(header(&site.answer("/_app/version.json", &none).unwrap(), "cache-control"), "no-cache");
    }

    #[test]
    fn only_the_script_that_is_written_in_the_page_may_run() {
        let (_folder, site) = site();
        let answer = site.answer("/", &HeaderMap::new()).unwrap();
        let policy = header(&answer, "content-security-policy");
        let hash = STANDARD.encode(Sha256::digest(b"start()"));
        assert!(policy.contains(&format!("script-src 'self' 'sha256-{hash}';")), "{policy}");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn where_there_is_no_page_a_sentence_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::open(Some(folder.path())).unwrap();
        assert!(!site.is_there());
        assert_eq!(header(&site.answer("/", &HeaderMap::new()).unwrap(), "content-type"), "text/html; charset=utf-8");
        assert!(site.answer("/app.js", &HeaderMap::new()).is_none());
        assert!(Site::open(Some(&folder.path().join("none"))).is_err());
    }
}
