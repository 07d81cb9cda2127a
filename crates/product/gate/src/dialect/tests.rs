use super::*;

#[test]
fn paths_that_an_upstream_may_take_for_one_are_that_one() {
    let of = |path: &str| Endpoint::of(&Method::POST, path);
    for path in [
        "/v1/chat/completions",
        "//v1//chat/completions/",
        "/V1/Chat/Completions",
        "/v1/%63hat%2fcompletions",
        "/chat/completions",
    ] {
        assert_eq!(of(path), Endpoint::Chat, "{path}");
    }
    assert_eq!(of("/v1/completions"), Endpoint::Completions);
    assert_eq!(of("/openai/v1/responses"), Endpoint::Responses);
    assert_eq!(of("/v1/messages"), Endpoint::Messages);
    for path in ["/v1/messages/count_tokens", "/v1/embeddings", "/v1/xresponses", "/", "/%", "/%4"] {
        assert_eq!(of(path), Endpoint::Other, "{path}");
    }
    assert_eq!(Endpoint::of(&Method::GET, "/v1/responses"), Endpoint::Other);
}

/// What the providers' clients read of an error, to the byte.
#[test]
fn refusals_are_told_in_each_dialect() {
    let refusal = Refusal { link: "https://help.example".into(), ..Refusal::new(403, "why", "No \"more\".") };
    let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let message = "No \"more\". See https://help.example";
    let openai = json!({ "error": { "message": message, "type": "permission_error", "param": null, "code": "access_restricted" } });
    assert_eq!(parsed(&Dialect::OpenAi.body(&refusal, "r")), openai);
    let anthropic =
        json!({ "type": "error", "error": { "type": "permission_error", "message": message }, "request_id": "r" });
    assert_eq!(parsed(&Dialect::Anthropic.body(&refusal, "r")), anthropic);
    let event = Dialect::Anthropic.event(&refusal, "r");
    assert_eq!(parsed(event.strip_prefix(b"event: error\ndata: ").unwrap()), anthropic);
    let event = Dialect::OpenAi.event(&refusal, "r");
    assert!(event.ends_with(b"\n\n"));
    assert_eq!(parsed(event.strip_prefix(b"data: ").unwrap()), openai);
    let event = parsed(Dialect::Responses.event(&refusal, "r").strip_prefix(b"event: error\ndata: ").unwrap());
    assert_eq!((event["type"].as_str(), event["code"].as_str()), (Some("error"), Some("access_restricted")));
}
