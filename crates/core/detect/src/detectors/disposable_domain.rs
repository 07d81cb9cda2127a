//! identity.disposable_domain: addresses that are given away for minutes.
//!
//! *Sees:* accounts with an e-mail address at a domain of the list that the user gave.
//! *Needs:* `--disposable-domains FILE`, and e-mail addresses in the clear.
//! *Null and reference:* random groups of the same size.
//! *Benign twin:* people who do not want letters.
//! *Source:* disposable e-mail behind the first pool of a campaign, "Detecting and countering misuse of AI", September
//! 2026.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "identity.disposable_domain",
    family: Family::Identity,
    what: "registered with a disposable e-mail address",
    least: 5,
    null: Null::OfAccounts,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let domains = &context.population.lists().disposable_domains;
    let disposable = |at: &u32| {
        let domain = context.population.get(*at)?.identity.email_domain;
        (domain != 0 && !domains.is_empty()).then(|| domains.contains(&domain))
    };
    Shown::Property { members: members.iter().map(disposable).collect(), rate: None }
}
