use super::*;
use crate::Account;

fn parsed(text: &str) -> Exchange<'_> {
    parse(text).unwrap()
}

/// The contract's example, as one line.
const EXAMPLE: &str = r#"{"id":"req_01","at":"2026-04-22T00:00:01.123Z","account":"acct_17","key":"key_9","channel":"api","conversation":"conv_3","end_user":"sha256:00ff","client":{"ip":"203.0.113.7","asn":64500,"country":"SG","user_agent":"x/1.2","ja4":"t13d1516h2_8daaf6152771","headers":"a1b2"},"request":{"model":"m-large","endpoint":"chat","system":"You are a tester.","messages":[{"role":"user","content":"one\ntwo"}],"tools":["bash","edit"],"params":{"temperature":1.0,"top_p":1.0,"max_tokens":4096,"n":1,"logprobs":false,"top_logprobs":0,"logit_bias":0,"stream":true}},"response":{"status":200,"stop_reason":"end_turn","input_tokens":812,"output_tokens":1544,"latency_ms":5120,"content":"…"}}"#;

#[test]
fn the_contracts_example_is_read_and_written_back_byte_for_byte() {
    let exchange = parsed(EXAMPLE);
    assert_eq!(exchange.at_us, 1_776_816_001_123_000);
    assert_eq!(exchange.client.asn, Some(64_500));
    assert_eq!(exchange.request.messages[0].text, "one\ntwo");
    assert_eq!(exchange.response.output_tokens, Some(1544));
    assert!(matches!(exchange.account, Cow::Borrowed(_)), "strings without escapes borrow");
    let mut out = Vec::new();
    write_exchange(&exchange, &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), format!("{EXAMPLE}\n"));
}

#[test]
fn only_three_fields_are_needed_and_null_is_absent() {
    let bare = parsed(r#"{"id":"a","at":"2026-04-22T02:00:00+02:00","account":"b"}"#);
    let nulls = parsed(
        r#"{"id":"a","at":"2026-04-22T00:00:00Z","account":"b","key":null,"client":null,"request":{"messages":null,"tools":null,"params":null,"system":null},"response":{"content":null,"status":null}}"#,
    );
    assert_eq!(bare, nulls);
    let mut out = Vec::new();
    write_exchange(&bare, &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "{\"id\":\"a\",\"at\":\"2026-04-22T00:00:00Z\",\"account\":\"b\"}\n");
}

#[test]
fn a_missing_field_is_named() {
    assert_eq!(
        parse(r#"{"id":"a","at":"2026-04-22T00:00:00Z","account":""}"#).unwrap_err(),
        "no `account` (a native exchange needs `id`, `at` and `account`)"
    );
    assert_eq!(
        parse(r#"{"account":"a"}"#).unwrap_err(),
        "no `id` and no `at` (a native exchange needs `id`, `at` and `account`)"
    );
}

#[test]
fn a_wrong_value_names_its_field_and_place() {
    for (text, reason) in [
        (
            r#"{"id":"a","at":"soon","account":"b"}"#,
            "`at`: `soon` is no RFC 3339 time (write it as 2026-04-22T00:00:01.123Z)",
        ),
        (r#"{"id":7}"#, "`id`: invalid type: integer `7`, expected a string at column 7"),
        (
            r#"{"response":{"input_tokens":-3}}"#,
            "`response.input_tokens`: invalid value: integer `-3`, expected a whole number of 0 or more",
        ),
        (r#"{"client":{"asn":4294967296}}"#, "`client.asn`: 4294967296 is too large (it must fit in 32 bits)"),
        (
            r#"{"request":{"messages":[{"content":5}]}}"#,
            "`content`: invalid type: integer `5`, expected a string or a list of content blocks",
        ),
        (r#"{"id":"a""#, "the record is cut: EOF while parsing an object at column 9"),
        (r#"{"id":"a"} x"#, "not JSON: trailing characters at column 12"),
        ("[1]", "invalid type: sequence, expected an exchange object"),
    ] {
        assert!(parse(text).unwrap_err().starts_with(reason), "{text}: {:?}", parse(text));
    }
}

#[test]
fn deep_nesting_is_refused_wherever_it_is() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [
        deep.clone(),
        format!(r#"{{"id":"a","unknown":{deep}}}"#),
        format!(r#"{{"request":{{"messages":[{{"content":{deep}}}]}}}}"#),
        format!(r#"{{"request":{{"tools":[{{"function":{{"parameters":{deep}}}}}]}}}}"#),
        format!(r#"{{"request":{{"tools":{}"#, r#"[{"function":"#.repeat(50_000)),
    ] {
        let reason = parse(&text).unwrap_err();
        assert!(reason.starts_with("nested deeper than 128 levels") || reason.contains("invalid type"), "{reason}");
    }
}

#[test]
fn content_blocks_of_every_provider_become_text_and_media() {
    let exchange = parsed(
        r#"{"id":"a","at":"2026-04-22T00:00:00Z","account":"b","request":{"messages":[
        {"role":"user","content":[{"type":"text","text":"look"},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},{"text":"again"}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"I run it"},{"type":"tool_use","name":"bash","input":{"text":"no"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"ok"},{"type":"image","source":{}}]}]},
        {"role":"user","content":[{"type":"tool_result","content":"done"},{"type":"text","text":"now the next"}]},
        {"role":"user","content":[{"image":{"format":"png"}},{"toolResult":{"toolUseId":"1","content":[{"json":{}},{"text":"42"}]}}]},
        {"role":"tool","content":""},{"role":"developer","content":"be brief"},{"role":"user"}]}}"#,
    );
    let seen: Vec<_> = exchange.request.messages.iter().map(|m| (m.role, m.text.as_ref(), m.media)).collect();
    assert_eq!(
        seen,
        [
            (Role::User, "look\nagain", 1),
            (Role::Assistant, "I run it", 0),
            (Role::Tool, "ok", 1),
            (Role::User, "done\nnow the next", 0),
            (Role::User, "42", 1),
            (Role::Tool, "", 0),
            (Role::System, "be brief", 0),
            (Role::User, "", 0),
        ]
    );
}

#[test]
fn instructions_that_open_the_messages_are_the_system_prompt() {
    let exchange = parsed(
        r#"{"id":"a","at":"2026-04-22T00:00:00Z","account":"b","request":{"messages":[{"role":"system","content":"one"},{"content":"two","role":"developer"},{"role":"user","content":"hi"},{"role":"system","content":"late"}]}}"#,
    );
    assert_eq!(exchange.request.system.as_deref(), Some("one\ntwo"));
    assert_eq!(exchange.request.messages.len(), 2);
}

#[test]
fn tools_are_names_or_schemas_and_biases_numbers_or_maps() {
    let exchange = parsed(
        r#"{"id":"a","at":"2026-04-22T00:00:00Z","account":"b","request":{"tools":["bash",{"name":"edit","input_schema":{"a":[{}]}},{"type":"function","function":{"name":"look","parameters":{}}},{"toolSpec":{"name":"go"}},{"type":"web_search_preview"}],"params":{"logit_bias":{"50256":-100,"7":1},"max_tokens":64.0,"logprobs":true}},"response":{"latency_ms":12.6}}"#,
    );
    assert_eq!(exchange.request.tools, ["bash", "edit", "look", "go", "web_search_preview"]);
    assert_eq!(exchange.request.params.logit_bias, Some(2));
    assert_eq!(exchange.request.params.max_tokens, Some(64));
    assert_eq!(exchange.response.latency_ms, Some(13));
}

#[test]
fn identifiers_are_bounded_and_labels_are_cut() {
    let long = "é".repeat(3000);
    let line = |id: &str, agent: &str| {
        format!(r#"{{"id":"{id}","at":"2026-04-22T00:00:00Z","account":"b","client":{{"user_agent":"{agent}"}}}}"#)
    };
    let refused = line(&long, "x");
    assert_eq!(
        parse(&refused).unwrap_err(),
        "`id`: 6000 bytes is longer than the bound of 1024 (give a hash such as `sha256:…`) at column 6008"
    );
    let kept = line("a", &format!("x{long}"));
    assert_eq!(parsed(&kept).client.user_agent.unwrap().len(), 4095, "cut between characters");
}

#[test]
fn accounts_are_read_and_written_back() {
    let line = r#"{"account":"acct_17","created_at":"2026-04-20T11:02:00Z","email":"a.b+1@example.com","phone":"sha256:aa","payment":"sha256:bb","device":"sha256:cc","signup_ip":"203.0.113.7","country":"SG","verified":["email","payment"],"plan":"payg","kind":"individual"}"#;
    let account = parse_account(line).unwrap();
    assert_eq!(account.created_at_us, Some(1_776_682_920_000_000));
    let mut out = Vec::new();
    write_account(&account, &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), format!("{line}\n"));
    let nulls = r#"{"account":"acct_17","organization":null,"referrer":null,"verified":null,"other":[1]}"#;
    assert_eq!(parse_account(nulls).unwrap(), Account { account: "acct_17".into(), ..Account::default() });
    assert!(parse_account(r#"{"email":"a@example.com"}"#).unwrap_err().starts_with("no `account`"));
}
