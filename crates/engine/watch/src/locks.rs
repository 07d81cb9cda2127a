//! Locks whose holders do not panic with half a change made.

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// Takes a lock. What it guards is whole even where a holder panicked.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
