//! The evidence for a campaign, the evidence against it, and what would change the verdict.

use detect::Context;
use detect::NullSource;
use verdict::Family;

use crate::proposal::CORROBORATES;
use crate::proposal::Proposal;

/// The evidence for it: each family that corroborates, in its own words.
pub fn strengths(proposal: &Proposal) -> Vec<String> {
    let mut found_by: Vec<&str> = proposal.candidates.iter().map(|candidate| candidate.formed_by.as_str()).collect();
    found_by.sort_unstable();
    found_by.dedup();
    let mut strengths = vec![format!("found by {}, and tested on the other families only", found_by.join(" and by "))];
    for (family, e_value) in &proposal.families {
        if *e_value >= CORROBORATES
            && let Some(finding) = proposal.findings(*family).first()
        {
            strengths.push(format!("{}: {} (e-value {})", family.as_str(), finding.what, short(*e_value)));
        }
    }
    strengths
}

/// The evidence against it, and what could not be seen.
pub fn limitations(context: &Context<'_>, proposal: &Proposal, other_traffic: f64) -> Vec<String> {
    let mut limitations = Vec::new();
    if !context.population.is_trusted() {
        limitations.push(
            "no trusted reference was given: rates are those of the log itself, the likeness of benign groups is \
             assumed and not measured, and confidence is capped at 90 (give --reference)"
                .to_owned(),
        );
    } else if proposal
        .candidates
        .iter()
        .flat_map(|candidate| &candidate.findings)
        .any(|finding| matches!(finding.source, NullSource::ReferenceGroups(groups) if groups < 10))
    {
        limitations.push("the reference has fewer than ten groups of this kind, so the null is kept wide".to_owned());
    }
    for family in Family::ALL {
        match proposal.families.get(&family) {
            None if proposal.is_formed_by(family) => {
                limitations.push(format!("{}: found the group, and may not be counted again", family.as_str()));
            }
            None => limitations.push(format!("{}: not tested, the log does not carry what it needs", family.as_str())),
            Some(e_value) if *e_value < CORROBORATES => {
                limitations.push(format!("{}: does not corroborate (e-value {})", family.as_str(), short(*e_value)));
            }
            Some(_) => {}
        }
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
        "a declared organisation to which its accounts belong: they would be one customer, and no evidence between \
         them would count"
            .to_owned(),
        "a public tool or prompt collection that explains the shared frames or program".to_owned(),
    ];
    if proposal.families.contains_key(&Family::Identity) {
        would_change.push("a payment provider's word that the shared instruments are issued to many people".to_owned());
    }
    if proposal.corroboration() < 2 {
        would_change.push(format!(
            "an e-value of at least 20 in a second family would make it discovered at {} % false discovery",
            100.0 * fdr
        ));
    }
    would_change
}

fn short(e_value: f64) -> String {
    if e_value >= 1e4 { format!("1e{:.0}", e_value.log10().floor()) } else { format!("{e_value:.1}") }
}

/// A time as RFC 3339 in UTC; empty where it is out of range.
pub(crate) fn time(at_us: i64) -> String {
    jiff::Timestamp::from_microsecond(at_us).map(|at| at.to_string()).unwrap_or_default()
}
