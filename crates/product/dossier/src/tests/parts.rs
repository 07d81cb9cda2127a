//! An archive in its parts. Each can be changed, and all put together again with every hash and signature right: what a liar
//! could do who holds the key of the ledger.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use journal::AccountProof;
use journal::Kind;
use journal::LeafProof;
use journal::Part;
use journal::RowProof;
use journal::document_record;
use ledger::Checkpoint;
use ledger::ENTRY_BYTES;
use ledger::Entry;
use ledger::MemoryTree;
use ledger::SigningKey;
use ledger::leaf_hash;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::archive::read;
use crate::archive::write;
use crate::export::Manifest;
use crate::export::VERSION;
use crate::export::derived;
use crate::export::hex;
use crate::export::seal_text;
use crate::export::to_json;
use crate::export::to_lines;
use crate::options::Audience;
use crate::verifier::PAGE;
use crate::verifier::verifier_page;
use crate::verify::Verified;
use crate::verify::facts;
use crate::verify::lines;
use crate::verify::open;

pub const OPENINGS: &str = "records/openings.jsonl.gz";
pub const ACCOUNTS: &str = "records/accounts.jsonl.gz";
pub const ROWS: &str = "records/rows.jsonl.gz";

/// The folder of the crate.
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The archive of version 1.
pub fn version_1() -> Vec<u8> {
    let packed = std::fs::read(home().join("fixtures/v1/case.zip.gz")).unwrap();
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

#[derive(Clone)]
pub struct Parts {
    pub manifest: Manifest,
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Parts {
    /// That of the fixture, in the form of today.
    pub fn court() -> Self {
        let mut files: BTreeMap<_, _> = read(&version_1()).unwrap().into_iter().collect();
        let manifest: Manifest = serde_json::from_slice(&files.remove("manifest.json").unwrap()).unwrap();
        files.remove("seal");
        files.insert(PAGE.to_owned(), verifier_page().into_bytes());
        let manifest = Manifest { dossier: VERSION, program: env!("CARGO_PKG_VERSION").to_owned(), ..manifest };
        let mut parts = Self { manifest, files };
        parts.derive();
        parts
    }

    /// As a regulator sees it: without identifiers and texts.
    pub fn regulator() -> Self {
        let mut parts = Self::court();
        parts.manifest.audience = Audience::Regulator;
        let mut rows: Vec<RowProof> = parts.records(ROWS);
        for part in rows.iter_mut().flat_map(|row| row.parts.iter_mut().skip(1)) {
            *part = Part::Hidden(part.commitment());
        }
        parts.set_records(ROWS, &rows);
        parts
    }

    /// As everybody sees it: without accounts.
    pub fn public() -> Self {
        let mut parts = Self::court();
        parts.manifest.audience = Audience::Public;
        let verdict = parts.manifest.verdict_entry;
        let mut openings: Vec<LeafProof> = parts.records(OPENINGS);
        openings.retain(|one| one.index == verdict || Kind::of(one.kind) == Some(Kind::ExchangesGone));
        parts.set_records(OPENINGS, &openings);
        parts.set_records::<AccountProof>(ACCOUNTS, &[]);
        parts.set_records::<RowProof>(ROWS, &[]);
        parts.files.retain(|name, _| !name.starts_with("figures/"));
        parts.derive();
        parts
    }

    pub fn key() -> SigningKey {
        SigningKey::read(&home().join("fixtures/v1/key")).unwrap()
    }

    pub fn records<T: DeserializeOwned>(&self, name: &str) -> Vec<T> {
        lines(&self.files, name).unwrap()
    }

    pub fn set_records<T: Serialize>(&mut self, name: &str, records: &[T]) {
        self.files.insert(name.to_owned(), to_lines(records).unwrap());
    }

    /// The archive, signed by a key.
    pub fn sealed_by(&self, key: &SigningKey) -> Vec<u8> {
        let mut manifest = self.manifest.clone();
        manifest.files = self.files.iter().map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes)))).collect();
        let text = to_json(&manifest).unwrap();
        let seal = key.sign_text(&seal_text(manifest.dossier, &text)).unwrap().to_bytes();
        let head = [("manifest.json".to_owned(), text), ("seal".to_owned(), seal)];
        write(&head.into_iter().chain(self.files.clone()).collect::<Vec<_>>()).unwrap()
    }

    /// The archive, signed by the key of its ledger.
    pub fn sealed(&self) -> Vec<u8> {
        self.sealed_by(&Self::key())
    }

    /// Makes claims, report and figures of the records. What cannot be read leaves them as they are.
    pub fn derive(&mut self) {
        let openings: Vec<LeafProof> = self.records(OPENINGS);
        let mut told = Verified::default();
        let head = Checkpoint { origin: String::new(), size: u64::MAX, root: [0; 32] };
        let Ok(by_entry) = open(&self.files, &openings, &head, &mut told) else { return };
        if let Ok((facts, _)) = facts(&self.files, &self.manifest, &openings, &by_entry, &mut told) {
            self.files.extend(derived(&facts).unwrap());
        }
    }

    /// Writes the verdict (`true`) or the accounts of the case anew, in the ledger too.
    pub fn record_again(&mut self, is_verdict: bool, change: impl FnOnce(&mut Value)) {
        let mut openings: Vec<LeafProof> = self.records(OPENINGS);
        let verdict: Value = serde_json::from_slice(&self.files["verdict.json"]).unwrap();
        let entry = if is_verdict { self.manifest.verdict_entry } else { verdict["accounts_entry"].as_u64().unwrap() };
        let opening = openings.iter_mut().find(|one| one.index == entry).unwrap();
        let mut document: Value = serde_json::from_slice(&opening.record[1..]).unwrap();
        change(&mut document);
        let document = serde_json::to_vec(&document).unwrap();
        opening.record = document_record(&document);
        let own = Entry::of(opening.kind, &opening.salt, &opening.record).to_bytes();
        let at = usize::try_from(entry).unwrap() * ENTRY_BYTES;
        self.files.get_mut("entries").unwrap()[at..at + ENTRY_BYTES].copy_from_slice(&own);
        self.set_records(OPENINGS, &openings);
        if is_verdict {
            self.files.insert("verdict.json".to_owned(), document);
        }
        self.sign_head();
        self.derive();
    }

    /// Signs the head of the entries as they are.
    pub fn sign_head(&mut self) {
        let (entries, _) = self.files["entries"].as_chunks::<ENTRY_BYTES>();
        let tree = MemoryTree::of(entries.iter().map(|entry| leaf_hash(entry)));
        let key = Self::key();
        let head = Checkpoint { origin: key.verifying().name().to_owned(), size: tree.len(), root: tree.root() };
        self.files.insert("checkpoint".to_owned(), head.signed(&key).to_bytes());
    }
}
