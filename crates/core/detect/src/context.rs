//! The tables that detectors share, computed once an assessment.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use cohort::Customers;
use cohort::Holders;
use cohort::Items;
use cohort::Population;
use cohort::ReferenceSample;
use evidence::Counted;
use evidence::Reference;
use profile::Profile;
use record::time::DAY_US;

use crate::client_pairs::usual_pair;
use crate::client_pairs::usual_stack;
use crate::tables::Drawn;
use crate::tables::Table;

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
    /// Accounts by their usual user agent, whether or not a TLS fingerprint is known.
    user_agents: BTreeMap<u64, u32>,
    /// Mean of the reference's embeddings.
    pub reference_mean: [f64; sketch::DIMENSIONS],
    /// What groups are compared with.
    pub sample: ReferenceSample,
    /// Rates in random groups, by detector and size, of detectors that are too dear to draw for each group.
    pub(crate) rates: Table<(&'static str, Items, usize), Option<f64>>,
    /// Random groups by size and number, and what each detector counts in them.
    pub(crate) drawn: Table<(usize, usize), Drawn>,
    pub(crate) counts: Table<(&'static str, Items, usize, usize), Vec<Counted>>,
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
                out.extend(cohort::repeated_frames(&entity.profile).map(|(frame, _)| frame));
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
            user_agents: BTreeMap::new(),
            reference_mean: reference_mean(population),
            sample: ReferenceSample::new(population),
            rates: Mutex::default(),
            drawn: Mutex::default(),
            counts: Mutex::default(),
            spent: Mutex::default(),
            scores: Vec::new(),
        };
        for entity in population.entities() {
            *context.domain_accounts.entry(entity.identity.email_domain).or_default() += 1;
            if let Some(agent) = entity.profile.user_agents.most_seen() {
                *context.user_agents.entry(agent).or_default() += 1;
            }
            if let Some(stack) = usual_stack(&entity.profile) {
                *context.stacks.entry(stack).or_default() += 1;
                *context.agents.entry(stack.0).or_default() += 1;
            }
        }
        for profile in population.reference().iter().filter_map(|at| population.get(*at)).map(|entity| &entity.profile)
        {
            context.volumes.push(profile.exchanges as f64);
            if let Some(client) = usual_pair(profile) {
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
        for at in members {
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
        domain == 0 || self.is_common(self.domain_accounts.get(&domain))
    }

    /// Whether so many accounts usually send a user agent that it says nothing: a tenth of all, at least 20.
    #[must_use]
    pub fn is_common_agent(&self, agent: u64) -> bool {
        self.is_common(self.user_agents.get(&agent))
    }

    /// Of five strangers, most hold a value that a tenth of all hold in one case of 117; of ten in one of 6,000.
    fn is_common(&self, holders: Option<&u32>) -> bool {
        let accounts = holders.copied().unwrap_or(0) as usize;
        accounts >= 20 && accounts * 10 >= self.population.entities().len()
    }
}

/// Days of log before a model's first use that make it a new one.
const NEW_AFTER_US: i64 = 3 * DAY_US;

/// Models that are looked at, the most used first: their names are the callers' to write.
const MAX_MODELS: usize = 16;

/// The fewest accounts that use a model; a typing error is no release.
const MIN_USERS: usize = 20;

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
    used.truncate(MAX_MODELS);
    let new = used.into_iter().filter(|(_, (first, users))| *users >= MIN_USERS && is_new(*first));
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
