//! The policy of a running program: exchanged when its folder changes, and kept when the change is not fit.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::error::Error;
use crate::policy::Policy;
use crate::source::Source;

/// The policy of a folder, as it is now. Readers take no lock.
#[derive(Debug)]
pub struct LivePolicy {
    folder: PathBuf,
    policy: ArcSwap<Policy>,
}

impl LivePolicy {
    /// Loads a folder.
    ///
    /// # Errors
    /// [`Error`]: a program begins with a policy that is fit, or not at all.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let policy = Policy::load(Source::read(folder)?)?;
        Ok(Self { folder: folder.to_owned(), policy: ArcSwap::from_pointee(policy) })
    }

    /// The policy of now. A decision holds it to its end, whatever is loaded meanwhile.
    #[must_use]
    pub fn current(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// Reads the folder again and takes the policy in it if it is another one. Returns whether it did.
    ///
    /// # Errors
    /// [`Error`] where the folder is not fit now; the last good policy stays.
    pub fn reload(&self) -> Result<bool, Error> {
        let source = Source::read(&self.folder)?;
        if source == *self.policy.load().source() {
            return Ok(false);
        }
        self.policy.store(Arc::new(Policy::load(source)?));
        Ok(true)
    }
}
