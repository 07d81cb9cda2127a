//! Who speaks: each has a grammar of its own.

/// Which grammar a list is looked up in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Voice {
    /// People's questions.
    People,
    /// Developers' questions.
    Coders,
    /// Products, pipelines, classes and other machinery of honest customers.
    Products,
    /// Work items of collection campaigns.
    Hostile,
    /// Prompt templates of bulk generation, honest or not.
    Template,
}
