//! The smallest of many hashes.

/// The smallest distinct values offered, ascending, and then `u64::MAX`.
pub(crate) struct Smallest<const N: usize> {
    kept: [u64; N],
}

impl<const N: usize> Default for Smallest<N> {
    fn default() -> Self {
        Self { kept: [u64::MAX; N] }
    }
}

impl<const N: usize> Smallest<N> {
    pub(crate) fn offer(&mut self, value: u64) {
        if self.kept.last().is_none_or(|largest| value >= *largest) || self.kept.contains(&value) {
            return;
        }
        let mut carried = value;
        for slot in &mut self.kept {
            if carried < *slot {
                std::mem::swap(slot, &mut carried);
            }
        }
    }

    pub(crate) const fn kept(&self) -> [u64; N] {
        self.kept
    }
}
