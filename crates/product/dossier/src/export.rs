//! Makes an archive of a case.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use columns::ledger_of;
use columns::open_ledger;
use flate2::Compression;
use flate2::GzBuilder;
use ledger::SigningKey;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use workers::Progress;

use crate::archive::File;
use crate::archive::write;
use crate::cases::Case;
use crate::cases::accounts_of;
use crate::cases::cases;
use crate::claims::claims;
use crate::error::Error;
use crate::facts::Facts;
use crate::facts::batches;
use crate::facts::count;
use crate::facts::holders;
use crate::figures::figures;
use crate::gather::gather;
use crate::method::METHOD;
use crate::method::README;
use crate::options::Audience;
use crate::options::Options;
use crate::options::Texts;
use crate::page::page;
use crate::stamps;
use crate::verifier::PAGE;
use crate::verifier::verifier_page;

/// Version of the form of an archive. The first had no page that checks it, and no time-stamps.
pub const VERSION: u32 = 2;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the form.
    pub dossier: u32,
    /// Version of the program that made it.
    pub program: String,
    /// The case.
    pub case: String,
    /// The entry of its verdict.
    pub verdict_entry: u64,
    /// To whom it is shown.
    pub audience: Audience,
    /// Which texts are shown.
    pub text: Texts,
    /// SHA-256 of every other file but `seal`.
    pub files: BTreeMap<String, String>,
}

/// What is signed of a manifest.
pub fn seal_text(version: u32, manifest: &[u8]) -> String {
    format!("stillwatch dossier {version}\nsha256 {}\n", hex(&Sha256::digest(manifest)))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| Error::Usage(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A value a line, compressed. The same values give the same bytes.
pub fn to_lines<T: Serialize>(values: &[T]) -> Result<Vec<u8>, Error> {
    let failed = |error: std::io::Error| Error::Usage(error.to_string());
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::default());
    for value in values {
        let mut line = serde_json::to_vec(value).map_err(|error| Error::Usage(error.to_string()))?;
        line.push(b'\n');
        packed.write_all(&line).map_err(failed)?;
    }
    packed.finish().map_err(failed)
}

/// The archive of a case, and the facts that it states. The same directory gives the same bytes.
///
/// # Errors
/// [`Error::Usage`] where there is no such case; [`Error::Columns`] where the table is not as the ledger has it.
pub fn export(data_dir: &Path, id: &str, options: &Options, progress: &dyn Progress) -> Result<Vec<u8>, Error> {
    let all = cases(data_dir)?;
    let Some(case) = all.get(id) else {
        let known: Vec<&str> = all.keys().take(10).map(String::as_str).collect();
        let text = format!("{} has no case {id} (it has {})", data_dir.display(), known.join(", "));
        return Err(Error::Usage(text));
    };
    let log = open_ledger(data_dir)?;
    let accounts = match options.audience.shows_accounts() {
        true => Some(accounts_of(&log, case)?),
        false => None,
    };
    let records = gather(data_dir, &log, case, accounts.as_ref(), options, progress)?;
    let of_table = batches(&records.openings, case.verdict.table_entries)?;
    let mut facts = Facts { verdict: case.verdict.clone(), accounts: None, counted: None, holders: BTreeMap::new() };
    if let Some(accounts) = accounts {
        facts.counted = Some(count(&records.accounts, &of_table, &accounts)?);
        facts.holders = holders(&records.rows, &records.accounts, &of_table, &accounts)?;
        facts.accounts = Some(accounts);
    }
    let mut entries = Vec::new();
    for index in 0..log.checkpoint().size {
        entries.extend(log.entry(index)?);
    }
    let mut files = derived(&facts)?;
    files.extend([
        ("verdict.json".to_owned(), case.document.clone()),
        ("records/openings.jsonl.gz".to_owned(), to_lines(&records.openings)?),
        ("records/accounts.jsonl.gz".to_owned(), to_lines(&records.accounts)?),
        ("records/rows.jsonl.gz".to_owned(), to_lines(&records.rows)?),
        ("entries".to_owned(), entries),
        ("checkpoint".to_owned(), log.note().to_bytes()),
        ("key.pub".to_owned(), format!("{}\n", log.key()).into_bytes()),
        ("README.txt".to_owned(), README.as_bytes().to_vec()),
        ("method.txt".to_owned(), METHOD.as_bytes().to_vec()),
        (PAGE.to_owned(), verifier_page().into_bytes()),
    ]);
    let stamped = log.stamped_heads(&ledger_of(data_dir))?;
    files.extend(stamps::files(stamped, log.checkpoint().size, case.entry));
    seal(data_dir, case, options, files)
}

/// Adds the manifest and the signature under it, and writes the archive.
fn seal(data_dir: &Path, case: &Case, options: &Options, mut files: Vec<File>) -> Result<Vec<u8>, Error> {
    files.sort();
    let manifest = Manifest {
        dossier: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        case: case.verdict.case.clone(),
        verdict_entry: case.entry,
        audience: options.audience,
        text: options.text,
        files: files.iter().map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes)))).collect(),
    };
    let manifest = to_json(&manifest)?;
    let key = SigningKey::read(&ledger_of(data_dir).join("key"))?;
    let seal = key.sign_text(&seal_text(VERSION, &manifest))?.to_bytes();
    files.insert(0, ("manifest.json".to_owned(), manifest));
    files.insert(1, ("seal".to_owned(), seal));
    write(&files)
}

/// The files that are computed from the facts and nothing else: whoever has these makes them again.
pub fn derived(facts: &Facts) -> Result<Vec<File>, Error> {
    let claims = claims(facts);
    let figures = figures(&facts.verdict, facts.counted.as_ref());
    let report = page(facts, &claims, &figures);
    let mut files =
        vec![("claims.json".to_owned(), to_json(&claims)?), ("report.html".to_owned(), report.into_bytes())];
    files.extend(figures.into_iter().map(|(name, svg)| (name.to_owned(), svg.into_bytes())));
    Ok(files)
}
