//! Appeals: what the holder of an account says against a decision, and who reads it.
//!
//! An appeal is an act on the case, like every other: it is kept by the same store and is in the same ledger. Its number among the
//! acts of the case is its name there.

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::error::ErrorKind;

/// Days in which an appeal is to be decided, unless it is filed with another number.
pub const APPEAL_DAYS: i64 = 14;
/// The most days in which one is to be decided.
const MAX_DAYS: i64 = 90;
/// The longest text of an appeal or of one piece of evidence, in bytes.
pub const MAX_APPEAL: usize = 16 * 1024;
/// The most pieces of evidence of one appeal.
pub(crate) const MAX_EVIDENCE: usize = 20;

/// What was decided on an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What was decided before stands.
    Upheld,
    /// It does not stand for this account.
    Overturned,
}

impl Outcome {
    /// Its name, as in the stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Overturned => "overturned",
        }
    }

    /// The reason of the notice that tells the holder of the account.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Upheld => "appeal_upheld",
            Self::Overturned => "appeal_overturned",
        }
    }
}

/// How far an appeal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppealState {
    /// Nobody has it.
    Filed,
    /// Somebody reads it.
    Assigned,
    /// What was decided before stands.
    Upheld,
    /// It does not stand for this account.
    Overturned,
    /// It was overturned, and that was taken back.
    Withdrawn,
}

impl AppealState {
    /// Its name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Assigned => "assigned",
            Self::Upheld => "upheld",
            Self::Overturned => "overturned",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Something that the holder of the account attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// The number of the act.
    pub number: u64,
    /// When, RFC 3339.
    pub at: String,
    /// The text.
    pub text: String,
}

/// How an appeal was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ruled {
    /// The number of the act.
    pub number: u64,
    /// When, RFC 3339.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: Option<String>,
    /// What was decided.
    pub outcome: Outcome,
}

/// An appeal as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Appeal {
    /// Its name: the case and the number, with a full stop between them.
    pub id: String,
    /// The number of the act that filed it.
    pub number: u64,
    /// The account.
    pub account: String,
    /// What its holder says.
    pub text: String,
    /// When it was filed, RFC 3339.
    pub filed_at: String,
    /// Who wrote it down.
    pub filed_by: String,
    /// Until when it is to be decided, RFC 3339.
    pub due: String,
    /// Who reads it.
    pub reader: Option<String>,
    /// What was attached.
    pub evidence: Vec<Attached>,
    /// How it was decided.
    pub decision: Option<Ruled>,
    /// How far it is.
    pub state: AppealState,
}

impl Appeal {
    /// Whether it is undecided after its time.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.decision.is_none() && self.due.parse::<Timestamp>().is_ok_and(|due| due < now)
    }
}

/// The case and the number in the name of an appeal.
///
/// # Errors
/// [`ErrorKind::Malformed`]
pub fn appeal_id(id: &str) -> Result<(&str, u64), Error> {
    let parts = id.rsplit_once('.').and_then(|(case, number)| Some((case, number.parse().ok()?)));
    parts.ok_or_else(|| {
        Error::new(ErrorKind::Malformed, format!("{id:?} is no appeal (write CASE.NUMBER: stillwatch appeal list)"))
    })
}

/// The end of so many days from now, RFC 3339.
///
/// # Errors
/// [`ErrorKind::Malformed`]
pub fn due_in(days: i64) -> Result<String, Error> {
    let due = (1..=MAX_DAYS).contains(&days).then(|| Timestamp::now() + SignedDuration::from_hours(24 * days));
    let at = due.and_then(|due| Timestamp::from_second(due.as_second()).ok());
    at.map(|at| at.to_string())
        .ok_or_else(|| Error::new(ErrorKind::Malformed, format!("an appeal is to be decided in 1 to {MAX_DAYS} days")))
}

/// The text of an appeal or of evidence, if it has a fit length.
///
/// # Errors
/// [`ErrorKind::Malformed`]
pub fn said(text: String) -> Result<String, Error> {
    match text.trim().len() {
        1..=MAX_APPEAL => Ok(text.trim().to_owned()),
        _ => Err(Error::new(
            ErrorKind::Malformed,
            format!("the text of an appeal is 1 to {MAX_APPEAL} bytes (attach more as evidence, in parts)"),
        )),
    }
}
