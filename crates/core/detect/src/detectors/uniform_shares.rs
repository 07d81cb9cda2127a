//! rhythm.uniform_shares: work dealt out evenly.
//!
//! *Sees:* members whose number of exchanges is within a quarter of the group's median: a pool with a scheduler
//! deals out nearly equal shares, while people's volumes spread over orders of magnitude.
//! *Needs:* at least thirty members; below that equal volumes are too easily one task done by each.
//! *Null and reference:* the share of reference accounts outside the group within a quarter of the same median.
//! *Benign twin:* runners of one benchmark, whose volume is the benchmark's length.
//! *Source:* least-recently-used choice of accounts in public relay schedulers, which evens out their shares.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "rhythm.uniform_shares",
    family: Family::Rhythm,
    what: "have a number of exchanges within a quarter of the group's median",
    least: 30,
    null: Null::WithoutGroup,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let volume = |at: &u32| context.population.get(*at).map(|entity| entity.profile.exchanges as f64);
    let mut volumes: Vec<f64> = members.iter().filter_map(volume).collect();
    volumes.sort_unstable_by(f64::total_cmp);
    let Some(median) = volumes.get(volumes.len() / 2).copied() else {
        return Shown::Property { members: vec![None; members.len()], rate: Some(0.5) };
    };
    let near = |volume: f64| (volume - median).abs() <= 0.25 * median;
    let own = members.iter().filter(|at| context.population.reference().binary_search(at).is_ok()).filter_map(volume);
    let (own, own_near) = own.fold((0, 0), |(all, same), volume| (all + 1, same + usize::from(near(volume))));
    let volumes = context.reference_volumes();
    let from = volumes.partition_point(|volume| *volume < median && !near(*volume));
    let to = volumes.partition_point(|volume| *volume < median || near(*volume));
    let (same, all) = (1 + to - from - own_near, 1 + volumes.len() - own);
    Shown::Property {
        members: members.iter().map(|at| volume(at).map(near)).collect(),
        rate: Some(same as f64 / all as f64),
    }
}
