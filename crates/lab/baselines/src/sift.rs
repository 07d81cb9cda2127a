//! Leaving of a log only what speaks the texts of one source.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

use record::Role;
use record::native::write_exchange;

use crate::client::each;
use crate::error::Error;
use crate::text::hash;
use crate::text::words;

/// What was left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Accounts that have an exchange left.
    pub accounts: BTreeSet<String>,
    /// Exchanges that were kept.
    pub kept: usize,
    /// Exchanges that there were.
    pub all: usize,
}

/// Writes those exchanges of a log to a file of JSON lines in which the user says nothing but these texts.
///
/// A world keeps its generated words where a pool of texts runs out. Where a population is to speak one source alone,
/// those exchanges must go.
///
/// # Errors
/// If the log cannot be read or the file cannot be written.
pub fn sift(log: &Path, texts: &[String], out: &Path) -> Result<Sifted, Error> {
    let known: HashSet<u64> = texts.iter().map(|text| print_of(text)).collect();
    let (mut left, mut lines) = (Sifted::default(), Vec::new());
    each(log, &mut |exchange| {
        left.all += 1;
        let mut said = exchange.request.messages.iter().filter(|message| message.role == Role::User);
        if said.all(|message| known.contains(&print_of(&message.text))) {
            write_exchange(exchange, &mut lines);
            left.kept += 1;
            left.accounts.insert(exchange.account.clone().into_owned());
        }
    })?;
    fs::write(out, lines).map_err(Error::write(out))?;
    Ok(left)
}

/// A hash of the first words of a text: long texts are cut when they are dealt.
fn print_of(text: &str) -> u64 {
    words(text).iter().take(300).fold(0, |state, word| hash(&[state.to_le_bytes(), word.to_le_bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_source_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (log, out) = (folder.path().join("e.jsonl"), folder.path().join("o.jsonl"));
        let line = |id: u32, account: &str, said: &str| {
            format!(
                r#"{{"id":"{id}","at":"2026-04-22T00:00:01Z","account":"{account}","request":{{"messages":[{{"role":"user","content":"{said}"}}]}}}}"#
            )
        };
        fs::write(&log, [line(1, "a", "mine all mine"), line(2, "b", "not of it")].join("\n")).unwrap();
        let left = sift(&log, &["Mine, all mine ".to_owned()], &out).unwrap();
        assert_eq!((left.kept, left.all, left.accounts.len()), (1, 2, 1));
        assert!(fs::read_to_string(&out).unwrap().contains("\"a\""));
    }
}
