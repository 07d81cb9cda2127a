//! A change of the rules as it is kept: the draft, and the last deployment.

use policy::Source;
use serde::Deserialize;
use serde::Serialize;

use crate::kept::hash;

/// Who said something, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub why: String,
}

/// That a second person agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who, when and why.
    pub said: Said,
    /// The folder as it was before: what an undo brings back.
    pub earlier: Source,
}

/// A draft of the policy folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The files as they are to be.
    pub files: Source,
    /// SHA-256 of the folder that it was made from, tests included.
    pub base: String,
    /// Hash of the policy that it was made from.
    pub base_policy: String,
    /// Who made it.
    pub made_by: String,
    /// When, RFC 3339.
    pub made_at: String,
    /// Whether it is the content before the last deployment, as it was.
    pub is_undo: bool,
    /// Who proposed to deploy it.
    pub proposal: Option<Said>,
    /// Who rejected what was proposed last.
    pub rejection: Option<Said>,
    /// Who approved it: it is being deployed.
    pub approval: Option<Approval>,
}

impl Draft {
    /// Whether it was made from these files.
    pub fn is_of(&self, live: &Source) -> bool {
        self.base == digest(live)
    }
}

/// What is kept of changes of the rules.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stored {
    /// Grows with each change; a draft that follows another goes on counting.
    pub version: u64,
    /// The draft.
    pub draft: Option<Draft>,
    /// The last deployment.
    pub last: Option<Deployment>,
}

/// Rules that took the place of others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deployment {
    /// Who proposed it.
    pub proposed: Said,
    /// Who approved it, and when it was deployed.
    pub approved: Said,
    /// Hash of the policy before.
    pub before: String,
    /// Hash of the policy since.
    pub after: String,
    /// Whether it brought back what was before another.
    pub is_undo: bool,
    /// Its entry in the ledger.
    pub entry: u64,
    /// The folder as it was before.
    pub earlier: Source,
}

/// SHA-256 of all files, tests included.
pub fn digest(files: &Source) -> String {
    let texts: Vec<(&str, &str)> = files.files().collect();
    hash(&serde_json::to_string(&texts).unwrap_or_default())
}
