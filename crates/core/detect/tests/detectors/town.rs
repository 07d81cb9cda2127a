//! A town of invented accounts, from numbers alone.

use std::borrow::Cow;

use cohort::Entity;
use cohort::Identity;
use cohort::Population;
use observation::Observer;
use profile::Profile;
use record::Account;
use record::Client;
use record::Exchange;
use record::Message;
use record::Params;
use record::Request;
use sketch::HashKey;
use sketch::hash::mix;

pub const HOUR_US: i64 = 3_600_000_000;
/// 2026-04-22T00:00:00Z.
pub const START_US: i64 = 1_776_816_000_000_000;

/// A stream of numbers from a seed.
#[derive(Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Words that no two strangers put in the same order.
    pub fn words(&mut self, count: usize) -> String {
        let letters = b"etaoinshrdlucmfwypvbgk";
        let mut text = String::new();
        for _ in 0..count {
            for _ in 0..2 + self.below(6) {
                text.push(char::from(letters[self.below(letters.len() as u64) as usize]));
            }
            text.push(' ');
        }
        text
    }
}

/// How an account lives; the usual is an honest person's way.
#[derive(Clone)]
pub struct Life {
    pub name: String,
    pub account: Account,
    pub exchanges: u64,
    pub prompt: fn(&mut Dice) -> String,
    pub hour: fn(&mut Dice) -> i64,
    pub ip: fn(&mut Dice, u64) -> String,
    pub tuple: (&'static str, u64),
    pub system: Option<&'static str>,
    pub temperature: Option<f64>,
    /// Its number in the group.
    pub number: u64,
    /// Changes an exchange before it is folded, given its number.
    pub alter: fn(&Life, u64, &mut Exchange<'static>, &mut Dice),
}

impl Life {
    /// An honest person: own words, waking hours, one or two addresses, some client.
    pub fn honest(number: u64) -> Self {
        let mut dice = Dice(number ^ 0x1234);
        let name = format!("acct_{number:05}");
        Self {
            account: Account {
                account: name.clone(),
                created_at_us: Some(
                    START_US - (dice.below(400 * 24) as i64) * HOUR_US - dice.below(3_600_000_000) as i64,
                ),
                email: Some(format!(
                    "{}{number:x}@mail{}.example",
                    dice.words(1 + number as usize % 3).replace(' ', ""),
                    number % 3
                )),
                payment: Some(format!("card {number}")),
                device: Some(format!("device {}", dice.below(4_000))),
                signup_ip: Some(format!("10.0.{}.{}", number / 250, number % 250)),
                ..Account::default()
            },
            name,
            exchanges: (8.0 * (dice.uniform() * 3.0).exp()) as u64,
            prompt: |dice| {
                let count = 8 + dice.below(30) as usize;
                dice.words(count)
            },
            hour: |dice| 8 + dice.below(12) as i64,
            ip: |dice, own| format!("10.1.{}.{}", own % 250, dice.below(2) + own / 250 * 3),
            tuple: ("client/1", dice.below(12)),
            system: None,
            temperature: None,
            number: u64::MAX,
            alter: |_, _, _, _| {},
        }
    }

    pub fn live(&self, seed: u64) -> Entity {
        let mut dice = Dice(seed ^ mix(self.name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte))));
        let own = dice.below(60_000);
        let mut profile = Profile::default();
        let mut observer = Observer::default();
        for id in 0..self.exchanges {
            let day = dice.below(30) as i64;
            let mut exchange = Exchange {
                id: Cow::Owned(format!("{} {id}", self.name)),
                at_us: START_US + (day * 24 + (self.hour)(&mut dice)) * HOUR_US + dice.below(3_600_000_000) as i64,
                client: Client {
                    ip: Some(Cow::Owned((self.ip)(&mut dice, own))),
                    user_agent: Some(Cow::Borrowed(self.tuple.0)),
                    headers: (self.tuple.1 != u64::MAX).then(|| Cow::Owned(format!("headers {}", self.tuple.1))),
                    ..Client::default()
                },
                request: Request {
                    system: self.system.map(Cow::Borrowed),
                    messages: vec![Message { text: Cow::Owned((self.prompt)(&mut dice)), ..Message::default() }],
                    params: Params {
                        temperature: self.temperature.or(Some((own % 11) as f64 / 10.0)),
                        ..Params::default()
                    },
                    ..Request::default()
                },
                ..Exchange::default()
            };
            (self.alter)(self, id, &mut exchange, &mut dice);
            profile.observe(&observer.observe(&exchange).observation(&exchange));
        }
        Entity {
            account: self.name.clone(),
            profile: Box::new(profile),
            identity: Identity::new(&self.account, &HashKey::public()),
        }
    }
}

/// A town of `honest` people and one group of `size` who differ from them by `change`.
pub struct Town {
    pub population: Population,
    pub group: Vec<u32>,
}

pub fn town(honest: u64, size: u64, seed: u64, change: impl Fn(u64, &mut Life)) -> Town {
    let mut entities: Vec<Entity> = (0..honest).map(|number| Life::honest(seed << 20 | number).live(seed)).collect();
    let mut names = Vec::new();
    for number in 0..size {
        let mut life = Life::honest(seed << 20 | (500_000 + number));
        life.exchanges = life.exchanges.max(20);
        life.number = number;
        change(number, &mut life);
        names.push(life.name.clone());
        entities.push(life.live(seed));
    }
    let population = Population::new(entities);
    let group = population
        .entities()
        .iter()
        .zip(0..)
        .filter(|(entity, _)| names.contains(&entity.account))
        .map(|(_, at)| at)
        .collect();
    Town { population, group }
}
