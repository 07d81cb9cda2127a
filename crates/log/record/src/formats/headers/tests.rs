use super::*;

#[test]
fn a_key_is_hashed_alike_by_any_header_and_never_shown() {
    let bearer = Headers::of(r#"[["Authorization","Bearer not-a-real-key"]]"#);
    let plain = Headers::of(r#"{"x-api-key":["not-a-real-key"]}"#);
    let hash = |headers: &Headers| headers.key().map(|key| key.hash);
    assert_eq!(hash(&bearer), hash(&plain));
    assert!(hash(&bearer).unwrap().starts_with("xxh3:"));
    assert_eq!(hash(&bearer).unwrap().len(), 21);
    assert_eq!(hash(&Headers::of("{}")), None);
    // What a log's writer put in place of every key is none.
    assert_eq!(hash(&Headers::of(r#"{"authorization":"Bearer ***"}"#)), None);
    assert!(Headers::of(r#"{"authorization":"Bearer sk...wxyz"}"#).key().unwrap().is_masked);
}

#[test]
fn the_fingerprint_is_of_names_in_order_and_of_values_that_a_build_fixes() {
    let print = |json: &str| Headers::of(json).fingerprint().unwrap();
    let first = print(r#"{"Accept":"*/*","X-Stainless-Lang":"python","x-stainless-retry-count":"0","host":"a"}"#);
    let same = print(r#"{"accept":"*/*","x-stainless-lang":"python","x-stainless-retry-count":"2","host":"b"}"#);
    let moved = print(r#"{"x-stainless-lang":"python","accept":"*/*","x-stainless-retry-count":"0","host":"a"}"#);
    let other = print(r#"{"accept":"*/*","x-stainless-lang":"js","x-stainless-retry-count":"0","host":"a"}"#);
    assert_eq!(first, same);
    assert_ne!(first, moved);
    assert_ne!(first, other);
    assert_eq!(Headers::of("[]").fingerprint(), None);
}

#[test]
fn the_client_address_is_the_first_of_a_chain() {
    let headers = Headers::of(r#"{"X-Forwarded-For":"203.0.113.9, 198.51.100.1","cf-ipcountry":"NZ"}"#);
    assert_eq!(headers.client_ip().as_deref(), Some("203.0.113.9"));
    assert_eq!(headers.country(), Some("NZ"));
}

#[test]
fn a_field_is_found_in_a_records_text() {
    assert_eq!(raw_field(r#"{"a":{"b":1},"c":[2 ]}"#, "c"), Some("[2 ]"));
    assert_eq!(raw_field("[1]", "a"), None);
    assert!(Headers::within(r#"{"a":{"headers":{"x":"1"}}}"#, &["a", "headers"]).get("x").is_some());
}
