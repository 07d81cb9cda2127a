//! What a hunt is asked for.

use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use campaign::AccountVerdict;
use campaign::Attribution;
use campaign::Campaign;
use campaign::LeadReport;
use campaign::Rates;
use campaign::Schedule;
use cohort::Rulings;
use columns::Secret;
use columns::TableKey;
use columns::Window;
use columns::key_of_run;
use record::Format;
use record::Maps;
use sketch::Embedder;
use sketch::HashKey;
use workers::Progress;

use crate::charts::Charts;
use crate::charts::Others;
use crate::error::Error;
use crate::fold::Folded;
use crate::output::Summary;

/// What to hunt and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Logs: files, folders, globs, URLs, or data directories of the columnar form.
    pub inputs: Vec<String>,
    /// Where results go.
    pub out: PathBuf,
    /// Format of the logs; found from their content where `None`.
    pub format: Option<Format>,
    /// Which attribute or column of a foreign log is which field.
    pub maps: Maps,
    /// Files of a second log, which says more of the exchanges: joined by the id of a request or of its trace.
    pub joins: Vec<String>,
    /// Account records.
    pub accounts: Vec<String>,
    /// Traffic of accounts trusted to be benign: their groups are honest groups, and join the bank.
    pub reference: Vec<String>,
    /// Their account records.
    pub reference_accounts: Vec<String>,
    /// What makes vectors of texts; the built-in one where `None`.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Enforcement acts.
    pub actions: Vec<String>,
    /// A list of e-mail domains that give addresses away for minutes.
    pub disposable_domains: Option<PathBuf>,
    /// A list of numbers of hosting and proxy networks.
    pub hosting_asns: Option<PathBuf>,
    /// Files of honest groups that groups are judged against, beside the built-in bank and the reference's.
    pub bank: Vec<PathBuf>,
    /// What people decided: cuts, pins, and groups that were found to be honest.
    pub rulings: Rulings,
    /// The groups that were found to be honest, as the judgements of their campaigns had them: they join the bank.
    pub cleared: Vec<serde_json::Value>,
    /// False discovery rates, in (0, 1).
    pub rates: Rates,
    /// The ages at which a group's evidence is read, where the same data directory is assessed again and again and the rates are
    /// to hold over all of that; each assessment stands by itself where `None`.
    pub looks: Option<Schedule>,
    /// First moment of the window.
    pub since_us: Option<i64>,
    /// End of the window, which is not in it.
    pub until_us: Option<i64>,
    /// Keeps the columnar form and campaign ids across runs.
    pub data_dir: Option<PathBuf>,
    /// The secret under whose key texts and values are hashed; that of the data directories where `None`.
    pub secret: Option<Secret>,
    /// File with the secret of a run that neither has nor reads a data directory; made if needed. Without it such a run
    /// hashes by public functions.
    pub default_secret: Option<PathBuf>,
    /// Also writes the ties, and the account records by which customers are told apart, as Parquet.
    pub keep_ties: bool,
    /// Threads; all cores where `None`.
    pub workers: Option<NonZeroUsize>,
    /// Where profiles are folded.
    pub place: Place,
    /// Makes a page for people of the results; none is written where `None`.
    pub page: Option<Arc<dyn Page>>,
    /// Says who may be behind each campaign; nobody is asked where `None`.
    pub attributor: Option<Arc<dyn Attributor>>,
    /// Notes to put into the summary, of options that were given and have no effect in this version.
    pub notes: Vec<String>,
}

impl Options {
    /// These options, with the secret under whose key the run hashes.
    ///
    /// # Errors
    /// [`Error`] where the data directories are under different keys, or have lost their secret.
    pub(crate) fn with_secret(&self) -> Result<Self, Error> {
        let mut data_dirs: Vec<&Path> = Vec::new();
        for input in self.inputs.iter().chain(&self.reference).map(Path::new) {
            if columns::is_columnar(input)? {
                data_dirs.push(input);
            }
        }
        let is_stored = !data_dirs.is_empty();
        data_dirs.extend(self.data_dir.as_deref());
        let mut options = self.clone();
        options.secret = match (key_of_run(&data_dirs, self.secret.as_ref())?, &self.default_secret) {
            (TableKey::Secret(secret), _) => Some(secret),
            (TableKey::Any, Some(file)) => {
                let (secret, is_kept) = Secret::kept_or_new(Some(file))?;
                if !is_kept {
                    options.notes.push(NOT_KEPT.to_owned());
                }
                Some(secret)
            }
            (TableKey::Any | TableKey::Public, _) => None,
        };
        if options.secret.is_none() && is_stored {
            options.notes.push(PUBLIC.to_owned());
        }
        Ok(options)
    }

    /// The key of all hashes, once the secret is known.
    pub(crate) fn key(&self) -> HashKey {
        self.secret.as_ref().map(Secret::key).unwrap_or_default()
    }
}

/// What a run says whose secret could not be kept.
const NOT_KEPT: &str = "no secret could be kept for this user, so that the next hunt draws its samples anew and may differ in \
                        small things (give --secret FILE, or a --data-dir)";

/// What a hunt of a directory without a key says.
const PUBLIC: &str = "the columnar form was written without a key: who has it can find out what was hashed, and who knows \
                      this program can choose texts that hide others (ingest the logs again into a new --data-dir)";

/// Says who may be behind the campaigns that a hunt found.
pub trait Attributor: Debug + Send + Sync {
    /// The hypotheses on each campaign, in their order. It adds nothing to what is held of the accounts.
    ///
    /// # Errors
    /// Why the evidence could not be read.
    fn attribute(
        &self,
        campaigns: &[Campaign],
        accounts: &[AccountVerdict],
        evidence: &Evidence<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<Vec<Attribution>>, String>;
}

/// What an [`Attributor`] may read.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Data directories with the exchanges.
    pub roots: &'a [PathBuf],
    /// Files of account records.
    pub accounts: &'a [String],
    /// What of the exchanges was hunted.
    pub window: Window,
    /// The key of the hashes in them.
    pub key: &'a HashKey,
}

/// Makes a page for people of what a hunt found.
pub trait Page: Debug + Send + Sync {
    /// The page, as a whole HTML document. The same results give the same text.
    fn render(&self, found: &Found<'_>) -> String;
}

/// What a page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Campaigns, the most confident first.
    pub campaigns: &'a [Campaign],
    /// Accounts that are not clear, sorted.
    pub accounts: &'a [AccountVerdict],
    /// Groups that score and of which nothing is claimed, best first.
    pub leads: &'a [LeadReport],
    /// Counts of the run.
    pub summary: &'a Summary,
    /// What is drawn of the first campaigns, in their order.
    pub charts: &'a [Charts],
    /// The accounts that are in no campaign.
    pub others: &'a Others,
}

/// Where the fold of a hunt runs. What comes after it fits one machine and runs here.
#[derive(Debug, Clone, Default)]
pub enum Place {
    /// On this machine.
    #[default]
    Local,
    /// On other machines.
    Remote(Arc<dyn RemoteFold>),
}

/// Folds exchanges on other machines.
pub trait RemoteFold: Debug + Send + Sync {
    /// Folds every account's exchanges in a window, from exchange tables that those machines reach under the same
    /// paths. The accounts are sorted, each once. `workers` is the number of threads that may be used here.
    ///
    /// # Errors
    /// Why it could not be done.
    fn fold(
        &self,
        tables: &[PathBuf],
        window: Window,
        workers: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<Folded>, Error>;
}
