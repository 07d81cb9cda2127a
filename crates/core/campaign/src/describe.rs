//! From a proposal to what is said of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use detect::ALL;
use detect::Context;
use detect::Finding;
use sketch::hash::mix;
use sketch::hash::value_hash;
use verdict::Standing;
use verdict::Status;

use crate::candidate::Candidate;
use crate::confidence::confidence;
use crate::leak::leak;
use crate::leak::log_end_us;
use crate::leak::sighting;
use crate::proposal::Proposal;
use crate::registry::Event;
use crate::registry::Registry;
use crate::registry::Sighting;
use crate::report::AccountVerdict;
use crate::report::Attribution;
use crate::report::Campaign;
use crate::report::DetectorEvidence;
use crate::report::FamilyEvidence;
use crate::report::Innocent;
use crate::report::LinkSummary;
use crate::report::Pool;
use crate::report::TestedGroup;
use crate::totals::Totals;
use crate::words;
use crate::words::time;

/// What a hunt was set to.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Target false discovery rate.
    pub fdr: f64,
}

/// Campaigns and accounts, as they leave the program.
#[derive(Debug)]
pub struct Described {
    /// The most confident first.
    pub campaigns: Vec<Campaign>,
    /// Sorted by account.
    pub accounts: Vec<AccountVerdict>,
    /// What became of campaigns known before.
    pub events: Vec<Event>,
}

/// Says what proposals are, gives them their ids, and sorts them.
pub fn describe(
    context: &Context<'_>,
    proposals: &[Proposal],
    registry: &mut Registry,
    settings: &Settings,
) -> Described {
    let sets: Vec<BTreeSet<String>> =
        proposals.iter().map(|proposal| names(context, &proposal.accounts).into_iter().collect()).collect();
    let (ids, events) = registry.settle(&sets, log_end_us(context));
    let mut campaigns: Vec<(Campaign, &Proposal)> = proposals
        .iter()
        .zip(ids)
        .map(|(proposal, id)| {
            let totals = Totals::of(context, proposal);
            let sightings = registry.sight(&id, sighting(context, &totals));
            (campaign(context, proposal, id, &totals, sightings, settings), proposal)
        })
        .collect();
    campaigns.sort_by(|(a, _), (b, _)| {
        b.confidence.cmp(&a.confidence).then_with(|| b.e_value.total_cmp(&a.e_value)).then_with(|| a.id.cmp(&b.id))
    });
    let accounts = account_verdicts(context, &campaigns);
    Described { campaigns: campaigns.into_iter().map(|(campaign, _)| campaign).collect(), accounts, events }
}

/// Every group that was tested, whatever came of it.
#[must_use]
pub fn tested_groups(context: &Context<'_>, candidates: &[Candidate]) -> Vec<TestedGroup> {
    candidates
        .iter()
        .map(|candidate| TestedGroup {
            formed_by: candidate.formed_by,
            ties: candidate.ties,
            accounts: names(context, &candidate.group.accounts),
            bits_per_account: candidate.group.bits_per_account,
            e_value: candidate.e_value(),
            detectors: candidate.findings.iter().map(DetectorEvidence::from).collect(),
        })
        .collect()
}

impl From<&Finding> for DetectorEvidence {
    fn from(finding: &Finding) -> Self {
        Self { name: finding.detector, e_value: finding.e_value, what: finding.what.clone() }
    }
}

fn names(context: &Context<'_>, accounts: &[u32]) -> Vec<String> {
    accounts.iter().filter_map(|at| context.population.get(*at)).map(|entity| entity.account.clone()).collect()
}

fn campaign(
    context: &Context<'_>,
    proposal: &Proposal,
    id: String,
    totals: &Totals,
    sightings: &[Sighting],
    settings: &Settings,
) -> Campaign {
    let trusted = context.population.is_trusted();
    let pools: Vec<Pool> = proposal
        .pools
        .iter()
        .map(|pool| {
            let accounts = names(context, pool);
            Pool { id: pool_id(&accounts), accounts }
        })
        .collect();
    let mut families: Vec<FamilyEvidence> = proposal
        .families
        .iter()
        .map(|(family, e_value)| {
            let findings = proposal.findings(*family);
            let mut detectors: Vec<DetectorEvidence> = Vec::new();
            for finding in &findings {
                if !detectors.iter().any(|known| known.name == finding.detector) {
                    detectors.push(DetectorEvidence::from(*finding));
                }
            }
            let what = findings.first().map(|finding| finding.what.clone()).unwrap_or_default();
            FamilyEvidence { family: *family, e_value: *e_value, what, detectors }
        })
        .collect();
    families.sort_by(|a, b| b.e_value.total_cmp(&a.e_value).then_with(|| a.family.as_str().cmp(b.family.as_str())));
    let capabilities = totals.capability_shares();
    Campaign {
        id,
        status: proposal.status,
        accounts: names(context, &proposal.accounts),
        exchanges: totals.exchanges,
        input_tokens: totals.input_tokens,
        output_tokens: totals.output_tokens,
        first_seen: time(totals.first_us),
        last_seen: time(totals.last_us),
        confidence: confidence(proposal, trusted),
        corroboration: proposal.corroboration(),
        impact: totals.impact(),
        e_value: proposal.e_value,
        strengths: words::strengths(proposal),
        limitations: words::limitations(context, proposal, totals.other_traffic()),
        would_change: words::would_change(proposal, settings.fdr),
        families,
        capabilities,
        links: links(proposal),
        attribution: vec![Attribution {
            entity: "none of these".to_owned(),
            likelihood: "not assessed",
            log10_lr: 0.0,
            evidence: Vec::new(),
        }],
        leak: leak(context, proposal, totals, sightings),
        innocent: Innocent { accounts_in_pools: outside(proposal) as u64, other_traffic: totals.other_traffic() },
        pools,
    }
}

/// Accounts of the pools that are not of the campaign.
fn outside(proposal: &Proposal) -> usize {
    let own: BTreeSet<u32> = proposal.accounts.iter().copied().collect();
    proposal.pools.iter().flatten().filter(|at| !own.contains(at)).collect::<BTreeSet<_>>().len()
}

fn pool_id(accounts: &[String]) -> String {
    let sum = accounts.iter().fold(0_u64, |sum, account| sum.wrapping_add(mix(value_hash(account))));
    format!("P-{:08x}", sum >> 32)
}

/// The shared values that carry most, at most twenty.
fn links(proposal: &Proposal) -> Vec<LinkSummary> {
    let mut links: Vec<LinkSummary> = proposal
        .candidates
        .iter()
        .flat_map(|candidate| candidate.group.values.iter().take(20))
        .map(|shared| LinkSummary {
            kind: shared.value.kind.as_str(),
            accounts: shared.inside,
            bits: (shared.bits * 100.0).round() / 100.0,
            common_in: shared.in_all,
        })
        .collect();
    links.sort_by(|a, b| {
        let total = |link: &LinkSummary| link.bits * f64::from(link.accounts);
        total(b).total_cmp(&total(a)).then_with(|| a.kind.cmp(b.kind)).then_with(|| a.common_in.cmp(&b.common_in))
    });
    links.truncate(20);
    links
}

fn account_verdicts(context: &Context<'_>, campaigns: &[(Campaign, &Proposal)]) -> Vec<AccountVerdict> {
    let mut verdicts: BTreeMap<u32, AccountVerdict> = BTreeMap::new();
    for (campaign, proposal) in campaigns {
        let discovered = proposal.status == Status::Discovered;
        let shown: Vec<_> =
            ALL.iter().map(|detector| (*detector, (detector.shows)(context, &proposal.accounts).members)).collect();
        for (place, at) in proposal.accounts.iter().enumerate() {
            let reasons = || {
                shown
                    .iter()
                    .filter(|(_, members)| members.get(place).copied().flatten() == Some(true))
                    .map(|(detector, _)| format!("{}: it is among those members that {}", detector.name, detector.what))
                    .collect::<Vec<_>>()
            };
            let Some(entity) = context.population.get(*at) else { continue };
            let verdict = verdicts.entry(*at).or_insert_with(|| AccountVerdict {
                account: entity.account.clone(),
                verdict: if discovered { Standing::Implicated } else { Standing::Watch },
                campaign: campaign.id.clone(),
                campaigns: Vec::new(),
                confidence: campaign.confidence,
                e_value: campaign.e_value,
                reasons: reasons(),
            });
            verdict.campaigns.push(campaign.id.clone());
            if discovered && verdict.verdict == Standing::Watch {
                // A discovery says more of the account than a suspicion that stands before it.
                verdict.verdict = Standing::Implicated;
                verdict.campaign = campaign.id.clone();
                verdict.confidence = campaign.confidence;
                verdict.e_value = campaign.e_value;
                verdict.reasons = reasons();
            }
        }
    }
    verdicts.into_values().collect()
}
