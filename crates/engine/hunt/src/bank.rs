//! The bank that a hunt judges against: the built-in one, files, and the groups of a trusted reference.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use assess::honest_groups;
use campaign::Bank;
use campaign::BankKind;
use cohort::Entity;
use cohort::Identity;
use cohort::Population;
use columns::Ingested;
use workers::Progress;
use workers::available;

use crate::error::Error;
use crate::fold::Folded;
use crate::options::Options;
use crate::output::replace_file;
use crate::side::Refused;
use crate::side::names_of;
use crate::side::read_account_files;
use crate::sources::fold_logs;

/// Makes a bank of the groups of honest logs: `options.inputs` with their account records. Every account in them is held
/// to be honest. With `undeclared`, what accounts say of their organisation is not believed, so that firms are groups.
///
/// # Errors
/// [`Error`]
pub fn build_bank(options: &Options, kind: BankKind, undeclared: bool, progress: &dyn Progress) -> Result<Bank, Error> {
    let options = &options.with_secret()?;
    let workers = available(options.workers);
    let folded = fold_logs(options, &options.inputs, None, workers, progress, &mut Ingested::default())?.accounts;
    if folded.is_empty() {
        return Err(Error::usage("there is no exchange in the honest logs that can be read (check the paths)"));
    }
    let mut identities = BTreeMap::new();
    read_account_files(
        &options.accounts,
        &names_of(&folded),
        &options.key(),
        &mut identities,
        &mut Refused::default(),
    )?;
    if undeclared {
        for identity in identities.values_mut() {
            (identity.organization, identity.declared) = (0, 0);
        }
    }
    bank_of(entities(folded, &identities), kind, workers, progress)
}

/// The longest file of a bank, in bytes: a hundred times that of the built-in one.
const LONGEST_BANK: u64 = 256 << 20;

/// Reads a bank's file.
///
/// # Errors
/// [`Error`]
pub fn read_bank(path: &Path) -> Result<Bank, Error> {
    let bytes = record::read_file(path, LONGEST_BANK).map_err(columns::Error::table(path))?;
    let told = |error| Error::usage(format!("{}: {error}", path.display()));
    Bank::from_lines(&bytes).map_err(told)
}

/// Writes a bank's file, whole or not at all.
///
/// # Errors
/// [`Error`]
pub fn write_bank(bank: &Bank, path: &Path) -> Result<(), Error> {
    let bytes = bank.to_lines().map_err(|error| Error::bug(error.to_string()))?;
    Ok(replace_file(path, &bytes)?)
}

/// The bank of a hunt, and the accounts that are trusted.
pub(crate) fn gather_bank(
    options: &Options,
    workers: usize,
    progress: &dyn Progress,
) -> Result<(Bank, BTreeSet<String>), Error> {
    let mut bank = Bank::built_in().map_err(|error| Error::bug(error.to_string()))?;
    for path in &options.bank {
        bank = bank.merged(read_bank(path)?);
    }
    let cleared = Bank::of_cleared(&options.cleared)
        .map_err(|error| Error::usage(format!("a group that was cleared in a case cannot be read: {error}")))?;
    bank = bank.merged(cleared);
    if options.reference.is_empty() {
        return Ok((bank, BTreeSet::new()));
    }
    // The reference is not windowed: what is trusted may be older than what is looked at.
    let unwindowed = Options { since_us: None, until_us: None, ..options.clone() };
    let folded =
        fold_logs(&unwindowed, &options.reference, None, workers, progress, &mut Ingested::default())?.accounts;
    if folded.is_empty() {
        return Err(Error::usage("--reference holds no exchange that can be read (check it, or leave it out)"));
    }
    let trusted = folded.iter().map(|(account, _)| account.clone()).collect();
    let mut identities = BTreeMap::new();
    read_account_files(
        &options.reference_accounts,
        &names_of(&folded),
        &options.key(),
        &mut identities,
        &mut Refused::default(),
    )?;
    let own = bank_of(entities(folded, &identities), BankKind::Own, workers, progress)?;
    Ok((bank.merged(own), trusted))
}

fn bank_of(entities: Vec<Entity>, kind: BankKind, workers: usize, progress: &dyn Progress) -> Result<Bank, Error> {
    let population = Population::new(entities);
    Ok(Bank::of(&honest_groups(&population, workers, progress)?, kind))
}

/// Accounts with what is known of them.
pub(crate) fn entities(folded: Vec<Folded>, identities: &BTreeMap<String, Identity>) -> Vec<Entity> {
    let entity = |(account, profile): Folded| {
        let identity = identities.get(&account).copied().unwrap_or_default();
        Entity { account, profile, identity }
    };
    folded.into_iter().map(entity).collect()
}
