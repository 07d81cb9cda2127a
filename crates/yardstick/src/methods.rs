//! The methods, one file each.

mod identity;
mod volume;

use crate::method::Method;

/// All methods, simplest first.
#[must_use]
pub fn all() -> Vec<Box<dyn Method>> {
    vec![Box::new(volume::Volume), Box::new(identity::SharedIdentifiers)]
}
