//! The file of keys: the hash of each API key, and the account that it belongs to.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use sketch::HashKey;

/// Largest file of keys, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The hash of an API key under the secret of the deployment: 126 bits, so that no two keys meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyHash(u64, u64);

impl KeyHash {
    /// That of a key.
    pub(crate) fn of(hashes: &HashKey, secret: &str) -> Self {
        Self(hashes.value(secret), hashes.tuple(&["key of the gate", secret]))
    }

    /// Its name in exchanges: the same value under the same secret has it in the other parts too.
    pub(crate) fn name(self) -> String {
        format!("sip:{:016x}", self.0)
    }

    fn text(self) -> String {
        format!("sip:{:016x}{:016x}", self.0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sip:").filter(|digits| digits.len() == 32)?;
        let (first, second) = digits.split_at_checked(16)?;
        Some(Self(u64::from_str_radix(first, 16).ok()?, u64::from_str_radix(second, 16).ok()?))
    }
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    key: String,
    account: String,
}

/// The line of a key for the file of keys.
#[must_use]
pub fn key_line(hashes: &HashKey, secret: &str, account: &str) -> String {
    let line = Line { key: KeyHash::of(hashes, secret.trim()).text(), account: account.to_owned() };
    serde_json::to_string(&line).unwrap_or_default()
}

/// The accounts of keys.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<KeyHash, Box<str>>);

impl Keys {
    /// Reads a file, whole or not at all. A fault names its line.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = record::read_text_file(path, MAX_BYTES).map_err(|error| told(&error))?;
        let mut keys = HashMap::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            // The reason of the parser is not told: it may quote a key that somebody put there in the clear.
            let read = serde_json::from_str::<Line>(line).ok();
            let entry = read.and_then(|line| Some((KeyHash::parse(&line.key)?, line.account)));
            let Some((key, account)) = entry.filter(|(_, account)| !account.is_empty()) else {
                let fix = "make lines with `stillwatch gate --key-line ACCOUNT`";
                return Err(told(&format!("line {number} is no {{\"key\":\"sip:…\",\"account\":\"…\"}} ({fix})")));
            };
            if keys.insert(key, account.into_boxed_str()).is_some() {
                return Err(told(&format!("line {number}: the key is there twice (remove one of the lines)")));
            }
        }
        Ok(Self(keys))
    }

    /// The account of a key.
    pub(crate) fn account(&self, key: KeyHash) -> Option<&str> {
        self.0.get(&key).map(|account| &**account)
    }
}
