//! What became of an attack.

use std::io;

/// Failures that are described; the others are counted.
const MOST_TOLD: usize = 40;

/// How often an attack was tried, and how often it was survived.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Name of the attack.
    pub name: String,
    /// Times that it was tried.
    pub tried: u64,
    /// Times that nothing was wrong after it.
    pub survived: u64,
    /// What was wrong in the first of the others.
    pub failures: Vec<String>,
    /// Why it could not be tried.
    pub skipped: Option<String>,
    /// The most memory that a run took, in KiB.
    pub peak_kib: u64,
}

impl Outcome {
    /// Of an attack that was not tried yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Of an attack that cannot be tried here.
    #[must_use]
    pub fn skipped(name: &str, why: &str) -> Self {
        Self { skipped: Some(why.to_owned()), ..Self::new(name) }
    }

    /// Counts one try, and what was wrong after it.
    pub fn count(&mut self, what: &str, faults: &[String]) {
        self.tried += 1;
        if faults.is_empty() {
            self.survived += 1;
        } else if self.failures.len() < MOST_TOLD {
            self.failures.push(format!("{what}: {}", faults.join(", ")));
        }
    }

    /// Counts one try that may not have been possible.
    pub fn count_result(&mut self, what: &str, faults: io::Result<Vec<String>>) {
        self.count(what, &faults.unwrap_or_else(|error| vec![error.to_string()]));
    }

    /// Whether every try was survived.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.survived == self.tried
    }
}
