//! The part of the configuration about budgets that several gates share.

use std::fmt;

use budget::LeaseServer;
use budget::UrlError;
use record::clock::now_us;
use serde::Deserialize;

/// Most gates that share budgets. A share of a limit must stay something.
const MAX_GATES: u32 = 1000;

/// Where parts of budgets are leased, and how many gates do so.
#[derive(Debug, Clone)]
pub struct BudgetSharing {
    /// The server.
    pub server: ServerUrl,
    /// Gates that run at a time, at most.
    pub gates: u32,
}

/// The part as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBudgets {
    server: ServerUrl,
    gates: u32,
}

/// The URL of a server. It may hold a user and a password, and is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct ServerUrl(String);

impl ServerUrl {
    /// Host and port, without who signs in.
    #[must_use]
    pub fn place(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let place = authority.rsplit('@').next().unwrap_or("");
        if place.is_empty() { "a socket of this machine" } else { place }
    }

    /// The server, of which nothing is asked yet.
    pub(crate) fn open(&self) -> Result<Box<dyn LeaseServer + Send>, UrlError> {
        budget::lease_server(&self.0, now)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerUrl(…)")
    }
}

/// Now, in microseconds since 1970.
pub(crate) fn now() -> u64 {
    u64::try_from(now_us()).unwrap_or(0)
}

/// Checks the part.
pub(crate) fn budget_sharing(raw: &RawBudgets, faults: &mut Vec<String>) -> BudgetSharing {
    if let Err(error) = raw.server.open() {
        faults.push(format!("budgets.server: {error}"));
    }
    if raw.gates == 0 || raw.gates > MAX_GATES {
        faults.push(format!("budgets.gates: between 1 and {MAX_GATES}, the most that run at a time"));
    }
    BudgetSharing { server: raw.server.clone(), gates: raw.gates }
}

/// What is wrong with a text of settings, in words. A line of it is shown only where no password can stand in it: not where budgets
/// are shared or a URL has a user.
#[must_use]
pub fn fault_of_toml(error: &toml::de::Error, text: &str) -> String {
    if !text.contains("budget") && !text.contains('@') {
        return error.to_string().trim_end().to_owned();
    }
    let before = error.span().and_then(|span| text.get(..span.start));
    let place = before.map_or_else(String::new, |before| {
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        format!("line {line}, column {column}: ")
    });
    // A value of the wrong type is repeated in the message.
    let is_fit = !error.message().contains("://");
    format!("{place}{}", if is_fit { error.message() } else { "a URL stands where something else is expected" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_place_of_a_server_is_told() {
        for (url, place) in [
            ("redis://user:hunter2@cache.example:6380/1", "cache.example:6380"),
            ("redis://user:hunter2@[2001:db8::1]:6379?protocol=resp3", "[2001:db8::1]:6379"),
            ("redis://cache.example", "cache.example"),
            ("unix:///run/cache.sock?pass=hunter2", "a socket of this machine"),
        ] {
            let server = ServerUrl(url.to_owned());
            assert_eq!(server.place(), place);
            assert_eq!(format!("{server:?}"), "ServerUrl(…)");
        }
    }

    #[test]
    fn a_fault_shows_no_line_with_a_password() {
        for text in [
            "[budgets]\nserver = \"redis://:hunter2@host\"\ngate = 2\n",
            "[budgets]\nserver = \"redis://:hunter2@host\n",
            "[budgets]\npassword = \"hunter2\"\n",
            "[budgets]\ngates = \"redis://:hunter2@host\"\n",
            "budgets = \"redis://:hunter2@host\"\n",
            "[budget]\nserver = \"redis://:hunter2@host\"\n",
            "x = \"redis://:hunter2@host\" \"\n",
        ] {
            let text = format!("listen = \"127.0.0.1:0\"\nmode = \"shadow\"\nsecret = \"secret\"\n{text}");
            let error = crate::Config::parse(&text, std::path::Path::new("")).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
            assert!(error.contains("line "), "{error}");
        }
        let error = crate::Config::parse("kores = 2", std::path::Path::new("")).unwrap_err().to_string();
        assert!(error.contains("| kores = 2") || error.contains("1 | kores"), "{error}");
    }
}
