//! Collects a snapshot.

use crate::check;
use crate::error::Error;
use crate::rows::Contents;
use crate::rows::Row;
use crate::rows::SnapshotAccount;
use crate::rows::SnapshotCampaign;
use crate::rows::SnapshotWindow;
use crate::snapshot::VerdictSnapshot;
use crate::wire;

/// Collects a snapshot.
#[derive(Debug, Default)]
pub struct SnapshotBuilder {
    made_at_us: i64,
    window: SnapshotWindow,
    campaigns: Vec<SnapshotCampaign>,
    accounts: Vec<SnapshotAccount>,
}

impl SnapshotBuilder {
    /// An empty snapshot of a moment.
    #[must_use]
    pub fn new(made_at_us: i64, window: SnapshotWindow) -> Self {
        Self { made_at_us, window, campaigns: Vec::new(), accounts: Vec::new() }
    }

    /// Adds a campaign or lead.
    pub fn campaign(&mut self, campaign: SnapshotCampaign) {
        self.campaigns.push(campaign);
    }

    /// Adds an account.
    pub fn account(&mut self, account: SnapshotAccount) {
        self.accounts.push(account);
    }

    /// The snapshot. The order of what was added does not show in it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Contradiction`] where an id or account is there twice, an account names a campaign that is not
    /// there, or an account is implicated without evidence of its own; [`crate::ErrorKind::TooLarge`] beyond the bounds.
    pub fn build(mut self) -> Result<VerdictSnapshot, Error> {
        self.campaigns.sort_by(|a, b| a.id.cmp(&b.id));
        self.accounts.sort_by(|a, b| a.account.cmp(&b.account));
        let (mut rows, mut places) = (Vec::with_capacity(self.accounts.len()), Vec::new());
        for account in self.accounts {
            let first_campaign = check::count(places.len())?;
            for id in &account.campaigns {
                let place = self.campaigns.binary_search_by(|campaign| campaign.id.cmp(id));
                let place = place.map_err(|_| check::unknown_campaign(&account.account, id))?;
                places.push(check::count(place)?);
            }
            rows.push(Row {
                name: account.account.into_boxed_str(),
                first_campaign,
                campaigns: check::campaigns(account.campaigns.len())?,
                standing: account.standing,
                tier: account.tier,
                corroboration: account.corroboration,
                families: account.families,
                confidence: account.confidence,
            });
        }
        let contents =
            Contents { made_at_us: self.made_at_us, window: self.window, campaigns: self.campaigns, rows, places };
        check::check(&contents)?;
        Ok(wire::snapshot(contents))
    }
}
