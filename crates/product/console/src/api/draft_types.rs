//! What callers are told of a draft of the rules.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use policy::Answered;
use policy::Change;
use policy::Fault;
use policy::Source;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::draft::is_editable;
use crate::revision::Deployment;
use crate::revision::Draft;
use crate::revision::Said;
use crate::trial::AccountsChange;
use crate::trial::Compared;
use crate::trial::Decided;
use crate::trial::FileChange;
use crate::trial::Line;
use crate::trial::Trial;

/// What a draft begins with.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum DraftRequest {
    /// The rules in use.
    Live,
    /// What was in use before the last deployment.
    Earlier,
}

/// The text of a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftText {
    /// The text.
    pub text: String,
}

/// What is to be done with the draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum DraftActRequest {
    /// Propose to deploy it.
    Propose {
        /// Why.
        why: String,
    },
    /// Approve what another person proposed: it is deployed.
    Approve {
        /// Why.
        why: String,
    },
    /// Reject what is proposed. The draft stays, and can be changed.
    Reject {
        /// Why.
        why: String,
    },
}

/// Who said something, when and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaidView {
    /// Who.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub why: String,
}

impl SaidView {
    fn of(said: &Said) -> Self {
        Self { by: said.by.clone(), at: said.at.clone(), why: said.why.clone() }
    }
}

/// A draft of the rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// What a change has to name in `If-Match`.
    pub version: u64,
    /// Who made it.
    pub made_by: String,
    /// When, RFC 3339.
    pub made_at: String,
    /// Hash of the policy that it was made from.
    pub base: String,
    /// Whether the rules in use are still those that it was made from. Where they are not, it cannot be deployed.
    pub is_base_in_use: bool,
    /// Whether it is the content before the last deployment, as it was.
    pub is_undo: bool,
    /// Who proposed to deploy it; null while nobody does.
    pub proposed: Option<SaidView>,
    /// Who rejected it last.
    pub rejected: Option<SaidView>,
    /// Its files and those in use, by name.
    pub files: Vec<DraftFile>,
}

/// A file of a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftFile {
    /// Its name.
    pub name: String,
    /// `same`, `changed`, `added` or `removed`, beside the rules in use.
    pub change: &'static str,
    /// Whether it can be changed.
    pub is_editable: bool,
    /// Its length in bytes.
    pub bytes: u64,
}

impl DraftView {
    /// A draft beside the files in use.
    pub fn of(version: u64, draft: &Draft, live: &Source) -> Self {
        let names: BTreeSet<&str> = draft.files.files().chain(live.files()).map(|(name, _)| name).collect();
        let file = |name: &str| {
            let (text, live) = (draft.files.file(name), live.file(name));
            DraftFile {
                name: name.to_owned(),
                change: match (text, live) {
                    (Some(_), None) => "added",
                    (None, _) => "removed",
                    (text, live) if text == live => "same",
                    _ => "changed",
                },
                is_editable: is_editable(name),
                bytes: text.map_or(0, |text| text.len() as u64),
            }
        };
        Self {
            version,
            made_by: draft.made_by.clone(),
            made_at: draft.made_at.clone(),
            base: draft.base_policy.clone(),
            is_base_in_use: draft.is_of(live),
            is_undo: draft.is_undo,
            proposed: draft.proposal.as_ref().map(SaidView::of),
            rejected: draft.rejection.as_ref().map(SaidView::of),
            files: names.into_iter().map(file).collect(),
        }
    }
}

/// A file of a draft, with its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftFileText {
    /// The version of the draft.
    pub version: u64,
    /// Its name.
    pub name: String,
    /// Its text; null where the draft does not have it.
    pub text: Option<String>,
    /// The text in use; null where there is none.
    pub live: Option<String>,
}

/// Something that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultView {
    /// The file that it is in; empty where it is in none.
    pub file: String,
    /// The rule or the test that it is about.
    pub name: Option<String>,
    /// The line, from one.
    pub line: Option<u64>,
    /// The character of the line, from one.
    pub column: Option<u64>,
    /// What is wrong, and how to mend it.
    pub text: String,
}

impl FaultView {
    fn of(fault: &Fault) -> Self {
        Self {
            file: fault.file.clone(),
            name: fault.name.clone(),
            line: fault.place.map(|place| place.line as u64),
            column: fault.place.map(|place| place.column as u64),
            text: fault.text.clone(),
        }
    }
}

/// Whether a draft is fit, and what its tests say.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// The version of the draft.
    pub version: u64,
    /// Why it may not be deployed; null where it may.
    pub refusal: Option<String>,
    /// Hash of the policy; null where it cannot be loaded.
    pub policy: Option<String>,
    /// How many rules it has.
    pub rules: Option<u64>,
    /// What is wrong with it.
    pub faults: Vec<FaultView>,
    /// How many tests hold; null where they were not run.
    pub tests_held: Option<u64>,
    /// Each difference from what a test expects.
    pub test_faults: Vec<FaultView>,
    /// Rules that no test expects.
    pub untested: Vec<String>,
}

impl CheckView {
    /// What a trial found.
    pub fn of(version: u64, trial: &Trial, is_undo: bool) -> Self {
        let tested = trial.tested.as_ref().and_then(|tested| tested.as_ref().ok());
        Self {
            version,
            refusal: trial.refusal(is_undo),
            policy: trial.policy.as_ref().map(|policy| policy.hash().to_owned()),
            rules: trial.policy.as_ref().map(|policy| policy.rules().len() as u64),
            faults: trial.faults.iter().map(FaultView::of).collect(),
            tests_held: tested.map(|tested| tested.held as u64),
            test_faults: tested.map(|tested| tested.faults.iter().map(FaultView::of).collect()).unwrap_or_default(),
            untested: tested.map(|tested| tested.untested.clone()).unwrap_or_default(),
        }
    }
}

/// What a draft changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffView {
    /// The version of the draft.
    pub version: u64,
    /// Files that are others.
    pub files: Vec<FileDiff>,
    /// What changes for which situations, of those that the rules can tell apart.
    pub changes: Vec<ChangeView>,
    /// Why that is not known.
    pub changes_failed: Option<String>,
    /// What changes for accounts of which something is held, where they ask for text and nothing but verdicts is known of them.
    pub accounts: Vec<AccountsDiff>,
    /// Of how many accounts.
    pub of: u64,
}

/// What changes in a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileDiff {
    /// Its name.
    pub name: String,
    /// Runs of lines that changed, with those around them.
    pub hunks: Vec<Hunk>,
}

/// A run of lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hunk {
    /// The lines.
    pub lines: Vec<DiffLine>,
}

/// A line of a file that changed, or beside one.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffLine {
    /// `same`, `added` or `removed`.
    pub kind: &'static str,
    /// Its number in use, from one.
    pub before: Option<u64>,
    /// Its number in the draft, from one.
    pub after: Option<u64>,
    /// The line.
    pub text: String,
}

/// A decision, and the rule that it is by.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedView {
    /// What is done.
    pub decision: &'static str,
    /// The rule that says so; null where none does.
    pub rule: Option<String>,
}

/// A change of what is done, for some situations.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// The question whose rules answer differently.
    pub question: &'static str,
    /// What is done now.
    pub before: DecidedView,
    /// What would be done.
    pub after: DecidedView,
    /// For how many situations.
    pub situations: u64,
    /// What those have in common that others have not: attributes, with the values that occur.
    pub whom: BTreeMap<&'static str, Vec<String>>,
}

/// Accounts for which another decision is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountsDiff {
    /// What is decided now.
    pub before: DecidedView,
    /// What would be.
    pub after: DecidedView,
    /// How many accounts.
    pub accounts: u64,
    /// The first of them, by name.
    pub sample: Vec<String>,
}

impl DiffView {
    /// What a trial found.
    pub fn of(version: u64, compared: &Compared) -> Self {
        let changes = compared.changes.as_ref();
        Self {
            version,
            files: compared.files.iter().map(file_diff).collect(),
            changes: changes.map(|changes| changes.iter().map(change).collect()).unwrap_or_default(),
            changes_failed: changes.err().cloned(),
            accounts: compared.accounts.iter().map(accounts).collect(),
            of: compared.of,
        }
    }
}

fn file_diff(file: &FileChange) -> FileDiff {
    let line =
        |line: &Line| DiffLine { kind: line.kind, before: line.before, after: line.after, text: line.text.clone() };
    let hunk = |lines: &Vec<Line>| Hunk { lines: lines.iter().map(line).collect() };
    FileDiff { name: file.name.clone(), hunks: file.hunks.iter().map(hunk).collect() }
}

fn change(change: &Change) -> ChangeView {
    let answered = |one: &Answered| DecidedView { decision: one.decision.as_str(), rule: one.rule.clone() };
    ChangeView {
        question: change.question.as_str(),
        before: answered(&change.before),
        after: answered(&change.after),
        situations: change.situations as u64,
        whom: change.whom.iter().map(|(attribute, values)| (attribute.as_str(), values.clone())).collect(),
    }
}

fn accounts(change: &AccountsChange) -> AccountsDiff {
    let decided = |(decision, rule): &Decided| DecidedView { decision, rule: rule.clone() };
    AccountsDiff {
        before: decided(&change.before),
        after: decided(&change.after),
        accounts: change.accounts,
        sample: change.sample.clone(),
    }
}

/// Rules that took the place of others.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeploymentView {
    /// Who proposed it.
    pub proposed: SaidView,
    /// Who approved it, and when it was deployed.
    pub approved: SaidView,
    /// Hash of the policy before.
    pub before: String,
    /// Hash of the policy since.
    pub after: String,
    /// Whether it brought back what was before another.
    pub is_undo: bool,
    /// Its entry in the ledger.
    pub entry: u64,
}

impl DeploymentView {
    /// A deployment, without the files.
    pub fn of(one: &Deployment) -> Self {
        Self {
            proposed: SaidView::of(&one.proposed),
            approved: SaidView::of(&one.approved),
            before: one.before.clone(),
            after: one.after.clone(),
            is_undo: one.is_undo,
            entry: one.entry,
        }
    }
}
