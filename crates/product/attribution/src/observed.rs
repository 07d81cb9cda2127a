//! What the accounts of a log show of the organisations that are compared.
//!
//! It is gathered exchange by exchange and keeps no text and no address: of each account only which item of which
//! organisation was seen, how well sourced the fact behind it is, and how many exchanges each hour had.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sketch::HashKey;
use sketch::hash::mix;
use sketch::hash::value_hash;

use crate::entity::Entity;
use crate::entity::InstrumentKind;
use crate::item::ItemKind;

/// The most accounts that a campaign is compared with. More would be slower, and say no more.
pub const MAX_OTHERS: usize = 20_000;
/// Microseconds of an hour.
const HOUR_US: i64 = 3_600_000_000;
/// Addresses of one network that are tried where a log has hashes of addresses only.
const MAX_TRIED: u128 = 1 << 17;
/// A mail domain that more than this share of accounts has is a mail service, and ties nobody.
const PUBLIC_MAIL: f64 = 0.02;

/// What is observed of one account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Exchanges by the hour, counted from 1970.
    pub hours: BTreeMap<i64, u32>,
    /// What it shows: of each item of each organisation, the most independent sources behind a fact that it fits.
    shown: HashMap<(usize, ItemKind), usize>,
    /// What could be asked of it.
    asked: HashSet<Asked>,
    mail_domain: Option<String>,
    organization: Option<String>,
    signup_address: Option<String>,
}

/// What has to be in a log so that an item can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    Mail,
    Record,
    SignupAddress,
    Address,
    Text,
}

impl Account {
    /// Whether it shows an item of an organisation, by a fact with so many independent sources at least; `None` where it
    /// cannot be asked.
    #[must_use]
    pub fn shows(&self, entity: usize, item: ItemKind, least: usize) -> Option<bool> {
        let needs = match item {
            ItemKind::MailVerified | ItemKind::MailSpelled => Asked::Mail,
            ItemKind::Instrument => Asked::Record,
            ItemKind::SignupNetwork => Asked::SignupAddress,
            ItemKind::ExchangeNetwork | ItemKind::RentedNetwork | ItemKind::KnownAddress => Asked::Address,
            ItemKind::CodeNameUnpublished | ItemKind::CodeNamePublic => Asked::Text,
            ItemKind::Hours | ItemKind::Holidays | ItemKind::ReleaseAhead | ItemKind::ReleaseAfter => return None,
        };
        let shown = self.shown.get(&(entity, item)).is_some_and(|weight| *weight >= least);
        self.asked.contains(&needs).then_some(shown)
    }

    fn show(&mut self, entity: usize, item: ItemKind, weight: usize) {
        let known = self.shown.entry((entity, item)).or_default();
        *known = weight.max(*known);
    }
}

/// Looks for what organisations are known by.
#[derive(Debug)]
pub struct Matcher<'e> {
    entities: &'e [Entity],
    networks: Vec<(IpNet, Hit)>,
    /// Hashes of addresses, where a log has no others.
    hashed: HashMap<u64, Vec<Hit>>,
    /// Networks that are too large to try each address of.
    pub too_large: Vec<String>,
    words: Vec<(String, Option<Date>, usize, usize)>,
}

/// An item of an organisation and the sources behind it.
#[derive(Debug, Clone, Copy)]
struct Hit {
    entity: usize,
    item: ItemKind,
    weight: usize,
}

impl<'e> Matcher<'e> {
    /// Prepares for a log. The key is that of its hashes, where it has hashes of addresses only.
    #[must_use]
    pub fn new(entities: &'e [Entity], key: Option<&HashKey>) -> Self {
        let mut networks = Vec::new();
        let mut words = Vec::new();
        for (at, entity) in entities.iter().enumerate() {
            for fact in entity.networks.iter().filter(|fact| fact.weight() > 0) {
                let item = if fact.value.is_rented_out { ItemKind::RentedNetwork } else { ItemKind::ExchangeNetwork };
                networks.push((fact.value.cidr, Hit { entity: at, item, weight: fact.weight() }));
            }
            for fact in entity.instruments.iter().filter(|fact| fact.weight() > 0) {
                let address = (fact.value.kind == InstrumentKind::Address).then(|| fact.value.value.parse::<IpAddr>());
                if let Some(Ok(address)) = address {
                    let hit = Hit { entity: at, item: ItemKind::KnownAddress, weight: fact.weight() };
                    networks.push((IpNet::from(address), hit));
                }
            }
            let names = entity.code_names.iter().filter(|fact| fact.weight() > 0);
            words.extend(names.map(|fact| (fact.value.word.clone(), fact.value.public_since, at, fact.weight())));
        }
        let mut matcher = Self { entities, networks, hashed: HashMap::new(), too_large: Vec::new(), words };
        if let Some(key) = key {
            matcher.hash(key);
        }
        matcher
    }

    fn hash(&mut self, key: &HashKey) {
        for (net, hit) in &self.networks {
            let host_bits = u32::from(net.max_prefix_len() - net.prefix_len());
            let is_tried = 1_u128.checked_shl(host_bits).is_some_and(|addresses| addresses <= MAX_TRIED);
            if !is_tried {
                self.too_large.push(net.to_string());
                continue;
            }
            // `hosts` leaves out the first and the last address of a network; these are rarely machines.
            for address in net.hosts() {
                self.hashed.entry(key.value(&address.to_string())).or_default().push(*hit);
            }
        }
    }

    /// Whether any organisation is known by code names.
    #[must_use]
    pub fn wants_text(&self) -> bool {
        !self.words.is_empty()
    }
}

/// The accounts of a log.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// By name.
    pub accounts: BTreeMap<String, Account>,
    sample: Option<Sample>,
}

/// Which accounts of a large log are kept: those that are accused, and of the others the customers with the smallest hashes.
#[derive(Debug, Clone)]
struct Sample {
    accused: BTreeSet<String>,
    /// The hash of each account's customer, of those with a record.
    places: HashMap<String, u64>,
    /// What is above is not kept.
    most: u64,
    /// Other accounts that are kept.
    others: usize,
}

impl Sample {
    fn place(&self, account: &str) -> u64 {
        self.places.get(account).copied().unwrap_or_else(|| mix(value_hash(&alone(account))))
    }
}

/// One exchange, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The account.
    pub account: &'a str,
    /// When, in microseconds since 1970.
    pub at_us: i64,
    /// Its address, in the clear.
    pub address: Option<&'a str>,
    /// The hash of its address.
    pub address_hash: Option<u64>,
    /// The caller's new text.
    pub text: Option<&'a str>,
}

impl Observed {
    /// Adds an account record. Records of accounts without exchanges are kept too, and count for nothing.
    pub fn add_record(&mut self, matcher: &Matcher<'_>, record: &record::Account) {
        let account = self.accounts.entry(record.account.clone()).or_default();
        account.organization.clone_from(&record.organization);
        account.signup_address.clone_from(&record.signup_ip);
        account.asked.insert(Asked::Record);
        let domain = record.email.as_deref().and_then(|email| Some(email.rsplit_once('@')?.1.to_lowercase()));
        let is_verified = record.verified.iter().any(|what| what == "email");
        let address = record.signup_ip.as_deref().and_then(|text| text.parse::<IpAddr>().ok());
        account.asked.extend(domain.is_some().then_some(Asked::Mail));
        account.asked.extend(address.is_some().then_some(Asked::SignupAddress));
        for (at, entity) in matcher.entities.iter().enumerate() {
            for fact in &entity.domains {
                if domain.as_deref().is_some_and(|domain| is_below(domain, &fact.value)) {
                    let item = if is_verified { ItemKind::MailVerified } else { ItemKind::MailSpelled };
                    account.show(at, item, fact.weight());
                }
            }
            for fact in &entity.instruments {
                let value = match fact.value.kind {
                    InstrumentKind::Payment => &record.payment,
                    InstrumentKind::Device => &record.device,
                    InstrumentKind::Phone => &record.phone,
                    InstrumentKind::Address => &None,
                };
                if value.as_ref() == Some(&fact.value.value) {
                    account.show(at, ItemKind::Instrument, fact.weight());
                }
            }
        }
        for (net, hit) in &matcher.networks {
            if hit.item == ItemKind::ExchangeNetwork && address.is_some_and(|address| net.contains(&address)) {
                account.show(hit.entity, ItemKind::SignupNetwork, hit.weight);
            }
        }
        account.mail_domain = domain;
    }

    /// Keeps no more of what comes now than is compared: all of the accused, and up to forty thousand others. It is called
    /// between the account records and the exchanges.
    pub fn keep_sample(&mut self, accused: &BTreeSet<String>) {
        let customers = self.customers();
        let places =
            customers.into_iter().map(|(name, customer)| (name.to_owned(), mix(value_hash(&customer)))).collect();
        self.sample = Some(Sample { accused: accused.clone(), places, most: u64::MAX, others: 0 });
    }

    /// Whether an account is kept. What is dropped leaves no hours, and is compared with nobody.
    fn is_kept(&mut self, account: &str) -> bool {
        let Some(sample) = &mut self.sample else { return true };
        if sample.accused.contains(account) {
            return true;
        }
        if sample.place(account) > sample.most {
            return false;
        }
        let is_new = self.accounts.get(account).is_none_or(|known| known.hours.is_empty());
        sample.others += usize::from(is_new);
        if sample.others > 2 * MAX_OTHERS {
            let is_other = |(name, known): &(&String, &Account)| {
                !known.hours.is_empty() && !sample.accused.contains(name.as_str())
            };
            let mut places: Vec<u64> =
                self.accounts.iter().filter(is_other).map(|(name, _)| sample.place(name)).collect();
            let (_, middle, _) = places.select_nth_unstable(MAX_OTHERS);
            sample.most = *middle;
            sample.others = 0;
            for (name, known) in &mut self.accounts {
                if known.hours.is_empty() || sample.accused.contains(name) {
                    continue;
                }
                if sample.place(name) > sample.most {
                    known.hours = BTreeMap::new();
                } else {
                    sample.others += 1;
                }
            }
            let is_in = sample.place(account) <= sample.most;
            sample.others += usize::from(is_in);
            return is_in;
        }
        true
    }

    /// Adds an exchange.
    pub fn add_exchange(&mut self, matcher: &Matcher<'_>, seen: &Seen<'_>) {
        if !self.is_kept(seen.account) {
            return;
        }
        if !self.accounts.contains_key(seen.account) {
            self.accounts.insert(seen.account.to_owned(), Account::default());
        }
        let Some(account) = self.accounts.get_mut(seen.account) else { return };
        let hour = account.hours.entry(seen.at_us.div_euclid(HOUR_US)).or_default();
        *hour = hour.saturating_add(1);
        match seen.address.and_then(|text| text.parse::<IpAddr>().ok()) {
            Some(address) => {
                account.asked.insert(Asked::Address);
                for (net, hit) in &matcher.networks {
                    if net.contains(&address) {
                        account.show(hit.entity, hit.item, hit.weight);
                    }
                }
            }
            None => {
                let hash = seen.address_hash.filter(|_| !matcher.hashed.is_empty());
                account.asked.extend(hash.map(|_| Asked::Address));
                for hit in hash.and_then(|hash| matcher.hashed.get(&hash)).into_iter().flatten() {
                    account.show(hit.entity, hit.item, hit.weight);
                }
            }
        }
        if let Some(text) = seen.text.filter(|_| matcher.wants_text()) {
            account.asked.insert(Asked::Text);
            account.read(matcher, text, seen.at_us);
        }
    }

    /// Which accounts are one customer, as far as the log tells: a name for each account, equal where they are.
    #[must_use]
    pub fn customers(&self) -> BTreeMap<&str, String> {
        let mut of_domain: BTreeMap<&str, usize> = BTreeMap::new();
        for account in self.accounts.values() {
            if let Some(domain) = &account.mail_domain {
                *of_domain.entry(domain).or_default() += 1;
            }
        }
        let most = (PUBLIC_MAIL * self.accounts.len() as f64).max(2.0);
        let customer = |(name, account): (&'_ String, &Account)| {
            let domain = account
                .mail_domain
                .as_ref()
                .filter(|domain| of_domain.get(domain.as_str()).is_some_and(|accounts| (*accounts as f64) <= most));
            let by = [("organisation", account.organization.as_ref()), ("domain", domain)];
            let by = by.into_iter().chain([("address", account.signup_address.as_ref())]);
            let found = by.filter_map(|(what, value)| Some(format!("{what} {}", value?))).next();
            found.unwrap_or_else(|| alone(name))
        };
        self.accounts.iter().map(|entry| (entry.0.as_str(), customer(entry))).collect()
    }
}

impl Account {
    fn read(&mut self, matcher: &Matcher<'_>, text: &str, at_us: i64) {
        let lower = text.to_lowercase();
        for (word, public_since, entity, weight) in &matcher.words {
            if !says(&lower, word) {
                continue;
            }
            let day = Timestamp::from_microsecond(at_us).ok().map(|at| at.to_zoned(TimeZone::UTC).date());
            let is_public = public_since.is_some_and(|since| day.is_none_or(|day| day >= since));
            let item = if is_public { ItemKind::CodeNamePublic } else { ItemKind::CodeNameUnpublished };
            self.show(*entity, item, *weight);
        }
    }
}

/// The customer of an account of which nothing else is known.
fn alone(account: &str) -> String {
    format!("account {account}")
}

/// Whether a domain is another or below it.
fn is_below(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a text has a word, and not as a part of a longer one.
fn says(text: &str, word: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word).any(|(at, found)| {
        let (before, after) = (text.get(..at), text.get(at + found.len()..));
        is_edge(before.and_then(|text| text.chars().next_back())) && is_edge(after.and_then(|text| text.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_large_log_the_accused_and_the_same_others_are_kept_in_any_order() {
        let accused = BTreeSet::from(["acct_7".to_owned(), "acct_90000".to_owned()]);
        let matcher = Matcher::new(&[], None);
        let kept = |names: &mut dyn Iterator<Item = usize>| {
            let mut observed = Observed::default();
            observed.keep_sample(&accused);
            for name in names {
                let name = format!("acct_{name}");
                let seen = Seen { account: &name, at_us: 0, address: None, address_hash: None, text: None };
                observed.add_exchange(&matcher, &seen);
            }
            let active = observed.accounts.into_iter().filter(|(_, account)| !account.hours.is_empty());
            let mut places: Vec<(u64, String)> =
                active.map(|(name, _)| (mix(value_hash(&alone(&name))), name)).collect();
            places.sort();
            places
        };
        let (up, down) = (kept(&mut (0..95_000)), kept(&mut (0..95_000).rev()));
        for all in [&up, &down] {
            assert!(all.len() <= 2 * MAX_OTHERS + 2 && all.len() >= MAX_OTHERS, "{}", all.len());
            assert!(accused.iter().all(|name| all.iter().any(|(_, kept)| kept == name)));
        }
        let first = |all: &[(u64, String)]| -> Vec<String> {
            let others = all.iter().filter(|(_, name)| !accused.contains(name));
            others.take(MAX_OTHERS).map(|(_, name)| name.clone()).collect()
        };
        assert_eq!(first(&up), first(&down));
    }
}
