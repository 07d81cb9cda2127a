//! The cookie of a session.

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;

use crate::problem::Problem;
use crate::session::IN_ALL;

/// Its name. Under TLS the prefix keeps a browser from taking it from another host, or over a plain connection.
const fn name(is_tls: bool) -> &'static str {
    if is_tls { "__Host-stillwatch" } else { "stillwatch" }
}

const fn flags(is_tls: bool) -> &'static str {
    if is_tls { "Path=/; HttpOnly; SameSite=Strict; Secure" } else { "Path=/; HttpOnly; SameSite=Strict" }
}

/// The header that sets it.
///
/// # Errors
/// Where the secret is none, which does not happen.
pub fn set(secret: &str, is_tls: bool) -> Result<HeaderValue, Problem> {
    let text = format!("{}={secret}; Max-Age={IN_ALL}; {}", name(is_tls), flags(is_tls));
    HeaderValue::from_str(&text).map_err(|error| Problem::unavailable(error.to_string()))
}

/// The header that takes it away.
pub const fn cleared(is_tls: bool) -> HeaderValue {
    HeaderValue::from_static(match is_tls {
        true => "__Host-stillwatch=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure",
        false => "stillwatch=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict",
    })
}

/// The secret in it.
pub fn secret_of(headers: &HeaderMap, is_tls: bool) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name(is_tls)).map(|(_, secret)| secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; stillwatch=one; c"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-stillwatch=two"));
        assert_eq!(secret_of(&headers, false), Some("one"));
        assert_eq!(secret_of(&headers, true), Some("two"));
        assert_eq!(secret_of(&HeaderMap::new(), true), None);
    }
}
