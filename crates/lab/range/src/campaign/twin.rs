//! The twin rule: for each account of a campaign an honest one with the same kind of network, client, volume, hours
//! and language, and a life of its own. Only coordination and the structure of what is asked tell them apart.

use std::sync::Arc;

use super::Campaign;
use crate::benign;
use crate::client::Stack;
use crate::group::Group;
use crate::identity;
use crate::network::Place;
use crate::profile::{EndUsers, Network, Profile, Sessions};
use crate::rng::{Rng, mix, sub};
use crate::segment::Segment;
use crate::segment::conversation_seed;
use crate::stage::Stage;
use crate::text::Style;
use crate::time::{DAY, HOUR, SECOND};
use crate::work::{Chat, Code};
use crate::world::Level;

/// The twins of a campaign's accounts.
pub(crate) struct Twins {
    campaign: Arc<Campaign>,
    seed: u64,
}

impl Twins {
    /// One twin for each account.
    pub(crate) fn of(campaign: Arc<Campaign>) -> Twins {
        let seed = sub(campaign.seed, "twins");
        Twins { campaign, seed }
    }

    fn account_seed(&self, index: u32) -> u64 {
        mix(sub(self.seed, "account"), u64::from(index))
    }
}

impl Group for Twins {
    fn accounts(&self) -> u32 {
        self.campaign.accounts
    }

    fn id(&self, index: u32) -> u64 {
        sub(self.account_seed(index), "id")
    }

    fn volume(&self, index: u32) -> u32 {
        self.campaign.volume(index)
    }

    fn profile(&self, stage: &Stage, index: u32) -> Profile {
        let seed = self.account_seed(index);
        let mut rng = Rng::of(seed, "twin");
        let partner = self.campaign.profile(stage, index);
        let mut profile = Profile::person(stage, seed, self.id(index), 0.0);
        profile.through_api(Stack::Library);
        profile.clients.clone_from(&partner.clients);
        profile.params = partner.params;
        profile.model = partner.model;
        profile.language = partner.language;
        profile.volume = partner.volume;
        profile.channel = partner.channel;
        profile.sessions = if partner.sessions == Sessions::Unnamed { Sessions::Unnamed } else { Sessions::Named };
        if partner.end_users != EndUsers::Unnamed {
            profile.end_users = EndUsers::One(seed);
        }
        // About as old, but registered on a day of its own.
        let age = 3 * DAY + (rng.exponential(12.0) * DAY as f64) as i64;
        profile.account.created_at_us = partner.account.created_at_us.map(|at| (at - age) / SECOND * SECOND);
        let throwaway = if matches!(self.campaign.level, Level::T2 | Level::T4) { 0.12 } else { 0.02 };
        profile.account.email = Some(identity::public_email(stage.seed, &mut rng, throwaway));
        profile.account.payment = Some(identity::hashed(rng.word()));
        profile.account.device = Some(identity::device(stage.seed, &mut rng));
        profile.account.plan = Some("payg".to_owned());
        let network = match self.campaign.level {
            Level::T2 | Level::T3 | Level::T4 => benign::residential(&mut rng),
            _ => Network::Cloud { cloud: rng.zipf(12) as u64, first: rng.word(), count: 1 },
        };
        let country = Place::draw(&mut rng).country();
        profile.settle(network, country);
        profile.style = Some(Style::of(seed));
        profile.add(0.5, Arc::new(Chat::of(seed)));
        profile.add(0.5, Arc::new(Code::new(0.5)));
        profile
    }

    /// The partner's conversations, each moved by days and hours of its own, with other words.
    fn segments(&self, stage: &Stage, index: u32, profile: &Profile) -> Vec<Segment> {
        let mut rng = Rng::of(profile.seed, "twin times");
        let days = rng.below(5) as i64 - 2;
        let mut segments = Vec::new();
        for (ordinal, segment) in (0..).zip(self.campaign.segments_of(index)) {
            let jitter = rng.below(3 * HOUR as u64) as i64;
            let moved = segment.start_us + days * DAY + jitter;
            let inside = (stage.window.start..stage.window.end).contains(&moved);
            segments.push(Segment {
                seed: conversation_seed(profile.seed, u64::from(ordinal)),
                start_us: if inside { moved } else { stage.window.clamp(segment.start_us + jitter) },
                ordinal,
                work: profile.draw_work(&mut rng),
                first: 0,
                end: segment.end - segment.first,
                refused: false,
            });
        }
        segments
    }
}
