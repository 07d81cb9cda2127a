use std::fs;
use std::fs::File;
use std::sync::Arc;

use arrow_array::Array as _;
use arrow_array::ArrayRef;
use arrow_array::DictionaryArray;
use arrow_array::Int64Array;
use arrow_array::LargeStringArray;
use arrow_array::ListArray;
use arrow_array::StringArray;
use arrow_array::StringViewArray;
use arrow_array::StructArray;
use arrow_array::TimestampMillisecondArray;
use arrow_array::TimestampNanosecondArray;
use arrow_array::types::Int32Type;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;

use super::*;
use crate::Client;
use crate::Exchange;
use crate::Message;
use crate::Params;
use crate::Request;
use crate::Response;
use crate::Role;

fn written(columns: Vec<(&str, ArrayRef)>) -> (tempfile::TempDir, Input) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let input = crate::expand(&[path.display().to_string()]).unwrap().remove(0);
    (folder, input)
}

fn read(input: &Input) -> Result<Vec<String>, Error> {
    let mut out = Vec::new();
    for block in input.open(None)? {
        block?.read(&mut |record| match record {
            Ok(exchange) => {
                let mut line = Vec::new();
                crate::native::write_exchange(&exchange, &mut line);
                out.push(String::from_utf8(line).unwrap());
            }
            Err(reject) => out.push(format!("{} {:?}: {}", reject.line, reject.byte_offset, reject.reason)),
        });
    }
    Ok(out)
}

fn column<A: arrow_array::Array + 'static>(array: A) -> ArrayRef {
    Arc::new(array)
}

#[test]
fn flat_columns_of_many_types_are_read() {
    let ids: DictionaryArray<Int32Type> = vec!["a", "b", "c"].into_iter().collect();
    let (_folder, input) = written(vec![
        ("id", column(ids)),
        ("at", column(TimestampMillisecondArray::from(vec![1_776_816_001_123; 3]).with_timezone("+02:00"))),
        ("account", column(StringViewArray::from(vec![Some("x"), Some("y"), None]))),
        ("text", column(LargeStringArray::from(vec![Some("hello"), None, None]))),
        ("tools", column(StringArray::from(vec![Some(r#"["bash",{"name":"edit"}]"#), None, None]))),
        ("n", column(arrow_array::Float64Array::from(vec![Some(2.0), Some(2.5), None]))),
        ("asn", column(arrow_array::UInt16Array::from(vec![Some(64_500), None, None]))),
        ("extra", column(Int64Array::from(vec![1, 2, 3]))),
    ]);
    assert_eq!(
        read(&input).unwrap(),
        [
            "{\"id\":\"a\",\"at\":\"2026-04-22T00:00:01.123Z\",\"account\":\"x\",\"client\":{\"asn\":64500},\"request\":{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"tools\":[\"bash\",\"edit\"],\"params\":{\"n\":2}}}\n",
            "2 None: `n`: 2.5, expected a whole number of 0 or more",
            "3 None: no `account` (it is needed in every row)",
        ]
    );
}

#[test]
fn nested_columns_are_read_as_in_the_json() {
    let text = |value: &str| column(StringArray::from(vec![value]));
    let message = StructArray::try_from(vec![("role", text("user")), ("content", text("hi"))]).unwrap();
    let element = Arc::new(arrow_schema::Field::new("item", message.data_type().clone(), true));
    let offsets = arrow_buffer::OffsetBuffer::from_lengths([1]);
    let messages = ListArray::new(element, offsets, column(message), None);
    let params = StructArray::try_from(vec![("max_tokens", column(Int64Array::from(vec![64])))]).unwrap();
    let request =
        StructArray::try_from(vec![("model", text("m")), ("messages", column(messages)), ("params", column(params))])
            .unwrap();
    let client = StructArray::try_from(vec![("ip", text("203.0.113.7"))]).unwrap();
    let (_folder, input) = written(vec![
        ("id", text("a")),
        ("at", text("2026-04-22T02:00:00+02:00")),
        ("account", text("x")),
        ("client", column(client)),
        ("request", column(request)),
    ]);
    assert_eq!(
        read(&input).unwrap(),
        [
            "{\"id\":\"a\",\"at\":\"2026-04-22T00:00:00Z\",\"account\":\"x\",\"client\":{\"ip\":\"203.0.113.7\"},\"request\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"params\":{\"max_tokens\":64}}}\n"
        ]
    );
}

#[test]
fn a_missing_or_wrong_column_is_an_error_that_names_it() {
    let ids = || column(StringArray::from(vec!["a"]));
    let (_folder, input) = written(vec![("id", ids()), ("account", ids())]);
    let error = read(&input).unwrap_err().to_string();
    assert!(error.contains("no column `at` (it is needed, as a timestamp); found `id`, `account`"), "{error}");
    let at = || column(TimestampNanosecondArray::from(vec![1]));
    let (_folder, input) = written(vec![("id", ids()), ("at", at()), ("account", column(Int64Array::from(vec![1])))]);
    let error = read(&input).unwrap_err().to_string();
    assert!(error.contains("column `account` is Int64, expected text (cast it when the file is written)"), "{error}");
}

#[test]
fn a_truncated_table_is_an_error_with_the_fix() {
    let ids = || column(StringArray::from(vec!["a"]));
    let (folder, input) = written(vec![("id", ids()), ("at", ids()), ("account", ids())]);
    let path = folder.path().join("table.parquet");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    let error = read(&input).unwrap_err().to_string();
    assert!(error.contains("copy it again"), "{error}");
}

#[test]
fn accounts_are_read_from_a_table() {
    let text = |value: Option<&str>| column(StringArray::from(vec![value]));
    let mut verified = arrow_array::builder::ListBuilder::new(arrow_array::builder::StringBuilder::new());
    verified.values().append_value("email");
    verified.append(true);
    let (_folder, input) = written(vec![
        ("account", text(Some("acct_17"))),
        ("created_at", column(TimestampMillisecondArray::from(vec![1_776_682_920_000]))),
        ("email", text(None)),
        ("plan", text(Some("payg"))),
        ("verified", column(verified.finish())),
    ]);
    let mut accounts = Vec::new();
    crate::read_accounts(&input, &mut |account| accounts.push(account.unwrap())).unwrap();
    let expected = Account {
        account: "acct_17".into(),
        created_at_us: Some(1_776_682_920_000_000),
        plan: Some("payg".into()),
        verified: vec!["email".into()],
        ..Account::default()
    };
    assert_eq!(accounts, [expected]);
}

prop_compose! {
    fn text()(text in "[a-zé\"\\\\\n\u{1}]{1,12}") -> std::borrow::Cow<'static, str> { text.into() }
}

prop_compose! {
    fn message()(role in 0..4, text in text(), media in 0_u32..3) -> Message<'static> {
        let role = [Role::User, Role::Assistant, Role::Tool, Role::System][role as usize];
        Message { role, text, media, signature: None }
    }
}

prop_compose! {
    fn params()(
        temperature in proptest::option::of((0..200).prop_map(|hundredths| f64::from(hundredths) / 100.0)),
        top_p in proptest::option::of((0..100).prop_map(|hundredths| f64::from(hundredths) / 100.0)),
        max_tokens in any::<Option<u64>>(), n in any::<Option<u32>>(), logprobs in any::<Option<bool>>(),
        top_logprobs in any::<Option<u32>>(), logit_bias in any::<Option<u32>>(), stream in any::<Option<bool>>(),
    ) -> Params {
        Params { temperature, top_p, max_tokens, n, logprobs, top_logprobs, logit_bias, stream }
    }
}

prop_compose! {
    fn exchange()(
        id in text(), at_us in 0_i64..crate::time::END_US, account in text(),
        texts in proptest::collection::vec(proptest::option::of(text()), 14),
        asn in any::<Option<u32>>(), status in any::<Option<u16>>(), tokens in any::<Option<u64>>(),
        latency in proptest::option::of(0_u64..1 << 50), messages in proptest::collection::vec(message(), 0..4),
        tools in proptest::collection::vec(text(), 0..3), params in params(),
    ) -> Exchange<'static> {
        let text = |index: usize| texts[index].clone();
        let mut exchange = Exchange {
            id, at_us, account,
            key: text(0), channel: text(1), conversation: text(2), end_user: text(3),
            client: Client { ip: text(4), asn, country: text(5), user_agent: text(6), ja4: text(7), headers: text(8) },
            request: Request { model: text(9), endpoint: text(10), system: text(11), messages, tools, params },
            response: Response {
                status, stop_reason: text(12), input_tokens: tokens, output_tokens: tokens, latency_ms: latency,
                content: text(13), signature: None,
            },
        };
        // What a reader gives has its opening instructions in the system prompt.
        crate::native::lift_system(&mut exchange.request);
        exchange
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_reads_back_as_itself(exchanges in proptest::collection::vec(exchange(), 1..5)) {
        let mut json = Vec::new();
        let mut table = ExchangeWriter::new(Vec::new()).unwrap();
        for exchange in &exchanges {
            crate::native::write_exchange(exchange, &mut json);
            table.push(exchange).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a.jsonl", json), ("a.parquet", table.finish().unwrap())] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let input = crate::expand(&[path.display().to_string()]).unwrap().remove(0);
            let mut row = 0;
            for block in input.open(None).unwrap() {
                block.unwrap().read(&mut |found| {
                    assert_eq!(found.unwrap(), exchanges[row], "{name}");
                    row += 1;
                });
            }
            assert_eq!(row, exchanges.len());
        }
    }
}

#[test]
fn a_table_says_more_of_exchanges_that_another_log_tells() {
    let client = StructArray::try_from(vec![("ip", column(StringArray::from(vec!["203.0.113.7", "203.0.113.8"])))]);
    let (_folder, input) = written(vec![
        ("id", column(StringArray::from(vec![Some("r-1"), None]))),
        ("client", column(client.unwrap())),
        ("status", column(Int64Array::from(vec![200, 429]))),
    ]);
    let mut found = Vec::new();
    crate::read_additions(&input, &Maps::default(), &mut |addition| {
        found.push(match addition {
            Ok(Addition { exchange, .. }) => {
                format!("{} {:?} {:?}", exchange.id, exchange.client.ip, exchange.response.status)
            }
            Err(reject) => format!("line {}: {}", reject.line, reject.reason),
        });
    })
    .unwrap();
    assert_eq!(found[0], "r-1 Some(\"203.0.113.7\") Some(200)");
    assert!(found[1].starts_with("line 2: no id of a request or a trace"), "{found:?}");
    let (_folder, other) = written(vec![("number", column(Int64Array::from(vec![1])))]);
    let reason = crate::read_additions(&other, &Maps::default(), &mut |_| {}).unwrap_err().to_string();
    assert!(reason.contains("`number`") && reason.contains("adds = true"), "{reason}");
}
