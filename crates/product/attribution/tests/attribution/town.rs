//! A small log of honest people, and a pool in it.

use std::collections::BTreeSet;

use attribution::Attributed;
use attribution::Entity;
use attribution::Hypothesis;
use attribution::Matcher;
use attribution::Observed;
use attribution::Seen;
use attribution::judge;
use attribution::parse_entity;
use record::Account;

/// 4 May 2026, a Monday.
pub const START_US: i64 = 1_777_852_800_000_000;
pub const HOUR_US: i64 = 3_600_000_000;
pub const DAY_US: i64 = 24 * HOUR_US;
pub const POOL: usize = 40;
pub const HONEST: usize = 600;

/// An organisation with a domain, a network, hours, a release and a code name, whose facts so many sources tell.
pub fn organisation(name: &str, number: u8, sources: usize) -> Entity {
    let ids: Vec<String> = (0..sources).map(|at| format!("\"s{at}\"")).collect();
    let ids = format!("sources = [{}]", ids.join(", "));
    let mut text = format!(
        "name = \"{name}\"\n\
         [[domain]]\nname = \"org{number}.example\"\n{ids}\n\
         [[network]]\ncidr = \"198.51.{number}.0/24\"\n{ids}\n\
         [[network]]\ncidr = \"203.0.{number}.0/24\"\nrented_out = true\n{ids}\n\
         [hours]\ntime_zone = \"+08:00\"\nfrom = \"09:00\"\nto = \"18:00\"\n\
         days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\nholidays = [\"2026-05-18\"]\n{ids}\n\
         [[release]]\nname = \"R\"\nat = \"2026-05-2{number}\"\n{ids}\n\
         [[code_name]]\nword = \"secret{number}word\"\n{ids}\n"
    );
    for at in 0..sources {
        text.push_str(&format!(
            "[[source]]\nid = \"s{at}\"\ncitation = \"c\"\npublisher = \"p{at}\"\ntier = \"primary\"\nat = \"2026-01-0{}\"\n",
            at + 1
        ));
    }
    parse_entity("made", &text).unwrap()
}

/// Records and exchanges before they are observed.
pub struct Town {
    pub records: Vec<Account>,
    /// Account, time, address, text.
    pub exchanges: Vec<(String, i64, String, String)>,
    pub pool: Vec<String>,
}

impl Town {
    pub fn new() -> Self {
        let mut town = Self { records: Vec::new(), exchanges: Vec::new(), pool: Vec::new() };
        let mut word = 7_u64;
        let mut draw = |bound: u64| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (word >> 33) % bound
        };
        for number in 0..POOL + HONEST {
            let name = format!("acct_{number:04}");
            if number < POOL {
                town.pool.push(name.clone());
            }
            town.records.push(Account {
                account: name.clone(),
                email: Some(format!("p{number}@mail{}.example", number % 9)),
                verified: vec!["email".to_owned()],
                ..Account::default()
            });
            for _ in 0..12 {
                let at_us = START_US + i64::try_from(draw(30 * 24 * 60)).unwrap() * 60_000_000;
                let ip = format!("10.{}.{}.{}", draw(200), draw(250), 1 + draw(250));
                town.exchanges.push((name.clone(), at_us, ip, "please go on".to_owned()));
            }
        }
        town
    }

    pub fn mail(&mut self, accounts: std::ops::Range<usize>, domain: &str, is_verified: bool) {
        for record in &mut self.records[accounts] {
            record.email = Some(format!("{}@{domain}", record.account));
            if !is_verified {
                record.verified.clear();
            }
        }
    }

    pub fn address(&mut self, accounts: std::ops::Range<usize>, prefix: &str) {
        for number in accounts {
            let name = format!("acct_{number:04}");
            let exchange = self.exchanges.iter_mut().find(|one| one.0 == name).unwrap();
            exchange.2 = format!("{prefix}.{}", 1 + number % 200);
        }
    }

    pub fn say(&mut self, accounts: std::ops::Range<usize>, text: &str) {
        for number in accounts {
            let name = format!("acct_{number:04}");
            self.exchanges.iter_mut().find(|one| one.0 == name).unwrap().3 = text.to_owned();
        }
    }

    /// The pool works in the hours of an office eight hours ahead of UTC.
    pub fn office(&mut self) {
        for (_, at_us, ..) in self.exchanges.iter_mut().filter(|one| self.pool.contains(&one.0)) {
            let day = (*at_us - START_US).div_euclid(DAY_US);
            let day = if day % 7 > 4 { day - 2 } else { day };
            *at_us = START_US + day * DAY_US + (1 + *at_us % 9) * HOUR_US;
        }
    }

    /// The pool stops on a day.
    pub fn stop(&mut self, day: i64) {
        let pool = self.pool.clone();
        self.exchanges.retain(|one| one.1 < START_US + day * DAY_US || !pool.contains(&one.0));
    }

    pub fn judge(&self, entities: &[Entity]) -> Attributed {
        let matcher = Matcher::new(entities, None);
        let mut observed = Observed::default();
        self.records.iter().for_each(|record| observed.add_record(&matcher, record));
        for (account, at_us, ip, text) in &self.exchanges {
            let seen = Seen { account, at_us: *at_us, address: Some(ip), address_hash: None, text: Some(text) };
            observed.add_exchange(&matcher, &seen);
        }
        let campaign: BTreeSet<String> = self.pool.iter().cloned().collect();
        judge("C-test", entities, &observed, &campaign, &campaign)
    }
}

pub fn of<'a>(told: &'a Attributed, name: &str) -> &'a Hypothesis {
    told.hypotheses.iter().find(|one| one.entity == name).unwrap()
}
