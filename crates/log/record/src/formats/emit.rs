//! Where the readers of the formats put what they read.

use crate::found::Record;

/// What takes a record's exchanges, what is refused of it, and what it holds beside.
pub(crate) type Emit<'e> = dyn FnMut(Record<'_>) + 'e;
