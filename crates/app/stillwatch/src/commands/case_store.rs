//! Where cases are kept, and what they say to hunts.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use case::Case;
use case::Desk;

use crate::exit::Failure;

/// Names the database of cases where it is not the data directory's own file.
const STORE: &str = "STILLWATCH_CASES";

/// The URL of the database of cases, if there is one.
pub fn store_url() -> Option<String> {
    env::var(STORE).ok().filter(|url| !url.is_empty())
}

/// The cases that were opened; none where none was.
pub fn decided(data_dir: &Path) -> Result<BTreeMap<String, Case>, Failure> {
    match Desk::is_used(data_dir, store_url().as_deref()) {
        true => Ok(Desk::open(data_dir, store_url().as_deref())?.cases()?),
        false => Ok(BTreeMap::new()),
    }
}

/// What the cases of a data directory say to a hunt.
pub fn rulings(data_dir: Option<&Path>) -> Result<(cohort::Rulings, Vec<serde_json::Value>), Failure> {
    match data_dir {
        Some(data_dir) if Desk::is_used(data_dir, store_url().as_deref()) => {
            Ok(Desk::open(data_dir, store_url().as_deref())?.rulings()?)
        }
        _ => Ok((cohort::Rulings::default(), Vec::new())),
    }
}
