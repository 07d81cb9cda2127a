//! Who asks.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The password of an `Authorization` header: that of `Basic`, with whatever name, or the token of `Bearer` or `Token`.
#[must_use]
pub fn password(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "token" => Some(rest.to_owned()),
        "basic" => {
            let text = String::from_utf8(BASE64_STANDARD.decode(rest).ok()?).ok()?;
            text.split_once(':').map(|(_, password)| password.to_owned())
        }
        _ => None,
    }
}

/// The header with a name and a password.
#[must_use]
pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_in_each_scheme() {
        for header in ["Bearer abc", "Token abc", "bearer  abc", "Basic Zm9ydW06YWJj"] {
            assert_eq!(password(header).as_deref(), Some("abc"), "{header}");
        }
        assert_eq!(password(&basic("forum", "a:b")).as_deref(), Some("a:b"));
        for header in ["", "abc", "Digest abc", "Basic ???", "Basic Zm9ydW0="] {
            assert_eq!(password(header), None, "{header}");
        }
    }
}
