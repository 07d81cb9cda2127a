//! Which text stands at a place of a window.

/// A text of a window: of the benign pool, or of those that are mixed in, counted over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    Benign(usize),
    Other(usize),
}
