//! What the cases of a data directory say to the next hunt.

use std::collections::BTreeSet;

use cohort::Rulings;

use crate::act::What;
use crate::state::Case;

/// The cuts, pins and cleared groups that hold, and the groups for the bank.
pub fn rulings<'a>(cases: impl Iterator<Item = &'a Case>) -> (Rulings, Vec<serde_json::Value>) {
    let (mut rulings, mut honest) = (Rulings::default(), Vec::new());
    let set = |accounts: &[String]| accounts.iter().cloned().collect::<BTreeSet<String>>();
    for case in cases {
        let mut cleared = None;
        for act in case.holding() {
            match &act.what {
                What::Cut { accounts } => rulings.cuts.push(set(accounts)),
                What::Pin { accounts } => rulings.pins.push(set(accounts)),
                What::Clear { accounts, groups } if case.cleared => cleared = Some((set(accounts), groups)),
                _ => {}
            }
        }
        // Who was restored is in no group with the others, whatever the next hunt finds.
        rulings.cuts.extend(case.restored().map(|account| BTreeSet::from([account.to_owned()])));
        // A case that was opened again and cleared again is cleared once.
        if let Some((accounts, groups)) = cleared {
            rulings.cleared.push(accounts);
            honest.extend(groups.iter().cloned());
        }
    }
    (rulings, honest)
}
