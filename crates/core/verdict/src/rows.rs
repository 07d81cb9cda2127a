//! What a snapshot holds.

use crate::families::Families;
use crate::standing::Standing;
use crate::tier::Tier;

/// The stretch of event time that was assessed, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SnapshotWindow {
    /// Its first moment.
    pub start_us: i64,
    /// The first moment after it.
    pub end_us: i64,
}

/// What is held of one campaign or lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotCampaign {
    /// Its id, which names its case.
    pub id: String,
    /// How firmly it is held to be one campaign.
    pub tier: Tier,
    /// How many families corroborate it; rhythm is none of them.
    pub corroboration: u8,
    /// Those families, and rhythm where it agrees.
    pub families: Families,
    /// 0 to 100.
    pub confidence: u8,
    /// The name of the budget that all its accounts draw on. A campaign that others were joined to keeps its own.
    pub budget_key: String,
}

/// What is held of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotAccount {
    /// The account.
    pub account: String,
    /// Implicated, watched, or neither: an account of which there are only leads has no standing.
    pub standing: Option<Standing>,
    /// The firmest tier among its campaigns.
    pub tier: Tier,
    /// Families that corroborate the campaign of that tier.
    pub corroboration: u8,
    /// Families of the account's own evidence.
    pub families: Families,
    /// 0 to 100.
    pub confidence: u8,
    /// Ids of its campaigns and leads, the likeliest first.
    pub campaigns: Vec<String>,
}

/// An account as it is stored: its campaigns are a part of one list of places.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: Box<str>,
    pub(crate) first_campaign: u32,
    pub(crate) campaigns: u16,
    pub(crate) standing: Option<Standing>,
    pub(crate) tier: Tier,
    pub(crate) corroboration: u8,
    pub(crate) families: Families,
    pub(crate) confidence: u8,
}

/// All of a snapshot but its indexes.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) made_at_us: i64,
    pub(crate) window: SnapshotWindow,
    /// By id.
    pub(crate) campaigns: Vec<SnapshotCampaign>,
    /// By name.
    pub(crate) rows: Vec<Row>,
    /// Places of campaigns: those of each row beside each other.
    pub(crate) places: Vec<u32>,
}

impl Contents {
    /// The places of the campaigns of a row.
    pub(crate) fn campaigns_of(&self, row: &Row) -> &[u32] {
        let first = row.first_campaign as usize;
        self.places.get(first..first.saturating_add(usize::from(row.campaigns))).unwrap_or_default()
    }
}
