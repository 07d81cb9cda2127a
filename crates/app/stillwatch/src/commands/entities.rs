//! The organisations of a hunt.

use std::path::Path;
use std::sync::Arc;

use attribution::Entities;
use hunt::Attributor;

use crate::exit::Failure;

/// What says in a hunt who may be behind its campaigns.
pub fn attributor(entities: Option<&Path>) -> Result<Option<Arc<dyn Attributor>>, Failure> {
    let Some(path) = entities else { return Ok(None) };
    Ok(Some(Arc::new(Entities(attribution::read_entities(path)?))))
}
