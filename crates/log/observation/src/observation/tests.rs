use super::*;

/// A value of a field's type that is not the default, and one more.
trait Samples: Sized {
    const SAMPLES: [Self; 2];
}

impl Samples for u64 {
    const SAMPLES: [Self; 2] = [1, 1 << 62];
}

impl Samples for i64 {
    const SAMPLES: [Self; 2] = [1, -1];
}

impl Samples for u32 {
    const SAMPLES: [Self; 2] = [1, 1 << 31];
}

impl Samples for Option<u64> {
    const SAMPLES: [Self; 2] = [Some(0), Some(1)];
}

impl Samples for &[u64] {
    const SAMPLES: [Self; 2] = [&[0], &[0, 0]];
}

impl Samples for &[i8] {
    const SAMPLES: [Self; 2] = [&[0], &[-1, 1]];
}

/// Makes [`changed`] from the list of fields.
macro_rules! define_changed {
    (@keep [$($kept:tt)*] [fact $($skipped:tt)*] $($rest:tt)*) => {
        define_changed! { @keep [$($kept)*] $($rest)* }
    };
    (@keep [$($kept:tt)*] [observed $($field:tt)*] $($rest:tt)*) => {
        define_changed! { @keep [$($kept)* [$($field)*]] $($rest)* }
    };
    (@keep [$([$column:literal $name:ident: $type:ty, $kind:ident, $text:literal])*]) => {
        /// Copies of an observation that differ from it in one field, with the field's column.
        fn changed<'a>(from: Observation<'a>) -> Vec<(&'static str, Observation<'a>)> {
            let mut all = Vec::new();
            $(for sample in <$type as Samples>::SAMPLES {
                all.push(($column, Observation { $name: sample, ..from }));
            })*
            all
        }
    };
    ($($field:tt)*) => {
        define_changed! { @keep [] $($field)* }
    };
}

with_fields!(define_changed);

#[test]
fn the_digest_differs_when_any_one_field_differs() {
    let empty = Observation::default();
    let all = changed(empty);
    assert_eq!(all.len(), 2 * Observation::COLUMNS.len(), "two values of every field");
    let mut seen = vec![("none", empty.digest("acct_1"))];
    for (column, observation) in all {
        let digest = observation.digest("acct_1");
        let same: Vec<_> = seen.iter().filter(|(_, other)| *other == digest).collect();
        assert!(same.is_empty(), "{column} gives the digest of {same:?}");
        seen.push((column, digest));
    }
}

#[test]
fn the_digest_is_the_same_for_equal_observations() {
    let (frames, again) = (vec![1, 2, 3], vec![1, 2, 3]);
    let one = Observation { frames: &frames, asn: Some(64_500), ..Observation::default() };
    let two = Observation { frames: &again, asn: Some(64_500), ..Observation::default() };
    assert_eq!(one.digest("acct_1"), two.digest("acct_1"));
    for ((_, one), (_, two)) in changed(one).into_iter().zip(changed(two)) {
        assert_eq!(one.digest("acct_1"), two.digest("acct_1"));
    }
}

#[test]
fn the_digest_differs_by_account_and_by_the_list_that_a_value_is_in() {
    let empty = Observation::default();
    assert_ne!(empty.digest("acct_1"), empty.digest("acct_2"));
    let values = [7, 8];
    let (first, rest) = values.split_at(1);
    let lists = [
        Observation { phrases: &values, ..empty },
        Observation { phrases: first, quotes: rest, ..empty },
        Observation { quotes: &values, ..empty },
    ];
    let digests: std::collections::BTreeSet<_> = lists.iter().map(|list| list.digest("acct_1")).collect();
    assert_eq!(digests.len(), lists.len());
    assert_eq!(empty.digest("acct_1") >> 63, 0, "63 bits");
}
