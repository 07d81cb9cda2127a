//! Headers and answers between Envoy's messages and ours.

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::Response;

use super::messages;
use super::messages::HeaderValue;
use super::messages::HeaderValueOption;
use super::messages::HttpStatus;
use crate::answer::Answer;

/// Envoy's word for a header that takes the place of one that is there.
const OVERWRITE_IF_EXISTS_OR_ADD: i32 = 2;

/// Headers as Envoy lists them. What no header may be is left out, and so is what begins with a colon.
pub(super) fn headers(list: impl Iterator<Item = (String, Vec<u8>)>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// The pairs of a list of Envoy's; a value is bytes in newer versions, and a text in older ones.
pub(super) fn pairs(map: Option<&messages::HeaderMap>) -> impl Iterator<Item = (String, Vec<u8>)> {
    map.into_iter().flat_map(|map| &map.headers).map(|header| {
        let value = if header.raw_value.is_empty() { header.value.as_bytes() } else { &header.raw_value };
        (header.key.clone(), value.to_vec())
    })
}

/// The path of a request's target. Of a target that cannot be read it is what stands before the query, so that no odd query
/// makes another path.
pub(super) fn path(target: &str) -> String {
    let before_query = || target.split(['?', '#']).next().unwrap_or_default().to_owned();
    target.parse::<http::Uri>().map_or_else(|_| before_query(), |uri| uri.path().to_owned())
}

/// How Envoy takes the values of headers: external authorisation looks at texts alone, external processing at bytes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Texts,
    Bytes,
}

/// An answer as Envoy gives it in our place: status, headers, body.
pub(super) fn given(response: Response<Answer>, values: Values) -> (HttpStatus, Vec<HeaderValueOption>, Bytes) {
    let (parts, body) = response.into_parts();
    let option = |(name, value): (&HeaderName, &http::HeaderValue)| {
        let (key, bytes) = (name.as_str().to_owned(), value.as_bytes());
        let header = match values {
            Values::Texts => {
                HeaderValue { key, value: String::from_utf8_lossy(bytes).into_owned(), raw_value: Bytes::new() }
            }
            Values::Bytes => HeaderValue { key, value: String::new(), raw_value: Bytes::copy_from_slice(bytes) },
        };
        HeaderValueOption { header: Some(header), append_action: OVERWRITE_IF_EXISTS_OR_ADD }
    };
    let body = if let Answer::Own(Some(body)) = body { body } else { Bytes::new() };
    (HttpStatus { code: i32::from(parts.status.as_u16()) }, parts.headers.iter().map(option).collect(), body)
}

#[cfg(test)]
mod tests;
