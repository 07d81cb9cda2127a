//! All accounts of a hunt, and who of them is the reference.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use evidence::Counted;
use evidence::Reference;
use profile::Profile;

use crate::draw::Drawn;
use crate::draw::Table;
use crate::entity::Entity;
use crate::holders::Customers;
use crate::holders::Holders;
use crate::pooled::Yardstick;

/// The p-value at which a member with a score shows a property.
pub const TAIL: f64 = 0.05;

/// All accounts of a hunt, sorted by id.
#[derive(Debug, Default)]
pub struct Population {
    entities: Vec<Entity>,
    customers: Vec<u32>,
    reference: Vec<u32>,
    trusted: bool,
    banned_us: BTreeMap<u32, i64>,
    lists: Lists,
}

/// Public lists that a user may give. They are data, never fetched, and say only what is common knowledge.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// Hashes of e-mail domains that give addresses away for minutes.
    pub disposable_domains: BTreeSet<u64>,
    /// Numbers of autonomous systems of hosting companies and proxies.
    pub hosting_asns: BTreeSet<u64>,
}

impl Population {
    /// Says when accounts were shut out, in microseconds since 1970; accounts that are not in the population are
    /// passed over.
    #[must_use]
    pub fn with_bans(mut self, bans: &BTreeMap<String, i64>) -> Self {
        let at = |account: &String| {
            self.entities.binary_search_by(|entity| entity.account.cmp(account)).ok().map(|at| at as u32)
        };
        self.banned_us = bans.iter().filter_map(|(account, at_us)| Some((at(account)?, *at_us))).collect();
        self
    }

    /// Gives the public lists.
    #[must_use]
    pub fn with_lists(mut self, lists: Lists) -> Self {
        self.lists = lists;
        self
    }

    /// When an account was shut out.
    #[must_use]
    pub fn banned_us(&self, at: u32) -> Option<i64> {
        self.banned_us.get(&at).copied()
    }

    /// How many accounts were shut out.
    #[must_use]
    pub fn shut_out(&self) -> usize {
        self.banned_us.len()
    }

    /// The public lists.
    #[must_use]
    pub const fn lists(&self) -> &Lists {
        &self.lists
    }

    /// Builds a population. `reference` says which accounts are trusted to be benign; with none, the bulk of the
    /// log itself is the reference, which is said in every result.
    #[must_use]
    pub fn new(mut entities: Vec<Entity>, reference: impl Fn(&str) -> bool) -> Self {
        entities.sort_unstable_by(|a, b| a.account.cmp(&b.account));
        let mut first_of: BTreeMap<u64, u32> = BTreeMap::new();
        let customers = entities
            .iter()
            .zip(0_u32..)
            .map(|(entity, at)| match entity.identity.organization {
                0 => at,
                organization => *first_of.entry(organization).or_insert(at),
            })
            .collect();
        let trusted: Vec<u32> =
            entities.iter().zip(0_u32..).filter(|(e, _)| reference(&e.account)).map(|(_, at)| at).collect();
        let is_trusted = !trusted.is_empty();
        let reference = if is_trusted { trusted } else { (0..entities.len() as u32).collect() };
        Self { entities, customers, reference, trusted: is_trusted, ..Self::default() }
    }

    /// All accounts.
    #[must_use]
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The account at an index.
    #[must_use]
    pub fn get(&self, at: u32) -> Option<&Entity> {
        self.entities.get(at as usize)
    }

    /// Each account's customer, as the index of the first account of the same declared organisation. Accounts that
    /// declare one organisation are one customer: what they share with each other is no evidence.
    #[must_use]
    pub fn customers(&self) -> &[u32] {
        &self.customers
    }

    /// How many customers there are.
    #[must_use]
    pub fn customer_count(&self) -> usize {
        self.customers.iter().zip(0_u32..).filter(|(customer, at)| **customer == *at).count()
    }

    /// The customer of one account.
    #[must_use]
    pub fn customer(&self, at: u32) -> u32 {
        self.customers.get(at as usize).copied().unwrap_or(at)
    }

    /// Accounts to calibrate on.
    #[must_use]
    pub fn reference(&self) -> &[u32] {
        &self.reference
    }

    /// Whether the reference is trusted, or the bulk of the log.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// The stratum of an account: the binary logarithm of its number of exchanges, so that accounts are compared
    /// with accounts of like volume.
    #[must_use]
    pub fn stratum(&self, at: u32) -> u32 {
        self.get(at).map_or(0, |entity| (64 - entity.profile.exchanges.leading_zeros()).min(14))
    }
}

/// Tables that detectors share, computed once a hunt.
#[derive(Debug)]
pub struct Context<'a> {
    /// The accounts.
    pub population: &'a Population,
    /// In how many customers' repeated frames each frame is found.
    pub frame_holders: Customers,
    /// How many customers use each harness.
    pub harness_customers: Customers,
    /// Customers by quote of an answer or a prompt.
    pub quote_customers: Holders,
    /// Customers by conversation.
    pub root_customers: Holders,
    /// Accounts by their usual user agent, and TLS fingerprint.
    stacks: BTreeMap<(u64, u64), u32>,
    /// Accounts by their usual user agent.
    agents: BTreeMap<u64, u32>,
    releases: Vec<(u64, i64)>,
    /// Exchanges of each reference account, ascending.
    volumes: Vec<f64>,
    /// Reference accounts by their usual user agent and client tuple.
    clients: BTreeMap<(u64, u64), u32>,
    /// How many customers name each end user.
    pub end_user_customers: Customers,
    /// Accounts by e-mail domain.
    pub domain_accounts: BTreeMap<u64, u32>,
    /// Mean of the reference's embeddings.
    pub reference_mean: [f64; sketch::DIMENSIONS],
    /// What groups are compared with.
    pub yardstick: Yardstick,
    /// Rates in random groups, by detector and size, of detectors that are too dear to draw for each group.
    pub(crate) rates: Table<(&'static str, usize), Option<f64>>,
    /// Random groups by size and number, and what each detector counts in them.
    pub(crate) drawn: Table<(usize, usize), Drawn>,
    pub(crate) counts: Table<(&'static str, usize, usize), Vec<Counted>>,
    /// Time spent in each detector, over all threads.
    pub(crate) spent: Mutex<BTreeMap<&'static str, Duration>>,
    scores: Vec<(&'static str, Vec<f64>, Reference)>,
}

/// A score of one account, larger where more unusual; `None` where it cannot be told.
pub type Score = fn(&Context<'_>, u32) -> Option<f64>;

impl<'a> Context<'a> {
    /// Computes the shared tables, and the scores of those detectors that have one.
    #[must_use]
    pub fn new(population: &'a Population, scores: &[(&'static str, Score)]) -> Self {
        let mut context = Self {
            population,
            frame_holders: Customers::new(population, |entity, out| {
                out.extend(crate::frames::repeated_frames(&entity.profile).map(|(frame, _)| frame));
            }),
            harness_customers: Customers::new(population, |entity, out| {
                out.extend(entity.profile.harnesses.iter().map(|(harness, _)| harness));
            }),
            quote_customers: Holders::new(population, |entity, out| {
                let profile = &entity.profile;
                out.extend(profile.answers.iter().chain(profile.quotes.iter()).map(|(quote, _)| quote));
            }),
            root_customers: Holders::new(population, |entity, out| {
                out.extend(entity.profile.roots.iter().map(|(root, _)| root));
            }),
            stacks: BTreeMap::new(),
            agents: BTreeMap::new(),
            releases: releases(population),
            volumes: Vec::new(),
            clients: BTreeMap::new(),
            end_user_customers: Customers::new(population, |entity, out| {
                out.extend(entity.profile.end_users.iter().map(|(user, _)| user));
            }),
            domain_accounts: BTreeMap::new(),
            reference_mean: reference_mean(population),
            yardstick: Yardstick::new(population),
            rates: Mutex::default(),
            drawn: Mutex::default(),
            counts: Mutex::default(),
            spent: Mutex::default(),
            scores: Vec::new(),
        };
        for entity in population.entities() {
            *context.domain_accounts.entry(entity.identity.email_domain).or_default() += 1;
            if let Some(stack) = crate::detectors::usual_stack(&entity.profile) {
                *context.stacks.entry(stack).or_default() += 1;
                *context.agents.entry(stack.0).or_default() += 1;
            }
        }
        for profile in population.reference().iter().filter_map(|at| population.get(*at)).map(|entity| &entity.profile)
        {
            context.volumes.push(profile.exchanges as f64);
            if let Some(client) = crate::detectors::usual_pair(profile) {
                *context.clients.entry(client).or_default() += 1;
            }
        }
        context.volumes.sort_unstable_by(f64::total_cmp);
        for (name, score) in scores {
            let all: Vec<f64> =
                (0..population.entities().len() as u32).map(|at| score(&context, at).unwrap_or(f64::NAN)).collect();
            let of = |at: &u32| (population.stratum(*at), all.get(*at as usize).copied().unwrap_or(f64::NAN));
            let reference = Reference::new(population.reference().iter().map(of));
            context.scores.push((name, all, reference));
        }
        context
    }

    /// The conformal p-values of members' scores among the reference of their strata, less the members themselves.
    /// `None` where a member has no score, or what is left of its stratum is fewer than nineteen, too few for one in
    /// twenty.
    #[must_use]
    pub fn p_values(&self, name: &str, members: &[u32]) -> Vec<Option<f64>> {
        let Some((_, scores, reference)) = self.scores.iter().find(|(known, ..)| *known == name) else {
            return vec![None; members.len()];
        };
        let score = |at: u32| scores.get(at as usize).copied().filter(|score| score.is_finite());
        let mut left_out: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for at in members.iter().filter(|at| self.population.reference().binary_search(at).is_ok()) {
            left_out.entry(self.population.stratum(*at)).or_default().extend(score(*at));
        }
        left_out.values_mut().for_each(|scores| scores.sort_unstable_by(f64::total_cmp));
        let p_value = |at: u32| {
            let (score, stratum) = (score(at)?, self.population.stratum(at));
            let own = left_out.get(&stratum).map(Vec::as_slice).unwrap_or_default();
            (reference.len(stratum) >= own.len() + 19).then(|| reference.p_value_without(stratum, score, own))
        };
        members.iter().map(|at| p_value(*at)).collect()
    }

    /// Whether each member is in the tail of a detector's own score: one reference account in twenty is.
    #[must_use]
    pub fn in_tail(&self, name: &str, members: &[u32]) -> Vec<Option<bool>> {
        self.p_values(name, members).into_iter().map(|p| p.map(|p| p <= TAIL)).collect()
    }

    /// Each member's profile.
    #[must_use]
    pub fn profiles(&self, members: &[u32]) -> Vec<Option<&Profile>> {
        members.iter().map(|at| self.population.get(*at).map(|entity| entity.profile.as_ref())).collect()
    }

    /// Seconds spent in each detector so far, over all threads.
    #[must_use]
    pub fn detector_seconds(&self) -> BTreeMap<&'static str, f64> {
        let spent = self.spent.lock().map(|spent| spent.clone()).unwrap_or_default();
        spent.into_iter().map(|(name, time)| (name, time.as_secs_f64())).collect()
    }

    /// Accounts whose usual user agent it is, whatever their TLS fingerprint.
    #[must_use]
    pub fn agent_accounts(&self, agent: u64) -> u32 {
        self.agents.get(&agent).copied().unwrap_or(0)
    }

    /// Accounts whose usual user agent and TLS fingerprint they are.
    #[must_use]
    pub fn stack_accounts(&self, agent: u64, ja4: u64) -> u32 {
        self.stacks.get(&(agent, ja4)).copied().unwrap_or(0)
    }

    /// Exchanges of each reference account, ascending.
    #[must_use]
    pub fn reference_volumes(&self) -> &[f64] {
        &self.volumes
    }

    /// Reference accounts whose usual user agent it is, and of these the ones whose client tuple it is.
    #[must_use]
    pub fn reference_clients(&self, agent: u64, tuple: u64) -> (u64, u64) {
        let all = self.clients.range((agent, 0)..=(agent, u64::MAX)).map(|(_, accounts)| u64::from(*accounts)).sum();
        (all, self.clients.get(&(agent, tuple)).copied().map_or(0, u64::from))
    }

    /// Models that were released while the log ran, with the time of their first use.
    #[must_use]
    pub fn releases(&self) -> &[(u64, i64)] {
        &self.releases
    }

    /// Whether so many accounts have addresses at a domain that it says nothing: a tenth of all, at least 20.
    #[must_use]
    pub fn is_public_domain(&self, domain: u64) -> bool {
        let accounts = self.domain_accounts.get(&domain).copied().unwrap_or(0) as usize;
        domain == 0 || accounts >= 20 && accounts * 10 >= self.population.entities().len()
    }
}

/// Days of log before a model's first use that make it a new one.
const NEW_AFTER_US: i64 = 3 * 86_400_000_000;

/// Models that are looked at, the most used first: their names are the callers' to write.
const MOST_MODELS: usize = 16;

/// The fewest accounts that use a model; a typing error is no release.
const LEAST_USERS: usize = 20;

fn releases(population: &Population) -> Vec<(u64, i64)> {
    let start_us =
        population.entities().iter().filter_map(|entity| entity.profile.seen_us).map(|(first, _)| first).min();
    let mut first_us: BTreeMap<u64, (i64, usize)> = BTreeMap::new();
    for (model, span) in population.entities().iter().flat_map(|entity| entity.profile.models.iter()) {
        let (first, users) = first_us.entry(model).or_insert((span.first_us, 0));
        *first = span.first_us.min(*first);
        *users += 1;
    }
    let is_new = |first: i64| start_us.is_some_and(|start| first >= start.saturating_add(NEW_AFTER_US));
    let mut used: Vec<(u64, (i64, usize))> = first_us.into_iter().collect();
    used.sort_unstable_by_key(|(model, (_, users))| (std::cmp::Reverse(*users), *model));
    used.truncate(MOST_MODELS);
    let new = used.into_iter().filter(|(_, (first, users))| *users >= LEAST_USERS && is_new(*first));
    new.map(|(model, (first, _))| (model, first)).collect()
}

fn reference_mean(population: &Population) -> [f64; sketch::DIMENSIONS] {
    // Each account weighs as one, so that the loudest do not define what is usual.
    let mut mean = [0.0; sketch::DIMENSIONS];
    let mut count = 0.0;
    for entity in population.reference().iter().filter_map(|at| population.get(*at)) {
        if entity.profile.prompted() > 0 {
            count += 1.0;
            for (sum, x) in mean.iter_mut().zip(entity.profile.embedding.mean()) {
                *sum += x;
            }
        }
    }
    mean.map(|sum| if count > 0.0 { sum / count } else { 0.0 })
}
