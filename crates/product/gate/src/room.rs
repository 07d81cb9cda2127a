//! Memory for what is kept of requests and answers until it is written.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// Memory for what is kept, of all requests together.
#[derive(Debug)]
pub(crate) struct Memory {
    used: AtomicUsize,
    most: usize,
}

impl Memory {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), most })
    }
}

/// What one request has of it; given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    memory: Arc<Memory>,
    bytes: usize,
}

impl Room {
    pub(crate) fn new(memory: &Arc<Memory>) -> Self {
        Self { memory: Arc::clone(memory), bytes: 0 }
    }

    /// Takes more; false, and nothing taken, where there is not enough.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let before = self.memory.used.fetch_add(bytes, Ordering::Relaxed);
        let has_room = before.saturating_add(bytes) <= self.memory.most;
        if has_room {
            self.bytes += bytes;
        } else {
            self.memory.used.fetch_sub(bytes, Ordering::Relaxed);
        }
        has_room
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.memory.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
