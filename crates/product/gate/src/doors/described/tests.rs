use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use proptest::prelude::*;

use super::told;

fn headers(pairs: &[(&'static str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

#[test]
fn the_request_is_the_one_that_the_gateway_describes() {
    let told = |pairs: &[(&'static str, &[u8])]| told(&headers(pairs), "x-original-method", "x-original-uri");
    let both = told(&[("x-original-method", b"POST"), ("x-original-uri", b"/v1/messages?beta=true")]);
    assert_eq!(both, Ok((Method::POST, "/v1/messages".to_owned())));
    let absolute = told(&[("x-original-method", b"GET"), ("x-original-uri", b"https://api.example/v1/models")]);
    assert_eq!(absolute, Ok((Method::GET, "/v1/models".to_owned())));
    assert!(told(&[("x-original-method", b"POST")]).unwrap_err().contains("x-original-uri"));
    // A gateway that adds its header to the caller's would let the caller choose the path.
    let two: [(&str, &[u8]); 3] =
        [("x-original-method", b"POST"), ("x-original-uri", b"/v1/models"), ("x-original-uri", b"/v1/messages")];
    assert!(told(&two).unwrap_err().contains("once"));
    assert!(told(&[("x-original-method", b"POST"), ("x-original-uri", b"\xff")]).is_err());
}

proptest! {
    /// What a header holds is told without a panic, and a path that is told begins with a slash or is empty.
    #[test]
    fn any_header_is_told_or_refused(
        method in proptest::collection::vec(any::<u8>(), 0..12),
        uri in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut headers = HeaderMap::new();
        if let (Ok(method), Ok(uri)) = (HeaderValue::from_bytes(&method), HeaderValue::from_bytes(&uri)) {
            headers.insert("x-original-method", method);
            headers.insert("x-original-uri", uri);
        }
        if let Ok((_, path)) = told(&headers, "x-original-method", "x-original-uri") {
            prop_assert!(path.is_empty() || path.starts_with('/') || path == "*", "{path}");
        }
    }
}
