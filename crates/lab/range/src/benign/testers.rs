//! People who try what is new and what is not meant to work.

use std::sync::Arc;

use super::seat::Seat;
use crate::client::Stack;
use crate::identity;
use crate::profile::{Profile, Switch};
use crate::rhythm::Rhythm;
use crate::time::HOUR;
use crate::work::{Chat, Code, Probe};

/// Somebody who moves to a new model within hours of its release.
pub(super) fn enthusiast(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    let mut rng = seat.rng("enthusiast");
    if rng.chance(0.5) {
        profile.through_api(Stack::Library);
    }
    for (release, (_, out_us)) in seat.stage.releases.iter().enumerate() {
        let at_us = out_us + (rng.exponential(4.0) * HOUR as f64) as i64;
        profile.switches.push(Switch { release, at_us, share: 0.95, spared: 0 });
    }
    profile.add(0.5, Arc::new(Chat::of(seat.seed)));
    profile.add(0.5, Arc::new(Code::new(0.5)));
    profile
}

/// Somebody who studies safety: many elicitation wordings, on one or two accounts.
pub(super) fn red_teamer(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("red team");
    profile.account.payment = Some(identity::hashed(shared.word()));
    if shared.chance(0.5) {
        profile.account.verified.push("research".to_owned());
        profile.account.referrer = Some("safety-research".to_owned());
    }
    profile.rhythm = Rhythm::Runs { batch: 40, gap_s: 14.0, offset_hours: Some(shared.between(0, 9) as i64) };
    profile.add(seat.share, Arc::new(Probe::of(seat.seed, None)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}
