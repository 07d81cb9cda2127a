//! A month of looks at the same groups: the rate that holds for each alone, and over all of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may panic, and say what they count"
)]

use std::collections::BTreeSet;

use campaign::Looks;
use campaign::Schedule;
use campaign::Sight;
use evidence::RankedScores;
use evidence::Weighed;
use evidence::closed_e_benjamini_hochberg;

const HOUR_US: i64 = 3_600_000_000;
const RATE: f64 = 0.1;
/// When a log began that is old enough.
const BEFORE_US: i64 = -24 * HOUR_US;

/// Numbers from a seed (`SplitMix64`), and normal ones by Box and Muller.
struct Die(u64);

impl Die {
    fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.number()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.number()).cos()
    }
}

/// Honest groups that come and go. Scores of a group resemble each other from hour to hour, and those of all groups in an hour
/// have a part in common; each by itself is distributed as those of the bank.
struct World {
    die: Die,
    bank: RankedScores,
    own: Vec<f64>,
    common: f64,
    names: Vec<u64>,
    next: u64,
    hour: f64,
}

const GROUPS: usize = 12;
/// What a score keeps of the one of an hour ago: it is forgotten within two days.
const KEPT: f64 = 0.98;
/// The part that all groups have in common.
const COMMON: f64 = 0.3;

impl World {
    fn new(seed: u64) -> Self {
        let mut die = Die(seed);
        let bank = RankedScores::new((0..400).map(|_| 10.0 + die.normal()), 400);
        let own = (0..GROUPS).map(|_| die.normal()).collect();
        let common = die.normal();
        Self { die, bank, own, common, names: (0..GROUPS as u64).collect(), next: GROUPS as u64, hour: 0.0 }
    }

    /// An hour later.
    fn pass(&mut self) {
        self.hour += 1.0;
        let die = &mut self.die;
        let mut step = |value: f64| KEPT * value + (1.0 - KEPT * KEPT).sqrt() * die.normal();
        self.common = step(self.common);
        self.own.iter_mut().for_each(|own| *own = step(*own));
        for name in &mut self.names {
            // A group lives for ten days on average.
            if self.die.number() < 1.0 / 240.0 {
                *name = self.next;
                self.next += 1;
            }
        }
    }

    fn sights(&self) -> Vec<Sight> {
        let score = |own: &f64| 10.0 + COMMON.sqrt() * self.common + (1.0 - COMMON).sqrt() * own;
        let sight = |(name, own): (&u64, &f64)| Sight {
            accounts: (name * 8..name * 8 + 8).collect(),
            // All of them double in ten days.
            weight: 10.0 * (self.hour / 240.0).exp2(),
            e_value: self.bank.e_value(score(own)),
        };
        self.names.iter().zip(&self.own).map(sight).collect()
    }
}

fn report(groups: &[Sight], e_values: impl Iterator<Item = f64>) -> BTreeSet<usize> {
    let weigh = |(group, e_value): (&Sight, f64)| Weighed { e_value, weight: group.weight, is_asked: true };
    let all: Vec<Weighed> = groups.iter().zip(e_values).map(weigh).collect();
    closed_e_benjamini_hochberg(&all, RATE).into_iter().collect()
}

/// Whether an honest group was ever reported in thirty days of hourly looks: each look by itself, and over all of them; and the
/// rate that is said to hold.
fn month(seed: u64, hours: &[u32]) -> (bool, bool, f64) {
    let mut world = World::new(seed);
    let mut looks = Looks::new(Schedule::of_hours(hours).unwrap());
    let (mut alone, mut over_all) = (false, false);
    for hour in 0..720 {
        let (at_us, groups) = (hour * HOUR_US, world.sights());
        alone |= !report(&groups, groups.iter().map(|group| group.e_value)).is_empty();
        let each = looks.take((0, at_us), &groups);
        let found = report(&groups, each.iter().map(|look| look.e_value));
        over_all |= !found.is_empty();
        looks.spend(&groups, &each, &found);
        world.pass();
    }
    (alone, over_all, RATE * looks.stake())
}

#[test]
fn a_month_of_hourly_looks_keeps_the_rate_that_is_told() {
    for hours in [&[0][..], &[0, 6, 24, 72]] {
        the_rate_is_kept(hours);
    }
}

fn the_rate_is_kept(hours: &[u32]) {
    const WORLDS: u64 = 100;
    let (mut alone, mut over_all, mut told) = (0.0, 0.0, 0.0);
    for seed in 0..WORLDS {
        let (one, all, rate) = month(seed, hours);
        alone += f64::from(u8::from(one)) / WORLDS as f64;
        over_all += f64::from(u8::from(all)) / WORLDS as f64;
        told += rate / WORLDS as f64;
    }
    println!("{hours:?}: some look alone {alone:.3}, over all looks {over_all:.3}, told {told:.3}");
    let noise = 3.0 * (told * (1.0 - told) / WORLDS as f64).sqrt();
    assert!(over_all <= told + noise, "{over_all} of {told}");
    assert!(alone > told + noise, "looks that stand alone would not do: {alone} of {told}");
    // What is told is of use: not far above what is found.
    assert!(told < 0.8, "{told}");
}

#[test]
fn a_plain_operation_is_found_within_its_schedule_and_stays_found() {
    let mut world = World::new(9);
    let mut looks = Looks::new(Schedule::of_hours(&[0, 6, 24, 72]).unwrap());
    let mut found_at = None;
    for hour in 0..400 {
        let mut groups = world.sights();
        if hour >= 10 {
            // It grows, and scores more than every honest group.
            let size = 4 + (hour as u64 - 10).min(60);
            let e_value = world.bank.e_value(99.0);
            groups.push(Sight {
                accounts: (1 << 40..(1 << 40) + size).collect(),
                weight: 60.0 * (world.hour / 240.0).exp2(),
                e_value,
            });
        }
        let each = looks.take((BEFORE_US, hour * HOUR_US), &groups);
        let found = report(&groups, each.iter().map(|look| look.e_value));
        looks.spend(&groups, &each, &found);
        let is_found = hour >= 10 && found.contains(&GROUPS);
        if is_found {
            found_at.get_or_insert(hour - 10);
        }
        assert_eq!(is_found, found_at.is_some(), "found once, found always: hour {hour}");
        world.pass();
    }
    assert!(found_at.is_some_and(|hours| hours <= 72), "{found_at:?}");
}

/// One look at one group, the others beside it.
fn look(looks: &mut Looks, hour: i64, accounts: std::ops::Range<u64>, weight: f64, e_value: f64) -> (f64, usize) {
    let groups = [
        Sight { accounts: (1000..1050).collect(), weight: 100.0, e_value: 0.0 },
        Sight { accounts: accounts.collect(), weight, e_value },
    ];
    let each = looks.take((BEFORE_US, hour * HOUR_US), &groups);
    looks.spend(&groups, &each, &BTreeSet::new());
    (each[1].e_value, each[1].taken)
}

#[test]
fn evidence_is_read_when_it_is_due_and_belongs_to_the_accounts_that_it_was_read_of() {
    let mut looks = Looks::new(Schedule::of_hours(&[0, 6]).unwrap());
    assert_eq!(look(&mut looks, 0, 0..10, 10.0, 100.0), (50.0, 1));
    assert_eq!(look(&mut looks, 3, 0..10, 10.0, 900.0), (50.0, 1), "not due");
    // It continues as long as it holds most of the accounts of the last reading.
    assert_eq!(look(&mut looks, 4, 4..40, 10.0, 900.0), (50.0, 1));
    assert_eq!(look(&mut looks, 5, 5..40, 10.0, 20.0), (10.0, 1), "another group");
    assert_eq!(look(&mut looks, 7, 0..10, 10.0, 20.0), (60.0, 2));
    assert_eq!(look(&mut looks, 9, 0..10, 19.0, 900.0), (60.0, 2), "its schedule is over");
    let before = looks.stake();
    assert_eq!(look(&mut looks, 10, 0..10, 20.0, 400.0), (200.0, 1), "it grew, and is looked at anew");
    assert!(looks.stake() > before, "which costs");
    assert_eq!(look(&mut looks, 17, 0..10, 20.0, 0.0), (200.0, 2));
}

#[test]
fn nothing_is_read_of_a_log_of_less_than_a_day() {
    let mut looks = Looks::new(Schedule::of_hours(&[0]).unwrap());
    let groups = [Sight { accounts: (0..10).collect(), weight: 10.0, e_value: 100.0 }];
    let day_us = 24 * HOUR_US;
    let each = looks.take((0, day_us - 1), &groups);
    looks.spend(&groups, &each, &BTreeSet::new());
    assert_eq!((each[0].e_value, each[0].taken, looks.stake()), (0.0, 0, 0.0));
    let each = looks.take((0, day_us), &groups);
    looks.spend(&groups, &each, &BTreeSet::new());
    assert_eq!((each[0].e_value, each[0].taken, looks.stake()), (100.0, 1, 1.0));
}

#[test]
fn what_falls_apart_hands_its_evidence_to_one_part() {
    let mut looks = Looks::new(Schedule::of_hours(&[0, 6]).unwrap());
    let sight =
        |accounts: std::ops::Range<u64>, e_value: f64| Sight { accounts: accounts.collect(), weight: 1.0, e_value };
    looks.take((BEFORE_US, 0), &[sight(0..10, 80.0)]);
    let parts: Vec<f64> = looks
        .take((BEFORE_US, HOUR_US), &[sight(0..6, 2.0), sight(4..12, 2.0)])
        .iter()
        .map(|look| look.e_value)
        .collect();
    assert_eq!(parts, [40.0, 1.0]);
}

#[test]
fn the_stored_form_is_read_again_and_other_schedules_begin_anew() {
    let hours = |hours: &[u32]| Schedule::of_hours(hours).unwrap();
    let mut looks = Looks::new(hours(&[0, 6]));
    look(&mut looks, 0, 0..10, 10.0, 100.0);
    let stored = looks.to_json().unwrap();
    let mut again = Looks::from_json(&stored, hours(&[0, 6])).unwrap();
    assert!((again.stake() - looks.stake()).abs() < 1e-12 && looks.stake() > 0.0);
    assert_eq!(look(&mut again, 7, 0..10, 10.0, 20.0), (60.0, 2));
    assert_eq!(Looks::from_json(&stored, hours(&[0, 7])).unwrap(), Looks::new(hours(&[0, 7])));
    let later = String::from_utf8(stored.clone()).unwrap().replace("\"version\":1", "\"version\":9");
    assert!(Looks::from_json(later.as_bytes(), hours(&[0, 6])).unwrap_err().to_string().contains("newer"));
    assert!(Looks::from_json(&stored[..40], hours(&[0, 6])).unwrap_err().to_string().contains("damaged"));
    for wrong in [&[][..], &[6], &[0, 6, 6], &[0, 24, 6]] {
        assert!(Schedule::of_hours(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_group_that_is_acted_on_once_stays_so_as_long_as_it_holds_most_of_its_accounts() {
    let schedule = Schedule::of_hours(&[0]).unwrap();
    let mut looks = Looks::new(schedule.clone());
    let sight = |accounts: std::ops::Range<u64>| Sight { accounts: accounts.collect(), weight: 1.0, e_value: 80.0 };
    let groups = [sight(0..10), sight(20..30)];
    let first = looks.take((BEFORE_US, 0), &groups);
    looks.spend(&groups, &first, &BTreeSet::new());
    assert!(first.iter().all(|look| look.latched == 0));
    // Half of the weight, and an e-value of 80.
    looks.latch(&first[0], 3, 0.025);
    looks.latch(&first[1], 3, 0.024);
    let mut looks = Looks::from_json(&looks.to_json().unwrap(), schedule).unwrap();
    let latched = |each: Vec<campaign::Look>| each.iter().map(|look| look.latched).collect::<Vec<_>>();
    assert_eq!(latched(looks.take((BEFORE_US, HOUR_US), &[sight(20..30), sight(4..40)])), [0, 3]);
    assert_eq!(latched(looks.take((BEFORE_US, 2 * HOUR_US), &[sight(20..30), sight(5..40)])), [0, 0]);
}
