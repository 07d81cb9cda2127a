//! Who runs the pool of a world, and what they let slip.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use attribution::Matcher;
use attribution::Observed;
use attribution::Seen;

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
/// 22 April 2026, when the worlds begin.
const START_US: i64 = 1_776_816_000_000_000;

/// What of a listed organisation the stories lay.
struct Traits {
    domain: &'static str,
    /// The first three numbers of its network, and the first machine in it.
    network: (&'static str, u64),
    /// Hours ahead of UTC.
    offset: i64,
    /// Days from the beginning of the world to its release.
    release: i64,
    code_name: &'static str,
}

const TRAITS: [Traits; 3] = [
    Traits { domain: "northmere.example", network: ("198.51.100", 1), offset: 8, release: 28, code_name: "bluefinch" },
    Traits {
        domain: "orielbasin.example",
        network: ("198.51.100", 129),
        offset: 8,
        release: 21,
        code_name: "slatewater",
    },
    Traits { domain: "tarnfell.example", network: ("203.0.113", 1), offset: -5, release: 35, code_name: "ravenscar" },
];

/// A world as it was made.
#[derive(Debug, Default)]
pub struct Log {
    /// Account records.
    pub records: Vec<record::Account>,
    /// Account, time and address of each exchange.
    pub exchanges: Vec<(String, i64, String)>,
    /// The accounts of the pool.
    pub campaign: BTreeSet<String>,
}

/// Who runs the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Story {
    /// A listed organisation.
    Exposed,
    /// Somebody who is not listed.
    Unlisted,
    /// Somebody who is not listed and lays what can be forged of a listed organisation.
    Framed,
    /// Two listed organisations on one pool.
    Shared,
    /// Somebody who is not listed, while a listed organisation is an honest customer.
    Customer,
}

/// A world with a story laid over it.
#[derive(Debug)]
pub struct Told {
    records: Vec<record::Account>,
    exchanges: Vec<(String, i64, String)>,
    texts: BTreeMap<String, &'static str>,
    /// Those who run the pool, by their places.
    pub culprits: Vec<usize>,
    /// Those of them who let slip what cannot be forged, of two families or more.
    pub evident: Vec<usize>,
}

/// A generator of numbers (SplitMix64), so that a seed is a story.
struct Rng(u64);

impl Rng {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        sketch::hash::mix(self.0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.word() % bound.max(1)
    }

    fn chance(&mut self, share: f64) -> bool {
        ((self.word() >> 11) as f64) < share * (1_u64 << 53) as f64
    }

    fn some(&mut self, from: &[String], count: u64) -> Vec<String> {
        let mut left = from.to_vec();
        let mut drawn = Vec::new();
        for _ in 0..count {
            if !left.is_empty() {
                let at = usize::try_from(self.below(left.len() as u64)).unwrap_or(0);
                drawn.push(left.swap_remove(at));
            }
        }
        drawn
    }
}

impl Story {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Exposed, Self::Unlisted, Self::Framed, Self::Shared, Self::Customer];

    /// Its name in figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::Unlisted => "unlisted",
            Self::Framed => "framed",
            Self::Shared => "shared",
            Self::Customer => "customer",
        }
    }

    /// Lays the story over a world.
    pub fn tell(self, log: &Log, entities: usize, seed: u64) -> Told {
        let mut rng = Rng(seed.wrapping_mul(64).wrapping_add(self as u64));
        let mut told = Told {
            records: log.records.clone(),
            exchanges: log.exchanges.clone(),
            texts: BTreeMap::new(),
            culprits: Vec::new(),
            evident: Vec::new(),
        };
        let pool: Vec<String> = log.campaign.iter().cloned().collect();
        let strangers: Vec<String> =
            log.records.iter().map(|one| one.account.clone()).filter(|name| !log.campaign.contains(name)).collect();
        let entities = entities as u64;
        let one = usize::try_from(rng.below(entities)).unwrap_or(0);
        let other = usize::try_from((one as u64 + 1 + rng.below(entities - 1)) % entities).unwrap_or(0);
        told.everyday(&pool, &strangers, &mut rng);
        match self {
            Self::Exposed => told.run(one, &pool, &mut rng),
            Self::Shared => {
                let (first, second) = pool.split_at(pool.len() / 2);
                told.run(one, first, &mut rng);
                told.run(other, second, &mut rng);
            }
            Self::Framed => told.frame(one, &pool, &mut rng),
            Self::Customer => {
                let seats = rng.some(&strangers, 25);
                told.mail(one, &seats);
                told.addresses(one, &seats, &mut rng);
                told.office(one, &seats, 0.9, &mut rng);
            }
            Self::Unlisted => {}
        }
        told
    }
}

impl Told {
    /// What happens without anybody's plan: people of listed organisations are customers, accounts of theirs are bought or stolen
    /// for the pool, and the pool keeps office hours of its own.
    fn everyday(&mut self, pool: &[String], strangers: &[String], rng: &mut Rng) {
        for entity in 0..TRAITS.len() {
            let count = rng.below(4);
            let staff = rng.some(strangers, count);
            self.mail(entity, &staff);
            self.addresses(entity, &staff, rng);
            if rng.chance(0.25) {
                let count = 1 + rng.below(3);
                let stolen = rng.some(pool, count);
                self.mail(entity, &stolen);
                self.addresses(entity, &stolen, rng);
            }
        }
        let anywhere = usize::try_from(rng.below(3)).unwrap_or(0);
        if rng.chance(0.5) {
            self.office(anywhere, pool, 0.7, rng);
        }
    }

    /// An organisation runs the pool, or a part of it, and lets some of it slip.
    fn run(&mut self, entity: usize, accounts: &[String], rng: &mut Rng) {
        self.culprits.push(entity);
        let mut evident = 0;
        let some = |share: f64, most: u64, rng: &mut Rng| {
            let is_so = rng.chance(share);
            let count = 2 + rng.below(most - 1);
            let drawn = rng.some(accounts, count);
            is_so.then_some(drawn)
        };
        if let Some(staff) = some(0.6, 12, rng) {
            evident += u32::from(staff.len() >= 3);
            self.mail(entity, &staff);
        }
        if let Some(staff) = some(0.7, 15, rng) {
            evident += u32::from(staff.len() >= 3);
            self.addresses(entity, &staff, rng);
        }
        if let Some(staff) = some(0.3, 6, rng) {
            // That the code name of the second was public long before is its story.
            evident += u32::from(staff.len() >= 3 && entity != 1);
            self.say(entity, &staff);
        }
        if rng.chance(0.6) {
            self.office(entity, accounts, 0.7, rng);
        }
        if rng.chance(0.5) {
            let lead = 1 + i64::try_from(rng.below(5)).unwrap_or(0);
            // A shift long before the one release is no evidence: it would lie as near by chance.
            evident += u32::from(lead <= 2);
            self.turn(accounts, TRAITS.get(entity).map_or(0, |traits| traits.release) - lead, 0.8, rng);
        }
        if evident >= 2 {
            self.evident.push(entity);
        }
    }

    /// Somebody else lays all that anybody can lay of an organisation.
    fn frame(&mut self, entity: usize, pool: &[String], rng: &mut Rng) {
        let Some(traits) = TRAITS.get(entity) else { return };
        let spelled = rng.some(pool, pool.len() as u64 * 2 / 3);
        self.mail(entity, &spelled);
        for record in self.records.iter_mut().filter(|record| spelled.contains(&record.account)) {
            record.verified.retain(|what| what != "email");
        }
        self.office(entity, pool, 0.9, rng);
        self.turn(pool, traits.release, 0.8, rng);
        for (account, _, ip) in &mut self.exchanges {
            if entity == 1 && pool.contains(account) && rng.chance(0.5) {
                *ip = format!("192.0.2.{}", 1 + rng.below(250));
            }
        }
        // What is not public nobody outside can say.
        if entity == 1 {
            self.say(entity, &spelled);
        }
    }

    fn mail(&mut self, entity: usize, accounts: &[String]) {
        let Some(traits) = TRAITS.get(entity) else { return };
        for record in self.records.iter_mut().filter(|record| accounts.contains(&record.account)) {
            let local = record.email.as_deref().and_then(|email| email.split('@').next()).unwrap_or("staff").to_owned();
            record.email = Some(format!("{local}@{}", traits.domain));
        }
    }

    fn addresses(&mut self, entity: usize, accounts: &[String], rng: &mut Rng) {
        let Some(traits) = TRAITS.get(entity) else { return };
        let mut left: BTreeMap<&String, u64> = accounts.iter().map(|account| (account, 1 + rng.below(3))).collect();
        for (account, _, ip) in &mut self.exchanges {
            if let Some(left) = left.get_mut(account).filter(|left| **left > 0) {
                *left -= 1;
                *ip = format!("{}.{}", traits.network.0, traits.network.1 + rng.below(120));
            }
        }
    }

    /// Moves exchanges into the hours of an office.
    fn office(&mut self, entity: usize, accounts: &[String], share: f64, rng: &mut Rng) {
        let offset = TRAITS.get(entity).map_or(0, |traits| traits.offset) * HOUR_US;
        for (account, at_us, _) in &mut self.exchanges {
            if accounts.contains(account) && rng.chance(share) {
                let mut day = (*at_us + offset).div_euclid(DAY_US);
                // Day 0 of 1970 was a Thursday: the third and the fourth day of such a week are its end.
                let back = (day - 2).rem_euclid(7);
                day -= if back < 2 { back + 1 } else { 0 };
                *at_us =
                    day * DAY_US - offset + 9 * HOUR_US + i64::try_from(rng.below(9 * 3_600)).unwrap_or(0) * 1_000_000;
            }
        }
    }

    /// Most of the work ends on a day.
    fn turn(&mut self, accounts: &[String], day: i64, share: f64, rng: &mut Rng) {
        let end = START_US + day * DAY_US;
        self.exchanges.retain(|(account, at_us, _)| *at_us < end || !accounts.contains(account) || !rng.chance(share));
    }

    fn say(&mut self, entity: usize, accounts: &[String]) {
        let Some(traits) = TRAITS.get(entity) else { return };
        self.texts.extend(accounts.iter().map(|account| (account.clone(), traits.code_name)));
    }

    /// What the accounts show.
    pub fn observe(&self, matcher: &Matcher<'_>) -> Observed {
        let mut observed = Observed::default();
        for record in &self.records {
            observed.add_record(matcher, record);
        }
        let mut unsaid = self.texts.clone();
        for (account, at_us, ip) in &self.exchanges {
            // Said once, early.
            let text = unsaid.remove(account).unwrap_or("please go on");
            let seen = Seen { account, at_us: *at_us, address: Some(ip), address_hash: None, text: Some(text) };
            observed.add_exchange(matcher, &seen);
        }
        observed
    }
}
