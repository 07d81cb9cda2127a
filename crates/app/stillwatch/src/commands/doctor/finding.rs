//! One thing that was looked at.

use std::fmt;

use serde::Serialize;

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it should be.
    Well,
    /// It works, and somebody should know.
    Warning,
    /// It will not work.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How well it is.
    pub grade: Grade,
    /// What was looked at.
    pub what: String,
    /// What was found, and the fix where there is one to be made.
    pub found: String,
}

impl Finding {
    /// As it should be.
    pub fn well(what: &str, found: impl Into<String>) -> Self {
        Self { grade: Grade::Well, what: what.to_owned(), found: found.into() }
    }

    /// It works, and somebody should know.
    pub fn warning(what: &str, found: impl Into<String>) -> Self {
        Self { grade: Grade::Warning, what: what.to_owned(), found: found.into() }
    }

    /// It will not work.
    pub fn wrong(what: &str, found: impl Into<String>) -> Self {
        Self { grade: Grade::Wrong, what: what.to_owned(), found: found.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Well => "ok",
            Grade::Warning => "warning",
            Grade::Wrong => "wrong",
        };
        write!(f, "{grade:<8}{:<16}{}", self.what, self.found)
    }
}
