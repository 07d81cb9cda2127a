//! Checks an archive, with nothing but the archive.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use journal::AccountProof;
use journal::Kind;
use journal::LeafProof;
use journal::RowProof;
use journal::document_of;
use ledger::Checkpoint;
use ledger::ENTRY_BYTES;
use ledger::Entry;
use ledger::MemoryTree;
use ledger::Note;
use ledger::VerifyingKey;
use ledger::leaf_hash;
use report::grouped;
use serde::de::DeserializeOwned;
use sha2::Digest;
use sha2::Sha256;
use timestamp::Certificate;

use crate::archive::read;
use crate::claims::Basis;
use crate::claims::Claim;
use crate::claims::claims;
use crate::documents::Accounts;
use crate::documents::Verdict;
use crate::error::Error;
use crate::export::Manifest;
use crate::export::VERSION;
use crate::export::derived;
use crate::export::hex;
use crate::export::seal_text;
use crate::export::to_json;
use crate::facts::Facts;
use crate::facts::batches;
use crate::facts::count;
use crate::facts::holders;
use crate::stamps;
use crate::verifier::PAGE;
use crate::verifier::verifier_page;

/// Bytes of the largest file of records, when it is unpacked.
const MAX_UNPACKED: u64 = 4 << 30;

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether it holds.
    pub holds: bool,
    /// In words.
    pub text: String,
}

/// What became of the check.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// What was checked, in order. After the first that makes the rest meaningless there is no more.
    pub lines: Vec<Line>,
    /// The case; empty where it could not be read.
    pub case: String,
    /// The claims, as they were computed here.
    pub claims: Vec<Claim>,
}

impl Verified {
    /// Whether all holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.holds)
    }

    fn tell(&mut self, holds: bool, text: impl Into<String>) {
        self.lines.push(Line { holds, text: text.into() });
    }
}

/// The files of an archive, by their names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What whoever checks trusts beforehand, from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trust<'t> {
    /// The key of the ledger.
    pub key: Option<&'t VerifyingKey>,
    /// Certificates of authorities that stamp times.
    pub authorities: &'t [Certificate],
}

/// Checks an archive. `trusted` is the key of the ledger, from elsewhere.
#[must_use]
pub fn verify(bytes: &[u8], trusted: Option<&VerifyingKey>) -> Verified {
    verify_with(bytes, Trust { key: trusted, authorities: &[] })
}

/// Checks an archive against all that is trusted.
#[must_use]
pub fn verify_with(bytes: &[u8], trust: Trust<'_>) -> Verified {
    let mut told = Verified::default();
    if let Err(error) = check(bytes, trust, &mut told) {
        told.tell(false, error.to_string());
    }
    told
}

fn check(bytes: &[u8], trust: Trust<'_>, told: &mut Verified) -> Result<(), Error> {
    let listed = read(bytes)?;
    let names = listed.len();
    let files: Files = listed.into_iter().collect();
    let (manifest, key) = sealed(&files, names, trust.key, told)?;
    let head = ledger(&files, &key, told)?;
    stamps::check(&files, &key, manifest.verdict_entry, trust.authorities, &mut |text| told.tell(true, text))?;
    let openings: Vec<LeafProof> = lines(&files, "records/openings.jsonl.gz")?;
    let by_entry = open(&files, &openings, &head, told)?;
    let (facts, has_accounts) = facts(&files, &manifest, &openings, &by_entry, told)?;
    if has_accounts != manifest.audience.shows_accounts() {
        return Err(Error::at("manifest.json", "it says something else of the accounts than is there"));
    }
    told.claims = claims(&facts);
    compare_derived(&files, &manifest, &facts, told)?;
    for claim in told.claims.clone() {
        let basis = match claim.basis {
            Basis::Recomputed => "computed again",
            Basis::Stated => "stated, and not computed again",
            Basis::Refuted => "refuted",
        };
        let text = format!("{}: {} ({basis}: {})", claim.what, claim.value, claim.how);
        told.tell(claim.basis != Basis::Refuted, text);
    }
    Ok(())
}

fn file<'f>(files: &'f Files, name: &str) -> Result<&'f [u8], Error> {
    files.get(name).map(Vec::as_slice).ok_or_else(|| Error::at(name, "it is missing from the archive"))
}

/// Checks that the files are those of the manifest, and that the ledger's key signed it.
fn sealed(
    files: &Files,
    names: usize,
    trusted: Option<&VerifyingKey>,
    told: &mut Verified,
) -> Result<(Manifest, VerifyingKey), Error> {
    let bytes = file(files, "manifest.json")?;
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|error| Error::at("manifest.json", error))?;
    if manifest.dossier == 0 || manifest.dossier > VERSION {
        return Err(Error::at("manifest.json", "the archive is of a later version of stillwatch (use that version)"));
    }
    told.case.clone_from(&manifest.case);
    if names != files.len() || files.len() != manifest.files.len() + 2 || to_json(&manifest)? != bytes {
        return Err(Error::at("manifest.json", "it does not name the files that are there"));
    }
    for (name, hash) in &manifest.files {
        if hex(&Sha256::digest(file(files, name)?)) != *hash {
            return Err(Error::at(name, "its bytes are not those that the manifest names"));
        }
    }
    if manifest.dossier >= 2 {
        file(files, PAGE)?;
    }
    told.tell(true, format!("{} files are those that the manifest names", manifest.files.len()));
    let text = file(files, "key.pub")?;
    let key = VerifyingKey::parse(&String::from_utf8_lossy(text)).map_err(|error| Error::at("key.pub", error))?;
    let seal = file(files, "seal")?;
    let note = Note::parse(seal).map_err(|error| Error::at("seal", error))?;
    if note.to_bytes() != seal
        || note.text != seal_text(manifest.dossier, bytes)
        || note.is_signed_by(&key) != Some(true)
    {
        return Err(Error::at("seal", "the manifest is not signed by the key of the ledger"));
    }
    if !note.unknown_to(std::slice::from_ref(&key)).is_empty() {
        return Err(Error::at("seal", "it has a signature of which no key is known"));
    }
    match trusted {
        Some(trusted) if *trusted == key => {
            told.tell(true, format!("signed by the key that you trust, {}", key.name()))
        }
        Some(trusted) => {
            let text = format!("it is signed by {}, and not by the key that you trust, {}", key.name(), trusted.name());
            return Err(Error::at("key.pub", text));
        }
        None => told.tell(
            true,
            format!(
                "signed by {}, whose key is in the archive: compare it with one from elsewhere (--trust)",
                key.name()
            ),
        ),
    }
    Ok((manifest, key))
}

/// Checks that the entries are those that the ledger's head was signed over.
fn ledger(files: &Files, key: &VerifyingKey, told: &mut Verified) -> Result<Checkpoint, Error> {
    let note = Note::parse(file(files, "checkpoint")?).map_err(|error| Error::at("checkpoint", error))?;
    let head = Checkpoint::open(&note, key).map_err(|error| Error::at("checkpoint", error))?;
    let (entries, rest) = file(files, "entries")?.as_chunks::<ENTRY_BYTES>();
    let tree = MemoryTree::of(entries.iter().map(|entry| leaf_hash(entry)));
    if !rest.is_empty() || tree.len() != head.size || tree.root() != head.root {
        return Err(Error::at("entries", "they are not those that the checkpoint of the ledger signs"));
    }
    told.tell(true, format!("{} entries are those of the signed checkpoint", grouped(head.size)));
    Ok(head)
}

/// Checks every record against its entry; nothing that went may be left out.
pub fn open<'o>(
    files: &Files,
    openings: &'o [LeafProof],
    head: &Checkpoint,
    told: &mut Verified,
) -> Result<BTreeMap<u64, &'o LeafProof>, Error> {
    const PLACE: &str = "records/openings.jsonl.gz";
    let (entries, _) = file(files, "entries")?.as_chunks::<ENTRY_BYTES>();
    let mut by_entry = BTreeMap::new();
    for opening in openings {
        let entry = usize::try_from(opening.index).ok().and_then(|index| entries.get(index));
        let own = Entry::of(opening.kind, &opening.salt, &opening.record).to_bytes();
        if entry != Some(&own) || opening.index >= head.size || !opening.path.is_empty() {
            return Err(Error::at(
                PLACE,
                format!("the record of entry {} is not the one in the ledger", opening.index),
            ));
        }
        if by_entry.insert(opening.index, opening).is_some() {
            return Err(Error::at(PLACE, format!("entry {} is there twice", opening.index)));
        }
    }
    told.tell(true, format!("{} records are those that the ledger holds", grouped(openings.len() as u64)));
    Ok(by_entry)
}

/// Reads the verdict and the accounts, and checks every proof.
pub fn facts(
    files: &Files,
    manifest: &Manifest,
    openings: &[LeafProof],
    by_entry: &BTreeMap<u64, &LeafProof>,
    told: &mut Verified,
) -> Result<(Facts, bool), Error> {
    let document = |entry: u64| {
        let opening = by_entry.get(&entry).filter(|opening| opening.kind == Kind::Verdict.number());
        let opening = opening.ok_or_else(|| Error::at("verdict.json", format!("entry {entry} is not shown")))?;
        document_of(&opening.record).map_err(|error| Error::at("verdict.json", error))
    };
    let bytes = document(manifest.verdict_entry)?;
    let verdict: Verdict = serde_json::from_slice(bytes).map_err(|error| Error::at("verdict.json", error))?;
    if file(files, "verdict.json")? != bytes || verdict.case != manifest.case {
        return Err(Error::at("verdict.json", "it is not the verdict on the case that the ledger holds"));
    }
    told.tell(true, format!("the verdict on {} is entry {} of the ledger", verdict.case, manifest.verdict_entry));
    // Whatever went from the table before the verdict must be shown, so that nothing is counted that went.
    let (entries, _) = file(files, "entries")?.as_chunks::<ENTRY_BYTES>();
    for (entry, index) in entries.iter().zip(0..verdict.table_entries) {
        let kind = Entry::from_bytes(entry).map_err(|error| Error::at("entries", error))?.kind;
        if kind == Kind::ExchangesGone.number() && !by_entry.contains_key(&index) {
            return Err(Error::at(
                "records/openings.jsonl.gz",
                format!("entry {index}, of a batch that went, is not shown"),
            ));
        }
    }
    let of_table = batches(openings, verdict.table_entries)?;
    let proofs: Vec<AccountProof> = lines(files, "records/accounts.jsonl.gz")?;
    let rows: Vec<RowProof> = lines(files, "records/rows.jsonl.gz")?;
    let has_accounts = by_entry.contains_key(&verdict.accounts_entry);
    let mut facts = Facts { accounts: None, counted: None, holders: BTreeMap::new(), verdict };
    if has_accounts {
        let accounts: Accounts = serde_json::from_slice(document(facts.verdict.accounts_entry)?)
            .map_err(|error| Error::at("the accounts of the case", error))?;
        if accounts.case != facts.verdict.case {
            return Err(Error::at("the accounts of the case", "they are those of another case"));
        }
        if !accounts.accounts.is_sorted_by(|one, next| one < next) {
            return Err(Error::at("the accounts of the case", "they are not sorted"));
        }
        facts.counted = Some(count(&proofs, &of_table, &accounts)?);
        told.tell(true, format!("{} counts of accounts are those that the ledger holds", grouped(proofs.len() as u64)));
        facts.holders = holders(&rows, &proofs, &of_table, &accounts)?;
        told.tell(true, format!("{} exchanges are those that the ledger holds", grouped(rows.len() as u64)));
        facts.accounts = Some(accounts);
    } else if !proofs.is_empty() || !rows.is_empty() {
        return Err(Error::at("records/accounts.jsonl.gz", "accounts are shown, and the case's list of them is not"));
    }
    Ok((facts, has_accounts))
}

/// Makes claims, report, pictures and the page that checks again, and compares them with those in the archive.
fn compare_derived(files: &Files, manifest: &Manifest, facts: &Facts, told: &mut Verified) -> Result<(), Error> {
    let is_of_this_version = manifest.program == env!("CARGO_PKG_VERSION");
    match files.get(PAGE) {
        None => {}
        Some(page) if *page == verifier_page().into_bytes() => {
            told.tell(true, format!("{PAGE} is the page that this program writes"));
        }
        Some(_) if is_of_this_version => return Err(Error::at(PAGE, "it is not the page that this program writes")),
        Some(_) => told.tell(true, format!("{PAGE} is signed with the rest, and of version {}", manifest.program)),
    }
    let again = derived(facts)?;
    let is_same = again.iter().all(|(name, bytes)| files.get(name) == Some(bytes));
    if is_same {
        told.tell(true, "claims, report and figures are those that the records give");
    } else if is_of_this_version {
        return Err(Error::at("claims.json and report.html", "they are not those that the records give"));
    } else {
        file(files, "report.html")?;
        let stated: Vec<Claim> =
            serde_json::from_slice(file(files, "claims.json")?).map_err(|error| Error::at("claims.json", error))?;
        if stated != told.claims {
            return Err(Error::at("claims.json", "they are not those that the records give"));
        }
        let text = format!(
            "claims are those that the records give; version {} wrote the words of the report",
            manifest.program
        );
        told.tell(true, text);
    }
    Ok(())
}

/// The values of a file of compressed lines.
pub fn lines<T: DeserializeOwned>(files: &Files, name: &str) -> Result<Vec<T>, Error> {
    let mut text = Vec::new();
    let unpacked = GzDecoder::new(file(files, name)?).take(MAX_UNPACKED).read_to_end(&mut text);
    unpacked.map_err(|error| Error::at(name, error))?;
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).map_err(|error| Error::at(name, error))).collect()
}
