//! Bounds of time and size that the parts have in common.

use std::time::Duration;

/// Silence after which an executor counts as dead. A busy one asks for work every five seconds all the same.
pub(crate) const EXECUTOR_TIMEOUT: Duration = Duration::from_secs(12);

/// How often the scheduler looks for dead executors.
pub(crate) const EXPIRY_CHECK: Duration = Duration::from_secs(2);

/// How long a job waits while there is no executor at all, so that one can be started anew.
pub(crate) const NO_EXECUTORS: Duration = Duration::from_secs(30);

/// The largest message between the parts. A batch of profiles is cut into messages far smaller than this; a plan over
/// many thousand files is one message.
pub(crate) const MESSAGE_BYTES: usize = 256 << 20;
