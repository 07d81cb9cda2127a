//! Acts: what people do with cases, and the form in which they are kept.

use std::collections::BTreeSet;

use attribution::source::Source;
use serde::Deserialize;
use serde::Serialize;

use crate::appeal::Outcome;
use crate::appeal::said;
use crate::error::Error;
use crate::error::ErrorKind;

/// Version of the form.
const FORM: u32 = 1;
/// The longest name of a person, in bytes.
const MAX_WHO: usize = 200;
/// The longest reason, in bytes.
const MAX_WHY: usize = 4_000;
/// The longest note, in bytes.
pub const MAX_NOTE: usize = 64 * 1024;
/// The longest claim, in bytes.
const MAX_CLAIM: usize = 2_000;
/// The most accounts of one act.
pub const MAX_ACCOUNTS: usize = 1_000_000;
/// The most bytes of one act.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// One act on a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// The name of the form: `act`.
    document: String,
    /// The version of the form.
    form: u32,
    /// The case: the id of a campaign.
    pub case: String,
    /// Its number among the acts of the case, from one. It is the version of the case after it.
    pub number: u64,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// Who.
    pub who: String,
    /// Why.
    pub why: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// The case was opened.
    Open,
    /// Somebody looks at it.
    Acknowledge,
    /// It is somebody's, or nobody's.
    Assign {
        /// Whose.
        to: Option<String>,
    },
    /// A remark.
    Note {
        /// The remark.
        text: String,
    },
    /// These accounts are not one operation with the others.
    Cut {
        /// Those that are apart, sorted.
        accounts: Vec<String>,
    },
    /// These accounts are one operation.
    Pin {
        /// The accounts, sorted.
        accounts: Vec<String>,
    },
    /// The group is honest.
    Clear {
        /// Its accounts, sorted.
        accounts: Vec<String>,
        /// Its groups as they were scored, for the bank.
        groups: Vec<serde_json::Value>,
    },
    /// One person proposes a measure against the campaign.
    Propose {
        /// The measure.
        measure: Measure,
    },
    /// Another person agrees.
    Approve {
        /// The number of the proposal.
        of: u64,
    },
    /// An earlier cut, pin or proposal holds no longer.
    Withdraw {
        /// Its number.
        of: u64,
    },
    /// A source tells something of the case from outside.
    Source {
        /// What it tells, in the words of whoever adds it. Sources with the same words are of one claim.
        claim: String,
        /// The source.
        source: Source,
    },
    /// A source contradicts what another tells.
    Contest {
        /// The number of the act that added the other.
        of: u64,
        /// The source.
        source: Source,
    },
    /// The holder of an account appeals.
    Appeal {
        /// The account.
        account: String,
        /// What they say.
        text: String,
        /// Until when it is to be decided, RFC 3339.
        due: String,
    },
    /// Somebody is to read an appeal.
    AssignAppeal {
        /// The number of the act that filed it.
        of: u64,
        /// Who.
        to: String,
    },
    /// The holder of the account attaches something to an appeal.
    AttachToAppeal {
        /// The number of the act that filed it.
        of: u64,
        /// What.
        text: String,
    },
    /// An appeal is decided.
    DecideAppeal {
        /// The number of the act that filed it.
        of: u64,
        /// How.
        outcome: Outcome,
    },
    /// Nothing is left to do.
    Close,
    /// It is open again, and not held to be honest any more.
    Reopen,
}

impl What {
    /// Its name, as in the stored form.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledge => "acknowledge",
            Self::Assign { .. } => "assign",
            Self::Note { .. } => "note",
            Self::Cut { .. } => "cut",
            Self::Pin { .. } => "pin",
            Self::Clear { .. } => "clear",
            Self::Propose { .. } => "propose",
            Self::Approve { .. } => "approve",
            Self::Withdraw { .. } => "withdraw",
            Self::Source { .. } => "source",
            Self::Contest { .. } => "contest",
            Self::Appeal { .. } => "appeal",
            Self::AssignAppeal { .. } => "assign_appeal",
            Self::AttachToAppeal { .. } => "attach_to_appeal",
            Self::DecideAppeal { .. } => "decide_appeal",
            Self::Close => "close",
            Self::Reopen => "reopen",
        }
    }

    /// Whether it needs a reason: whatever changes what is held of people.
    const fn needs_why(&self) -> bool {
        !matches!(
            self,
            Self::Open
                | Self::Acknowledge
                | Self::Assign { .. }
                | Self::Note { .. }
                | Self::Source { .. }
                | Self::Appeal { .. }
                | Self::AssignAppeal { .. }
                | Self::AttachToAppeal { .. }
        )
    }
}

/// A measure against all accounts of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// All of its accounts draw on one budget.
    Cap,
    /// What answers reveal is limited.
    Limit,
    /// Its accounts are asked who they are.
    Verify,
    /// Its accounts are refused.
    Deny,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cap, Self::Limit, Self::Verify, Self::Deny];

    /// Its name, as in the stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cap => "cap",
            Self::Limit => "limit",
            Self::Verify => "verify",
            Self::Deny => "deny",
        }
    }
}

impl Act {
    /// An act, if it is well formed.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] that says what is missing or too long.
    pub fn new(case: &str, number: u64, who: &str, why: Option<&str>, what: What) -> Result<Self, Error> {
        let malformed = |text: String| Err(Error::new(ErrorKind::Malformed, text));
        let who = person(who)?;
        let why = why.map(str::trim).filter(|why| !why.is_empty());
        if why.is_none() && what.needs_why() {
            return malformed(format!("{} needs a reason, which is kept for good (say why)", what.name()));
        }
        if why.is_some_and(|why| why.len() > MAX_WHY) {
            return malformed(format!("the reason is longer than {MAX_WHY} bytes (put the rest into a note)"));
        }
        let what = match what {
            What::Assign { to: Some(to) } => What::Assign { to: Some(person(&to)?) },
            What::Note { text } if text.trim().is_empty() => return malformed("the note is empty".to_owned()),
            What::Note { text } if text.len() > MAX_NOTE => {
                return malformed(format!("the note is longer than {MAX_NOTE} bytes (write several)"));
            }
            What::Source { claim, source } => What::Source { claim: told(&claim)?, source: fit(source)? },
            What::Contest { of, source } => What::Contest { of, source: fit(source)? },
            What::Appeal { account, text, due } => What::Appeal { account, text: said(text)?, due },
            What::AssignAppeal { of, to } => What::AssignAppeal { of, to: person(&to)? },
            What::AttachToAppeal { of, text } => What::AttachToAppeal { of, text: said(text)? },
            What::Cut { accounts } => What::Cut { accounts: sorted(accounts, 1)? },
            What::Pin { accounts } => What::Pin { accounts: sorted(accounts, 2)? },
            What::Clear { accounts, groups } => What::Clear { accounts: sorted(accounts, 1)?, groups },
            other => other,
        };
        // Microseconds are as fine as exchanges are timed.
        let now = jiff::Timestamp::now();
        let at = jiff::Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now).to_string();
        let (case, why) = (case.to_owned(), why.map(str::to_owned));
        Ok(Self { document: "act".to_owned(), form: FORM, case, number, at, who, why, what })
    }

    /// The stored form: the bytes that are in the ledger too.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] where it is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let bytes = serde_json::to_vec(self).map_err(|error| Error::io("an act has no stored form", error))?;
        match bytes.len() <= MAX_BYTES {
            true => Ok(bytes),
            false => Err(Error::new(
                ErrorKind::Malformed,
                format!("the act is longer than {MAX_BYTES} bytes (do a part at a time)"),
            )),
        }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where the bytes are no act, or one of a later version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let act: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::io("an act cannot be read (is it of a later version of stillwatch?)", error))?;
        match act.document == "act" && act.form == FORM {
            true => Ok(act),
            false => Err(Error::new(ErrorKind::Io, format!("an act is of form {} (use the newer program)", act.form))),
        }
    }
}

/// The name of a person, without what would make two look like one.
pub(crate) fn person(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '@' | '+' | '\'');
    if name.is_empty() || name.len() > MAX_WHO || !name.chars().all(is_plain) {
        let text = format!(
            "a person's name is 1 to {MAX_WHO} bytes of letters, digits, spaces and . - _ @ + ' (say who acts, such as an \
             e-mail address)"
        );
        return Err(Error::new(ErrorKind::Malformed, text));
    }
    Ok(name.to_owned())
}

/// Whether two names are one person's: they may differ in letters' case.
#[must_use]
pub fn is_same_person(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn fit(source: Source) -> Result<Source, Error> {
    source.check().map_err(|error| Error::new(ErrorKind::Malformed, error.to_string()))?;
    Ok(source)
}

/// A claim with single spaces, so that the same words are the same claim.
fn told(claim: &str) -> Result<String, Error> {
    let claim = claim.split_whitespace().collect::<Vec<_>>().join(" ");
    match claim.len() {
        1..=MAX_CLAIM => Ok(claim),
        _ => Err(Error::new(ErrorKind::Malformed, format!("a claim is 1 to {MAX_CLAIM} bytes (say it in a sentence)"))),
    }
}

fn sorted(accounts: Vec<String>, least: usize) -> Result<Vec<String>, Error> {
    let accounts: BTreeSet<String> = accounts.into_iter().collect();
    if accounts.len() < least || accounts.len() > MAX_ACCOUNTS || accounts.iter().any(String::is_empty) {
        let text = format!("name {least} to {MAX_ACCOUNTS} accounts");
        return Err(Error::new(ErrorKind::Malformed, text));
    }
    Ok(accounts.into_iter().collect())
}
