//! What stays the same about one account.

use std::borrow::Cow;
use std::sync::Arc;

use record::{Account, Params};

use crate::client::{self, Stack, Tuple};
use crate::disguise::Disguise;
use crate::identity;
use crate::network::{self, Address, Place};
use crate::rhythm::Rhythm;
use crate::rng::{Rng, hex, mix, sub};
use crate::segment::Segment;
use crate::stage::Stage;
use crate::text::{Language, Style};
use crate::time::{DAY, HOUR};
use crate::work::Work;

/// Where an account's requests come from.
#[derive(Debug, Clone)]
pub(crate) enum Network {
    /// A line at home that changes now and then, and a phone.
    Home { place: Place, line: u64, lease_days: i64, mobile: f64 },
    /// A few lines that many accounts share, part of the time; home the rest.
    Lines { place: Place, first: u64, count: u64, share: f64, home: u64 },
    /// A few hosts of a cloud.
    Cloud { cloud: u64, first: u64, count: u64 },
    /// A VPN service part of the time, home the rest.
    Vpn { service: u64, share: f64, home: Place, line: u64 },
    /// Exits of a residential proxy service, held for some hours each.
    Exits { service: u64, first: u64, count: u64, hold_hours: i64 },
}

impl Network {
    /// An ordinary home.
    pub(crate) fn home(place: Place, rng: &mut Rng) -> Network {
        let mobile = if rng.chance(0.5) { rng.unit() * 0.5 } else { 0.0 };
        Network::Home { place, line: rng.word(), lease_days: rng.between(2, 60) as i64, mobile }
    }

    /// The address at a time, for the account of that seed and the conversation of that seed.
    pub(crate) fn address(&self, account: u64, conversation: u64, at_us: i64) -> Address {
        let draw = mix(conversation, 0x1B);
        let unit = (draw >> 11) as f64 / 9_007_199_254_740_992.0;
        match *self {
            Network::Home { place, line, lease_days, mobile } => {
                if unit < mobile {
                    return place.mobile(mix(account, (at_us / (6 * HOUR)) as u64));
                }
                place.line(mix(line, (at_us / (lease_days.max(1) * DAY)) as u64))
            }
            Network::Lines { place, first, count, share, home } => {
                let shared = first.wrapping_add(mix(account, draw % 3) % count.max(1));
                place.line(if unit < share { shared } else { home })
            }
            Network::Cloud { cloud, first, count } => network::cloud(cloud, first.wrapping_add(draw % count.max(1))),
            Network::Vpn { service, share, home, line } => {
                if unit < share {
                    network::vpn(service, mix(account, (at_us / (3 * HOUR)) as u64))
                } else {
                    home.line(line)
                }
            }
            Network::Exits { service, first, count, hold_hours } => {
                let hold = at_us / (hold_hours.max(1) * HOUR);
                network::residential_exit(service, first.wrapping_add(mix(account, hold as u64) % count.max(1)))
            }
        }
    }
}

/// How the caller names its conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
    /// Not at all.
    Unnamed,
    /// One name a conversation.
    Named,
    /// A few names that a relay deals out, new ones every six hours.
    Pooled(u64),
}

/// How the caller names its own users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndUsers {
    /// Not at all.
    Unnamed,
    /// One name for all requests.
    One(u64),
    /// So many users of its own; few of them make most requests.
    Many(u64, u32),
}

/// A move to a released model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Switch {
    /// Number of the release.
    pub(crate) release: usize,
    /// When.
    pub(crate) at_us: i64,
    /// Share of the conversations that move.
    pub(crate) share: f64,
    /// Kinds of work, from 1 to this one, that do not move.
    pub(crate) spared: u16,
}

/// One kind of work an account does, with its share.
#[derive(Clone)]
pub(crate) struct Share {
    /// Weight among the account's kinds of work.
    pub(crate) weight: f64,
    /// The work.
    pub(crate) work: Arc<dyn Work>,
}

/// Everything about one account that its exchanges are made from.
#[derive(Clone)]
pub(crate) struct Profile {
    /// Seed of the account's own draws.
    pub(crate) seed: u64,
    /// The registration record.
    pub(crate) account: Account,
    /// Key ids.
    pub(crate) keys: Vec<String>,
    /// The way in.
    pub(crate) channel: &'static str,
    /// Installations it asks from, the usual one first.
    pub(crate) clients: Vec<Tuple>,
    /// Where requests come from.
    pub(crate) network: Network,
    /// When it asks.
    pub(crate) rhythm: Rhythm,
    /// Number of exchanges.
    pub(crate) volume: u32,
    /// What it asks.
    pub(crate) works: Vec<Share>,
    /// How its writer types; `None` where each conversation has a writer of its own.
    pub(crate) style: Option<Style>,
    /// The language it writes.
    pub(crate) language: Language,
    /// Sampling parameters.
    pub(crate) params: Params,
    /// The usual model.
    pub(crate) model: &'static str,
    /// Released models that it moves to.
    pub(crate) switches: Vec<Switch>,
    /// How conversations are named.
    pub(crate) sessions: Sessions,
    /// How its own users are named.
    pub(crate) end_users: EndUsers,
    /// What is done to its texts so that they are not known again.
    pub(crate) disguise: Option<Disguise>,
}

const MODELS: [&str; 4] = ["m-large", "m-medium", "m-small", "m-large-preview"];

impl Profile {
    /// An ordinary person who talks to the console from home: what the kinds start from.
    pub(crate) fn person(stage: &Stage, seed: u64, id: u64, new: f64) -> Profile {
        let mut rng = Rng::of(seed, "person");
        let place = Place::draw(&mut rng);
        let mut account = identity::individual(stage.seed, id, stage.window, new, &mut rng);
        let network = Network::home(place, &mut rng);
        let mut clients = vec![client::draw(Stack::Browser, &mut rng)];
        if rng.chance(0.35) {
            clients.push(client::draw(Stack::Browser, &mut rng));
        }
        account.signup_ip = Some(network.address(seed, seed, account.created_at_us.unwrap_or(0)).ip);
        account.country = Some(place.country().to_owned());
        Profile {
            seed,
            account,
            keys: Vec::new(),
            channel: "console",
            clients,
            network,
            rhythm: Rhythm::Person {
                offset_hours: place.offset(),
                shift_hours: rng.between(0, 6) as i64 - 2,
                weekend: 0.3 + rng.unit() * 1.2,
            },
            volume: 1,
            works: Vec::new(),
            style: Some(Style::of(seed)),
            language: Language::English,
            params: Params::default(),
            model: model(&mut rng),
            switches: Vec::new(),
            sessions: Sessions::Named,
            end_users: EndUsers::Unnamed,
            disguise: None,
        }
    }

    /// Makes it a caller of the API: a library, keys, parameters of its own.
    pub(crate) fn through_api(&mut self, stack: Stack) {
        let mut rng = Rng::of(self.seed, "api");
        self.channel = "api";
        self.clients = vec![client::draw(stack, &mut rng)];
        self.keys = (0..rng.between(1, 2)).map(|number| identity::key_id(mix(self.seed, number))).collect();
        self.params = params(&mut rng);
        self.sessions = Sessions::Unnamed;
    }

    /// Moves the account, its sign-up and its network to another place.
    pub(crate) fn settle(&mut self, network: Network, country: &str) {
        let at = self.account.created_at_us.unwrap_or(0);
        self.account.signup_ip = Some(network.address(self.seed, sub(self.seed, "sign up"), at).ip);
        self.account.country = Some(country.to_owned());
        self.network = network;
    }

    /// Tries released models as people do: many never, most some days later, a few at once.
    pub(crate) fn try_releases(&mut self, stage: &Stage) {
        for (release, (_, out_us)) in stage.releases.iter().enumerate() {
            let mut rng = Rng::new(mix(sub(self.seed, "release"), release as u64));
            if rng.chance(0.4) {
                let at_us = out_us + (rng.log_normal(6.0, 1.2) * DAY as f64) as i64;
                self.switches.push(Switch { release, at_us, share: 0.2 + 0.8 * rng.unit(), spared: 0 });
            }
        }
    }

    /// The model that a conversation is held with.
    pub(crate) fn model_at<'a>(&'a self, stage: &'a Stage, segment: Segment) -> &'a str {
        let moved = self.switches.iter().rev().find(|switch| {
            let draw = Rng::new(mix(mix(segment.seed, 0x6D0D), switch.release as u64)).unit();
            let spared = (1..=switch.spared).contains(&segment.work);
            segment.start_us >= switch.at_us && !spared && draw < switch.share
        });
        moved.and_then(|switch| stage.releases.get(switch.release)).map_or(self.model, |(model, _)| model)
    }

    /// Adds a kind of work.
    pub(crate) fn add(&mut self, weight: f64, work: Arc<dyn Work>) {
        self.works.push(Share { weight, work });
    }

    /// Draws one of the kinds of work.
    pub(crate) fn draw_work(&self, rng: &mut Rng) -> u16 {
        let total: f64 = self.works.iter().map(|share| share.weight).sum();
        let mut left = rng.unit() * total;
        for (rank, share) in self.works.iter().enumerate() {
            left -= share.weight;
            if left < 0.0 {
                return rank as u16;
            }
        }
        0
    }

    /// The name of a conversation, if it has one.
    pub(crate) fn session(&self, conversation: u64, at_us: i64) -> Option<Cow<'static, str>> {
        let word = match self.sessions {
            Sessions::Unnamed => return None,
            Sessions::Named => mix(conversation, self.seed),
            Sessions::Pooled(pool) => mix(mix(pool, (at_us / (6 * HOUR)) as u64), conversation % 5),
        };
        Some(Cow::Owned(format!("conv_{}", hex(word))))
    }

    /// The caller's own user, if it is named.
    pub(crate) fn end_user(&self, conversation: u64) -> Option<Cow<'static, str>> {
        let word = match self.end_users {
            EndUsers::Unnamed => return None,
            EndUsers::One(word) => word,
            EndUsers::Many(seed, count) => mix(seed, Rng::of(conversation, "end user").zipf(count as usize) as u64),
        };
        Some(Cow::Owned(format!("user_{}", hex(mix(word, 0x75)))))
    }

    /// The client of a conversation.
    pub(crate) fn client(&self, conversation: u64) -> Option<&Tuple> {
        let draw = mix(conversation, 0xC1) as usize;
        // Three of four conversations come from the usual installation.
        if draw.is_multiple_of(4) {
            self.clients.get(draw / 4 % self.clients.len().max(1))
        } else {
            self.clients.first()
        }
    }
}

/// The usual model of one caller.
pub(crate) fn model(rng: &mut Rng) -> &'static str {
    MODELS.get(rng.zipf(MODELS.len())).copied().unwrap_or("m-large")
}

/// Sampling parameters as callers set them: mostly not at all.
pub(crate) fn params(rng: &mut Rng) -> Params {
    let temperatures = [0.0, 0.2, 0.3, 0.5, 0.7, 0.8, 1.0];
    let lengths = [256, 512, 1_000, 1_024, 2_048, 4_096, 8_192];
    Params {
        temperature: rng.chance(0.5).then(|| rng.pick(&temperatures).copied()).flatten(),
        top_p: rng.chance(0.12).then_some(0.95),
        max_tokens: rng.chance(0.7).then(|| rng.pick(&lengths).copied()).flatten(),
        n: None,
        logprobs: None,
        top_logprobs: None,
        logit_bias: None,
        stream: rng.chance(0.5).then_some(true),
    }
}
