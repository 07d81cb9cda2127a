//! The scan beside a slow one: every exchange of the log is looked at, one by one, as the question says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use columns::IngestOptions;
use proptest::prelude::*;
use query::Answer;
use query::Budget;
use query::Field;
use query::Options;
use query::Order;
use query::Query;
use query::Stopped;
use query::Test;
use query::Value;
use query::ask;
use query::time_text;
use workers::Silent;

const DAY_US: i64 = 86_400_000_000;
const START_US: i64 = 20_574 * DAY_US;
const DAYS: i64 = 6;
const MODELS: [Option<&str>; 4] = [Some("m-large"), Some("m-small"), Some("<b>m\u{202e}</b> \"x\""), None];
const AGENTS: [Option<&str>; 4] = [Some("python-requests/2.31"), Some("python"), Some("curl/8"), None];
const COUNTRIES: [Option<&str>; 3] = [Some("SG"), Some("CH"), None];

/// An invented exchange, as the log tells it.
#[derive(Debug, Clone)]
struct Told {
    id: String,
    at_us: i64,
    account: String,
    address: u64,
    texts: [Option<&'static str>; 3],
    status: Option<u64>,
    output_tokens: Option<u64>,
    temperature: Option<f64>,
    stream: Option<bool>,
}

/// A log and its data directory.
struct Log {
    told: Vec<Told>,
    data: PathBuf,
    _folder: tempfile::TempDir,
}

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let told: Vec<Told> = (0_u64..700).map(invented).collect();
    let lines: Vec<String> = told.iter().map(line).collect();
    let (log, data) = (folder.path().join("log.jsonl"), folder.path().join("data"));
    fs::write(&log, lines.join("\n")).unwrap();
    let options = IngestOptions { inputs: vec![log.display().to_string()], ..IngestOptions::default() };
    let ingested = columns::ingest(&options, &data, &Silent::default()).unwrap();
    assert_eq!(ingested.accepted, 700);
    Log { told, data, _folder: folder }
});

fn invented(number: u64) -> Told {
    // Numbers without a pattern that are the same at every run.
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x51_7cc1;
    let mut below = move |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    let pick = |of: &[Option<&'static str>], at: u64| of[usize::try_from(at).unwrap() % of.len()];
    let unless = |is_none: bool, value: u64| (!is_none).then_some(value);
    Told {
        id: format!("req_{number}"),
        // No two at one moment, so that their order is known.
        at_us: START_US + i64::try_from(below(u64::try_from(DAYS * DAY_US).unwrap() / 1_000) * 1_000 + number).unwrap(),
        account: format!("acct_{}", below(40)),
        address: below(9),
        texts: [pick(&MODELS, below(4)), pick(&AGENTS, below(4)), pick(&COUNTRIES, below(3))],
        status: unless(below(5) == 0, [200, 200, 429, 500][usize::try_from(below(4)).unwrap()]),
        output_tokens: unless(below(4) == 0, below(30)),
        temperature: [None, Some(0.0), Some(0.7), Some(1.0)][usize::try_from(below(4)).unwrap()],
        stream: [None, Some(true), Some(false)][usize::try_from(below(3)).unwrap()],
    }
}

fn line(told: &Told) -> String {
    let [model, agent, country] = told.texts;
    serde_json::json!({
        "id": told.id, "at": time_text(told.at_us), "account": told.account,
        "client": {"ip": format!("203.0.113.{}", told.address), "user_agent": agent, "country": country},
        "request": {"model": model, "messages": [{"role": "user", "content": "sort the tools"}],
            "params": {"temperature": told.temperature, "stream": told.stream}},
        "response": {"status": told.status, "output_tokens": told.output_tokens}
    })
    .to_string()
}

impl Told {
    fn value(&self, field: Field) -> Option<Value> {
        let text = |text: Option<&str>| text.map(|text| Value::Text(text.to_owned()));
        match field {
            Field::Account => text(Some(&self.account)),
            Field::Model => text(self.texts[0]),
            Field::UserAgent => text(self.texts[1]),
            Field::Country => text(self.texts[2]),
            Field::Status => self.status.map(Value::Number),
            Field::OutputTokens => self.output_tokens.map(Value::Number),
            Field::Temperature => self.temperature.map(Value::Decimal),
            Field::Stream => self.stream.map(Value::Flag),
            _ => panic!("{field:?} is not in the slow scan"),
        }
    }

    fn shows(&self, query: &Query) -> bool {
        query.terms.iter().all(|term| {
            let value = self.value(term.field);
            let holds = match (&term.test, &value) {
                (Test::None, value) => value.is_none(),
                (Test::Is(wanted), Some(value)) => wanted == value,
                (Test::Begins(start), Some(Value::Text(text))) => text.starts_with(start),
                (Test::Compare(order, bound), Some(value)) => {
                    let (value, bound) = (number(value), number(bound));
                    match order {
                        Order::Less => value < bound,
                        Order::AtMost => value <= bound,
                        Order::More => value > bound,
                        Order::AtLeast => value >= bound,
                    }
                }
                _ => false,
            };
            holds != term.is_negated
        })
    }
}

fn number(value: &Value) -> f64 {
    value.to_string().parse().unwrap()
}

fn question() -> impl Strategy<Value = String> {
    let terms = [
        "model:m-large",
        "model:m*",
        "model:none",
        "model:\"<b>m\\u{202e}</b> \\\"x\\\"\"",
        "user_agent:python*",
        "user_agent:python",
        "user_agent:*",
        "country:SG",
        "country:none",
        "status:200",
        "status:>=429",
        "status:<500",
        "status:none",
        "output_tokens:>12",
        "output_tokens:<=3",
        "output_tokens:0",
        "temperature:>=0.7",
        "temperature:0",
        "temperature:none",
        "stream:true",
        "stream:none",
        "account:acct_3",
        "account:acct_1*",
        "account:nobody",
    ];
    let term = (any::<bool>(), proptest::sample::select(terms.to_vec()));
    let term = term.prop_map(|(is_negated, term)| format!("{}{term}", if is_negated { "-" } else { "" }));
    let time = (START_US - DAY_US)..(START_US + (DAYS + 1) * DAY_US);
    (proptest::collection::vec(term, 0..4), proptest::option::of(time.clone()), proptest::option::of(time)).prop_map(
        |(mut terms, from, to)| {
            let (from, to) = match from.zip(to) {
                Some((a, b)) => (Some(a.min(b)), Some(a.max(b) + 1)),
                None => (from, to),
            };
            terms.extend(from.map(|from| format!("from:{}", time_text(from))));
            terms.extend(to.map(|to| format!("to:{}", time_text(to))));
            terms.join(" ")
        },
    )
}

/// Holds an answer against the slow scan.
fn check(query: &Query, options: &Options, answer: &Answer) {
    let within = |(from, to): (i64, i64)| {
        LOG.told.iter().filter(move |told| (from..to).contains(&told.at_us) && told.shows(query)).collect::<Vec<_>>()
    };
    let names = |found: &[&Told]| found.iter().map(|told| told.account.clone()).collect::<BTreeSet<_>>().len() as u64;
    let (from, to) = answer.window_us;
    assert!(query.from_us.is_none_or(|asked| asked == from) && query.to_us.is_none_or(|asked| asked == to));
    let mut now = within((query.from_us.unwrap_or(i64::MIN), query.to_us.unwrap_or(i64::MAX)));
    assert_eq!((answer.rows, answer.accounts), (now.len() as u64, names(&now)));
    assert_eq!(answer.before.is_some(), query.from_us.is_some());
    let before = answer.before.as_ref().map(|before| (before, within(before.window_us)));
    if let Some((told, slow)) = &before {
        assert_eq!((told.window_us.1, told.window_us.1 - told.window_us.0), (from, to - from));
        assert_eq!((told.rows, told.accounts), (slow.len() as u64, names(slow)));
    }
    let length = i64::try_from(answer.bucket_seconds).unwrap() * 1_000_000;
    for bucket in &answer.buckets {
        let slow = now.iter().filter(|told| (bucket.at_us..bucket.at_us + length).contains(&told.at_us)).count();
        assert_eq!(bucket.rows, slow as u64, "{}", time_text(bucket.at_us));
    }
    assert_eq!(answer.buckets.iter().map(|bucket| bucket.rows).sum::<u64>(), answer.rows);
    let key = |told: &Told| told.value(options.top).map(|value| value.to_string());
    let mut counts: BTreeMap<Option<String>, (u64, u64)> = BTreeMap::new();
    now.iter().for_each(|told| counts.entry(key(told)).or_default().0 += 1);
    for told in before.iter().flat_map(|(_, slow)| slow) {
        counts.entry(key(told)).or_default().1 += 1;
    }
    counts.retain(|_, (now, _)| *now > 0);
    assert_eq!((answer.top.distinct, answer.top.uncounted), (counts.len() as u64, 0));
    assert!(answer.top.values.is_sorted_by(|one, other| one.rows >= other.rows));
    assert_eq!(answer.top.values.len(), options.values.min(counts.len()));
    let listed: u64 = answer.top.values.iter().map(|value| value.rows).sum();
    assert_eq!(listed + answer.top.others, answer.rows);
    for top in &answer.top.values {
        let name = top.value.as_ref().map(Value::to_string);
        assert_eq!(counts.get(&name), Some(&(top.rows, top.rows_before)), "{name:?}");
    }
    now.sort_by_key(|told| std::cmp::Reverse(told.at_us));
    let shown: Vec<String> = answer.newest.iter().map(id).collect();
    assert_eq!(shown, now.iter().take(options.rows).map(|told| told.id.clone()).collect::<Vec<_>>());
}

fn id(row: &query::Row) -> String {
    row.values.iter().find(|(field, _)| *field == Field::Id).unwrap().1.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_scan_says_what_a_slow_one_says(
        text in question(),
        top in proptest::sample::select(vec![Field::Account, Field::Model, Field::Status, Field::Temperature, Field::Stream]),
        values in 1_usize..12,
        rows in 0_usize..30
    ) {
        let query = Query::parse(&text).unwrap();
        let options = Options { top, values, rows, budget: Budget::default() };
        let answer = ask(&LOG.data, &query, &options).unwrap();
        prop_assert!(answer.is_complete());
        check(&query, &options, &answer);
    }
}

#[test]
fn a_hash_leads_to_the_exchanges_that_have_it() {
    let ask =
        |text: &str| ask(&LOG.data, &Query::parse(text).unwrap(), &Options { top: Field::Ip, ..Options::default() });
    let all = ask("").unwrap();
    assert_eq!(all.top.values.len(), 9);
    for top in all.top.values {
        let term = format!("ip:{}", top.value.unwrap());
        let found = ask(&term).unwrap();
        let first = LOG.told.iter().find(|told| told.id == id(&found.newest[0])).unwrap();
        let same = LOG.told.iter().filter(|told| told.address == first.address).count();
        assert_eq!((found.rows, top.rows), (same as u64, same as u64), "{term}");
        assert_eq!(ask(&format!("-{term}")).unwrap().rows, (LOG.told.len() - same) as u64);
    }
}

#[test]
fn a_budget_ends_the_reading_and_is_told() {
    let query = Query::parse("").unwrap();
    let with = |rows: u64, time: Duration| {
        ask(&LOG.data, &query, &Options { budget: Budget { rows, time }, ..Options::default() }).unwrap()
    };
    let all = with(u64::MAX, Duration::MAX);
    assert_eq!((all.progress.rows, all.progress.unread_rows), (700, Some(0)));
    let part = with(200, Duration::MAX);
    assert_eq!(part.progress.stopped, Some(Stopped::Rows));
    assert!(part.rows >= 200 && part.rows < 700 && part.rows == part.progress.rows, "{part:?}");
    assert_eq!(part.progress.rows + part.progress.unread_rows.unwrap(), 700, "what was not read is counted");
    // Of the days that were read whole nothing is missing.
    let whole = part.progress.whole_from_us;
    assert_eq!(whole % DAY_US, 0);
    let since =
        |answer: &Answer| answer.buckets.iter().filter(|one| one.at_us >= whole).map(|one| one.rows).sum::<u64>();
    assert!(since(&part) > 0 && since(&part) == since(&all), "{} {}", since(&part), since(&all));
    let none = with(u64::MAX, Duration::ZERO);
    assert_eq!((none.progress.stopped, none.rows, none.progress.unread_rows), (Some(Stopped::Time), 0, Some(700)));
    // The time that was asked for is whole, and the one before is not.
    let newest = Query::parse(&format!("from:{}", time_text(START_US + (DAYS - 1) * DAY_US))).unwrap();
    let day = LOG.told.iter().filter(|told| told.at_us >= START_US + (DAYS - 1) * DAY_US).count() as u64;
    let budget = Budget { rows: day, time: Duration::MAX };
    let answer = ask(&LOG.data, &newest, &Options { budget, ..Options::default() }).unwrap();
    assert!(answer.is_complete() && answer.rows == day && !answer.before.unwrap().is_complete);
}

#[test]
fn an_empty_directory_is_an_empty_table() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "from:2026-04-22", "to:2026-04-22", "model:a from:2026-04-22 to:2026-04-23"] {
        let answer = ask(folder.path(), &Query::parse(text).unwrap(), &Options::default()).unwrap();
        assert_eq!((answer.rows, answer.table_us, answer.newest.len()), (0, None, 0), "{text}");
    }
}
