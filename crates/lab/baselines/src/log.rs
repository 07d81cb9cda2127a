//! A world's exchanges and accounts in compact form.

use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;

use record::Exchange;
use record::Role;

use crate::error::Error;
use crate::text::hash;

/// Kinds of identifying values that are kept of an account, in the order of [`Owner::values`].
pub(crate) const IDENTIFIERS: [&str; 5] = ["payment", "device", "phone", "mailbox", "signup_ip"];

/// One exchange.
#[derive(Debug, Clone)]
pub struct Query {
    /// Index of the account.
    pub account: u32,
    /// When it was asked: microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// What the user says new: user messages after the model's last turn, joined by a line feed.
    pub text: Box<str>,
    /// Number that stands for the source address; `None` where it is not known.
    pub ip: Option<u32>,
    /// Number that stands for user agent, JA4 and headers together.
    pub client: Option<u32>,
    /// Tokens of the answer; zero where not known.
    pub output_tokens: u64,
}

/// One account.
#[derive(Debug, Clone, Default)]
pub struct Owner {
    /// Its name in the log.
    pub name: String,
    /// When it was registered: microseconds since 1970-01-01T00:00:00Z.
    pub created_at_us: Option<i64>,
    /// Numbers that stand for payment, device, phone, mailbox and address of registration.
    pub values: [Option<u32>; 5],
    /// Indices of its exchanges in the order of time.
    pub queries: Vec<u32>,
}

/// A world's log.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Exchanges in the order of time.
    pub queries: Vec<Query>,
    /// Accounts that have exchanges or a record.
    pub accounts: Vec<Owner>,
    /// Index of each account by name.
    index: HashMap<String, u32>,
    /// Records that the readers refused.
    pub refused: u64,
}

/// Gives equal values equal numbers, kind by kind.
#[derive(Default)]
struct Numbers(HashMap<u64, u32>);

impl Numbers {
    fn of(&mut self, kind: &str, value: Option<&str>) -> Option<u32> {
        let value = value.filter(|value| !value.is_empty())?;
        let next = u32::try_from(self.0.len()).ok()?;
        Some(*self.0.entry(hash(format!("{kind}\0{value}").as_bytes())).or_insert(next))
    }
}

impl Log {
    /// Reads exchanges and account records through the readers of the crate `record`.
    ///
    /// # Errors
    /// If one of the files cannot be read.
    pub fn read(exchanges: &Path, accounts: &Path) -> Result<Self, Error> {
        let mut log = Self::default();
        let mut numbers = Numbers::default();
        let mut seen = HashSet::new();
        for input in record::expand(&[exchanges.display().to_string()])? {
            for block in input.open(None)? {
                block?.read(&mut |item| match item {
                    Ok(exchange) if seen.insert(hash(exchange.id.as_bytes())) => log.push(&exchange, &mut numbers),
                    Ok(_) => {}
                    Err(_) => log.refused += 1,
                });
            }
        }
        for input in record::expand(&[accounts.display().to_string()])? {
            record::read_accounts(&input, &mut |item| match item {
                Ok(account) => log.describe(&account, &mut numbers),
                Err(_) => log.refused += 1,
            })?;
        }
        log.finish();
        Ok(log)
    }

    fn push(&mut self, exchange: &Exchange<'_>, numbers: &mut Numbers) {
        let account = self.account_named(&exchange.account);
        let said: Vec<&str> = exchange
            .request
            .new_messages()
            .iter()
            .filter(|message| message.role == Role::User)
            .map(|message| message.text.as_ref())
            .collect();
        let client = &exchange.client;
        let tuple = [&client.user_agent, &client.ja4, &client.headers].map(|part| part.as_deref().unwrap_or_default());
        let known = tuple.iter().any(|part| !part.is_empty());
        self.queries.push(Query {
            account,
            at_us: exchange.at_us,
            text: said.join("\n").into_boxed_str(),
            ip: numbers.of("ip", client.ip.as_deref()),
            client: numbers.of("client", known.then(|| tuple.join("\0")).as_deref()),
            output_tokens: exchange.response.output_tokens.unwrap_or(0),
        });
    }

    fn describe(&mut self, account: &record::Account, numbers: &mut Numbers) {
        let mailbox = account.email.as_deref().map(mailbox);
        let values = [&account.payment, &account.device, &account.phone, &mailbox, &account.signup_ip];
        let mut at = IDENTIFIERS.iter().zip(values);
        let numbered = std::array::from_fn(|_| at.next().and_then(|(kind, value)| numbers.of(kind, value.as_deref())));
        let index = self.account_named(&account.account);
        if let Some(owner) = self.accounts.get_mut(index as usize) {
            owner.created_at_us = account.created_at_us;
            owner.values = numbered;
        }
    }

    fn account_named(&mut self, name: &str) -> u32 {
        if let Some(index) = self.index.get(name) {
            return *index;
        }
        let index = self.accounts.len() as u32;
        self.index.insert(name.to_owned(), index);
        self.accounts.push(Owner { name: name.to_owned(), ..Owner::default() });
        index
    }

    /// Puts exchanges in the order of time and tells each account its own.
    fn finish(&mut self) {
        self.queries.sort_by(|a, b| (a.at_us, a.account, &a.text).cmp(&(b.at_us, b.account, &b.text)));
        for owner in &mut self.accounts {
            owner.queries.clear();
        }
        for (index, query) in self.queries.iter().enumerate() {
            if let Some(owner) = self.accounts.get_mut(query.account as usize) {
                owner.queries.push(index as u32);
            }
        }
    }

    /// A log of these exchanges, for callers that have them from elsewhere: account, time in microseconds, text.
    #[must_use]
    pub fn of_texts<'a>(texts: impl IntoIterator<Item = (&'a str, i64, &'a str)>) -> Self {
        let mut log = Self::default();
        for (name, at_us, text) in texts {
            let account = log.account_named(name);
            log.queries.push(Query { account, at_us, text: text.into(), ip: None, client: None, output_tokens: 0 });
        }
        log.finish();
        log
    }

    /// Index of the account of that name.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// Exchanges of an account in the order of time.
    pub fn queries_of(&self, account: u32) -> impl Iterator<Item = &Query> {
        let own = self.accounts.get(account as usize).map(|owner| owner.queries.as_slice()).unwrap_or_default();
        own.iter().filter_map(|index| self.queries.get(*index as usize))
    }
}

/// The mailbox behind an address: lower case, without a plus tag and without dots before the `@`.
fn mailbox(address: &str) -> String {
    let lower = address.to_lowercase();
    let Some((local, domain)) = lower.split_once('@') else { return lower };
    let local = local.split('+').next().unwrap_or_default().replace('.', "");
    format!("{local}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_one_mailbox() {
        assert_eq!(mailbox("A.b+7@x.example"), mailbox("ab@X.example"));
        assert_eq!(mailbox("sha256:00"), "sha256:00");
    }

    #[test]
    fn reads_what_range_writes() {
        let folder = tempfile::tempdir().unwrap();
        let (log, accounts) = (folder.path().join("e.jsonl"), folder.path().join("a.jsonl"));
        let line = r#"{"id":"1","at":"2026-04-22T00:00:01Z","account":"b","client":{"ip":"10.0.0.1"},"request":{"messages":[{"role":"user","content":"old"},{"role":"assistant","content":"x"},{"role":"user","content":"new"}]},"response":{"output_tokens":7}}"#;
        let early = line.replace("00:01Z", "00:00Z").replace("\"1\"", "\"2\"");
        std::fs::write(&log, format!("{line}\n{early}\n{line}\n")).unwrap();
        std::fs::write(&accounts, "{\"account\":\"b\",\"payment\":\"p\",\"email\":\"q@x\"}\n").unwrap();
        let read = Log::read(&log, &accounts).unwrap();
        assert_eq!(read.queries.len(), 2);
        assert!(read.queries[0].at_us < read.queries[1].at_us);
        assert_eq!((&*read.queries[0].text, read.queries[0].output_tokens), ("new", 7));
        assert!(read.accounts[0].values[0].is_some() && read.accounts[0].values[1].is_none());
        assert_eq!(read.accounts[0].queries, [0, 1]);
    }
}
