//! What a page draws of campaigns: counts from profiles that the other results do not hold.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use campaign::Campaign;
use campaign::View;
use cohort::Population;
use observation::Capability;
use profile::Profile;
use record::ObservableKind;
use serde::Serialize;
use verdict::Family;

/// Campaigns that are drawn; of the others the page has a line each.
pub const MAX_DRAWN: usize = 20;
/// Shared items of one kind that are listed for a campaign.
const MAX_OF_KIND: usize = 12;

/// Hours of a day.
const HOURS: usize = 24;

/// A value that accounts share: its kind and its hash.
type Item = (ObservableKind, u64);

/// What is drawn of one campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Charts {
    /// Exchanges and accounts by day, ascending; days without an exchange are left out.
    pub days: Vec<Day>,
    /// What its accounts did, in the order of the campaign's accounts.
    pub accounts: Vec<Activity>,
    /// The items that its accounts share, the most telling first; at most twelve of a kind.
    pub shared: Vec<SharedItem>,
    /// How many items two or more of its accounts share.
    pub shared_in_all: usize,
}

/// What `charts.json` holds of one campaign.
#[derive(Debug, Serialize)]
pub(crate) struct Drawn<'a> {
    campaign: &'a str,
    days: &'a [Day],
    /// Exchanges by hour of the day in UTC.
    hours: [u64; HOURS],
    shared: Vec<DrawnItem<'a>>,
    shared_in_all: usize,
}

#[derive(Debug, Serialize)]
struct DrawnItem<'a> {
    family: Family,
    kind: &'a str,
    item: &'a str,
    accounts: usize,
    in_log: usize,
}

impl<'a> Drawn<'a> {
    pub(crate) fn of(campaign: &'a str, charts: &'a Charts) -> Self {
        let mut hours = [0; HOURS];
        for account in &charts.accounts {
            for (sum, count) in hours.iter_mut().zip(account.hours) {
                *sum += count;
            }
        }
        let item = |shared: &'a SharedItem| DrawnItem {
            family: shared.family,
            kind: shared.kind,
            item: &shared.item,
            accounts: shared.holders.len(),
            in_log: shared.in_log,
        };
        let shared = charts.shared.iter().map(item).collect();
        Self { campaign, days: &charts.days, hours, shared, shared_in_all: charts.shared_in_all }
    }
}

/// One day of a campaign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Days since 1970 in UTC.
    pub day: i64,
    /// Exchanges of its accounts, of the days that their profiles keep.
    pub exchanges: u64,
    /// Its accounts with an exchange on the day.
    pub active: u32,
    /// Its accounts whose first exchange is on the day.
    pub new: u32,
}

/// What an account, or many together, did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// Exchanges.
    pub exchanges: u64,
    /// First exchange, microseconds since 1970.
    pub first_us: Option<i64>,
    /// Exchanges by hour of the day in UTC.
    pub hours: [u64; HOURS],
    /// Prompts by capability.
    pub capabilities: [u64; Capability::ALL.len()],
}

/// An item that accounts of a campaign share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedItem {
    /// Its family of evidence.
    pub family: Family,
    /// What it is.
    pub kind: &'static str,
    /// Its hash.
    pub item: String,
    /// The accounts that hold it, as places in the campaign's accounts, ascending.
    pub holders: Vec<usize>,
    /// Accounts of the whole log that hold it.
    pub in_log: usize,
}

/// The accounts that no campaign names: what campaigns are compared with in charts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Others {
    /// How many they are.
    pub accounts: u64,
    /// What they did.
    pub activity: Activity,
}

impl Activity {
    fn add(&mut self, profile: &Profile) {
        self.exchanges = self.exchanges.saturating_add(profile.exchanges);
        let first = profile.seen_us.map(|(first, _)| first);
        self.first_us = [self.first_us, first].into_iter().flatten().min();
        for (sum, count) in self.hours.iter_mut().zip(profile.hours) {
            *sum += u64::from(count);
        }
        for (sum, count) in self.capabilities.iter_mut().zip(profile.capabilities) {
            *sum += u64::from(count);
        }
    }
}

/// Counts what is drawn of the first campaigns, and of the accounts that are in none.
pub(crate) fn charts(population: &Population, views: &[View], campaigns: &[Campaign]) -> (Vec<Charts>, Others) {
    let members = |campaign: &Campaign| -> Vec<u32> {
        campaign.accounts.iter().filter_map(|account| place_of(population, account)).collect()
    };
    let drawn: Vec<Vec<u32>> = campaigns.iter().take(MAX_DRAWN).map(members).collect();
    let named: BTreeSet<u32> = campaigns.iter().flat_map(members).collect();
    count(population, views, &drawn, &named)
}

/// Counts what is drawn of groups of accounts, and of all but the named ones.
fn count(population: &Population, views: &[View], drawn: &[Vec<u32>], named: &BTreeSet<u32>) -> (Vec<Charts>, Others) {
    let mut others = Others::default();
    for (entity, _) in population.entities().iter().zip(0..).filter(|(_, at)| !named.contains(at)) {
        others.accounts += 1;
        others.activity.add(&entity.profile);
    }
    let mut shared = shared_items(views, drawn, population.entities().len());
    let chart = |(accounts, (items, in_all)): (&Vec<u32>, (Vec<SharedItem>, usize))| {
        let profiles = accounts.iter().filter_map(|at| population.get(*at)).map(|entity| &*entity.profile);
        let activity = |profile: &Profile| {
            let mut activity = Activity::default();
            activity.add(profile);
            activity
        };
        Charts {
            days: days(profiles.clone()),
            accounts: profiles.map(activity).collect(),
            shared: items,
            shared_in_all: in_all,
        }
    };
    (drawn.iter().zip(shared.drain(..)).map(chart).collect(), others)
}

fn place_of(population: &Population, account: &str) -> Option<u32> {
    let found = population.entities().binary_search_by(|entity| entity.account.as_str().cmp(account));
    found.ok().and_then(|at| u32::try_from(at).ok())
}

fn days<'a>(profiles: impl Iterator<Item = &'a Profile>) -> Vec<Day> {
    let mut days: BTreeMap<i64, Day> = BTreeMap::new();
    for profile in profiles {
        let mut is_first = true;
        for (day, count) in profile.daily() {
            let of_day = days.entry(day).or_insert(Day { day, ..Day::default() });
            of_day.exchanges += u64::from(count);
            of_day.active += 1;
            of_day.new += u32::from(std::mem::take(&mut is_first));
        }
    }
    days.into_values().collect()
}

/// The items that accounts of each group share, and how many there are.
fn shared_items(views: &[View], groups: &[Vec<u32>], accounts: usize) -> Vec<(Vec<SharedItem>, usize)> {
    let mut groups_of: HashMap<u32, Vec<(usize, usize)>> = HashMap::new();
    for (group, members) in groups.iter().enumerate() {
        for (place, account) in members.iter().enumerate() {
            groups_of.entry(*account).or_default().push((group, place));
        }
    }
    let mut holders: Vec<HashMap<Item, BTreeSet<usize>>> = vec![HashMap::new(); groups.len()];
    let mut in_log: HashMap<Item, usize> = HashMap::new();
    let ties = || views.iter().flat_map(|view| &view.ties).map(|tie| (tie.account, (tie.value.kind, tie.value.hash)));
    for (account, item) in ties() {
        for (group, place) in groups_of.get(&account).into_iter().flatten() {
            if let Some(holders) = holders.get_mut(*group) {
                holders.entry(item).or_default().insert(*place);
                in_log.entry(item).or_default();
            }
        }
    }
    for (_, item) in ties() {
        in_log.entry(item).and_modify(|count| *count += 1);
    }
    let family = |kind: ObservableKind| campaign::ties_of(kind).family();
    let list = |held: HashMap<Item, BTreeSet<usize>>| {
        let mut items: Vec<(f64, SharedItem)> = Vec::new();
        for ((kind, hash), holders) in held.into_iter().filter(|(_, holders)| holders.len() > 1) {
            let in_log = in_log.get(&(kind, hash)).copied().unwrap_or(0).max(holders.len());
            let bits = (accounts.max(1) as f64 / in_log.max(1) as f64).log2();
            let worth = bits * holders.len() as f64;
            let holders = holders.into_iter().collect();
            let item = format!("{hash:016x}");
            items.push((worth, SharedItem { family: family(kind), kind: kind.as_str(), item, holders, in_log }));
        }
        let in_all = items.len();
        items.sort_by(|(a, one), (b, other)| {
            b.total_cmp(a).then_with(|| one.kind.cmp(other.kind)).then_with(|| one.item.cmp(&other.item))
        });
        let mut of_kind: BTreeMap<&str, usize> = BTreeMap::new();
        items.retain(|(_, item)| {
            let count = of_kind.entry(item.kind).or_default();
            *count += 1;
            *count <= MAX_OF_KIND
        });
        (items.into_iter().map(|(_, item)| item).collect(), in_all)
    };
    holders.into_iter().map(list).collect()
}

#[cfg(test)]
mod tests {
    use cohort::Entity;
    use cohort::Identity;
    use link::Limits;
    use link::Tie;
    use link::Value;
    use record::time::DAY_US;
    use sketch::hash::mix;
    use verdict::ViewKind;

    use super::*;

    /// An account with so many exchanges on each day from one on, all of them in one hour of the day.
    fn entity(account: &str, first: i64, counts: &[u32], hour: usize) -> Entity {
        let mut profile = Box::new(Profile::default());
        for (day, count) in (first..).zip(counts).filter(|(_, count)| **count > 0) {
            profile.days.add(mix(day as u64), *count);
            profile.hours[hour] += count;
            profile.exchanges += u64::from(*count);
        }
        let last = first + counts.len() as i64 - 1;
        profile.seen_us = Some((first * DAY_US, last * DAY_US + 5));
        Entity { account: account.to_owned(), profile, identity: Identity::default() }
    }

    fn view(ties: &[(u32, ObservableKind, u64)]) -> View {
        let tie = |(account, kind, hash): &(u32, ObservableKind, u64)| Tie {
            account: *account,
            value: Value { kind: *kind, hash: *hash },
        };
        View {
            family: Family::Identity,
            kind: ViewKind::Registration,
            low_specificity: false,
            limits: Limits::default(),
            ties: ties.iter().map(tie).collect(),
        }
    }

    #[test]
    fn what_is_drawn_is_what_the_accounts_did() {
        let population = Population::new(vec![
            entity("a", 10, &[3, 0, 1], 4),
            entity("b", 11, &[2], 5),
            entity("c", 9, &[7], 6),
            entity("d", 9, &[100], 7),
        ]);
        let (payment, phone) = (ObservableKind::Payment, ObservableKind::Phone);
        let ties =
            view(&[(0, payment, 1), (1, payment, 1), (3, payment, 1), (0, phone, 2), (1, phone, 2), (2, phone, 3)]);
        let (charts, others) = count(&population, &[ties], &[vec![0, 1], vec![2]], &BTreeSet::from([0, 1, 2]));
        let day = |day, exchanges, active, new| Day { day, exchanges, active, new };
        assert_eq!(charts[0].days, [day(10, 3, 1, 1), day(11, 2, 1, 1), day(12, 1, 1, 0)]);
        assert_eq!(charts[0].accounts.iter().map(|account| account.exchanges).collect::<Vec<_>>(), [4, 2]);
        assert_eq!((charts[0].accounts[0].hours[4], charts[0].accounts[1].hours[5]), (4, 2));
        // The telephone number that nobody else has says more than the card that another account has too.
        let items: Vec<(&str, usize, usize)> =
            charts[0].shared.iter().map(|item| (item.kind, item.holders.len(), item.in_log)).collect();
        assert_eq!(items, [("phone", 2, 2), ("payment", 2, 3)]);
        assert_eq!(charts[0].shared_in_all, 2);
        let drawn = serde_json::to_value(Drawn::of("C-1", &charts[0])).unwrap();
        assert_eq!((&drawn["hours"][4], &drawn["hours"][5]), (&4.into(), &2.into()));
        assert_eq!(drawn["days"][0], serde_json::json!({ "day": 10, "exchanges": 3, "active": 1, "new": 1 }));
        assert_eq!((&drawn["shared"][1]["accounts"], &drawn["shared"][1]["in_log"]), (&2.into(), &3.into()));
        assert!(charts[1].shared.is_empty(), "one holder shares nothing");
        assert_eq!((others.accounts, others.activity.exchanges, others.activity.hours[7]), (1, 100, 100));
    }
}
