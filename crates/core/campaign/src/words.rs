//! The evidence for a campaign, the evidence against it, and what would change the verdict.

use verdict::Family;
use verdict::Status;

use crate::judged::CORROBORATES;
use crate::judged::OTHERS_CORROBORATE_ONE_IN;
use crate::proposal::Proposal;
use crate::proposal::SetAside;
use crate::survival::PARTS;

/// The evidence for it: each family that corroborates, in its own words.
pub fn strengths(proposal: &Proposal) -> Vec<String> {
    let mut found_by: Vec<&str> = proposal.candidates.iter().map(|candidate| candidate.formed_by.as_str()).collect();
    found_by.sort_unstable();
    found_by.dedup();
    let mut strengths = vec![format!(
        "found by {}; what formed a group is tested on items that did not form it",
        found_by.join(" and by ")
    )];
    if let Some(main) = proposal.main() {
        strengths.push(if main.above == 0 {
            format!("scores above all {} honest groups of its kind ({})", main.bank_size, kind_of(proposal))
        } else {
            format!(
                "scores above {} of {} honest groups of its kind ({})",
                main.bank_size - main.above,
                main.bank_size,
                kind_of(proposal)
            )
        });
    }
    for (family, e_value) in &proposal.families {
        if *e_value >= CORROBORATES
            && let Some(finding) = proposal.findings(*family).first()
        {
            strengths.push(format!("{}: {} (e-value {})", family.as_str(), finding.what, short(*e_value)));
        }
    }
    if proposal.by_others {
        strengths.push(format!(
            "without its strongest family and without rhythm, the others together say more than those of all but one in \
             {OTHERS_CORROBORATE_ONE_IN} honest groups"
        ));
    }
    if proposal.survived == PARTS as usize {
        strengths.push("it stands without any tenth of its accounts".to_owned());
    }
    strengths
}

/// What its strongest group was compared with, in words.
pub fn kind_of(proposal: &Proposal) -> String {
    proposal.main().map_or_else(String::new, |main| {
        let class = main.class;
        format!(
            "formed by {}, of {} customers, {}",
            class.ties.as_str().replace('_', " "),
            main.sizes.map_or_else(|| "any number of".to_owned(), |sizes| sizes.to_string()),
            if class.open { "openly tied" } else { "without an open tie" }
        )
    })
}

/// The evidence against it, and what could not be seen.
pub fn limitations(proposal: &Proposal, other_traffic: f64, has_own_bank: bool) -> Vec<String> {
    let mut limitations = Vec::new();
    if !has_own_bank {
        limitations.push(
            "it is compared with honest groups of made worlds, since too few of this deployment's own are known, and \
             confidence is capped at 90 (give --reference or --bank)"
                .to_owned(),
        );
    }
    if let Some(main) = proposal.main()
        && let Some(sizes) = main.sizes.filter(|sizes| sizes.least < main.class.size)
    {
        limitations.push(format!(
            "few honest groups of its size are known, so it is compared with those of {sizes} customers"
        ));
    }
    match proposal.main().map(|main| main.lowered) {
        Some(None) => limitations.push(
            "the log has too few groups of this kind to check that its honest ones are like those of the bank"
                .to_owned(),
        ),
        Some(Some(lowered)) if lowered > 0.0 => limitations.push(format!(
            "the log's other groups of this kind score higher than the bank's, so its score was divided by {}",
            short(10_f64.powf(lowered))
        )),
        _ => {}
    }
    let named = |is_of: &dyn Fn(Option<&f64>) -> bool| -> Vec<&str> {
        let families = Family::ALL.into_iter().filter(|family| is_of(proposal.families.get(family)));
        families.map(Family::as_str).collect()
    };
    let untested = named(&|e_value| e_value.is_none());
    if !untested.is_empty() {
        limitations.push(format!("not tested, the log does not carry what it needs: {}", untested.join(", ")));
    }
    let silent = named(&|e_value| e_value.is_some_and(|e_value| *e_value < CORROBORATES));
    if !silent.is_empty() {
        limitations.push(format!("no corroboration by {}", silent.join(", ")));
    }
    if proposal.is_kept {
        limitations.push(
            "it was acted on at an earlier look and shows less now: it stays so until people clear it, and `fdr_at` is the rate \
             at which it was acted on"
                .to_owned(),
        );
    }
    if proposal.survived < PARTS as usize {
        let nobody = if proposal.status == Status::Suspected { ", so nobody is acted on" } else { "" };
        limitations.push(format!(
            "it stands in {} of {PARTS} runs without a tenth of its accounts: few of them decide it{nobody}",
            proposal.survived
        ));
    }
    if !proposal.others.is_empty() {
        limitations.push(format!(
            "{} accounts of its groups have no evidence of their own, and are watched and not implicated",
            proposal.others.len()
        ));
    }
    if other_traffic > 0.2 {
        limitations.push(format!(
            "{:.0} % of its accounts' exchanges do not hold its frames and may be other people's",
            100.0 * other_traffic
        ));
    }
    limitations
}

/// What would change the verdict.
pub fn would_change(proposal: &Proposal, fdr: f64) -> Vec<String> {
    let mut would_change = vec![
        "a verified organisation to which its accounts belong: they would be one customer, and no evidence between \
         them would count"
            .to_owned(),
        "a public tool or prompt collection that explains the shared frames or program".to_owned(),
    ];
    if proposal.families.contains_key(&Family::Identity) {
        would_change.push("a payment provider's word that the shared instruments are issued to many people".to_owned());
    }
    if proposal.status == Status::Suspected && proposal.corroboration >= 2 {
        would_change.push(format!(
            "more honest groups of its kind and size, among which it still ranks first, would let it be discovered at {} % \
             false discovery (--reference, --bank, stillwatch bank add-cleared)",
            100.0 * fdr
        ));
    }
    if let Some(look) = proposal.look.filter(|look| look.taken < look.of && proposal.status == Status::Suspected) {
        would_change.push(format!(
            "the same evidence at later looks: {} of {} were taken, and each counts for its part",
            look.taken, look.of
        ));
    }
    if proposal.corroboration < 2 {
        would_change.push(format!(
            "an e-value of at least 20 in a second family other than rhythm, in the same group, would let it be discovered \
             at {} % false discovery; so would one such family and others that together say more than those of all but one in \
             {OTHERS_CORROBORATE_ONE_IN} honest groups",
            100.0 * fdr
        ));
    }
    would_change
}

/// The name of the rule that set a group aside.
pub const fn rule(set_aside: SetAside) -> &'static str {
    match set_aside {
        SetAside::SmallBank => "bank_too_small",
        SetAside::Rate => "rate",
        SetAside::Rhythm => "rhythm_alone",
        SetAside::Members => "no_evidence_of_members",
        SetAside::Overlap => "overlap",
        SetAside::Cleared => "cleared",
        SetAside::Looks => "more_looks",
    }
}

/// What would make a group a campaign.
pub const fn what_would_assert(set_aside: SetAside) -> &'static str {
    match set_aside {
        SetAside::SmallBank => {
            "more honest groups of its kind and size to compare with: --reference, --bank, or cleared groups"
        }
        SetAside::Rate => "a score that fewer honest groups of its kind reach: more log, or evidence of another family",
        SetAside::Rhythm => "evidence of a family other than rhythm",
        SetAside::Members => "at least two customers in it with evidence of their own",
        SetAside::Overlap => "members that are in no campaign that has more evidence",
        SetAside::Looks => {
            "a later look that finds the same: the rate is kept over all looks, and one alone is a part of them"
        }
        SetAside::Cleared => "a person who opens the case again: most of its accounts were found to be honest",
    }
}

fn short(e_value: f64) -> String {
    if e_value >= 1e4 { format!("1e{:.0}", e_value.log10().floor()) } else { format!("{e_value:.1}") }
}

/// A time as RFC 3339 in UTC; empty where it is out of range.
pub(crate) fn time(at_us: i64) -> String {
    jiff::Timestamp::from_microsecond(at_us).map(|at| at.to_string()).unwrap_or_default()
}
