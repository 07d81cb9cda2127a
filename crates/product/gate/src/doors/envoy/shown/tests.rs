use proptest::prelude::*;
use prost::Message;

use super::super::messages;
use super::headers;
use super::pairs;
use super::path;

#[test]
fn values_are_bytes_or_texts() {
    let header = |key: &str, value: &str, raw: &'static [u8]| messages::HeaderValue {
        key: key.to_owned(),
        value: value.to_owned(),
        raw_value: bytes::Bytes::from_static(raw),
    };
    let list = vec![
        header(":path", "", b"/v1/messages"),
        header("x-api-key", "", b"sk-1"),
        header("x-old", "text", b""),
        header("bad name", "", b"x"),
        header("x-bad", "", b"a\nb"),
        header("x-twice", "", b"1"),
        header("x-twice", "", b"2"),
    ];
    let map = headers(pairs(Some(&messages::HeaderMap { headers: list })));
    assert_eq!(map.get("x-api-key").unwrap(), "sk-1");
    assert_eq!(map.get("x-old").unwrap(), "text");
    assert_eq!(map.get_all("x-twice").iter().count(), 2);
    assert_eq!(map.len(), 4, "what no header may be is left out: {map:?}");
    assert_eq!(path("/v1/messages?beta=true"), "/v1/messages");
    assert_eq!(path("/v1/messages?a=<b>"), "/v1/messages", "such a query is in no URI, and Envoy passes it on");
}

proptest! {
    /// No bytes on the wire end the program, and what is read of them makes headers or is left out.
    #[test]
    fn any_message_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(message) = messages::CheckRequest::decode(bytes.as_slice()) {
            let http = message.attributes.and_then(|attributes| attributes.request).and_then(|request| request.http);
            let _ = headers(pairs(http.and_then(|http| http.header_map).as_ref()));
        }
        let _ = messages::ProcessingRequest::decode(bytes.as_slice());
        if let Ok(map) = messages::HeaderMap::decode(bytes.as_slice()) {
            let _ = headers(pairs(Some(&map)));
        }
    }

    /// A target is never a longer path than it is.
    #[test]
    fn any_target_has_a_path(target in ".{0,60}") {
        prop_assert!(path(&target).len() <= target.len().max(1));
    }
}
