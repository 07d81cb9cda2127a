//! One exchange as the fold reads it.

use xxhash_rust::xxh3::Xxh3Default;

use crate::with_fields;

/// Makes [`Observation`] from the list of fields: those whose role is `observed`.
macro_rules! define_observation {
    (@keep [$($kept:tt)*] [fact $($skipped:tt)*] $($rest:tt)*) => {
        define_observation! { @keep [$($kept)*] $($rest)* }
    };
    (@keep [$($kept:tt)*] [observed $($field:tt)*] $($rest:tt)*) => {
        define_observation! { @keep [$($kept)* [$($field)*]] $($rest)* }
    };
    (@keep [$([$column:literal $name:ident: $type:ty, $kind:ident, $text:literal])*]) => {
        /// The fields of one exchange that the fold reads. Hashes are 63 bits from [`sketch::hash`]; zero is "none".
        #[derive(Debug, Clone, Copy, Default, PartialEq)]
        pub struct Observation<'a> {
            $(#[doc = $text] pub $name: $type,)*
        }

        impl Observation<'_> {
            /// The names of the columns that hold the fields, in order.
            pub const COLUMNS: &'static [&'static str] = &[$($column),*];

            /// Adds every field to a hash, so that two observations that differ anywhere have different hashes.
            fn digest_into(&self, hash: &mut Xxh3Default) {
                $(self.$name.digest_into(hash);)*
            }
        }
    };
    ($($field:tt)*) => {
        define_observation! { @keep [] $($field)* }
    };
}

with_fields!(define_observation);

impl Observation<'_> {
    /// Hash of an account and of all that was observed: 63 bits.
    #[must_use]
    pub fn digest(&self, account: &str) -> u64 {
        let mut hash = Xxh3Default::new();
        account.as_bytes().digest_into(&mut hash);
        self.digest_into(&mut hash);
        hash.digest() >> 1
    }
}

/// A value that can be added to a hash so that no two sequences of values have the same bytes.
trait Digest {
    fn digest_into(&self, hash: &mut Xxh3Default);
}

impl Digest for u64 {
    fn digest_into(&self, hash: &mut Xxh3Default) {
        hash.update(&self.to_le_bytes());
    }
}

impl Digest for i64 {
    fn digest_into(&self, hash: &mut Xxh3Default) {
        hash.update(&self.to_le_bytes());
    }
}

impl Digest for u32 {
    fn digest_into(&self, hash: &mut Xxh3Default) {
        hash.update(&self.to_le_bytes());
    }
}

impl Digest for Option<u64> {
    fn digest_into(&self, hash: &mut Xxh3Default) {
        hash.update(&[u8::from(self.is_some())]);
        self.unwrap_or(0).digest_into(hash);
    }
}

impl Digest for [u8] {
    fn digest_into(&self, hash: &mut Xxh3Default) {
        (self.len() as u64).digest_into(hash);
        hash.update(self);
    }
}

impl Digest for &[u64] {
    fn digest_into(&self, hash: &mut Xxh3Default) {
        (self.len() as u64).digest_into(hash);
        self.iter().for_each(|value| value.digest_into(hash));
    }
}

impl Digest for &[i8] {
    fn digest_into(&self, hash: &mut Xxh3Default) {
        (self.len() as u64).digest_into(hash);
        // This runs once an exchange: a call a byte would cost more than the hash.
        let mut bytes = [0; 64];
        for values in self.chunks(bytes.len()) {
            bytes.iter_mut().zip(values).for_each(|(byte, value)| *byte = *value as u8);
            hash.update(bytes.get(..values.len()).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests;
