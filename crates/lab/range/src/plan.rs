//! The conversations of an account that answers to nobody.

use crate::profile::Profile;
use crate::rng::Rng;
use crate::segment::Segment;
use crate::segment::conversation_seed;
use crate::stage::Stage;
use crate::time::{HOUR, SECOND};
use crate::work::gap_us;

/// Plans the conversations of an account that answers to nobody.
pub(crate) fn plan(stage: &Stage, profile: &Profile) -> Vec<Segment> {
    let mut rng = Rng::of(profile.seed, "plan");
    let mut segments = Vec::new();
    let mut made = 0;
    while made < profile.volume {
        let ordinal = segments.len() as u32;
        let work = profile.draw_work(&mut rng);
        let Some(share) = profile.works.get(usize::from(work)) else { break };
        let turns = share.work.turns(&mut rng).clamp(1, profile.volume - made);
        made += turns;
        let seed = conversation_seed(profile.seed, u64::from(ordinal));
        let first = share.work.told();
        let end = first + turns as u16;
        segments.push(Segment { seed, start_us: 0, ordinal, work, first, end, refused: false });
    }
    let from = profile.account.created_at_us.unwrap_or(0).saturating_add(90 * SECOND).max(stage.window.start);
    let from = from.min(stage.window.end - HOUR / 2);
    let starts = profile.rhythm.starts(stage, profile.seed, segments.len(), from, stage.window.end);
    for (segment, start) in segments.iter_mut().zip(starts) {
        let latest = (stage.window.end - 1 - length_us(profile, *segment)).max(from);
        segment.start_us = start.min(latest);
    }
    segments
}

/// How long a conversation takes up to the segment's last turn.
fn length_us(profile: &Profile, segment: Segment) -> i64 {
    profile.works.get(usize::from(segment.work)).map_or(0, |share| {
        let pace = share.work.pace();
        (1..segment.end).map(|turn| gap_us(pace, segment.seed, u32::from(turn))).sum()
    })
}
