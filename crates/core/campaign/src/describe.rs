//! From a proposal to what is said of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use detect::Context;
use detect::Finding;
use detect::score_of;
use evidence::NullRate;
use record::ObservableKind;
use sketch::hash::mix;
use sketch::hash::value_hash;
use verdict::Family;
use verdict::Standing;
use verdict::Status;

use crate::bank::BankKind;
use crate::candidate::Candidate;
use crate::candidate::ties_of;
use crate::confidence::confidence;
use crate::judged::CORROBORATES;
use crate::judged::Ranked;
use crate::leak::leak;
use crate::leak::sighting;
use crate::looks::Looks;
use crate::members::Item;
use crate::members::Member;
use crate::proposal::Lead;
use crate::proposal::Proposal;
use crate::proposal::Rates;
use crate::registry::Event;
use crate::registry::Registry;
use crate::registry::Sighting;
use crate::report::AccountEvidence;
use crate::report::AccountVerdict;
use crate::report::Attribution;
use crate::report::BankEvidence;
use crate::report::Campaign;
use crate::report::DetectorEvidence;
use crate::report::FamilyEvidence;
use crate::report::Innocent;
use crate::report::LeadReport;
use crate::report::LinkSummary;
use crate::report::LooksEvidence;
use crate::report::LooksSummary;
use crate::report::PartSummary;
use crate::report::Pool;
use crate::report::TestedGroup;
use crate::survival::PARTS;
use crate::totals::Totals;
use crate::words;
use crate::words::time;

/// The deployment's own honest groups of a class from which a comparison with them alone would corroborate: with these, the
/// largest e-value is twenty.
const OWN_GROUPS: usize = 28;

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
    let (ids, events) = registry.settle(&sets, context.population.log_end_us());
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
pub fn tested_groups(context: &Context<'_>, candidates: &[Candidate], ranked: &[Ranked]) -> Vec<TestedGroup> {
    let group = |(candidate, ranked): (&Candidate, &Ranked)| TestedGroup {
        formed_by: candidate.formed_by,
        ties: candidate.ties,
        formed_on: candidate.formed_on,
        accounts: names(context, &candidate.group.accounts),
        bits_per_account: candidate.group.bits_per_account,
        customers: candidate.customers,
        open: candidate.open,
        score: ranked.scores.all,
        e_value: ranked.e_value,
        bank: (ranked.bank_size, ranked.above),
        families: ranked.scores.families.clone(),
        detectors: candidate.findings.iter().map(DetectorEvidence::from).collect(),
    };
    candidates.iter().zip(ranked).map(group).collect()
}

/// Groups that score and are no campaigns, in the words of the contract.
#[must_use]
pub fn describe_leads(context: &Context<'_>, leads: &[Lead]) -> Vec<LeadReport> {
    let report = |lead: &Lead| {
        let accounts = names(context, &lead.accounts);
        LeadReport {
            id: format!("L-{:08x}", digest(&accounts)),
            accounts,
            score: lead.ranked.scores.all,
            bank_rank: (lead.ranked.above, lead.ranked.bank_size),
            e_value: lead.e_value,
            exchanges_at_stake: lead.weight,
            families: lead.families.clone(),
            parts: sorted_parts(lead.parts.iter().map(|(accounts, ranked)| (*accounts, ranked))),
            set_aside_by: words::rule(lead.set_aside_by),
            what_would_assert: words::what_would_assert(lead.set_aside_by).to_owned(),
        }
    };
    leads.iter().map(report).collect()
}

/// What holds over all looks that were taken with these rates.
#[must_use]
pub fn describe_looks(looks: &Looks, rates: Rates) -> LooksSummary {
    let stake = looks.stake();
    LooksSummary {
        since: looks.began_us().map(time).unwrap_or_default(),
        stake,
        fdr: (rates.action * stake).min(1.0),
        fdr_suspected: (rates.investigation * stake).min(1.0),
    }
}

impl From<&Finding> for DetectorEvidence {
    fn from(finding: &Finding) -> Self {
        Self { name: finding.detector, score: finding.score, what: finding.what.clone() }
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
    let own = proposal.main().map_or(0, |main| main.own);
    let has_own_bank = own >= OWN_GROUPS;
    let pools: Vec<Pool> = proposal
        .pools
        .iter()
        .map(|pool| {
            let accounts = names(context, pool);
            Pool { id: pool_id(&accounts), accounts }
        })
        .collect();
    let mut families: Vec<FamilyEvidence> =
        proposal.families.iter().map(|(family, e_value)| family_evidence(proposal, *family, *e_value)).collect();
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
        confidence: confidence(proposal, has_own_bank),
        corroboration: proposal.corroboration,
        corroborated_by_others: proposal.by_others,
        fdr_at: proposal.fdr_at,
        looks: proposal.look.map(|look| LooksEvidence {
            taken: look.taken,
            of: look.of,
            e_value: look.e_value,
            since: time(look.opened_us),
        }),
        bank: bank_evidence(proposal, has_own_bank),
        overturned_by: overturned_by(proposal),
        survives: proposal.survived as f64 / PARTS as f64,
        parts: parts(proposal),
        impact: totals.impact(),
        e_value: proposal.e_value,
        strengths: words::strengths(proposal),
        limitations: words::limitations(proposal, totals.other_traffic(), has_own_bank),
        would_change: words::would_change(proposal, settings.fdr),
        families,
        capabilities,
        links: links(proposal),
        attribution: vec![Attribution {
            entity: "none of these".to_owned(),
            likelihood: "not assessed",
            log10_lr: 0.0,
            evidence: Vec::new(),
            posterior: None,
            named: false,
            refused: Vec::new(),
        }],
        leak: leak(context, proposal, totals, sightings),
        innocent: Innocent { accounts_in_pools: outside(proposal) as u64, other_traffic: totals.other_traffic() },
        pools,
    }
}

/// What one family says of a campaign.
fn family_evidence(proposal: &Proposal, family: Family, e_value: f64) -> FamilyEvidence {
    let findings = proposal.findings(family);
    let mut detectors: Vec<DetectorEvidence> = Vec::new();
    for finding in &findings {
        if !detectors.iter().any(|known| known.name == finding.detector) {
            detectors.push(DetectorEvidence::from(*finding));
        }
    }
    let formed = proposal.is_formed_by(family);
    FamilyEvidence {
        family,
        e_value,
        score: proposal.main().and_then(|main| main.scores.families.get(&family)).copied().unwrap_or(0.0),
        null: format!("honest groups {} score this much by chance", words::kind_of(proposal)),
        formed,
        half: formed,
        what: findings.first().map(|finding| finding.what.clone()).unwrap_or_default(),
        detectors,
    }
}

fn bank_evidence(proposal: &Proposal, has_own_bank: bool) -> BankEvidence {
    let kind = if has_own_bank { BankKind::Own } else { BankKind::BuiltIn };
    let main = proposal.main();
    BankEvidence {
        kind: kind.as_str(),
        size: main.map_or(0, |main| main.bank_size),
        rank: main.map_or(0, |main| main.above),
        transport: main.and_then(|main| main.lowered).map(|lowered| (100.0 * lowered).round() / 100.0),
    }
}

/// The correlation inside honest groups at which the plainest finding of any family but rhythm would score less than
/// twenty, in hundredths; one where none would do.
fn overturned_by(proposal: &Proposal) -> f64 {
    let findings = proposal.candidates.iter().flat_map(|candidate| &candidate.findings);
    let plainest =
        findings.filter(|finding| finding.family != Family::Rhythm).max_by(|a, b| a.score.total_cmp(&b.score));
    let Some(finding) = plainest else { return 0.0 };
    let falls = |hundredths: &u32| {
        let null = NullRate { correlation: f64::from(*hundredths) / 100.0, ..finding.null };
        score_of(finding.counted, null) < CORROBORATES
    };
    (2..100).find(falls).map_or(1.0, |hundredths| f64::from(hundredths) / 100.0)
}

fn parts(proposal: &Proposal) -> Vec<PartSummary> {
    let size = |candidate: &Candidate| candidate.group.accounts.len();
    sorted_parts(proposal.candidates.iter().map(size).zip(&proposal.ranked))
}

/// Groups with their sizes, the largest first.
fn sorted_parts<'a>(parts: impl Iterator<Item = (usize, &'a Ranked)>) -> Vec<PartSummary> {
    let part = |(accounts, ranked): (usize, &Ranked)| PartSummary {
        ties: ranked.class.ties,
        accounts,
        score: ranked.scores.all,
        e_value: ranked.e_value,
    };
    let mut parts: Vec<PartSummary> = parts.map(part).collect();
    parts.sort_by(|a, b| b.accounts.cmp(&a.accounts).then(b.score.total_cmp(&a.score)).then(a.ties.cmp(&b.ties)));
    parts
}

/// Accounts of the pools that are not of the campaign.
fn outside(proposal: &Proposal) -> usize {
    let own: BTreeSet<u32> = proposal.accounts.iter().copied().collect();
    proposal.pools.iter().flatten().filter(|at| !own.contains(at)).collect::<BTreeSet<_>>().len()
}

fn pool_id(accounts: &[String]) -> String {
    format!("P-{:08x}", digest(accounts))
}

/// Thirty-two bits that stand for a set of accounts.
fn digest(accounts: &[String]) -> u64 {
    accounts.iter().fold(0_u64, |sum, account| sum.wrapping_add(mix(value_hash(account)))) >> 32
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
        let own = proposal.members.iter().map(|member| (member.account, Some(member)));
        for (at, member) in own.chain(proposal.others.iter().map(|at| (*at, None))) {
            let Some(entity) = context.population.get(at) else { continue };
            let implicated = discovered && member.is_some();
            let described = || AccountVerdict {
                account: entity.account.clone(),
                verdict: if implicated { Standing::Implicated } else { Standing::Watch },
                campaign: campaign.id.clone(),
                campaigns: Vec::new(),
                confidence: campaign.confidence,
                e_value: campaign.e_value,
                reasons: reasons(proposal, at, member),
                evidence: member.map(evidence_of).unwrap_or_default(),
            };
            let verdict = verdicts.entry(at).or_insert_with(described);
            if implicated && verdict.verdict == Standing::Watch {
                // A discovery says more of the account than a suspicion that stands before it.
                *verdict = AccountVerdict { campaigns: std::mem::take(&mut verdict.campaigns), ..described() };
            }
            verdict.campaigns.push(campaign.id.clone());
        }
    }
    verdicts.into_values().collect()
}

/// Why an account stands where it stands, in words that its owner can answer.
fn reasons(proposal: &Proposal, account: u32, member: Option<&Member>) -> Vec<String> {
    let Some(member) = member else {
        return vec!["it is in a group with members of the campaign, and has no evidence of its own".to_owned()];
    };
    let mut reasons = items_in_words(&member.items);
    let findings = proposal.candidates.iter().flat_map(|candidate| &candidate.findings);
    let showing = findings.filter(|finding| finding.family != Family::Rhythm && finding.score >= CORROBORATES);
    let shown: BTreeSet<&str> = showing
        .filter(|finding| finding.showing.binary_search(&account).is_ok())
        .map(|finding| finding.detector)
        .collect();
    let words = |detector: &&'static detect::Detector| {
        shown
            .contains(detector.name)
            .then(|| format!("{}: it is among those members that {}", detector.name, detector.what))
    };
    reasons.extend(detect::ALL.iter().filter_map(words));
    reasons
}

/// What an account has in common with the rest, a sentence for each kind of item, with the items' hashes.
fn items_in_words(items: &[Item]) -> Vec<String> {
    let mut by_kind: Vec<(ObservableKind, Vec<&Item>)> = Vec::new();
    for item in items {
        match by_kind.iter_mut().find(|(kind, _)| *kind == item.value.kind) {
            Some((_, known)) => known.push(item),
            None => by_kind.push((item.value.kind, vec![item])),
        }
    }
    by_kind.into_iter().map(|(kind, items)| kind_in_words(kind, &items)).collect()
}

fn kind_in_words(kind: ObservableKind, items: &[&Item]) -> String {
    let (does, one, many) = match kind {
        ObservableKind::Frame => ("repeats", "a wording", "wordings"),
        ObservableKind::Phrase => ("puts words together in", "a pair", "pairs"),
        ObservableKind::Root => ("goes on with", "a conversation", "conversations"),
        ObservableKind::Answer => {
            ("sends", "an answer that was given in the campaign", "answers that were given in it")
        }
        ObservableKind::Signature => ("holds", "a signature under reasoning", "signatures under reasoning"),
        ObservableKind::Ip => ("comes from", "an address", "addresses"),
        ObservableKind::Payment => ("pays with", "an instrument", "instruments"),
        ObservableKind::Device => ("is registered from", "a device", "devices"),
        ObservableKind::Phone => ("is registered with", "a telephone number", "telephone numbers"),
        ObservableKind::Mailbox => ("is registered with", "a mailbox", "mailboxes"),
    };
    let most = items.iter().map(|item| item.in_common).max().unwrap_or(0);
    let accounts = if most == 1 { "account" } else { "accounts" };
    let hashes: Vec<String> = items.iter().map(|item| format!("{:08x}", item.value.hash >> 32)).collect();
    let (what, up_to) =
        if items.len() == 1 { (one.to_owned(), "") } else { (format!("{} {many}", items.len()), "up to ") };
    format!("it {does} {what} in common with {up_to}{most} other {accounts} of the campaign ({})", hashes.join(", "))
}

fn evidence_of(member: &Member) -> Vec<AccountEvidence> {
    let evidence = |item: &Item| {
        let detector = ties_of(item.value.kind);
        AccountEvidence {
            family: detector.family(),
            detector,
            kind: item.value.kind.as_str(),
            item: format!("{:016x}", item.value.hash),
            accounts_in_common: item.in_common,
            exchanges: Vec::new(),
        }
    };
    member.items.iter().map(evidence).collect()
}
