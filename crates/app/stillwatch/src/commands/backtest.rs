//! Backtests of the rules for the API: what `stillwatch policy backtest` does, of the exchanges of a data directory.

use std::path::PathBuf;

use console::Backtested;
use console::Backtests;
use policy::Policy;
use verdict::VerdictSnapshot;
use workers::Progress;

use crate::commands::policy::known_accounts;
use crate::commands::policy::recorded;

/// The exchanges of a data directory, and account records.
#[derive(Debug)]
pub struct OfDataDir {
    /// The data directory.
    pub data_dir: PathBuf,
    /// Files of account records; none where nobody gave any.
    pub accounts: Vec<String>,
}

impl Backtests for OfDataDir {
    fn run(
        &self,
        policy: &Policy,
        verdicts: &VerdictSnapshot,
        now_us: i64,
        progress: &dyn Progress,
    ) -> Result<Backtested, String> {
        let mut files = self.accounts.clone();
        #[cfg(feature = "watch")]
        files.extend(
            Some(watch::accounts_of_sweep(&self.data_dir))
                .filter(|path| path.is_file())
                .map(|path| path.display().to_string()),
        );
        let mut known = known_accounts(&files, now_us).map_err(|failure| failure.to_string())?;
        let knows_who_pays = known.values().any(|account| account.pays.is_some());
        let (usage, days) = recorded(&self.data_dir, &mut known, progress).map_err(|error| error.to_string())?;
        if usage.is_empty() {
            return Err("the data directory holds no exchanges yet".to_owned());
        }
        let radius = policy::backtest(policy, verdicts, &known, &usage, days as f64, now_us);
        Ok(Backtested { days, knows_who_pays, radius })
    }
}
