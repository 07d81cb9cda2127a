//! What the accounts of a campaign share in their registration.

use std::collections::HashSet;

use record::Account;

use crate::identity;
use crate::rng::{Rng, mix, sub};
use crate::stage::Stage;
use crate::time::{DAY, HOUR, SECOND};
use crate::world::Level;

/// How a campaign gets its mail addresses.
enum Mail {
    /// Numbered names at a domain of its own.
    Numbered { stem: String, host: String },
    /// Invented names at a domain of its own that takes all mail.
    CatchAll { host: String },
    /// Throw-away domains, and public hosts for the rest.
    ThrowAway { first: u64, hosts: u64 },
    /// Like anybody.
    Public,
    /// Like anybody, but no two alike.
    Own(Vec<String>),
}

/// Shared cards, devices, mail and days of registration.
pub(super) struct Ties {
    seed: u64,
    card: Vec<u32>,
    device: Vec<u32>,
    created: Vec<i64>,
    mail: Mail,
}

impl Ties {
    /// Draws the ties of a campaign whose accounts begin at the times given.
    pub(super) fn new(level: Level, alone: bool, seed: u64, joined: &[i64], stage: &Stage) -> Ties {
        let mut rng = Rng::of(seed, "ties");
        let accounts = joined.len();
        let (card, device) = match level {
            Level::T0 => (groups(accounts, 1, 1, 0.0, &mut rng), groups(accounts, 1, 1, 0.0, &mut rng)),
            Level::T1 => (groups(accounts, 5, 40, 0.0, &mut rng), groups(accounts, 3, 8, 0.55, &mut rng)),
            Level::T2 => (groups(accounts, 2, 4, 0.85, &mut rng), groups(accounts, 3, 10, 0.35, &mut rng)),
            Level::T4 if !alone => (groups(accounts, 1, 1, 0.0, &mut rng), groups(accounts, 3, 10, 0.5, &mut rng)),
            Level::T3 | Level::T4 => (groups(accounts, 1, 1, 0.0, &mut rng), groups(accounts, 1, 1, 0.0, &mut rng)),
        };
        let host = identity::own_domain(seed);
        let mail = match level {
            Level::T0 => Mail::Public,
            Level::T1 if rng.chance(0.5) => Mail::Numbered { stem: identity::local_part(&mut rng), host },
            Level::T1 => Mail::CatchAll { host },
            Level::T3 | Level::T4 if alone => Mail::Own(own_mail(accounts, stage, &mut rng)),
            _ => Mail::ThrowAway { first: rng.word(), hosts: rng.between(3, 7) },
        };
        let created = if alone { scattered(joined, &mut rng) } else { created(level, joined, stage, &mut rng) };
        Ties { seed, card, device, created, mail }
    }

    /// Makes the registration of an account come some hours before a time, if it would come later.
    pub(super) fn bring_forward(&mut self, index: u32, at_us: i64) {
        if let Some(created) = self.created.get_mut(index as usize) {
            let lead = 3 * HOUR + (mix(sub(self.seed, "lead"), u64::from(index)) % (2 * DAY) as u64) as i64;
            *created = (*created).min((at_us - lead) / SECOND * SECOND);
        }
    }

    /// Writes the ties of one account into its record.
    pub(super) fn bind(&self, account: &mut Account, index: u32, stage: &Stage, rng: &mut Rng) {
        let at = index as usize;
        let shared = |name: &str, group: Option<&u32>| {
            identity::hashed(mix(sub(self.seed, name), u64::from(group.copied().unwrap_or(index))))
        };
        account.payment = Some(shared("card", self.card.get(at)));
        account.device = Some(shared("device", self.device.get(at)));
        account.created_at_us = self.created.get(at).copied();
        account.plan = Some("payg".to_owned());
        account.verified = vec!["email".to_owned(), "payment".to_owned()];
        account.phone = rng.chance(0.35).then(|| identity::hashed(rng.word()));
        if account.phone.is_some() {
            account.verified.push("phone".to_owned());
        }
        account.email = Some(match &self.mail {
            Mail::Numbered { stem, host } => format!("{stem}{:03}@{host}", index + 1),
            Mail::CatchAll { host } => format!("{}@{host}", identity::local_part(rng)),
            Mail::ThrowAway { first, hosts } if rng.chance(0.75) => {
                let host = identity::throwaway_host(stage.seed, first.wrapping_add(rng.below(*hosts)));
                format!("{}@{host}", identity::local_part(rng))
            }
            Mail::Own(all) => all.get(at).cloned().unwrap_or_default(),
            Mail::ThrowAway { .. } | Mail::Public => identity::public_email(stage.seed, rng, 0.0),
        });
    }
}

/// Mail addresses of which no two are alike.
fn own_mail(accounts: usize, stage: &Stage, rng: &mut Rng) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut all = Vec::with_capacity(accounts);
    while all.len() < accounts {
        let mut address = identity::public_email(stage.seed, rng, 0.0);
        if !seen.insert(address.clone()) {
            address = format!("{}{address}", rng.between(100, 99_999));
            seen.insert(address.clone());
        }
        all.push(address);
    }
    all
}

/// Registration: each on a day of its own, hours to weeks before the first use.
fn scattered(joined: &[i64], rng: &mut Rng) -> Vec<i64> {
    let lead = |rng: &mut Rng| 2 * HOUR + (rng.unit() * 38.0 * DAY as f64) as i64;
    joined.iter().map(|begins| (begins - lead(rng)) / SECOND * SECOND).collect()
}

/// Puts accounts into groups of `low` to `high`, but leaves a share of them alone; each gets the name of its group.
fn groups(accounts: usize, low: u64, high: u64, alone: f64, rng: &mut Rng) -> Vec<u32> {
    let mut names = vec![0; accounts];
    let mut order: Vec<usize> = (0..accounts).collect();
    rng.shuffle(&mut order);
    let (mut group, mut left) = (0, 0);
    for (rank, index) in order.iter().enumerate() {
        let mut own = rank as u32 + 1_000_000;
        if !rng.chance(alone) {
            if left == 0 {
                group += 1;
                left = rng.between(low, high);
                // What would be too small a rest joins the last group.
                if ((accounts - rank) as u64) < low && group > 1 {
                    group -= 1;
                }
            }
            left -= 1;
            own = group;
        }
        if let Some(name) = names.get_mut(*index) {
            *name = own;
        }
    }
    names
}

/// Registration: in bursts of some hours, some days before the first use.
fn created(level: Level, joined: &[i64], stage: &Stage, rng: &mut Rng) -> Vec<i64> {
    let mut created = vec![0; joined.len()];
    let mut order: Vec<usize> = (0..joined.len()).collect();
    order.sort_by_key(|index| joined.get(*index).copied());
    let (mut left, mut lead) = (0, 0);
    let first = joined.iter().copied().min().unwrap_or(stage.window.start);
    for index in order {
        if left == 0 {
            left = rng.between(10, 40);
            lead = (HOUR * 3) + rng.below((5 * DAY) as u64) as i64;
        }
        left -= 1;
        // A pool of scripts is registered as a whole before it begins, a relay's waves each before their own.
        let begins =
            if matches!(level, Level::T2 | Level::T4) { joined.get(index).copied().unwrap_or(first) } else { first };
        let at = begins - lead - rng.below((2 * HOUR) as u64) as i64;
        if let Some(created) = created.get_mut(index) {
            *created = at / SECOND * SECOND;
        }
    }
    created
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn groups_have_the_sizes_asked_for() {
        for accounts in [5, 120, 400] {
            let mut sizes: HashMap<u32, u32> = HashMap::new();
            for name in groups(accounts, 5, 40, 0.0, &mut Rng::new(accounts as u64)) {
                *sizes.entry(name).or_default() += 1;
            }
            assert!(sizes.values().all(|size| (5..=44).contains(size)), "{accounts}: {sizes:?}");
        }
        assert_eq!(groups(0, 5, 40, 0.0, &mut Rng::new(1)), Vec::<u32>::new());
    }
}
