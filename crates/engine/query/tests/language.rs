//! A question is read as it is written, and written as it is read; and what cannot be read is told with its place.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic")]

use proptest::prelude::*;
use query::Error;
use query::ErrorKind;
use query::Field;
use query::Kind;
use query::MAX_QUERY_BYTES;
use query::MAX_TERMS;
use query::Order;
use query::Query;
use query::Term;
use query::Test;
use query::Value;

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text => prop_oneof![any::<String>(), "[a-z:*<>\"\\\\ -]{0,9}", Just("none".to_owned())]
            .prop_map(Value::Text)
            .boxed(),
        Kind::Hash => (1_u64..).prop_map(Value::Hash).boxed(),
        Kind::Number => any::<u64>().prop_map(Value::Number).boxed(),
        Kind::Decimal => {
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Decimal).boxed()
        }
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Kind::Word(words) => proptest::sample::select(words).prop_map(Value::Word).boxed(),
    }
}

fn test(field: Field) -> BoxedStrategy<Test> {
    let kind = field.kind();
    let is = value(kind).prop_map(Test::Is);
    let orders = proptest::sample::select(&[Order::Less, Order::AtMost, Order::More, Order::AtLeast][..]);
    match kind {
        Kind::Text => prop_oneof![Just(Test::None), is, any::<String>().prop_map(Test::Begins)].boxed(),
        Kind::Number | Kind::Decimal => {
            let compare = (orders, value(kind)).prop_map(|(order, value)| Test::Compare(order, value));
            prop_oneof![Just(Test::None), is, compare].boxed()
        }
        _ => prop_oneof![Just(Test::None), is].boxed(),
    }
}

fn term() -> impl Strategy<Value = Term> {
    let field = proptest::sample::select(Field::ALL);
    let tested = field.prop_flat_map(|field| (Just(field), test(field)));
    (any::<bool>(), tested).prop_map(|(is_negated, (field, test))| Term { is_negated, field, test })
}

fn question() -> impl Strategy<Value = Query> {
    let time = 0_i64..4_000_000_000_000_000;
    (proptest::collection::vec(term(), 0..6), proptest::option::of(time.clone()), proptest::option::of(time))
        .prop_map(|(terms, from_us, to_us)| Query { terms, from_us, to_us })
        .prop_filter("a time that does not end before it begins", |query| {
            query.from_us.zip(query.to_us).is_none_or(|(from, to)| from < to)
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(query in question()) {
        let written = query.to_string();
        prop_assume!(written.len() <= MAX_QUERY_BYTES);
        prop_assert_eq!(Query::parse(&written).unwrap(), query, "{}", written);
    }

    #[test]
    fn any_text_is_a_question_or_told_with_its_place(text in "\\PC{0,40}|[a-z_:<>=*\"\\\\ 0-9-]{0,40}") {
        match Query::parse(&text) {
            Ok(query) => prop_assert_eq!(Query::parse(&query.to_string()).unwrap(), query),
            Err(error) => {
                let place = error.place().unwrap();
                prop_assert!(place.start < place.end && place.start <= text.chars().count(), "{:?} {}", place, text);
                let start = format!("character {}: ", place.start + 1);
                prop_assert!(error.to_string().starts_with(&start));
            }
        }
    }
}

/// What is told of a text that is no question, and which characters of it are meant.
fn refused(text: &str) -> (String, String) {
    let error: Error = Query::parse(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Question);
    let place = error.place().unwrap();
    (error.to_string(), text.chars().skip(place.start).take(place.end - place.start).collect())
}

#[test]
fn a_question_is_read() {
    let query = Query::parse(
        r#" model:m-large  -status:>=400 user_agent:"a \"b\" \u{202e}"* from:2026-04-22 to:2026-04-22T06:00:00+02:00 "#,
    );
    let query = query.unwrap();
    let written = "model:m-large -status:>=400 user_agent:\"a \\\"b\\\" \\u{202e}\"* from:2026-04-22T00:00:00Z to:2026-04-22T04:00:00Z";
    assert_eq!(query.to_string(), written);
    let [model, status, agent] = query.terms.as_slice() else { panic!("{query:?}") };
    assert_eq!(model.test, Test::Is(Value::Text("m-large".to_owned())));
    assert_eq!((status.is_negated, &status.test), (true, &Test::Compare(Order::AtLeast, Value::Number(400))));
    assert_eq!(agent.test, Test::Begins("a \"b\" \u{202e}".to_owned()));
    assert_eq!(Query::parse("").unwrap(), Query::default());
    // A text may be what would else be a sign.
    let quoted = Query::parse(r#"model:"none" account:a:b"#).unwrap();
    assert_eq!(quoted.terms.first().unwrap().test, Test::Is(Value::Text("none".to_owned())));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_the_fix() {
    for (text, meant, told) in [
        ("model:a modle:b", "modle", "did you mean model?"),
        ("status:200 zebra:1", "zebra", "the fields are from, to, account, model,"),
        ("hello", "hello", "write field:value"),
        ("ä: x", "ä", "there is no field"),
        ("model:", "", "a value is missing"),
        ("model: a", " ", "a value is missing"),
        ("status:many", "many", "status takes a whole number, or none (write status:>=400)"),
        ("status:>=", ">=", "a value is missing"),
        ("status:>=\"4\"", ">=\"4\"", "status takes a number"),
        ("model:>=4", ">=4", "model is no number"),
        ("ip:10.0.0.1", "10.0.0.1", "16 hexadecimal digits"),
        ("ip:0000000000000000", "0000000000000000", "16 hexadecimal digits"),
        ("ip:1f*", "1f*", "only texts have beginnings"),
        ("asks:money", "money", "one of reasoning, grading,"),
        ("stream:yes", "yes", "true or false"),
        ("temperature:inf", "inf", "temperature takes a number"),
        ("model:\"a", "\"a", "the quote is not closed"),
        ("model:\"a\"b", "b", "put a space before it"),
        ("model:a\"b\"", "\"", "put the whole value between quotes"),
        (r#"model:"\x""#, r"\x", "a backslash is followed by"),
        (r#"model:"\u{110000}""#, r"\u{110000}", "a backslash is followed by"),
        ("from:yesterday", "yesterday", "from takes a time, as 2026-04-22"),
        ("-from:2026-04-22", "-", "cannot be negated"),
        ("to:2026-04-22 to:2026-04-23", "to:2026-04-23", "twice"),
        ("from:2026-04-22 to:2026-04-22", "2026-04-22", "ends before it begins"),
    ] {
        let (said, place) = refused(text);
        assert!(said.contains(told), "{text}: {said}");
        assert_eq!(place, meant, "{text}: {said}");
    }
}

#[test]
fn a_question_is_bounded() {
    let many = "status:200 ".repeat(MAX_TERMS);
    assert_eq!(Query::parse(&many).unwrap().terms.len(), MAX_TERMS);
    let (said, _) = refused(&(many + "n:1"));
    assert!(said.contains("more than 32 terms"), "{said}");
    let long = format!("model:{}", "x".repeat(MAX_QUERY_BYTES));
    let error = Query::parse(&long).unwrap_err();
    assert!(error.place().is_none() && error.to_string().contains("leave terms out"), "{error}");
}

#[test]
fn every_example_is_a_question() {
    for field in Field::ALL {
        let query = Query::parse(field.example()).unwrap();
        assert_eq!(query.terms.first().unwrap().field, *field);
    }
}
