//! Sums over a campaign's accounts.

use std::collections::BTreeSet;

use detect::Context;
use observation::Capability;
use record::ObservableKind;
use record::time::DAY_US;
use verdict::Family;

use crate::proposal::Proposal;
use crate::report::CapabilityShare;

/// Sums over a campaign's accounts.
pub(crate) struct Totals {
    pub(crate) accounts: usize,
    pub(crate) exchanges: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) first_us: i64,
    pub(crate) last_us: i64,
    pub(crate) capabilities: [u64; Capability::ALL.len()],
    /// Exchanges that hold a frame of the campaign: a lower bound; `None` where it was found without frames.
    pub(crate) framed: Option<u64>,
}

impl Totals {
    pub(crate) fn of(context: &Context<'_>, proposal: &Proposal) -> Self {
        let frames: BTreeSet<u64> = proposal
            .candidates
            .iter()
            .filter(|candidate| candidate.formed_by == Family::Content)
            .flat_map(|candidate| &candidate.group.values)
            .filter(|shared| shared.value.kind == ObservableKind::Frame)
            .map(|shared| shared.value.hash)
            .collect();
        let mut totals = Self {
            accounts: proposal.accounts.len(),
            exchanges: 0,
            input_tokens: 0,
            output_tokens: 0,
            first_us: i64::MAX,
            last_us: i64::MIN,
            capabilities: [0; Capability::ALL.len()],
            framed: (!frames.is_empty()).then_some(0),
        };
        for entity in proposal.accounts.iter().filter_map(|at| context.population.get(*at)) {
            let profile = &entity.profile;
            totals.exchanges = totals.exchanges.saturating_add(profile.exchanges);
            totals.input_tokens = totals.input_tokens.saturating_add(profile.input_tokens);
            totals.output_tokens = totals.output_tokens.saturating_add(profile.output_tokens);
            if let Some((first, last)) = profile.seen_us {
                totals.first_us = totals.first_us.min(first);
                totals.last_us = totals.last_us.max(last);
            }
            for (sum, count) in totals.capabilities.iter_mut().zip(profile.capabilities) {
                *sum += u64::from(count);
            }
            if let Some(framed) = &mut totals.framed {
                *framed += (cohort::frame_share(profile, &frames) * profile.prompted() as f64).round() as u64;
            }
        }
        totals
    }

    pub(crate) fn capability_shares(&self) -> Vec<CapabilityShare> {
        let all = self.capabilities.iter().sum::<u64>().max(1) as f64;
        let mut shares: Vec<CapabilityShare> = Capability::ALL
            .iter()
            .zip(self.capabilities)
            .filter(|(_, count)| *count > 0)
            .map(|(capability, count)| CapabilityShare { name: capability.as_str(), share: count as f64 / all })
            .collect();
        shares.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.name.cmp(b.name)));
        shares
    }

    pub(crate) fn other_traffic(&self) -> f64 {
        self.framed.map_or(0.0, |framed| 1.0 - (framed as f64 / self.exchanges.max(1) as f64).min(1.0))
    }

    /// One for being there; up to four for scale (a point a factor of ten above a hundred exchanges); up to three
    /// for the capability aimed at; up to two for weeks of duration.
    pub(crate) fn impact(&self) -> u32 {
        let scale = ((self.exchanges.max(1) as f64).log10() - 2.0).clamp(0.0, 4.0).round() as u32;
        let capability = match self.capability_shares().first().map(|share| share.name) {
            Some("software_engineering" | "agentic" | "reasoning") => 3,
            Some("grading" | "data_analysis" | "vision" | "safety") => 2,
            _ => 0,
        };
        let days = self.last_us.saturating_sub(self.first_us) / DAY_US;
        let duration = if days >= 28 { 2 } else { u32::from(days >= 7) };
        (1 + scale + capability + duration).min(if self.accounts < 10 { 7 } else { 10 })
    }
}
