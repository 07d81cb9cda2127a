//! What a row shows that a campaign may have in common: its items.

use arrow_array::Array;
use arrow_array::Int64Array;
use arrow_array::ListArray;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use columns::hashes_of;
use record::ObservableKind;

/// The columns that are looked at, and what the items in them are. What others are given (answers, signatures that were minted)
/// is none of them: it is no act of the account.
const ONE: [(&str, ObservableKind); 3] =
    [("ip_hash", ObservableKind::Ip), ("root", ObservableKind::Root), ("presented", ObservableKind::Signature)];
const LISTS: [(&str, ObservableKind); 3] =
    [("frames", ObservableKind::Frame), ("phrases", ObservableKind::Phrase), ("quotes", ObservableKind::Answer)];

/// The columns that are read of a file.
pub(crate) const COLUMNS: [&str; 7] = ["account", "ip_hash", "root", "presented", "frames", "phrases", "quotes"];

/// An item: its kind and its hash.
pub(crate) type Item = (ObservableKind, u64);

/// The items of the rows of a batch.
pub(crate) struct RowItems<'b> {
    accounts: &'b StringArray,
    ones: Vec<(ObservableKind, &'b Int64Array)>,
    lists: Vec<(ObservableKind, &'b ListArray, &'b Int64Array)>,
}

impl<'b> RowItems<'b> {
    /// `None` where a column is missing or of another type.
    pub fn of(batch: &'b RecordBatch) -> Option<Self> {
        let one = |(name, kind): (&str, ObservableKind)| {
            Some((kind, batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?))
        };
        let list = |(name, kind): (&str, ObservableKind)| {
            let lists = batch.column_by_name(name)?.as_list_opt::<i32>()?;
            Some((kind, lists, lists.values().as_primitive_opt::<Int64Type>()?))
        };
        Some(Self {
            accounts: batch.column_by_name("account")?.as_string_opt()?,
            ones: ONE.into_iter().map(one).collect::<Option<_>>()?,
            lists: LISTS.into_iter().map(list).collect::<Option<_>>()?,
        })
    }

    /// Rows of the batch.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whose a row is.
    pub fn account(&self, row: usize) -> &'b str {
        self.accounts.value(row)
    }

    /// Hands on each item of a row.
    pub fn each(&self, row: usize, sink: &mut dyn FnMut(Item)) {
        for (kind, column) in &self.ones {
            let hash = column.value(row).cast_unsigned();
            if column.is_valid(row) && hash != 0 {
                sink((*kind, hash));
            }
        }
        for (kind, lists, all) in &self.lists {
            hashes_of(lists, all, row).iter().for_each(|hash| sink((*kind, hash.cast_unsigned())));
        }
    }
}
