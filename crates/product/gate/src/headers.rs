//! What of the headers is passed on.

use std::net::IpAddr;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::header::ACCEPT_ENCODING;
use http::header::CONNECTION;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::EXPECT;
use http::header::HOST;

use crate::unfold::Encoding;

/// Headers that are about one connection and not about the message (RFC 9110, 7.6.1).
const OF_ONE_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Removes what is about one connection, and what `Connection` names.
pub(crate) fn strip_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| HeaderName::try_from(name.trim()).ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in OF_ONE_HOP {
        headers.remove(name);
    }
}

/// The headers of a request as the upstream gets them. Those that only trusted hops may set are taken from others.
pub(crate) fn to_upstream(headers: &mut HeaderMap, for_trusted: &[&str], is_believed: bool) {
    strip_hop(headers);
    headers.remove(HOST);
    headers.remove(EXPECT);
    if !is_believed {
        for name in for_trusted {
            headers.remove(*name);
        }
    }
}

/// Leaves the encodings that the gate can read of those that a caller takes.
pub(crate) fn readable_encodings(headers: &mut HeaderMap) {
    let Some(value) = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else { return };
    let is_readable = |coding: &&str| {
        let name = coding.split(';').next().unwrap_or_default().trim();
        ["gzip", "zstd", "identity"].iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    let all: Vec<&str> = value.split(',').map(str::trim).collect();
    let kept: Vec<&str> = all.iter().copied().filter(|coding| is_readable(coding)).collect();
    if kept.len() == all.len() {
        return;
    }
    let text = if kept.is_empty() { "identity".to_owned() } else { kept.join(", ") };
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(ACCEPT_ENCODING, value);
    }
}

/// How a message is compressed.
pub(crate) fn encoding(headers: &HeaderMap) -> Encoding {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    match (values.next().map(HeaderValue::as_bytes), values.next()) {
        (None, _) | (Some(b"identity"), None) => Encoding::Plain,
        (Some(b"gzip" | b"x-gzip"), None) => Encoding::Gzip,
        (Some(b"zstd"), None) => Encoding::Zstd,
        _ => Encoding::Unknown,
    }
}

/// The length of a body, as its sender tells it.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether an answer is a stream of events.
pub(crate) fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    kind.starts_with(b"text/event-stream")
}

/// Adds the peer's address to the chain of addresses. What a stranger wrote there is left out.
pub(crate) fn forwarded(headers: &mut HeaderMap, name: &str, peer: IpAddr, is_believed: bool) {
    let Ok(name) = HeaderName::try_from(name) else { return };
    let before: Vec<&str> =
        headers.get_all(&name).iter().filter(|_| is_believed).filter_map(|value| value.to_str().ok()).collect();
    let peer = peer.to_canonical().to_string();
    let chain = if before.is_empty() { peer } else { format!("{}, {peer}", before.join(", ")) };
    if let Ok(value) = HeaderValue::try_from(chain) {
        headers.insert(name, value);
    }
}
