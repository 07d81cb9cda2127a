//! Limits against a slow model: the same change made to the parsed document.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use gate::Caps;
use gate::limited_body;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

/// What must come out, made of the parsed document: names are there once in it.
fn model(body: &Value, no_logprobs: bool, caps: Caps) -> Value {
    let mut out = body.clone();
    let Some(fields) = out.as_object_mut() else { return out };
    let is_off = |value: &Value| {
        matches!(value, Value::Null | Value::Bool(false))
            || value.as_f64() == Some(0.0)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty)
    };
    let beyond =
        |value: &Value, most: u64| !value.is_null() && value.as_f64().is_none_or(|number| number > most as f64);
    if no_logprobs {
        for name in ["logprobs", "top_logprobs", "logit_bias"] {
            if let Some(value) = fields.get_mut(name).filter(|value| !is_off(value)) {
                *value = Value::Null;
            }
        }
        if let Some(Value::Array(list)) = fields.get_mut("include") {
            list.retain(|element| element != "message.output_text.logprobs");
        }
    } else if let Some(most) = caps.max_top_logprobs {
        for name in ["logprobs", "top_logprobs"] {
            if let Some(value) = fields.get_mut(name)
                && (name == "top_logprobs" || !value.is_boolean())
                && beyond(value, most)
            {
                *value = json!(most);
            }
        }
    }
    if let Some(most) = caps.max_n
        && let Some(value) = fields.get_mut("n").filter(|value| beyond(value, most))
    {
        *value = json!(most);
    }
    out
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u64..30).prop_map(Value::from),
        (-8_i32..120).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        "[a-z\\\\\"{}\\[\\], :\u{e9}]{0,8}".prop_map(Value::from),
        Just(json!({})),
        Just(json!({"50256": -100, "logprobs": true})),
        Just(json!([])),
        Just(json!(["message.output_text.logprobs", "reasoning.encrypted_content"])),
    ]
}

fn body() -> impl Strategy<Value = Value> {
    let names =
        prop::sample::select(vec!["logprobs", "top_logprobs", "logit_bias", "include", "n", "model", "messages"]);
    prop::collection::btree_map(names, value(), 0..7)
        .prop_map(|fields| Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

proptest! {
    #[test]
    fn the_edit_is_that_of_the_document(
        body in body(),
        pretty in any::<bool>(),
        no_logprobs in any::<bool>(),
        max_n in prop::option::of(1_u64..5),
        max_top_logprobs in prop::option::of(0_u64..5),
    ) {
        let caps = Caps { max_top_logprobs, max_n, refuse_logit_bias_with_logprobs: false };
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) }.unwrap();
        let expected = model(&body, no_logprobs, caps);
        match limited_body(text.as_bytes(), no_logprobs, caps) {
            Some(edited) => {
                prop_assert_eq!(serde_json::from_slice::<Value>(&edited).unwrap(), expected);
                // Nothing is left to do: the limit holds for what came out.
                prop_assert_eq!(limited_body(&edited, no_logprobs, caps), None);
            }
            None => prop_assert_eq!(body, expected),
        }
    }

    #[test]
    fn any_bytes_are_read_or_left(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let caps = Caps { max_top_logprobs: Some(1), max_n: Some(1), refuse_logit_bias_with_logprobs: false };
        prop_assert!(limited_body(&bytes, true, caps).is_none_or(|edited| serde_json::from_slice::<Value>(&edited).is_ok()));
    }
}

#[test]
fn all_spellings_of_a_name_count() {
    let caps = Caps::default();
    let edited = limited_body(br#"{"logprobs":false,"\u006cogprobs":true,"logprobs" :1}"#, true, caps).unwrap();
    assert_eq!(edited, br#"{"logprobs":false,"\u006cogprobs":null,"logprobs" :null}"#.as_slice());
}
