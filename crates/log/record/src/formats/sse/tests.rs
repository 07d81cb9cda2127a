use super::*;

#[test]
fn a_text_without_events_is_no_stream() {
    assert!(Answer::of_text("plain words").is_none());
    assert!(Answer::of_text("data: not json\n\n").is_none());
    assert!(Answer::of_text("").is_none());
}

#[test]
fn a_stream_that_was_cut_gives_what_came() {
    let stream = "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one \"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"two\"}}]}\n\ndata: {\"choi";
    let answer = Answer::of_text(stream).unwrap();
    assert_eq!(answer.id.as_deref(), Some("c1"));
    assert_eq!(answer.into_response().content.as_deref(), Some("one two"));
}

#[test]
fn an_error_in_a_stream_is_its_end() {
    let stream =
        "data: {\"error\":{\"message\":\"no\",\"type\":\"permission_error\",\"code\":\"access_restricted\"}}\n\n";
    let response = Answer::of_text(stream).unwrap().into_response();
    assert_eq!((response.status, response.stop_reason.as_deref()), (Some(403), Some("access_restricted")));
}

#[test]
fn events_in_a_list_may_be_text_objects_or_name_and_data() {
    let delta = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#;
    let object: Value = serde_json::from_str(delta).unwrap();
    let list = [
        Value::String(delta.to_owned()),
        Value::String(format!("event: content_block_delta\ndata: {delta}\n\n")),
        object.clone(),
        serde_json::json!({"event": "content_block_delta", "data": delta}),
        serde_json::json!({"event": "content_block_delta", "data": object}),
    ];
    assert_eq!(Answer::of_list(&list).into_response().content.as_deref(), Some("aaaaa"));
}
