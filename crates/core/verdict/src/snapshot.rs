//! What is held of every account at one moment.

use std::hash::BuildHasher;
use std::hash::RandomState;

use hashbrown::HashTable;

use crate::families::Families;
use crate::rows::Contents;
use crate::rows::Row;
use crate::rows::SnapshotCampaign;
use crate::rows::SnapshotWindow;
use crate::standing::Standing;
use crate::tier::Tier;

/// What is held of every account at one moment: made by a sweep or from a hunt's results, and never changed.
///
/// Lookups are in memory and take no lock. The account of a name is found through a hash table whose keys are secret to
/// the process, so that chosen names do not fall together.
#[derive(Debug)]
pub struct VerdictSnapshot {
    id: String,
    contents: Contents,
    /// Places of the rows of each campaign, ascending.
    members: Vec<Vec<u32>>,
    table: HashTable<u32>,
    hasher: RandomState,
}

impl VerdictSnapshot {
    /// Indexes what `SnapshotBuilder` or the reader checked.
    pub(crate) fn index(id: String, contents: Contents) -> Self {
        let hasher = RandomState::new();
        let rows = &contents.rows;
        let mut table = HashTable::with_capacity(rows.len());
        let mut members = vec![Vec::new(); contents.campaigns.len()];
        let hash_at = |place: &u32| rows.get(*place as usize).map_or(0, |row| hasher.hash_one(&*row.name));
        for (row, place) in rows.iter().zip(0_u32..) {
            table.insert_unique(hasher.hash_one(&*row.name), place, hash_at);
            for campaign in contents.campaigns_of(row) {
                if let Some(members) = members.get_mut(*campaign as usize) {
                    members.push(place);
                }
            }
        }
        Self { id, contents, members, table, hasher }
    }

    /// All but the indexes.
    pub(crate) const fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Its id: equal where the contents are, to the byte.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was made: microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn made_at_us(&self) -> i64 {
        self.contents.made_at_us
    }

    /// What was assessed.
    #[must_use]
    pub const fn window(&self) -> SnapshotWindow {
        self.contents.window
    }

    /// What is held of an account; `None` of one that is clear or was not seen.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<AccountView<'_>> {
        let is_it = |place: &u32| self.contents.rows.get(*place as usize).is_some_and(|row| &*row.name == name);
        let place = self.table.find(self.hasher.hash_one(name), is_it)?;
        Some(AccountView { snapshot: self, row: self.contents.rows.get(*place as usize)? })
    }

    /// A campaign or lead.
    #[must_use]
    pub fn campaign(&self, id: &str) -> Option<&SnapshotCampaign> {
        self.place_of(id).and_then(|place| self.contents.campaigns.get(place))
    }

    /// Its campaigns and leads, by id.
    #[must_use]
    pub fn campaigns(&self) -> &[SnapshotCampaign] {
        &self.contents.campaigns
    }

    /// The accounts of a campaign or lead, by name.
    pub fn members(&self, id: &str) -> impl Iterator<Item = AccountView<'_>> {
        let places = self.place_of(id).and_then(|place| self.members.get(place)).map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .filter_map(|place| Some(AccountView { snapshot: self, row: self.contents.rows.get(*place as usize)? }))
    }

    /// All accounts of which something is held, by name.
    pub fn accounts(&self) -> impl ExactSizeIterator<Item = AccountView<'_>> {
        self.contents.rows.iter().map(|row| AccountView { snapshot: self, row })
    }

    fn place_of(&self, id: &str) -> Option<usize> {
        self.contents.campaigns.binary_search_by(|campaign| campaign.id.as_str().cmp(id)).ok()
    }
}

/// What a snapshot holds of one account.
#[derive(Debug, Clone, Copy)]
pub struct AccountView<'a> {
    snapshot: &'a VerdictSnapshot,
    row: &'a Row,
}

impl<'a> AccountView<'a> {
    /// The account.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.row.name
    }

    /// Implicated, watched, or neither.
    #[must_use]
    pub const fn standing(&self) -> Option<Standing> {
        self.row.standing
    }

    /// The firmest tier among its campaigns.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.row.tier
    }

    /// Families that corroborate the campaign of that tier.
    #[must_use]
    pub const fn corroboration(&self) -> u8 {
        self.row.corroboration
    }

    /// Families of the account's own evidence.
    #[must_use]
    pub const fn families(&self) -> Families {
        self.row.families
    }

    /// 0 to 100.
    #[must_use]
    pub const fn confidence(&self) -> u8 {
        self.row.confidence
    }

    /// Its campaigns and leads, the likeliest first.
    pub fn campaigns(&self) -> impl Iterator<Item = &'a SnapshotCampaign> + use<'a> {
        let contents = &self.snapshot.contents;
        contents.campaigns_of(self.row).iter().filter_map(move |place| contents.campaigns.get(*place as usize))
    }
}
