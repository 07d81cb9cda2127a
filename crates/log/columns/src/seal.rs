//! The commitments to the rows of a file: a tree of its accounts, and under each a tree of its rows.
//!
//! The order of the rows in the file does not matter: accounts come by their names, and their rows by time and hashes. So the
//! same rows have the same root, whatever the threads that wrote them.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::BooleanArray;
use arrow_array::FixedSizeBinaryArray;
use arrow_array::Float64Array;
use arrow_array::Int32Array;
use arrow_array::Int64Array;
use arrow_array::ListArray;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::TimestampMicrosecondArray;
use journal::AccountNode;
use journal::Batch;
use journal::Group;
use journal::RowKey;
use journal::Value;
use journal::account_key;
use journal::row_leaf;
use ledger::Hash;
use ledger::MemoryTree;
use ledger::SALT_BYTES;
use ledger::Salts;

use crate::error::Error;
use crate::lists::hashes_of;
use crate::row::RowId;
use crate::table::Table;

/// Rows of a batch that are decoded at a time.
const BATCH_ROWS: usize = 8 * 1024;

/// A column, for its values.
enum Column<'b> {
    Text(&'b StringArray),
    Integer(&'b Int64Array),
    Time(&'b TimestampMicrosecondArray),
    Small(&'b Int32Array),
    Number(&'b Float64Array),
    Flag(&'b BooleanArray),
    Bytes(&'b FixedSizeBinaryArray),
    Hashes(&'b ListArray, &'b Int64Array),
}

impl<'b> Column<'b> {
    /// The column and the name of its kind; `None` where it is of another kind than rows have.
    fn open(array: &'b ArrayRef) -> Option<(Self, &'static str)> {
        let any = array.as_any();
        let text = any.downcast_ref().map(|array| (Self::Text(array), "text"));
        text.or_else(|| any.downcast_ref().map(|array| (Self::Integer(array), "integer")))
            .or_else(|| any.downcast_ref().map(|array| (Self::Time(array), "time")))
            .or_else(|| any.downcast_ref().map(|array| (Self::Small(array), "small")))
            .or_else(|| any.downcast_ref().map(|array| (Self::Number(array), "number")))
            .or_else(|| any.downcast_ref().map(|array| (Self::Flag(array), "flag")))
            .or_else(|| any.downcast_ref().map(|array| (Self::Bytes(array), "bytes")))
            .or_else(|| {
                let lists: &ListArray = any.downcast_ref()?;
                Some((Self::Hashes(lists, lists.values().as_any().downcast_ref()?), "hashes"))
            })
    }

    fn value(&self, row: usize) -> Value<'_> {
        let array: &dyn Array = match self {
            Self::Text(array) => array,
            Self::Integer(array) => array,
            Self::Time(array) => array,
            Self::Small(array) => array,
            Self::Number(array) => array,
            Self::Flag(array) => array,
            Self::Bytes(array) => array,
            Self::Hashes(array, _) => array,
        };
        if array.is_null(row) {
            return Value::Null;
        }
        match self {
            Self::Text(array) => Value::Text(array.value(row)),
            Self::Integer(array) => Value::Integer(array.value(row)),
            Self::Time(array) => Value::Integer(array.value(row)),
            Self::Small(array) => Value::Small(array.value(row)),
            Self::Number(array) => Value::Number(array.value(row)),
            Self::Flag(array) => Value::Flag(array.value(row)),
            Self::Bytes(array) => Value::Bytes(array.value(row)),
            Self::Hashes(lists, all) => Value::Hashes(hashes_of(lists, all, row)),
        }
    }
}

/// The columns of a batch, by the parts of a row.
struct Columns<'b> {
    groups: [Vec<Column<'b>>; 3],
    /// `name:kind` of all columns, in their order.
    names: String,
    accounts: &'b StringArray,
    times: &'b TimestampMicrosecondArray,
    ids: &'b StringArray,
    id_hashes: &'b Int64Array,
    row_hashes: &'b Int64Array,
    tokens: [&'b Int64Array; 2],
}

impl<'b> Columns<'b> {
    fn of(batch: &'b RecordBatch) -> Result<Self, String> {
        fn named<'b, T: 'static>(batch: &'b RecordBatch, name: &str) -> Result<&'b T, String> {
            let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref());
            column.ok_or_else(|| format!("its column {name} is not of the columnar form (docs/columns.md)"))
        }
        let mut groups = [Vec::new(), Vec::new(), Vec::new()];
        let mut names = Vec::new();
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let column = Column::open(array);
            let (column, kind) =
                column.ok_or_else(|| format!("its column {} is of a kind that no row has", field.name()))?;
            if let Some(group) = groups.get_mut(Group::of(field.name()) as usize) {
                group.push(column);
            }
            names.push(format!("{}:{kind}", field.name()));
        }
        Ok(Self {
            groups,
            names: names.join(" "),
            accounts: named(batch, "account")?,
            times: named(batch, "at")?,
            ids: named(batch, "id")?,
            id_hashes: named(batch, "id_hash")?,
            row_hashes: named(batch, "row_hash")?,
            tokens: [named(batch, "input_tokens")?, named(batch, "output_tokens")?],
        })
    }

    fn row(&self, row: usize) -> RowId {
        RowId { id: self.id_hashes.value(row), row: self.row_hashes.value(row) }
    }

    fn part(&self, group: Group, row: usize, bytes: &mut Vec<u8>) {
        bytes.clear();
        let columns = self.groups.get(group as usize).into_iter().flatten();
        columns.for_each(|column| column.value(row).write(bytes));
    }
}

/// Where a row is: its batch, and its place in it.
type Place = (usize, usize);

/// One account's rows in a file.
pub(crate) struct SealedAccount {
    /// What is committed to.
    pub node: AccountNode,
    /// What salts the commitment.
    pub salt: [u8; SALT_BYTES],
    /// What salts the rows.
    key: [u8; SALT_BYTES],
    /// Where the rows are, in the order of the tree.
    rows: Vec<Place>,
    /// The tree of the rows.
    pub tree: MemoryTree,
}

/// The commitments to all rows of a file.
pub(crate) struct SealedRows<'b> {
    batches: Vec<Columns<'b>>,
    /// The accounts, in the order of the tree.
    pub accounts: Vec<SealedAccount>,
    /// The tree of the accounts.
    pub tree: MemoryTree,
}

impl<'b> SealedRows<'b> {
    /// Commits to the rows of a file, which come in batches of the same columns.
    ///
    /// # Errors
    /// Which column is not of the columnar form.
    pub fn of(batches: &'b [RecordBatch], salts: &Salts) -> Result<Self, String> {
        let batches = batches.iter().map(Columns::of).collect::<Result<Vec<_>, _>>()?;
        let mut by_account: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        for (columns, batch) in batches.iter().zip(0..) {
            for row in 0..columns.accounts.len() {
                by_account.entry(columns.accounts.value(row)).or_default().push((batch, row));
            }
        }
        let mut accounts = Vec::with_capacity(by_account.len());
        for (account, rows) in by_account {
            accounts.push(seal_account(&batches, account, rows, salts));
        }
        let tree = MemoryTree::of(accounts.iter().map(|account| account.node.leaf(&account.salt)));
        Ok(Self { batches, accounts, tree })
    }

    /// What is written of the file into the ledger.
    pub fn batch(&self, file: &str) -> Batch {
        Batch {
            file: file.to_owned(),
            rows: self.accounts.iter().map(|account| account.node.rows).sum(),
            accounts: self.accounts.len() as u64,
            columns: self.batches.first().map(|columns| columns.names.clone()).unwrap_or_default(),
            root: self.tree.root(),
        }
    }

    /// The exchanges' ids of an account's rows, in the order of the tree.
    pub fn ids<'s>(&'s self, account: &'s SealedAccount) -> impl Iterator<Item = &'s str> {
        account.rows.iter().map(|(batch, row)| self.batches.get(*batch).map_or("", |columns| columns.ids.value(*row)))
    }

    /// A part of a row of an account: its values, and what salts them.
    pub fn part(&self, account: &SealedAccount, place: usize, group: Group) -> (Vec<u8>, [u8; SALT_BYTES]) {
        let mut bytes = Vec::new();
        let found = account.rows.get(place).and_then(|(batch, row)| Some((self.batches.get(*batch)?, *row)));
        let Some((columns, row)) = found else { return (bytes, [0; SALT_BYTES]) };
        columns.part(group, row, &mut bytes);
        let name = columns.row(row);
        (bytes, RowKey::new(&account.key, name.id, name.row).salt(group))
    }
}

fn seal_account(batches: &[Columns<'_>], account: &str, mut rows: Vec<Place>, salts: &Salts) -> SealedAccount {
    let key = account_key(salts, account);
    rows.sort_unstable_by_key(|(batch, row)| {
        batches.get(*batch).map(|columns| (columns.times.value(*row), columns.row(*row)))
    });
    let mut tree = MemoryTree::default();
    let mut node = AccountNode {
        account: account.to_owned(),
        rows: rows.len() as u64,
        input_tokens: 0,
        output_tokens: 0,
        first_us: i64::MAX,
        last_us: i64::MIN,
        root: Hash::default(),
    };
    let mut bytes = Vec::new();
    for (batch, row) in &rows {
        let Some(columns) = batches.get(*batch) else { continue };
        let name = columns.row(*row);
        let salt = RowKey::new(&key, name.id, name.row);
        let parts = Group::ALL.map(|group| {
            columns.part(group, *row, &mut bytes);
            salt.commit(group, &bytes)
        });
        tree.push(row_leaf(&parts));
        let at = columns.times.value(*row);
        (node.first_us, node.last_us) = (node.first_us.min(at), node.last_us.max(at));
        let [read, written] = columns.tokens.map(|tokens| if tokens.is_null(*row) { 0 } else { tokens.value(*row) });
        node.input_tokens = node.input_tokens.saturating_add(u64::try_from(read).unwrap_or(0));
        node.output_tokens = node.output_tokens.saturating_add(u64::try_from(written).unwrap_or(0));
    }
    node.root = tree.root();
    SealedAccount { salt: node.salt(&key), node, key, rows, tree }
}

/// Reads all rows of a file.
///
/// # Errors
/// [`Error::Table`].
pub(crate) fn read_rows(path: &Path) -> Result<Vec<RecordBatch>, Error> {
    let table = Table::open(path)?;
    let names = table.columns();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    table.read(0..table.row_groups(), &names, BATCH_ROWS)?.collect()
}

/// Commits to rows while they are in memory on their way to a file, and remembers what is to be written of it.
#[derive(Debug)]
pub(crate) struct Sealer {
    salts: Salts,
    known: Mutex<BTreeMap<PathBuf, Batch>>,
}

impl Sealer {
    pub const fn new(salts: Salts) -> Self {
        Self { salts, known: Mutex::new(BTreeMap::new()) }
    }

    /// Commits to the rows of a file, which is named by its place below the table.
    pub fn seal(&self, place: &Path, rows: &RecordBatch) -> Result<(), Error> {
        let batches = std::slice::from_ref(rows);
        let batch = SealedRows::of(batches, &self.salts).map_err(Error::Bug)?.batch("");
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(place.to_owned(), batch);
        Ok(())
    }

    /// What is to be written of a file, if it came by here.
    pub fn batch_of(&self, place: &Path, name: &str) -> Option<Batch> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(place).map(|batch| Batch { file: name.to_owned(), ..batch.clone() })
    }
}
