//! Proofs from the rows of the table, and the check of the table against its ledger.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use journal::AccountProof;
use journal::Batch;
use journal::Group;
use journal::Part;
use journal::RowProof;
use ledger::Reader;
use ledger::Salts;
use ledger::inclusion_proof;
use workers::Phase;
use workers::Progress;
use workers::available;
use workers::check;
use workers::try_parallel_map;

use crate::error::Error;
use crate::follow::batch_of_file;
use crate::follow::ledger_of;
use crate::follow::live_batches;
use crate::layout::exchanges_below;
use crate::manifest::Manifest;
use crate::manifest::place;
use crate::seal::SealedAccount;
use crate::seal::SealedRows;
use crate::seal::read_rows;
use crate::store::table_files;
use crate::table::Table;

/// Rows of a batch of ids.
const ID_ROWS: usize = 64 * 1024;

/// What is to be proven of a file: the accounts, and of each the ids of exchanges that are to be shown.
pub type Wanted = BTreeMap<String, BTreeSet<String>>;

/// What was proven of a file.
#[derive(Debug, Clone, Default)]
pub struct FileProofs {
    /// The accounts that were wanted and are in it.
    pub accounts: Vec<AccountProof>,
    /// The exchanges.
    pub rows: Vec<RowProof>,
}

/// Shows what is wanted of one file of the table.
///
/// # Errors
/// [`Error::Table`] where the file cannot be read, or its rows are not those that the ledger holds.
pub fn prove_file(
    root: &Path,
    (entry, batch): &(u64, Batch),
    salts: &Salts,
    wanted: &Wanted,
    shown: &BTreeSet<Group>,
) -> Result<FileProofs, Error> {
    let path = place(root, &batch.file);
    let rows = read_rows(&path)?;
    let sealed = SealedRows::of(&rows, salts).map_err(Error::table(&path))?;
    if sealed.batch(&batch.file) != *batch {
        return Err(Error::table(&path)(format!(
            "its rows are not those that entry {entry} of the ledger holds (stillwatch ledger verify says what else)"
        )));
    }
    let mut proofs = FileProofs::default();
    for (account, at) in sealed.accounts.iter().zip(0_u64..) {
        let Some(ids) = wanted.get(&account.node.account) else { continue };
        let node = &account.node;
        proofs.accounts.push(AccountProof {
            entry: *entry,
            account: node.account.clone(),
            rows: node.rows,
            input_tokens: node.input_tokens,
            output_tokens: node.output_tokens,
            first_us: node.first_us,
            last_us: node.last_us,
            root: node.root,
            salt: account.salt,
            place: at,
            path: inclusion_proof(&sealed.tree, at, sealed.tree.len())?,
        });
        for (_, row) in sealed.ids(account).zip(0_usize..).filter(|(id, _)| ids.contains(*id)) {
            proofs.rows.push(prove_row(&sealed, account, *entry, row, shown)?);
        }
    }
    Ok(proofs)
}

fn prove_row(
    sealed: &SealedRows<'_>,
    account: &SealedAccount,
    entry: u64,
    row: usize,
    shown: &BTreeSet<Group>,
) -> Result<RowProof, Error> {
    let parts = Group::ALL.map(|group| {
        let (values, salt) = sealed.part(account, row, group);
        let part = Part::Shown { salt, values };
        if shown.contains(&group) { part } else { Part::Hidden(part.commitment()) }
    });
    let path = inclusion_proof(&account.tree, row as u64, account.tree.len())?;
    Ok(RowProof { entry, account: account.node.account.clone(), parts, place: row as u64, path })
}

/// The accounts that have an exchange of an id.
///
/// # Errors
/// [`Error::Table`] where a file cannot be read.
pub fn accounts_of_exchange(root: &Path, id: &str) -> Result<BTreeSet<String>, Error> {
    let table = exchanges_below(root);
    let mut accounts = BTreeSet::new();
    for file in table_files(root, &table)? {
        let table = Table::open(&file)?;
        for batch in table.read(0..table.row_groups(), &["id", "account"], ID_ROWS)? {
            let batch = batch?;
            let column = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
            let (Some(ids), Some(names)) = (column("id"), column("account")) else {
                return Err(table.failed("its columns id and account are not of the columnar form"));
            };
            let own = ids.iter().zip(names).filter(|(one, _)| *one == Some(id)).filter_map(|(_, name)| name);
            accounts.extend(own.map(str::to_owned));
        }
    }
    Ok(accounts)
}

/// What is wrong between the table and its ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFault {
    /// The file.
    pub path: PathBuf,
    /// In words.
    pub what: String,
}

impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

/// What was compared.
#[derive(Debug, Clone, Default)]
pub struct TableChecked {
    /// Files whose rows are those that the ledger holds.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Files that wait for the next run to be added to the ledger.
    pub waiting: u64,
    /// What is wrong.
    pub faults: Vec<TableFault>,
}

/// Reads every file of exchanges, and compares its rows with what the ledger holds.
///
/// # Errors
/// [`Error`] where the ledger or the manifest cannot be read.
pub fn check_table(root: &Path, log: &Reader, progress: &dyn Progress) -> Result<TableChecked, Error> {
    let _reading = crate::transaction::reading(root);
    let live = live_batches(log)?;
    let manifest = Manifest::read(root)?.unwrap_or_default();
    let table = exchanges_below(root);
    let named: BTreeSet<&String> = manifest.files.keys().filter(|name| place(root, name).starts_with(&table)).collect();
    let waiting = named.iter().filter(|name| !live.contains_key(name.as_str())).count() as u64;
    let mut checked = TableChecked { waiting, ..TableChecked::default() };
    let salts = log.salts()?;
    let files: Vec<&(u64, Batch)> = live.values().collect();
    progress.begin(Phase::Check, Some(files.len() as u64));
    for (some, done) in files.chunks(64).zip((0..).step_by(64)) {
        check(progress)?;
        progress.advance(done, done);
        let compare = |(entry, batch): &&(u64, Batch)| {
            let path = place(root, &batch.file);
            let found = batch_of_file(&path, &batch.file, &salts);
            let what = match found {
                Ok(found) if found == *batch => return Ok::<_, Error>((batch.rows, None)),
                Ok(_) => format!("its rows are not those of entry {entry} of the ledger"),
                Err(_) if !named.contains(&batch.file) => {
                    format!("it was taken out of the table, which entry {entry} of the ledger does not know yet")
                }
                Err(error) => error.to_string(),
            };
            Ok((0, Some(TableFault { path, what })))
        };
        for (rows, fault) in try_parallel_map(some, available(None), compare)? {
            checked.files += u64::from(fault.is_none());
            checked.rows += rows;
            checked.faults.extend(fault);
        }
    }
    Ok(checked)
}

/// The ledger of a data directory, for reading.
///
/// # Errors
/// [`Error::Ledger`] where there is none, or its head is damaged.
pub fn open_ledger(root: &Path) -> Result<Reader, Error> {
    Ok(Reader::open(&ledger_of(root))?)
}
