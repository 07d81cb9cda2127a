//! What a template of bulk prompts means, whatever its words.

use crate::rng::Rng;

/// Number of roles.
pub(super) const ROLES: u64 = 8;
/// Number of publics.
pub(super) const PUBLICS: u64 = 6;
/// Number of products.
pub(super) const PRODUCTS: u64 = 6;
/// Number of rules.
pub(super) const RULES: u64 = 9;
/// Number of forms.
pub(super) const FORMATS: u64 = 5;

/// What a template of bulk prompts means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brief {
    /// Number of the role that the writer is given.
    pub(super) role: u64,
    /// Number of the public that is written for.
    pub(super) public: u64,
    /// Number of the thing that is written.
    pub(super) product: u64,
    /// Numbers of the rules.
    pub(super) rules: Vec<u64>,
    /// Number of the form.
    pub(super) format: u64,
    /// Whether the reasoning is asked for.
    pub(super) elicit: bool,
    /// A word that stands for the brief.
    seed: u64,
}

impl Brief {
    /// A word that stands for the brief.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Draws a brief.
    pub(crate) fn draw(rng: &mut Rng, elicit: bool) -> Brief {
        let mut rules: Vec<u64> = (0..RULES).collect();
        rng.shuffle(&mut rules);
        rules.truncate(rng.between(2, 4) as usize);
        Brief {
            role: rng.below(ROLES),
            public: rng.below(PUBLICS),
            product: rng.below(PRODUCTS),
            rules,
            format: rng.below(FORMATS),
            elicit,
            seed: rng.word(),
        }
    }
}
