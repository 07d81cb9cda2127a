//! What every generated world keeps: determinism, truth, the window, the levels' marks and the twin rule.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail as tests do")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use proptest::prelude::*;
use range::{Form, GenerateOptions, World, generate};
use serde_json::Value;

/// A world as it lies in its folder.
struct Made {
    exchanges: Vec<Value>,
    accounts: HashMap<String, Value>,
    truth: Value,
    kinds: HashMap<String, String>,
}

fn options(seed: u64, scale: f64) -> GenerateOptions {
    GenerateOptions { seed, scale, ..GenerateOptions::default() }
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn make(world: &World, options: &GenerateOptions) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("world");
    let made = generate(world, options, &out, &|_, _| {}).unwrap();
    let packed = std::fs::read(out.join("exchanges.jsonl.zst")).unwrap();
    let exchanges = lines(&zstd::decode_all(packed.as_slice()).unwrap());
    let accounts = lines(&std::fs::read(out.join("accounts.jsonl")).unwrap());
    let truth: Value = serde_json::from_slice(&std::fs::read(out.join("truth.json")).unwrap()).unwrap();
    assert_eq!(made.exchanges, exchanges.len() as u64);
    assert_eq!(made.accounts, accounts.len() as u64);
    let mut kinds = HashMap::new();
    let mut note = |kind: &str, ids: &Value| {
        for id in ids.as_array().unwrap() {
            assert_eq!(kinds.insert(id.as_str().unwrap().to_owned(), kind.to_owned()), None, "{id} is there twice");
        }
    };
    for campaign in truth["campaigns"].as_array().unwrap() {
        note(campaign["name"].as_str().unwrap(), &campaign["accounts"]);
    }
    for (kind, ids) in truth["benign"].as_object().unwrap() {
        note(kind, ids);
    }
    let accounts = accounts.into_iter().map(|one| (one["account"].as_str().unwrap().to_owned(), one)).collect();
    Made { exchanges, accounts, truth, kinds }
}

impl Made {
    fn kind(&self, exchange: &Value) -> &str {
        &self.kinds[exchange["account"].as_str().unwrap()]
    }

    fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.exchanges.iter().filter(move |exchange| self.kind(exchange) == kind)
    }

    fn records<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.accounts.iter().filter(move |(id, _)| self.kinds[*id] == kind).map(|(_, record)| record)
    }
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn groups<'a>(records: impl Iterator<Item = &'a Value>, field: &str) -> BTreeMap<&'a str, u32> {
    let mut groups = BTreeMap::new();
    for record in records {
        *groups.entry(text(record, field)).or_default() += 1;
    }
    groups
}

/// The whole bytes of a world's files.
fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    ["exchanges.jsonl.zst", "accounts.jsonl", "truth.json"]
        .map(|name| std::fs::read(folder.join(name)).unwrap())
        .to_vec()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let world = World::load("demo").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, seed| {
        let out = folder.path().join(name);
        generate(&world, &options(seed, 0.1), &out, &|_, _| {}).unwrap();
        bytes(&out)
    };
    let first = make("a", 1);
    assert_eq!(first, make("b", 1));
    // A folder that holds another world is overwritten whole.
    let other = make("b", 2);
    assert_eq!(other, bytes(&folder.path().join("b")));
    assert!(first.iter().zip(&other).all(|(a, b)| a != b));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing half made is left: {left:?}");
}

#[test]
fn truth_and_records_agree() {
    let made = make(&World::load("hard-negatives").unwrap(), &options(3, 0.5));
    assert_eq!(made.kinds.keys().collect::<BTreeSet<_>>(), made.accounts.keys().collect::<BTreeSet<_>>());
    let active: BTreeSet<&str> = made.exchanges.iter().map(|one| text(one, "/account")).collect();
    assert!(active.iter().all(|id| made.accounts.contains_key(*id)));
    assert!(active.len() * 100 >= made.accounts.len() * 97, "nearly every account is active");
    for kind in made.truth["benign"].as_object().unwrap().keys() {
        assert!(made.of(kind).next().is_some(), "{kind} asks nothing");
    }
}

#[test]
fn every_exchange_is_whole_and_in_the_window() {
    let made = make(&World::load("demo").unwrap(), &options(4, 0.15));
    let mut ids = HashSet::new();
    for exchange in &made.exchanges {
        assert!(ids.insert(text(exchange, "/id")), "an id is there twice");
        let at = text(exchange, "/at");
        assert!(("2026-04-22".."2026-05-06").contains(&at), "{at}");
        let created = text(&made.accounts[text(exchange, "/account")], "/created_at");
        assert!(created < at, "{exchange} comes before its account of {created}");
        for path in ["/client/ip", "/client/user_agent", "/client/ja4", "/client/headers", "/request/model"] {
            assert!(!text(exchange, path).is_empty(), "{exchange} lacks {path}");
        }
        let messages = exchange["request"]["messages"].as_array().unwrap();
        assert!(messages.iter().all(|message| !text(message, "/content").is_empty()), "{exchange}");
        let answered = exchange["response"]["status"] == 200;
        assert_eq!(answered, exchange["response"]["output_tokens"].is_u64());
    }
}

#[test]
fn identifiers_tell_nothing() {
    let made = make(&World::load("demo").unwrap(), &options(5, 0.2));
    let shapes =
        |kind: &str| -> BTreeSet<usize> { made.records(kind).map(|one| text(one, "/account").len()).collect() };
    assert_eq!(shapes("ashlar"), shapes("individual"));
    let log = made.exchanges.iter().map(Value::to_string).collect::<String>();
    for telltale in ["ashlar", "lampblack", "Oriel", "Northmere", "twin_", "Carrow"] {
        assert!(!log.contains(telltale), "{telltale:?} stands in the log");
    }
}

#[test]
fn own_pools_share_cards_and_mail() {
    let made = make(&World::load("demo").unwrap(), &options(6, 1.0));
    let cards = groups(made.records("ashlar"), "/payment");
    assert!(cards.values().all(|size| (5..=45).contains(size)), "{cards:?}");
    let devices = groups(made.records("ashlar"), "/device");
    assert!(devices.values().any(|size| *size >= 3));
    let hosts: BTreeSet<&str> =
        made.records("ashlar").filter_map(|one| text(one, "/email").split('@').nth(1)).collect();
    assert_eq!(hosts.len(), 1, "one domain takes all mail");
    let addresses: BTreeSet<&str> = made.of("ashlar").map(|one| text(one, "/client/ip")).collect();
    assert!(addresses.len() <= 8, "few addresses: {}", addresses.len());
    for (id, count) in groups(made.of("ashlar"), "/account") {
        assert!((20..=66).contains(&count), "{id} makes {count} exchanges (some fail and are sent again)");
    }
}

#[test]
fn proxy_pools_rotate_share_evenly_and_hand_over() {
    let made = make(&World::load("demo").unwrap(), &options(7, 1.0));
    let tuples: BTreeSet<&str> = made.of("lampblack").map(|one| text(one, "/client/user_agent")).collect();
    assert_eq!(tuples.len(), 1, "a frozen tuple");
    let cards = groups(made.records("lampblack"), "/payment");
    assert!(cards.len() * 10 >= 8 * made.records("lampblack").count(), "mostly own cards");
    let devices = groups(made.records("lampblack"), "/device");
    assert!(devices.values().any(|size| (3..=12).contains(size)), "{devices:?}");
    // The same first message and the same first answer of ours on two accounts: a conversation that moved.
    let mut homes: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for exchange in made.of("lampblack") {
        let messages = exchange["request"]["messages"].as_array().unwrap();
        let prefix: String = messages.iter().take(2).map(Value::to_string).collect();
        if messages.len() > 2 {
            homes.entry(prefix).or_default().insert(text(exchange, "/account"));
        }
    }
    assert!(homes.values().any(|accounts| accounts.len() > 1), "no conversation moved");
    let hours = groups(made.of("lampblack").map(|one| &one["at"]), "");
    let night =
        hours.keys().filter(|at| matches!(at.get(11..13), Some("00" | "01" | "02" | "03" | "04" | "05"))).count();
    let share = night as f64 / hours.len() as f64;
    assert!((0.2..0.3).contains(&share), "round the clock: {share}");
}

#[test]
fn twins_match_in_all_but_coordination() {
    let made = make(&World::load("demo").unwrap(), &options(8, 1.0));
    let hostile = || made.of("ashlar").chain(made.of("lampblack"));
    assert_eq!(made.records("twin").count(), made.records("ashlar").count() + made.records("lampblack").count());
    let agents = |log: &mut dyn Iterator<Item = &Value>| -> BTreeSet<String> {
        log.map(|one| text(one, "/client/user_agent").to_owned()).collect()
    };
    assert_eq!(agents(&mut hostile()), agents(&mut made.of("twin")));
    let volume = |log: &mut dyn Iterator<Item = &Value>| log.count() as f64;
    let ratio = volume(&mut hostile()) / volume(&mut made.of("twin"));
    assert!((0.95..1.05).contains(&ratio), "volume {ratio}");
    let hours = |log: &mut dyn Iterator<Item = &Value>| -> [f64; 4] {
        let mut counts = [0.0; 4];
        let mut all = 0.0;
        for one in log {
            let hour: usize = text(one, "/at").get(11..13).unwrap().parse().unwrap();
            counts[hour / 6] += 1.0;
            all += 1.0;
        }
        counts.map(|count| count / all)
    };
    for (a, b) in hours(&mut hostile()).iter().zip(hours(&mut made.of("twin"))) {
        assert!((a - b).abs() < 0.08, "hours differ: {a} and {b}");
    }
    // Own payment each, own words each, no addresses like a pool's.
    assert!(groups(made.records("twin"), "/payment").values().all(|size| *size == 1));
    let first = |one: &&Value| one["request"]["messages"].as_array().unwrap().len() == 1;
    let opening =
        |one: &Value| text(one, "/request/messages/0/content").split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    let repeated = |log: &mut dyn Iterator<Item = &Value>| {
        let mut counts: HashMap<String, u32> = HashMap::new();
        log.filter(first).for_each(|one| *counts.entry(opening(one)).or_default() += 1);
        let all: u32 = counts.values().sum();
        f64::from(counts.values().filter(|count| **count > 1).sum::<u32>()) / f64::from(all)
    };
    assert!(repeated(&mut made.of("ashlar")) > 0.9);
    assert!(repeated(&mut made.of("twin")) < 0.1, "{}", repeated(&mut made.of("twin")));
}

#[test]
fn strangers_seldom_say_the_same() {
    let made = make(&World::load("demo").unwrap(), &options(9, 0.6));
    let mut owners: HashMap<String, BTreeSet<&str>> = HashMap::new();
    let mut prompts = Vec::new();
    for one in made.of("individual").chain(made.of("vpn_users")) {
        let messages = one["request"]["messages"].as_array().unwrap();
        if messages.len() == 1 {
            let words: Vec<&str> = text(&messages[0], "/content").split_whitespace().collect();
            let runs: Vec<String> = words.windows(8).map(|run| run.join(" ")).collect();
            for run in &runs {
                owners.entry(run.clone()).or_default().insert(text(one, "/account"));
            }
            prompts.push(runs);
        }
    }
    let shared = prompts.iter().filter(|runs| runs.iter().any(|run| owners[run].len() > 1)).count();
    let share = shared as f64 / prompts.len() as f64;
    assert!(share < 0.08, "{share} of the prompts share eight words in a row with a stranger's");
}

#[test]
fn hard_negatives_have_their_marks() {
    let made = make(&World::load("hard-negatives").unwrap(), &options(10, 1.0));
    let largest = |kind: &str, field: &str| groups(made.records(kind), field).into_values().max().unwrap();
    assert_eq!(largest("enterprise", "/payment"), 80);
    assert_eq!(largest("agency", "/payment"), 35);
    assert!(made.records("agency").all(|one| one["organization"].is_null()));
    assert!(made.records("synthetic_data").all(|one| one["organization"].is_string()));
    let users: BTreeSet<&str> = made.of("reseller").map(|one| text(one, "/end_user")).collect();
    assert!(users.len() > 150, "{}", users.len());
    let systems: BTreeSet<&str> = made
        .of("agent_users")
        .filter(|one| one["request"]["tools"].is_array())
        .map(|one| text(one, "/request/system"))
        .collect();
    assert_eq!(systems.len(), 1);
    assert!(made.of("benchmark_runner").all(|one| one["request"]["params"]["temperature"] == 0.0));
    let days: BTreeSet<&str> = made.records("hackathon").filter_map(|one| text(one, "/created_at").get(..10)).collect();
    assert!(days.len() <= 2, "{days:?}");
    let mut keys: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for one in made.of("key_move") {
        keys.entry(text(one, "/key")).or_default().insert(text(one, "/account"));
    }
    assert!(keys.values().any(|accounts| accounts.len() == 2), "no key moved");
    // Answers of the product come back in the prompts of its graders.
    let answers: Vec<&str> =
        made.of("judge_pipeline").map(|one| text(one, "/response/content")).filter(|text| text.len() > 60).collect();
    let returned = made.of("judge_pipeline").filter(|one| {
        let asked = text(one, "/request/messages/0/content");
        asked.contains("Reply: ") && answers.iter().any(|answer| asked.contains(answer))
    });
    assert!(returned.count() > 10);
}

#[test]
fn pools_and_traces_replace_what_is_generated() {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work.jsonl");
    let rows: String =
        (0..6_000).map(|row| format!("{{\"prompt\": \"pooled item number {row} of the set\"}}\n")).collect();
    std::fs::write(&work, rows).unwrap();
    let benign = folder.path().join("benign.txt");
    std::fs::write(&benign, (0..500).map(|row| format!("everyday question {row}\n\n")).collect::<String>()).unwrap();
    let trace = folder.path().join("trace.csv");
    std::fs::write(&trace, "0,0\n43200,5\n").unwrap();
    let world = World::load("demo").unwrap();
    let pools = vec![("work".to_owned(), work), ("benign".to_owned(), benign)];
    let made = make(&world, &GenerateOptions { pools, trace: Some(trace), ..options(11, 0.2) });
    let mut items = HashMap::new();
    for one in made.of("ashlar").filter(|one| one["response"]["status"] == 200) {
        let asked = text(one, "/request/messages/0/content");
        if one["request"]["messages"].as_array().unwrap().len() == 1 {
            let item = asked.split("pooled item number ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
            *items.entry(item).or_insert(0) += 1;
        }
    }
    assert!(items.len() > 500 && items.values().all(|count| *count == 1), "items are dealt out without repeats");
    let mut people: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for one in
        made.exchanges.iter().filter(|one| text(one, "/request/messages/0/content").starts_with("everyday question"))
    {
        people.entry(text(one, "/request/messages/0/content")).or_default().insert(text(one, "/account"));
    }
    let once = people.values().filter(|accounts| accounts.len() == 1).count();
    // All 500 are dealt, some to conversations that do not draw on people's questions; a relay may move a few.
    assert!(people.len() > 250, "{}", people.len());
    assert!(once * 100 >= people.len() * 95, "no two strangers get the same question");
    let first_turns = made.of("individual").filter(|one| one["request"]["messages"].as_array().unwrap().len() == 1);
    let (mut late, mut all) = (0, 0);
    for one in first_turns {
        all += 1;
        late += u32::from(text(one, "/at").get(11..13).unwrap() >= "12");
    }
    assert!(late * 100 > all * 90, "{late} of {all} begin in the busy half of the trace's day");
}

#[test]
fn parquet_holds_the_same_world() {
    let world = World::load("hard-negatives").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (lines, table) = (folder.path().join("lines"), folder.path().join("table"));
    let as_lines = generate(&world, &options(12, 0.1), &lines, &|_, _| {}).unwrap();
    let as_table =
        generate(&world, &GenerateOptions { form: Form::Parquet, ..options(12, 0.1) }, &table, &|_, _| {}).unwrap();
    assert_eq!(as_lines.exchanges, as_table.exchanges);
    assert!(std::fs::read(table.join("exchanges.parquet")).unwrap().starts_with(b"PAR1"));
    for name in ["accounts.jsonl", "truth.json"] {
        assert_eq!(std::fs::read(lines.join(name)).unwrap(), std::fs::read(table.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_wrong_scale_is_refused() {
    let world = World::load("demo").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for scale in [0.0, -1.0, f64::NAN, 1e9] {
        let error = generate(&world, &options(1, scale), &folder.path().join("x"), &|_, _| {}).unwrap_err();
        assert!(error.to_string().contains("scale"), "{error}");
    }
    assert!(!folder.path().join("x").exists());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Any small world of any kind and level keeps to its window and its truth.
    #[test]
    fn any_world_holds(
        seed in any::<u64>(),
        days in 1_u32..20,
        kind in prop::sample::select(vec!["individual", "viral", "class", "hackathon", "key_move", "judge_pipeline", "enterprise"]),
        accounts in 1_u32..9,
        level in prop::sample::select(vec!["T0", "T1", "T2", "T3", "T4"]),
        hostile in 1_u32..9,
        low in 1_u32..12,
        more in 0_u32..20,
        cover in 0.0_f64..0.9,
    ) {
        let cover = if matches!(level, "T2" | "T3") { cover } else { 0.0 };
        let toml = format!(
            "name = 'any'\nabout = 'any'\nstart = '2026-04-22'\ndays = {days}\n\
             [[population]]\nkind = '{kind}'\naccounts = {accounts}\n\
             [[campaign]]\nname = 'c'\nlevel = '{level}'\nentity = 'e'\naccounts = {hostile}\ncover = {cover}\n\
             exchanges = [{low}, {}]\ncapability = 'vision'\nstart_day = {}\n",
            low + more,
            days - 1,
        );
        let made = make(&World::parse(&toml, "test").unwrap(), &options(seed, 1.0));
        prop_assert_eq!(made.kinds.len() as u32, accounts + 2 * hostile);
        let end = format!("2026-05-{:02}", (days + 22).saturating_sub(30));
        let end = if days + 22 > 30 { end } else { format!("2026-04-{}", days + 22) };
        for exchange in &made.exchanges {
            let at = text(exchange, "/at");
            prop_assert!(("2026-04-22"..end.as_str()).contains(&at), "{} is not before {}", at, end);
            prop_assert!(made.kinds.contains_key(text(exchange, "/account")));
            prop_assert!(!exchange["request"]["messages"].as_array().unwrap().is_empty());
        }
        let counted = made.truth["campaigns"][0]["exchanges"].as_u64().unwrap();
        prop_assert_eq!(counted, made.of("c").count() as u64);
    }
}
