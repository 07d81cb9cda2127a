//! Assessing the same groups again and again, with one false discovery rate for all assessments.
//!
//! Every assessment by itself keeps the rate that it was asked for. Whoever assesses every ten minutes and acts on what any of
//! these assessments finds keeps none: each is another chance for honest accounts to look alike. So a group's evidence is read at
//! few, scheduled ages only. What counts is the sum of the e-values that were read, divided by the number of readings that the
//! schedule has. A group whose schedule is over, and that has doubled since its last reading, begins its schedule anew and is
//! counted as another group.
//!
//! *Null:* the group is honest; then each e-value that is read has mean at most one, and so has the sum over a schedule of `n`
//! readings divided by `n`, under any dependence between readings (the mean of e-values is one: Vovk and Wang, Annals of
//! Statistics 2021). It only grows, so its largest value over all assessments is its last one.
//!
//! *Guarantee:* let `s` be the sum, over all groups that were ever looked at, of the largest share that each had in the weight
//! of the groups of which nothing is claimed ([`Looks::stake`]). The expected largest false discovery proportion over all
//! assessments is at most the rate times `s`: at whichever of them one stops, also if that is chosen afterwards. (A report of
//! closed e-BH has a false discovery proportion of at most the rate times the weighted mean of the e-values of the honest
//! groups; each of these is at most its last value.) Online control of this kind: Fischer, Xu and Ramdas, arXiv 2407.20683.
//!
//! *Assumption:* when evidence is read, and which group continues which, is decided without a look at any score; here it is by
//! time, weight and accounts. Groups of which nothing is claimed are taken for honest in the shares; hostile ones among them
//! make `s` too small by their weight.
//!
//! *Latch:* a group that would be acted on whatever else is claimed is acted on at every later look, until people clear it
//! ([`Looks::latch`]). Such a group has an e-value of one over its share and the rate. By Markov's inequality and the sum over
//! all groups, some honest group is ever latched with a chance of at most the rate times `s`. For groups that are acted on only
//! since others are too, no such bound holds over all looks: let a hundred campaigns be beyond doubt, and a hundred honest groups
//! of the same weight have e-values of 1.01. At a rate of 0.01 a look may report the campaigns and any one of the honest groups,
//! where families corroborate that one alone, and a hundred looks report all of them. So those are not latched.
//!
//! *What breaks it:* a group that turns from one operation into honest accounts by steps of less than half, each between two
//! readings, keeps the sum of what it was.

use std::collections::BTreeSet;
use std::collections::HashMap;

use record::time::DAY_US;
use record::time::HOUR_US;
use serde::Deserialize;
use serde::Serialize;

/// Version of the stored form.
const VERSION: u32 = 1;

/// How long a group that is not formed is remembered, in event time: many come and go from day to day, and one that comes again
/// after it was forgotten is paid for again.
const FORGOTTEN_AFTER_US: i64 = 30 * DAY_US;

/// How long a log must be before anything of it is read. Whatever is shared in the first hours doubles again and again, and
/// each reading would be paid for.
const SETTLED_AFTER_US: i64 = DAY_US;

/// By how much a group whose schedule is over must have grown, to be looked at anew as another one.
const GROWN: f64 = 2.0;

/// Why looks could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LooksError {
    /// The bytes hold no looks.
    #[error("the record of earlier looks is damaged: {0} (restore it from a backup, or move it away to begin anew)")]
    Damaged(#[from] serde_json::Error),
    /// A later version wrote it.
    #[error(
        "the record of earlier looks is of version {0}, this program reads up to {VERSION} (use the newer program)"
    )]
    Later(u32),
    /// A schedule that is none.
    #[error(
        "a schedule of looks begins with 0 and goes on with larger ages, at most 64 of them (for example 0, or 0 and 6 hours)"
    )]
    Schedule,
}

/// The ages at which a group's evidence is read, in microseconds since it was first formed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<i64>", into = "Vec<i64>")]
pub struct Schedule(Vec<i64>);

impl Schedule {
    /// A schedule of these ages in hours.
    ///
    /// # Errors
    /// [`LooksError::Schedule`] unless it begins with zero and grows.
    pub fn of_hours(hours: &[u32]) -> Result<Self, LooksError> {
        Self::try_from(hours.iter().map(|hours| i64::from(*hours) * HOUR_US).collect::<Vec<i64>>())
    }

    /// How many ages have come by one.
    fn due(&self, age_us: i64) -> usize {
        self.0.partition_point(|due| *due <= age_us.max(0))
    }
}

impl TryFrom<Vec<i64>> for Schedule {
    type Error = LooksError;

    fn try_from(ages: Vec<i64>) -> Result<Self, LooksError> {
        let grows = ages.iter().zip(ages.iter().skip(1)).all(|(one, next)| one < next);
        let is_one = ages.first() == Some(&0) && grows && ages.len() <= 64;
        if is_one { Ok(Self(ages)) } else { Err(LooksError::Schedule) }
    }
}

impl From<Schedule> for Vec<i64> {
    fn from(schedule: Schedule) -> Self {
        schedule.0
    }
}

/// A group as one assessment has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// Hashes of its accounts.
    pub accounts: BTreeSet<u64>,
    /// Its weight among all groups.
    pub weight: f64,
    /// What this assessment by itself says.
    pub e_value: f64,
}

/// What all looks at a group say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Its e-value over all looks.
    pub e_value: f64,
    /// Scheduled looks that were taken.
    pub taken: usize,
    /// Looks that the schedule has.
    pub of: usize,
    /// When it was first formed, or looked at anew: microseconds since 1970, event time.
    pub opened_us: i64,
    /// How many families corroborated it when it was acted on, the most at an earlier look; none where it never was.
    pub latched: usize,
    /// Its place among what is remembered; none while the log is too short.
    history: Option<usize>,
}

/// What is remembered of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct History {
    opened_us: i64,
    seen_us: i64,
    /// Its accounts when its evidence was last read: what was read belongs to these.
    accounts: BTreeSet<u64>,
    /// Its weight then.
    weight: f64,
    taken: usize,
    /// Sum of what was read, divided by the number of looks.
    sum: f64,
    /// The largest sum of the schedules that it went through before.
    earlier: f64,
    /// The largest share that it had, in this schedule.
    share: f64,
    /// How many families corroborated it when it was acted on; none where it never was.
    #[serde(default)]
    latched: usize,
}

/// What earlier looks found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    version: u32,
    schedule: Schedule,
    /// When looking began, event time.
    began_us: Option<i64>,
    /// The shares of what is no longer remembered.
    spent: f64,
    histories: Vec<History>,
}

/// The part of every version that says which one it is.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl Looks {
    /// Nothing was looked at yet.
    #[must_use]
    pub const fn new(schedule: Schedule) -> Self {
        Self { version: VERSION, schedule, began_us: None, spent: 0.0, histories: Vec::new() }
    }

    /// Reads what was stored. With another schedule than the stored one everything begins anew.
    ///
    /// # Errors
    /// [`LooksError`] where the bytes are damaged or of a later version.
    pub fn from_json(bytes: &[u8], schedule: Schedule) -> Result<Self, LooksError> {
        let Head { version } = serde_json::from_slice(bytes)?;
        if version > VERSION {
            return Err(LooksError::Later(version));
        }
        let stored: Self = serde_json::from_slice(bytes)?;
        Ok(if stored.schedule == schedule { stored } else { Self::new(schedule) })
    }

    /// The stored form.
    ///
    /// # Errors
    /// None in practice: it has text keys and finite numbers.
    pub fn to_json(&self) -> Result<Vec<u8>, LooksError> {
        Ok(serde_json::to_vec(self)?)
    }

    /// By how much the rate over all looks is larger than the rate that each is asked for.
    #[must_use]
    pub fn stake(&self) -> f64 {
        self.spent + self.histories.iter().map(|history| history.share).sum::<f64>()
    }

    /// When looking began: microseconds since 1970, event time.
    #[must_use]
    pub const fn began_us(&self) -> Option<i64> {
        self.began_us
    }

    /// Looks at groups: reads the evidence of those that are due, and says what all looks say of each.
    ///
    /// `log_us` are the first and the last exchange of the log. Of one of less than a day nothing is read.
    pub fn take(&mut self, log_us: (i64, i64), groups: &[Sight]) -> Vec<Look> {
        let (begins_us, at_us) = log_us;
        if at_us.saturating_sub(begins_us) < SETTLED_AFTER_US {
            let of = self.schedule.0.len();
            return groups
                .iter()
                .map(|_| Look { e_value: 0.0, taken: 0, of, opened_us: at_us, latched: 0, history: None })
                .collect();
        }
        self.began_us.get_or_insert(at_us);
        self.forget(at_us);
        let histories = self.continued(groups);
        groups.iter().zip(histories).map(|(group, history)| self.look(at_us, group, history)).collect()
    }

    /// Remembers that a group is acted on at a rate, corroborated by so many families, where it would be if nothing else were
    /// claimed: it is at every later look. What it had in the weight of the others is that of [`Self::spend`].
    pub fn latch(&mut self, look: &Look, corroboration: usize, rate: f64) {
        let history = look.history.and_then(|at| self.histories.get_mut(at));
        if let Some(history) = history.filter(|history| look.e_value * history.share * rate >= 1.0) {
            history.latched = history.latched.max(corroboration);
        }
    }

    /// Counts what the groups had in the weight of those of which nothing is claimed. `claimed` are the places of the others.
    pub fn spend(&mut self, groups: &[Sight], looks: &[Look], claimed: &BTreeSet<usize>) {
        let of_others = groups.iter().enumerate().filter(|(at, _)| !claimed.contains(at));
        let others: f64 = of_others.map(|(_, group)| group.weight).sum();
        for (at, (group, look)) in groups.iter().zip(looks).enumerate() {
            let all = others + if claimed.contains(&at) { group.weight } else { 0.0 };
            if let Some(history) = look.history.and_then(|at| self.histories.get_mut(at)).filter(|_| all > 0.0) {
                history.share = history.share.max(group.weight / all);
            }
        }
    }

    /// Forgets what was not seen for long.
    fn forget(&mut self, at_us: i64) {
        let is_remembered = |history: &History| at_us.saturating_sub(history.seen_us) <= FORGOTTEN_AFTER_US;
        self.spent +=
            self.histories.iter().filter(|history| !is_remembered(history)).map(|history| history.share).sum::<f64>();
        self.histories.retain(is_remembered);
    }

    /// The history that each group continues: the one with most accounts in common, of those most of whose accounts it
    /// holds.
    /// Each history is continued by one group: where one falls apart, by the part that holds most of it.
    fn continued(&self, groups: &[Sight]) -> Vec<Option<usize>> {
        let mut of_account: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, history) in self.histories.iter().enumerate() {
            history.accounts.iter().for_each(|account| of_account.entry(*account).or_default().push(at));
        }
        let mut pairs: Vec<(usize, usize, usize)> = Vec::new();
        for (group, sight) in groups.iter().enumerate() {
            let mut common: HashMap<usize, usize> = HashMap::new();
            for history in sight.accounts.iter().filter_map(|account| of_account.get(account)).flatten() {
                *common.entry(*history).or_default() += 1;
            }
            let size =
                |history: usize| self.histories.get(history).map_or(usize::MAX, |history| history.accounts.len());
            pairs.extend(
                common
                    .into_iter()
                    .filter(|(history, both)| both * 2 > size(*history))
                    .map(|(history, both)| (both, group, history)),
            );
        }
        pairs.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut histories = vec![None; groups.len()];
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        for (_, group, history) in pairs {
            let Some(own) = histories.get_mut(group).filter(|own| own.is_none()) else { continue };
            if taken.insert(history) {
                *own = Some(history);
            }
        }
        histories
    }

    fn look(&mut self, at_us: i64, group: &Sight, history: Option<usize>) -> Look {
        let of = self.schedule.0.len();
        let at = history.unwrap_or(self.histories.len());
        if history.is_none() {
            self.histories.push(History {
                opened_us: at_us,
                seen_us: at_us,
                accounts: BTreeSet::new(),
                weight: 0.0,
                taken: 0,
                sum: 0.0,
                earlier: 0.0,
                share: 0.0,
                latched: 0,
            });
        }
        let Some(own) = self.histories.get_mut(at) else {
            // It was put there above.
            return Look { e_value: 0.0, taken: 0, of, opened_us: at_us, latched: 0, history: None };
        };
        own.seen_us = at_us;
        if own.taken == of && group.weight >= GROWN * own.weight {
            self.spent += std::mem::take(&mut own.share);
            own.earlier = own.earlier.max(std::mem::take(&mut own.sum));
            (own.opened_us, own.taken) = (at_us, 0);
        }
        let due = self.schedule.due(at_us.saturating_sub(own.opened_us));
        if due > own.taken {
            own.sum += group.e_value * (due - own.taken) as f64 / of as f64;
            own.taken = due;
            own.accounts.clone_from(&group.accounts);
            own.weight = group.weight;
        }
        let e_value = own.earlier.max(own.sum);
        let (taken, opened_us, latched) = (own.taken, own.opened_us, own.latched);
        Look { e_value, taken, of, opened_us, latched, history: Some(at) }
    }
}
