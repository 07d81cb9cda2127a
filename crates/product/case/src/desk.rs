//! The desk at which cases are decided: the store and the ledger of a data directory, opened together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use attribution::source::Source;
use cohort::Rulings;

use crate::act::Act;
use crate::act::Measure;
use crate::act::What;
use crate::appeal::Outcome;
use crate::appeal::due_in;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::follow::follow;
use crate::rulings::rulings;
use crate::sqlite::Sqlite;
use crate::state::Case;
use crate::state::conflict;
use crate::store::Store;
use crate::store::Stored;

/// The file of the SQLite store in a data directory.
pub const CASES_FILE: &str = "cases.sqlite";

/// Copies the acts in the SQLite file of a data directory, as they are at one moment, into a new file. Says whether there is such a
/// file. Whoever copies the ledger too lets nobody add to it in between: the ledger follows the store.
///
/// # Errors
/// [`ErrorKind::Io`].
pub fn copy_store(data_dir: &Path, place: &Path) -> Result<bool, Error> {
    let file = data_dir.join(CASES_FILE);
    if !file.is_file() {
        return Ok(false);
    }
    Sqlite::open(&file)?.copy_to(place)?;
    Ok(true)
}

/// What somebody asks to be done with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Open it.
    Open,
    /// Say that somebody looks at it.
    Acknowledge,
    /// Give it to somebody, or to nobody.
    Assign(Option<String>),
    /// Add a remark.
    Note(String),
    /// Say that these of its accounts are not one operation with the others.
    Cut(Vec<String>),
    /// Say that its accounts and these are one operation, with those of other cases.
    Pin {
        /// Accounts that are in no case.
        accounts: Vec<String>,
        /// Other cases.
        with: Vec<String>,
    },
    /// Say that the group is honest.
    Clear,
    /// Propose a measure.
    Propose(Measure),
    /// Agree with a proposal; with the one that waits where `None`.
    Approve(Option<u64>),
    /// Take back a cut, a pin or a proposal.
    Withdraw(u64),
    /// Add what a source tells of it.
    Source {
        /// What it tells.
        claim: String,
        /// The source.
        source: Source,
    },
    /// Add a source that contradicts another.
    Contest {
        /// The number of the act that added the other.
        of: u64,
        /// The source.
        source: Source,
    },
    /// Write down an appeal of the holder of one of its accounts.
    Appeal {
        /// The account.
        account: String,
        /// What they say.
        text: String,
        /// Days in which it is to be decided.
        days: i64,
    },
    /// Give an appeal to somebody.
    AssignAppeal {
        /// The number of the act that filed it.
        of: u64,
        /// Who is to read it.
        to: String,
    },
    /// Attach something to an appeal.
    AttachToAppeal {
        /// The number of the act that filed it.
        of: u64,
        /// What.
        text: String,
    },
    /// Decide an appeal.
    DecideAppeal {
        /// The number of the act that filed it.
        of: u64,
        /// How.
        outcome: Outcome,
    },
    /// Close it.
    Close,
    /// Open it again.
    Reopen,
}

/// Who asks, why, and what they saw.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who.
    pub who: &'a str,
    /// Why.
    pub why: Option<&'a str>,
    /// The version of the case that they saw; the latest where `None`.
    pub saw: Option<u64>,
}

/// The store and the ledger of a data directory.
pub struct Desk {
    store: Box<dyn Store>,
    data_dir: PathBuf,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

impl Desk {
    /// Opens the cases of a data directory: in its SQLite file, or in the PostgreSQL database of a URL. What a stopped run left
    /// to do is done.
    ///
    /// # Errors
    /// [`Error`]
    pub fn open(data_dir: &Path, url: Option<&str>) -> Result<Self, Error> {
        let store: Box<dyn Store> = match url {
            None => Box::new(Sqlite::open(&data_dir.join(CASES_FILE))?),
            Some(url) => open_url(url)?,
        };
        Self::with(store, data_dir)
    }

    /// As [`Desk::open`], with a store that is open.
    ///
    /// # Errors
    /// [`Error`]
    pub fn with(store: Box<dyn Store>, data_dir: &Path) -> Result<Self, Error> {
        let mut desk = Self { store, data_dir: data_dir.to_owned() };
        follow(desk.store.as_mut(), data_dir)?;
        Ok(desk)
    }

    /// Whether a data directory has cases that were opened, so that [`Desk::open`] makes no file.
    #[must_use]
    pub fn is_used(data_dir: &Path, url: Option<&str>) -> bool {
        url.is_some() || data_dir.join(CASES_FILE).is_file()
    }

    /// All cases that were opened, by id.
    ///
    /// # Errors
    /// [`Error`]
    pub fn cases(&mut self) -> Result<BTreeMap<String, Case>, Error> {
        let mut acts: BTreeMap<String, Vec<Act>> = BTreeMap::new();
        for Stored { case, body, .. } in self.store.all()? {
            acts.entry(case).or_default().push(Act::from_bytes(&body)?);
        }
        acts.into_iter().map(|(id, acts)| Ok((id.clone(), Case::of(&id, acts)?))).collect()
    }

    /// One case; `None` where it was not opened.
    ///
    /// # Errors
    /// [`Error`]
    pub fn case(&mut self, id: &str) -> Result<Option<Case>, Error> {
        let acts =
            self.store.acts_of(id)?.iter().map(|act| Act::from_bytes(&act.body)).collect::<Result<Vec<_>, _>>()?;
        if acts.is_empty() { Ok(None) } else { Case::of(id, acts).map(Some) }
    }

    /// All acts, in the order of the ledger; those that wait for it last.
    ///
    /// # Errors
    /// [`Error`]
    pub fn history(&mut self) -> Result<Vec<(Option<u64>, Act)>, Error> {
        let all = self.store.all()?;
        let mut acts =
            all.iter().map(|act| Ok((act.entry, Act::from_bytes(&act.body)?))).collect::<Result<Vec<_>, Error>>()?;
        acts.sort_by(|(a, one), (b, other)| {
            let key = |entry: &Option<u64>| entry.unwrap_or(u64::MAX);
            key(a).cmp(&key(b)).then_with(|| one.at.cmp(&other.at))
        });
        Ok(acts)
    }

    /// What the cases say to the next hunt: rulings, and honest groups for its bank.
    ///
    /// # Errors
    /// [`Error`]
    pub fn rulings(&mut self) -> Result<(Rulings, Vec<serde_json::Value>), Error> {
        Ok(rulings(self.cases()?.values()))
    }

    /// Does what is asked. When this returns, it is in the store, and in the ledger where there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where somebody else wrote since; [`ErrorKind::NotAllowed`], [`ErrorKind::Malformed`],
    /// [`ErrorKind::Unknown`]: nothing was done then. [`ErrorKind::Io`]: it may have been done, and the next run records it.
    pub fn act(&mut self, id: &str, asked: Asked<'_>, ask: Ask) -> Result<Case, Error> {
        let mut case = self.case(id)?.unwrap_or_else(|| Case::unopened(id));
        if let Some(saw) = asked.saw.filter(|saw| *saw != case.version) {
            return Err(conflict(id, case.version, saw));
        }
        let what = self.what(&case, ask)?;
        let act = Act::new(id, case.version + 1, asked.who, asked.why, what)?;
        case.check(&act)?;
        self.store.add(&Stored { case: act.case.clone(), number: act.number, body: act.to_bytes()?, entry: None })?;
        follow(self.store.as_mut(), &self.data_dir)?;
        case.apply(act);
        Ok(case)
    }

    fn what(&self, case: &Case, ask: Ask) -> Result<What, Error> {
        Ok(match ask {
            Ask::Open => {
                self.verdict(&case.id)?;
                What::Open
            }
            Ask::Acknowledge => What::Acknowledge,
            Ask::Assign(to) => What::Assign { to },
            Ask::Note(text) => What::Note { text },
            Ask::Cut(accounts) => {
                let known = self.check_known(&case.id, &accounts)?;
                if known.iter().all(|account| accounts.contains(account)) {
                    let text = "a cut that names all accounts of the case parts nothing (name those of one side)";
                    return Err(Error::new(ErrorKind::Malformed, text));
                }
                What::Cut { accounts }
            }
            Ask::Pin { accounts, with } => {
                let mut pinned: BTreeSet<String> = accounts.into_iter().collect();
                for id in with.iter().chain([&case.id]) {
                    pinned.extend(self.everybody(id)?.0);
                }
                // An appeal took these out.
                case.restored().for_each(|account| _ = pinned.remove(account));
                check_uncut(case, &pinned)?;
                What::Pin { accounts: pinned.into_iter().collect() }
            }
            Ask::Clear => {
                let accounts = self.everybody(&case.id)?.0.into_iter().collect();
                What::Clear { accounts, groups: groups(&self.verdict(&case.id)?.document) }
            }
            Ask::Propose(measure) => What::Propose { measure },
            Ask::Approve(of) => {
                let waiting = case.enforcement.as_ref().map(|proposed| proposed.number);
                What::Approve { of: of.or(waiting).unwrap_or(0) }
            }
            Ask::Withdraw(of) => What::Withdraw { of },
            Ask::Source { claim, source } => What::Source { claim, source },
            Ask::Contest { of, source } => What::Contest { of, source },
            Ask::Appeal { account, text, days } => {
                self.check_known(&case.id, std::slice::from_ref(&account))?;
                What::Appeal { account, text, due: due_in(days)? }
            }
            Ask::AssignAppeal { of, to } => What::AssignAppeal { of, to },
            Ask::AttachToAppeal { of, text } => What::AttachToAppeal { of, text },
            Ask::DecideAppeal { of, outcome } => What::DecideAppeal { of, outcome },
            Ask::Close => What::Close,
            Ask::Reopen => What::Reopen,
        })
    }

    /// The latest verdict on a campaign.
    fn verdict(&self, id: &str) -> Result<dossier::Case, Error> {
        let mut all = dossier::cases(&self.data_dir)?;
        all.remove(id).ok_or_else(|| {
            let known: Vec<&str> = all.keys().take(10).map(String::as_str).collect();
            let text = format!("{} has no campaign {id} (it has {})", self.data_dir.display(), known.join(", "));
            Error::new(ErrorKind::Unknown, text)
        })
    }

    /// Refuses accounts that are neither in a campaign nor watched for it; returns those that are in it.
    fn check_known(&self, id: &str, accounts: &[String]) -> Result<BTreeSet<String>, Error> {
        let (known, others) = self.everybody(id)?;
        match accounts.iter().find(|one| !known.contains(*one) && !others.contains(*one)) {
            None => Ok(known),
            Some(stranger) => {
                let text = format!("account {stranger:?} is not in case {id} (see accounts.jsonl of the hunt)");
                Err(Error::new(ErrorKind::Unknown, text))
            }
        }
    }

    /// The accounts of a campaign, and those that are only watched for it.
    fn everybody(&self, id: &str) -> Result<(BTreeSet<String>, BTreeSet<String>), Error> {
        let accounts = dossier::accounts(&self.data_dir, &self.verdict(id)?)?;
        let watched = accounts.verdicts.into_iter().map(|verdict| verdict.account).collect();
        Ok((accounts.accounts.into_iter().collect(), watched))
    }
}

#[cfg(feature = "postgres")]
fn open_url(url: &str) -> Result<Box<dyn Store>, Error> {
    Ok(Box::new(crate::postgres::Postgres::open(url)?))
}

#[cfg(not(feature = "postgres"))]
fn open_url(_: &str) -> Result<Box<dyn Store>, Error> {
    let text = "this build keeps cases in SQLite only (build it with the feature `postgres`)";
    Err(Error::new(ErrorKind::Malformed, text))
}

/// Refuses a pin across a cut that holds.
fn check_uncut(case: &Case, pinned: &BTreeSet<String>) -> Result<(), Error> {
    for act in case.holding() {
        let What::Cut { accounts } = &act.what else { continue };
        let inside = accounts.iter().filter(|account| pinned.contains(*account)).count();
        if inside > 0 && inside < pinned.len() {
            let text = format!("act {} of case {} cuts these apart (withdraw it first)", act.number, case.id);
            return Err(Error::new(ErrorKind::NotAllowed, text));
        }
    }
    Ok(())
}

/// The groups that a verdict was made of, as they were scored; none in those of a version that did not tell their class.
fn groups(document: &[u8]) -> Vec<serde_json::Value> {
    let document: serde_json::Value = serde_json::from_slice(document).unwrap_or_default();
    let parts = document.pointer("/judgement/parts").and_then(serde_json::Value::as_array);
    let wanted = ["ties", "formed_on", "customers", "open", "score", "families"];
    let group = |part: &serde_json::Value| {
        let fields = wanted.iter().map(|name| Some(((*name).to_owned(), part.get(name)?.clone())));
        fields.collect::<Option<serde_json::Map<_, _>>>().map(serde_json::Value::Object)
    };
    parts.into_iter().flatten().filter_map(group).collect()
}
