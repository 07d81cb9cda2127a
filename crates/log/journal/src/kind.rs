//! The kinds of records.

use crate::error::Error;

/// Version of a record that is a document.
const DOCUMENT: u8 = 1;

/// What an entry of the ledger stands for. The numbers are for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// The rows of a file of the exchange table ([`crate::Batch`]).
    Exchanges,
    /// A batch that is no part of the table any more ([`crate::Gone`]).
    ExchangesGone,
    /// What a hunt found: one document a campaign.
    Verdict,
    /// What a request was answered with, and by which rule.
    Decision,
    /// A version of the policy.
    Policy,
    /// The honest groups that groups were judged against.
    Bank,
    /// What an analyst decided.
    Act,
    /// That somebody read the text of prompts, and why.
    Look,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Exchanges,
        Self::ExchangesGone,
        Self::Verdict,
        Self::Decision,
        Self::Policy,
        Self::Bank,
        Self::Act,
        Self::Look,
    ];

    /// Its number in the ledger.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Exchanges => 1,
            Self::ExchangesGone => 2,
            Self::Verdict => 3,
            Self::Decision => 4,
            Self::Policy => 5,
            Self::Bank => 6,
            Self::Act => 7,
            Self::Look => 8,
        }
    }

    /// The kind of a number; `None` for one of a later version.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exchanges => "exchanges",
            Self::ExchangesGone => "exchanges gone",
            Self::Verdict => "verdict",
            Self::Decision => "decision",
            Self::Policy => "policy",
            Self::Bank => "bank",
            Self::Act => "analyst's act",
            Self::Look => "look at text",
        }
    }
}

/// A record that is a document: a byte of version, and the document as it is.
#[must_use]
pub fn document_record(document: &[u8]) -> Vec<u8> {
    [&[DOCUMENT], document].concat()
}

/// The document of such a record.
///
/// # Errors
/// [`Error`] where it is of a later version.
pub fn document_of(record: &[u8]) -> Result<&[u8], Error> {
    match record {
        [DOCUMENT, document @ ..] => Ok(document),
        _ => Err(Error::new("the record is of a later version of stillwatch (use that version)")),
    }
}
