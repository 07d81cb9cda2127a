//! Papers for people who decide: a page on a case, a letter to an authority, and a report on a quarter.
//!
//! Each is one HTML file that prints on A4, without network and script, whose texts are escaped. Numbers of a case are the claims of
//! its dossier, with what each rests on. What only a person can say stands in a file beside it, which is made once and
//! never written over. `docs/reports.md` is the reference for people.

mod blocks;
mod brief;
mod error;
mod letter;
mod page;
mod quarter;
mod quarterly;

pub use blocks::Blocks;
pub use brief::brief;
pub use error::Error;
pub use error::ErrorKind;
pub use letter::letter;
pub use quarter::Quarter;
pub use quarterly::quarterly;

use case::Case;
use dossier::Claim;

/// A case: what a hunt held of it, its numbers, and what people did.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What the last hunt held.
    pub found: &'a dossier::Case,
    /// The numbers of its dossier.
    pub claims: &'a [Claim],
    /// What people did; `None` where it was not opened.
    pub decided: Option<&'a Case>,
}

impl Subject<'_> {
    /// The value of a claim.
    fn value(&self, id: &str) -> &str {
        self.claims.iter().find(|claim| claim.id == id).map_or("–", |claim| claim.value.as_str())
    }
}
