//! What a draft of the rules would be: whether it is fit, what its tests say, and what it changes for whom.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use policy::AccountState;
use policy::Ask;
use policy::Change;
use policy::Fault;
use policy::Policy;
use policy::Source;
use policy::Tested;
use similar::ChangeTag;
use similar::TextDiff;
use verdict::VerdictSnapshot;

/// Accounts that are named of each change.
const SAMPLE: usize = 10;
/// Lines around a change that are shown with it.
const CONTEXT: usize = 3;
/// How long the shortest way from a text to another is looked for; after that, a longer one is told.
const PATIENCE: Duration = Duration::from_millis(200);

/// A draft beside the rules that are in use.
#[derive(Debug)]
pub struct Trial {
    version: u64,
    day: i64,
    live: Arc<Policy>,
    snapshot: Arc<VerdictSnapshot>,
    files: Source,
    /// The policy, where it could be loaded.
    pub policy: Option<Arc<Policy>>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
    /// What its tests say; none where it could not be loaded.
    pub tested: Option<Result<Tested, String>>,
    compared: OnceLock<Compared>,
}

/// What a draft changes.
#[derive(Debug)]
pub struct Compared {
    /// Files that are others, by name.
    pub files: Vec<FileChange>,
    /// What changes for which situations; why that is not known otherwise.
    pub changes: Result<Vec<Change>, String>,
    /// What changes for accounts of which something is held, where they ask for text.
    pub accounts: Vec<AccountsChange>,
    /// How many accounts there are of which something is held.
    pub of: u64,
}

/// What changes in a file.
#[derive(Debug)]
pub struct FileChange {
    /// Its name.
    pub name: String,
    /// Runs of lines that changed, with those around them.
    pub hunks: Vec<Vec<Line>>,
}

/// A line of a change.
#[derive(Debug)]
pub struct Line {
    /// `same`, `added` or `removed`.
    pub kind: &'static str,
    /// Its number before, from one.
    pub before: Option<u64>,
    /// Its number after, from one.
    pub after: Option<u64>,
    /// The line.
    pub text: String,
}

/// A decision, and the rule that it is by.
pub type Decided = (&'static str, Option<String>);

/// Accounts for which another decision is made.
#[derive(Debug)]
pub struct AccountsChange {
    /// What is decided now.
    pub before: Decided,
    /// What would be.
    pub after: Decided,
    /// How many accounts.
    pub accounts: u64,
    /// The first of them, by name.
    pub sample: Vec<String>,
}

impl Trial {
    /// Tries a draft. `now_us` is in microseconds since 1970-01-01T00:00:00Z.
    pub fn of(version: u64, files: Source, live: Arc<Policy>, snapshot: Arc<VerdictSnapshot>, now_us: i64) -> Self {
        let (policy, faults) = match Policy::load(files.clone()) {
            Ok(policy) => {
                let faults = policy::check(&policy, now_us);
                (Some(Arc::new(policy)), faults)
            }
            Err(error) => (None, error.faults().to_vec()),
        };
        let tested = policy.as_ref().map(|policy| policy::run_tests(policy, now_us).map_err(|error| error.to_string()));
        Self { version, day: day(now_us), live, snapshot, files, policy, faults, tested, compared: OnceLock::new() }
    }

    /// Whether it is what would be found now. Rules expire by the day.
    pub fn is_of(&self, version: u64, live: &Arc<Policy>, snapshot: &VerdictSnapshot, now_us: i64) -> bool {
        let is_same = Arc::ptr_eq(&self.live, live) && self.snapshot.id() == snapshot.id();
        is_same && self.version == version && self.day == day(now_us)
    }

    /// Why it may not be deployed; none where it may. Content that was in use before may come back as it was: it has to load, and no more.
    pub fn refusal(&self, is_undo: bool) -> Option<String> {
        if self.policy.is_none() || (!is_undo && !self.faults.is_empty()) {
            let first = self.faults.first().map(ToString::to_string).unwrap_or_default();
            let more = match self.faults.len() {
                0 | 1 => String::new(),
                all => format!(" (and {} more)", all - 1),
            };
            return Some(format!("the draft is not fit to be used: {first}{more}"));
        }
        match &self.tested {
            _ if is_undo => None,
            Some(Ok(tested)) if tested.faults.is_empty() && tested.untested.is_empty() => None,
            Some(Ok(Tested { faults, untested, .. })) => Some(format!(
                "the tests of the draft do not hold: differences from what tests expect {}, rules that no test expects {} (GET \
                 /api/v1/draft/check lists them)",
                faults.len(),
                untested.len()
            )),
            Some(Err(why)) => Some(format!("the tests of the draft could not be run: {why}")),
            None => None,
        }
    }

    /// What it changes; found once.
    pub fn compared(&self, now_us: i64) -> &Compared {
        self.compared.get_or_init(|| {
            let (before, files) = (self.live.source(), &self.files);
            let Some(policy) = &self.policy else {
                let unfit = Err("the draft is not fit to be used".to_owned());
                return Compared { files: changed(before, files), changes: unfit, accounts: Vec::new(), of: 0 };
            };
            let changes = policy::diff(&self.live, policy, now_us).map_err(|error| error.to_string());
            let (accounts, of) = self.accounts(policy, now_us);
            Compared { files: changed(before, files), changes, accounts, of }
        })
    }

    /// What changes for accounts of which something is held, and how many of those there are.
    fn accounts(&self, policy: &Policy, now_us: i64) -> (Vec<AccountsChange>, u64) {
        let mut found: BTreeMap<(Decided, Decided), AccountsChange> = BTreeMap::new();
        let mut of = 0;
        for account in self.snapshot.accounts() {
            of += 1;
            let state = AccountState::unknown(account.name());
            let said = |policy: &Policy| -> Decided {
                let decision = policy::decide(&Ask::default(), &state, &self.snapshot, policy, now_us);
                (decision.measure().as_str(), decision.rule().map(|rule| rule.id.clone()))
            };
            let (before, after) = (said(&self.live), said(policy));
            if before == after {
                continue;
            }
            let empty =
                || AccountsChange { before: before.clone(), after: after.clone(), accounts: 0, sample: Vec::new() };
            let change = found.entry((before.clone(), after.clone())).or_insert_with(empty);
            change.accounts += 1;
            if change.sample.len() < SAMPLE {
                change.sample.push(account.name().to_owned());
            }
        }
        (found.into_values().collect(), of)
    }
}

/// The files that are others, with the lines that changed.
fn changed(before: &Source, after: &Source) -> Vec<FileChange> {
    let names: std::collections::BTreeSet<&str> = before.files().chain(after.files()).map(|(name, _)| name).collect();
    let texts = names.into_iter().map(|name| (name, before.file(name), after.file(name)));
    let others = texts.filter(|(_, old, new)| old != new);
    others
        .map(|(name, old, new)| FileChange {
            name: name.to_owned(),
            hunks: hunks(old.unwrap_or_default(), new.unwrap_or_default()),
        })
        .collect()
}

fn hunks(old: &str, new: &str) -> Vec<Vec<Line>> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let line = |change: similar::Change<&str>| Line {
        kind: match change.tag() {
            ChangeTag::Equal => "same",
            ChangeTag::Insert => "added",
            ChangeTag::Delete => "removed",
        },
        before: change.old_index().map(|index| index as u64 + 1),
        after: change.new_index().map(|index| index as u64 + 1),
        text: change.value().trim_end_matches('\n').to_owned(),
    };
    let lines = |ops: &Vec<similar::DiffOp>| ops.iter().flat_map(|op| diff.iter_changes(op)).map(line).collect();
    diff.grouped_ops(CONTEXT).iter().map(lines).collect()
}

const fn day(now_us: i64) -> i64 {
    now_us.div_euclid(86_400_000_000)
}
