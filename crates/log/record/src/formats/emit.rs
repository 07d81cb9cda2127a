//! Where the readers of the formats put what they read.

use crate::Exchange;

/// What takes a record's exchanges, or the reason why there are none.
pub(crate) type Emit<'e> = dyn FnMut(Result<Exchange<'_>, String>) + 'e;
