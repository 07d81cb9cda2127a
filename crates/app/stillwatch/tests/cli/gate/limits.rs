//! What answers may reveal: the one case in which a body is rewritten.

use std::io::Write;

use super::running::HONEST;
use super::running::Setting;

/// What the upstream gets of a request of an account that may not have log probabilities.
fn sent(lines: &str, path: &str, body: &str) -> Result<String, (u16, String)> {
    let mut setting = Setting::new();
    setting.lines = lines.to_owned();
    let gate = setting.start();
    let answered = gate.ask(path, HONEST, "", body.as_bytes());
    match gate.upstream.got().pop() {
        Some(got) => {
            assert!(got.head.contains(&format!("content-length: {}", got.body.len())), "{}", got.head);
            Ok(String::from_utf8(got.body).unwrap())
        }
        None => Err((answered.status, answered.header("x-stillwatch-reason").unwrap().to_owned())),
    }
}

#[test]
fn only_the_values_that_ask_for_too_much_are_replaced() {
    let asked = r#"{ "model":"m" , "logprobs" : true,"top_logprobs": 20,"messages":[{"role":"user","content":"\u0068i \"logprobs\": true"}],"logit_bias":{"50256": -100}, "n" : 9, "temperature":1.0e0}"#;
    let expected = r#"{ "model":"m" , "logprobs" : null,"top_logprobs": null,"messages":[{"role":"user","content":"\u0068i \"logprobs\": true"}],"logit_bias":null, "n" : 2, "temperature":1.0e0}"#;
    let caps = "[information.everyone]\nmax_n = 2\n";
    assert_eq!(sent(caps, "/v1/chat/completions", asked).unwrap(), expected);
    let twice = r#"{"logprobs":false,"logprob\u0073":true,"model":"m"}"#;
    assert_eq!(
        sent("", "//v1/Ch%61t/completions/", twice).unwrap(),
        r#"{"logprobs":false,"logprob\u0073":null,"model":"m"}"#
    );
    let responses =
        r#"{"include":["reasoning.encrypted_content" , "message.output_text.logprobs"],"top_logprobs":5,"input":"hi"}"#;
    let expected = r#"{"include":["reasoning.encrypted_content"],"top_logprobs":null,"input":"hi"}"#;
    assert_eq!(sent("", "/v1/responses", responses).unwrap(), expected);
    let untouched = r#"{ "logprobs" : false , "top_logprobs":0,"n":1}"#;
    assert_eq!(sent(caps, "/v1/chat/completions", untouched).unwrap(), untouched);
}

#[test]
fn bounds_hold_for_everybody_where_they_are_set() {
    let mut setting = Setting::new();
    setting.lines = "[information.everyone]\nmax_top_logprobs = 3\nrefuse_logit_bias_with_logprobs = true\n".to_owned();
    // Nobody is limited by a rule.
    setting.change("information.cedar", "@mode(\"live\")", "@mode(\"shadow\")");
    setting.change("verification.cedar", "@mode(\"live\")", "@mode(\"shadow\")");
    let gate = setting.start();
    let ask = |body: &str| gate.ask("/v1/chat/completions", HONEST, "", body.as_bytes());
    assert_eq!(ask(r#"{"logprobs":true,"top_logprobs":20}"#).status, 200);
    assert_eq!(gate.upstream.got()[0].body, br#"{"logprobs":true,"top_logprobs":3}"#);
    assert_eq!(ask(r#"{"logprobs":true,"top_logprobs":"20"}"#).status, 200);
    assert_eq!(gate.upstream.got()[1].body, br#"{"logprobs":true,"top_logprobs":3}"#);
    for alone in [r#"{"logit_bias":{"1":5}}"#, r#"{"logprobs":true,"logit_bias":{}}"#] {
        assert_eq!(ask(alone).status, 200, "{alone}");
    }
    let refused = ask(r#"{"logprobs":true,"logit_bias":{"1":5}}"#);
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error"]["code"], "logit_bias_with_logprobs");
}

#[test]
fn what_cannot_be_read_is_not_passed_on_where_it_is_limited() {
    let utf16: Vec<u8> = r#"{"logprobs":true}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gate = Setting::new().start();
    for body in [&utf16[..], b"{\"logprobs\":true,\"x\":NaN}", b"[1]", b"{\"logprobs\":true}x"] {
        let refused = gate.ask("/v1/chat/completions", HONEST, "", body);
        let reason = refused.header("x-stillwatch-reason");
        assert_eq!((refused.status, reason), (400, Some("unreadable_body")), "{}", String::from_utf8_lossy(body));
    }
    // Compressed: read where it can be, and rewritten as plain text.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(br#"{"logprobs":true}"#).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(gate.ask("/v1/chat/completions", HONEST, "content-encoding: gzip\r\n", &packed).status, 200);
    let got = gate.upstream.got().pop().unwrap();
    assert_eq!(got.body, br#"{"logprobs":null}"#);
    assert!(!got.head.contains("content-encoding"), "{}", got.head);
    // What unfolds without end is not read to its end.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(b"{\"logprobs\":true,\"x\":\"").unwrap();
    for _ in 0..64 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    bomb.write_all(b"\"}").unwrap();
    let bomb = bomb.finish().unwrap();
    assert_eq!(gate.ask("/v1/chat/completions", HONEST, "content-encoding: gzip\r\n", &bomb).status, 400);
    assert_eq!(gate.ask("/v1/chat/completions", HONEST, "content-encoding: br\r\n", &bomb).status, 400);
}
