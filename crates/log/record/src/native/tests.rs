use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

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
            "`at`: text that is no RFC 3339 time from 1970 to 2199 (write it as 2026-04-22T00:00:01.123Z)",
        ),
        (r#"{"id":7}"#, "`id`: expected a string, found a number at column 7"),
        (
            r#"{"response":{"input_tokens":-3}}"#,
            "`response.input_tokens`: a number that is none of 0 or more without a fraction",
        ),
        (r#"{"client":{"asn":4294967296}}"#, "`client.asn`: a number that is too large (it must fit in 32 bits)"),
        (
            r#"{"request":{"messages":[{"content":5}]}}"#,
            "`request.messages[0].content`: expected a string or a list of content blocks, found a number",
        ),
        (r#"{"id":"a""#, "the record is cut: EOF while parsing an object at column 9"),
        (r#"{"id":"a"} x"#, "not JSON: trailing characters at column 12"),
        ("[1]", "expected an object, found a list at column 1"),
        (r#"{"client":["203.0.113.7"]}"#, "`client`: expected an object, found a list at column 11"),
        (
            r#"{"request":{"tools":["a",{"function":{"name":["b"]}}]}}"#,
            // The column depends on the features that serde_json is built with.
            "`request.tools[1].function.name`: expected a string, found a list at column ",
        ),
        (
            r#"{"request":{"params":{"logit_bias":"all"}}}"#,
            "`request.params.logit_bias`: expected a number of tokens or a map from token to bias",
        ),
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
        assert!(reason.starts_with("nested deeper than 128 levels") || reason.contains("found a list"), "{reason}");
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

#[test]
fn a_wrong_value_of_an_account_or_an_act_names_its_field() {
    for (text, reason) in [
        (r#"{"account":"a","email":7}"#, "`email`: expected a string, found a number at column 24"),
        (r#"{"account":"a","verified":["email",7]}"#, "`verified[1]`: expected a string, found a number"),
        (r#"{"account":"a","created_at":"soon"}"#, "`created_at`: text that is no RFC 3339 time"),
    ] {
        assert!(parse_account(text).unwrap_err().starts_with(reason), "{text}: {:?}", parse_account(text));
    }
    let act = parse_action(r#"{"at":"2026-04-22T00:00:00Z","account":"a","action":"ban","by":[1]}"#).unwrap();
    assert_eq!((act.at_us, act.account.as_str(), act.action.as_str()), (1_776_816_000_000_000, "a", "ban"));
    assert_eq!(
        parse_action(r#"{"at":null,"account":"a"}"#).unwrap_err(),
        "an enforcement act needs `at` and `account`"
    );
    let wrong = parse_action(r#"{"at":"soon","account":"a"}"#).unwrap_err();
    assert!(wrong.starts_with("`at`: text that is no RFC 3339 time"), "{wrong}");
}

#[test]
fn of_a_field_that_comes_twice_the_last_counts() {
    let twice = parsed(
        r#"{"id":"x","at":"2026-04-22T00:00:00Z","account":"b","client":{"ip":"1","ip":"2"},"client":{"asn":1,"asn":2},"id":"a"}"#,
    );
    let once = parsed(r#"{"id":"a","at":"2026-04-22T00:00:00Z","account":"b","client":{"asn":2}}"#);
    assert_eq!(twice, once);
    assert_eq!(parse_account(r#"{"account":"a","account":"b"}"#).unwrap().account, "b");
    let wrong = parse(r#"{"id":"a","id":"b","client":{"asn":"x"}}"#).unwrap_err();
    assert_eq!(wrong, "`client.asn`: expected a JSON number, found text");
}

#[test]
fn the_order_of_fields_does_not_matter() {
    let result = r#"[{"type":"tool_result","content":"done"}]"#;
    for message in
        [format!(r#"{{"role":"user","content":{result}}}"#), format!(r#"{{"content":{result},"role":"user"}}"#)]
    {
        let text =
            format!(r#"{{"request":{{"messages":[{message}]}},"account":"b","at":"2026-04-22T00:00:00Z","id":"a"}}"#);
        assert_eq!(parsed(&text).request.messages[0].role, Role::Tool, "{text}");
    }
}

/// Values of the types that fields of the native form have, and of types that they do not have.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop_oneof![Just(0_i64), Just(-1), 0_i64..70_000, any::<i64>()].prop_map(Value::from),
        prop_oneof![Just(3.0), Just(0.7), Just(-2.5), Just(1e300)].prop_map(Value::from),
        prop_oneof![Just("2026-04-22T00:00:00Z"), Just("user"), Just("tool"), Just(""), Just("a\n\"é")]
            .prop_map(Value::from),
        Just(json!([{"type": "text", "text": "a"}, {"type": "image"}, {"type": "tool_result", "content": "b"}])),
        Just(json!(["bash", {"name": "edit"}, {"type": "function", "function": {"name": "look"}}])),
        Just(json!({"50256": -100})),
    ]
}

/// An object of some of these fields, each with the value that fits it or, seldom, with any other.
fn object(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, fitting)| {
            let value = prop_oneof![12 => fitting, 1 => leaf().boxed()];
            proptest::option::weighted(0.7, value).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        })
        .collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn record() -> BoxedStrategy<Value> {
    let text = || prop_oneof![Just("a"), Just("acct_17"), Just("two\nlines"), Just("é")].prop_map(Value::from).boxed();
    let count = || prop_oneof![0_u64..500, Just(70_000), Just(u64::MAX)].prop_map(Value::from).boxed();
    let number = || (0..200_i32).prop_map(|hundredths| Value::from(f64::from(hundredths) / 100.0)).boxed();
    let flag = || any::<bool>().prop_map(Value::from).boxed();
    let time = || Just(Value::from("2026-04-22T00:00:01.123Z")).boxed();
    let content = || prop_oneof![text(), leaf().boxed()].boxed();
    let message = object(vec![("role", leaf().boxed()), ("content", content())]);
    let list = |of: BoxedStrategy<Value>| proptest::collection::vec(of, 0..4).prop_map(Value::Array).boxed();
    let params = object(vec![
        ("temperature", number()),
        ("top_p", number()),
        ("max_tokens", count()),
        ("n", count()),
        ("logprobs", flag()),
        ("logit_bias", count()),
        ("stream", flag()),
    ]);
    let request = object(vec![
        ("model", text()),
        ("system", content()),
        ("messages", list(message)),
        ("tools", list(text())),
        ("params", params),
    ]);
    let response =
        object(vec![("status", count()), ("output_tokens", count()), ("latency_ms", number()), ("content", content())]);
    object(vec![
        ("id", text()),
        ("at", time()),
        ("account", text()),
        ("end_user", text()),
        ("client", object(vec![("ip", text()), ("asn", count()), ("user_agent", text())])),
        ("request", request),
        ("response", response),
        ("unknown", leaf().boxed()),
    ])
}

proptest! {
    #[test]
    fn both_ways_of_reading_agree_and_what_is_written_reads_back(value in record()) {
        let text = value.to_string();
        let again = serde_path_to_error::deserialize::<_, Object<ExchangeForm<'_>>>(value);
        let again = again.ok().and_then(|form| form.0.into_exchange().ok());
        let found = parse(&text);
        prop_assert_eq!(found.as_ref().ok(), again.as_ref());
        if let Ok(exchange) = found {
            let mut line = Vec::new();
            write_exchange(&exchange, &mut line);
            let mut second = Vec::new();
            write_exchange(&parsed(str::from_utf8(&line).unwrap()), &mut second);
            prop_assert_eq!(line, second);
        }
    }
}
