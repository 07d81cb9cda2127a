//! A world that was made, read back for the tests.

#![allow(dead_code, reason = "each test file uses a part")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail as tests do")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use range::{GenerateOptions, World, generate};
use serde_json::Value;

/// A world as it lies in its folder.
pub struct Made {
    pub exchanges: Vec<Value>,
    pub accounts: HashMap<String, Value>,
    pub truth: Value,
    pub actions: Vec<Value>,
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let rows = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    rows.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// Makes a world with so many days and these tables.
pub fn make(days: u32, tables: &str, options: &GenerateOptions) -> Made {
    let toml = format!("name = 'x'\nabout = 'x'\nstart = '2026-04-22'\ndays = {days}\n{tables}");
    read_back(&World::parse(&toml, "test").unwrap(), options)
}

/// Makes a world and reads it back.
pub fn read_back(world: &World, options: &GenerateOptions) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("world");
    generate(world, options, &out, &|_, _| {}).unwrap();
    let read = |name: &str| std::fs::read(out.join(name)).unwrap_or_default();
    let mut exchanges = lines(&zstd::decode_all(read("exchanges.jsonl.zst").as_slice()).unwrap());
    exchanges.sort_by(|a, b| text(a, "/at").cmp(text(b, "/at")));
    let accounts = lines(&read("accounts.jsonl"));
    let count = accounts.len();
    let accounts: HashMap<String, Value> =
        accounts.into_iter().map(|one| (text(&one, "/account").to_owned(), one)).collect();
    assert_eq!(count, accounts.len(), "an account is told twice");
    let truth = serde_json::from_slice(&read("truth.json")).unwrap();
    Made { exchanges, accounts, truth, actions: lines(&read("actions.jsonl")) }
}

pub fn seed(seed: u64) -> GenerateOptions {
    GenerateOptions { seed, ..GenerateOptions::default() }
}

/// A table of a campaign.
pub fn campaign(name: &str, level: &str, accounts: u32, more: &str) -> String {
    format!(
        "[[campaign]]\nname = '{name}'\nlevel = '{level}'\nentity = 'e'\naccounts = {accounts}\n\
         capability = 'reasoning'\n{more}\n"
    )
}

/// A table of honest people.
pub fn people(kind: &str, accounts: u32) -> String {
    format!("[[population]]\nkind = '{kind}'\naccounts = {accounts}\n")
}

pub fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

pub fn ids(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

pub fn messages(exchange: &Value) -> &Vec<Value> {
    exchange["request"]["messages"].as_array().unwrap()
}

/// What is asked last.
pub fn asked(exchange: &Value) -> &str {
    messages(exchange).last().map_or("", |message| text(message, "/content"))
}

pub fn answered(exchange: &Value) -> bool {
    exchange["response"]["status"] == 200
}

impl Made {
    /// The ids of a campaign's accounts, or of a kind's.
    pub fn ids(&self, name: &str) -> BTreeSet<String> {
        let campaigns = self.truth["campaigns"].as_array().unwrap();
        match campaigns.iter().find(|one| one["name"] == name) {
            Some(campaign) => ids(&campaign["accounts"]),
            None => ids(&self.truth["benign"][name]),
        }
    }

    /// Exchanges of a campaign's accounts, or of a kind's, in order of time.
    pub fn of(&self, name: &str) -> Vec<&Value> {
        let ids = self.ids(name);
        self.exchanges.iter().filter(|one| ids.contains(text(one, "/account"))).collect()
    }

    /// The answers that come back in later prompts: of each, the account and the time of both.
    pub fn returns(&self, name: &str) -> Vec<(&str, &str, &str, &str)> {
        let exchanges = self.of(name);
        let mut given: HashMap<&str, (&str, &str, &str)> = HashMap::new();
        for one in &exchanges {
            let answer = text(one, "/response/content");
            if answer.split_whitespace().count() >= 12 {
                given.entry(last_words(answer)).or_insert((answer, text(one, "/account"), text(one, "/at")));
            }
        }
        let mut returns = Vec::new();
        for one in exchanges.iter().filter(|one| answered(one)) {
            for line in asked(one).lines() {
                if let Some((answer, account, at)) = given.get(last_words(line))
                    && line.contains(answer)
                {
                    returns.push((*account, *at, text(one, "/account"), text(one, "/at")));
                }
            }
        }
        returns
    }

    /// How many exchanges each account has on each day.
    pub fn daily(&self, name: &str) -> BTreeMap<(String, String), u32> {
        let mut days = BTreeMap::new();
        for one in self.of(name).into_iter().filter(|one| answered(one)) {
            let day = text(one, "/at").get(..10).unwrap().to_owned();
            *days.entry((text(one, "/account").to_owned(), day)).or_default() += 1;
        }
        days
    }

    /// Accounts that hold the same beginning of a conversation, our own turn in it, by that beginning.
    pub fn holders(&self, name: &str) -> Vec<BTreeSet<&str>> {
        let mut holders: HashMap<String, BTreeSet<&str>> = HashMap::new();
        for one in self.of(name).into_iter().filter(|one| messages(one).len() > 2) {
            let prefix: String = messages(one).iter().take(2).map(Value::to_string).collect();
            holders.entry(prefix).or_default().insert(text(one, "/account"));
        }
        holders.into_values().collect()
    }
}

fn last_words(line: &str) -> &str {
    let from = line.char_indices().rev().filter(|(_, letter)| *letter == ' ').nth(7).map_or(0, |(at, _)| at);
    line.get(from..).unwrap_or(line)
}

/// Runs of words of a text.
pub fn runs(text: &str, length: usize) -> HashSet<String> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.windows(length).map(|run| run.join(" ")).collect()
}
