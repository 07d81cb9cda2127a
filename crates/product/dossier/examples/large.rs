//! Makes and checks an archive of a campaign as large as those on record, and says how large it is and how long the check takes.
//!
//! `cargo run --release -p dossier --example large -- OUT.zip [SHARE]`; SHARE is 1 without, for 25,000 accounts and 28.8 million exchanges in 45
//! days. What an archive holds of it is made as `ingest`, `hunt` and `case export` would: batches of one file of the exchange
//! table each, with a tree of all accounts in it; an account's counts in each batch, each with its path; and four exchanges an
//! account that show an item of the evidence. What no proof reaches (the rows that are not shown, the leaves of other accounts) is
//! random bytes of the same length.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "an example for people who measure; it may stop at the first thing that is not as it should be"
)]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

use dossier::verifier_page;
use dossier::verify;
use dossier::write_archive;
use flate2::Compression;
use flate2::GzBuilder;
use journal::AccountNode;
use journal::AccountProof;
use journal::Batch;
use journal::Kind;
use journal::LeafProof;
use journal::Part;
use journal::RowProof;
use journal::Value;
use journal::document_record;
use journal::row_leaf;
use ledger::Checkpoint;
use ledger::Entry;
use ledger::Hash;
use ledger::MemoryTree;
use ledger::SignatureKind;
use ledger::SigningKey;
use ledger::inclusion_proof;
use ledger::leaf_hash;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

/// Accounts of the campaign, the days that each works, and its exchanges on one: 28.8 million in all.
const ACCOUNTS: usize = 25_000;
const DAYS: usize = 45;
const EXCHANGES: usize = 26;
/// Account shards of a day, and the files of each: 100 million exchanges in files of at most 65,536.
const SHARDS: usize = 16;
const FILES: usize = 3;
/// Accounts of others in one file.
const OTHERS: usize = 11_000;
/// Exchanges that are shown of each account.
const SHOWN: usize = 4;
const COLUMNS: &str = "id:text account:text ip_hash:int frames:hashes phrases:hashes root:int more:hashes";
const START_US: i64 = 1_776_816_000_000_000;
const DAY_US: i64 = 86_400_000_000;

/// Bytes that look random, the same for the same name.
fn noise(name: &str, at: usize) -> Hash {
    Sha256::new().chain_update(name).chain_update(at.to_le_bytes()).finalize().into()
}

fn lines<T: serde::Serialize>(values: impl Iterator<Item = T>) -> Vec<u8> {
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::default());
    for value in values {
        let mut line = serde_json::to_vec(&value).expect("it is JSON");
        line.push(b'\n');
        packed.write_all(&line).expect("memory takes it");
    }
    packed.finish().expect("memory takes it")
}

/// A row of an account that shows its items: its leaf and its parts.
fn row(account: &str, at: usize) -> (Hash, [Part; 3]) {
    let mut values = Vec::new();
    let hash = |name: &str, at: usize| i64::from_le_bytes(noise(name, at)[..8].try_into().expect("eight bytes"));
    let number: usize = account[4..].parse().expect("accounts have numbers");
    let more: Vec<i64> = (0..24).map(|place| hash(account, 100 * at + place)).collect();
    Value::Text(&format!("req_{number}_{at}")).write(&mut values);
    Value::Text(account).write(&mut values);
    Value::Integer(hash("ip", number / 40)).write(&mut values);
    Value::Hashes(&[hash("frame", 0), more[0]]).write(&mut values);
    Value::Hashes(&[hash("phrase", number % 3), more[1]]).write(&mut values);
    Value::Integer(hash("root", number / 2)).write(&mut values);
    Value::Hashes(&more).write(&mut values);
    let facts = Part::Shown { salt: noise("salt of a part", number * SHOWN + at), values };
    let parts = [facts, Part::Hidden(noise("identifiers", at)), Part::Hidden(noise("text", at))];
    (row_leaf(&[0, 1, 2].map(|part: usize| parts[part].commitment())), parts)
}

/// What is recorded and shown.
#[derive(Default)]
struct Made {
    records: Vec<(Kind, Vec<u8>)>,
    accounts: Vec<AccountProof>,
    rows: Vec<RowProof>,
}

impl Made {
    /// One file of the table: a tree of the accounts in it, of which those of the campaign are shown.
    fn file(&mut self, (day, shard, part): (usize, usize, usize), members: &[String]) {
        let entry = self.records.len() as u64;
        let (mut tree, mut leaves) = (MemoryTree::default(), Vec::new());
        let others = OTHERS / members.len().max(1);
        for (at, account) in members.iter().enumerate() {
            leaves.extend((0..others).map(|other| noise("other", (entry as usize * ACCOUNTS + at) * OTHERS + other)));
            let rows = (EXCHANGES * (part + 1) / FILES - EXCHANGES * part / FILES) as u64;
            // An account's first file has the exchanges that are shown.
            let is_first = day == 0 && part == 0;
            let shown: Vec<_> = (0..if is_first { SHOWN } else { 0 }).map(|at| row(account, at)).collect();
            let hidden = (shown.len()..rows as usize).map(|row| noise(account, row + 1000 * day));
            let own = MemoryTree::of(shown.iter().map(|(leaf, _)| *leaf).chain(hidden));
            let first_us = START_US + day as i64 * DAY_US + part as i64 * 1_000_000;
            let node = AccountNode {
                account: account.clone(),
                rows,
                input_tokens: 900 * rows,
                output_tokens: 2_100 * rows,
                first_us,
                last_us: first_us + 3_600_000_000,
                root: own.root(),
            };
            let (salt, place) = (noise("salt of an account", at + 100_000 * entry as usize), leaves.len() as u64);
            leaves.push(node.leaf(&salt));
            for (at, (_, parts)) in (0_u64..).zip(shown) {
                let path = inclusion_proof(&own, at, rows).expect("the row is there");
                self.rows.push(RowProof { entry, account: account.clone(), parts, place: at, path });
            }
            let AccountNode { account, rows, input_tokens, output_tokens, first_us, last_us, root } = node;
            let path = Vec::new();
            let proof = AccountProof {
                entry,
                account,
                rows,
                input_tokens,
                output_tokens,
                first_us,
                last_us,
                root,
                salt,
                place,
                path,
            };
            self.accounts.push(proof);
        }
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        let size = leaves.len() as u64;
        for proof in self.accounts.iter_mut().rev().take_while(|proof| proof.entry == entry) {
            proof.path = inclusion_proof(&tree, proof.place, size).expect("the account is there");
        }
        let file = format!("exchanges/day={day:02}/shard={shard:02}/{entry}.parquet");
        let batch = Batch { file, rows: 46_000, accounts: size, columns: COLUMNS.to_owned(), root: tree.root() };
        self.records.push((Kind::Exchanges, batch.to_bytes()));
    }
}

/// The accounts' document: who they are, and the items that tie each to the others.
fn accounts_document(members: &[String]) -> serde_json::Value {
    let hash = |name: &str, at: usize| {
        let bytes: [u8; 8] = noise(name, at)[..8].try_into().expect("eight bytes");
        format!("{:016x}", u64::from_le_bytes(bytes))
    };
    let verdict = |account: &String| {
        let number: usize = account[4..].parse().expect("accounts have numbers");
        let items = [
            ("ip", hash("ip", number / 40)),
            ("frame", hash("frame", 0)),
            ("phrase", hash("phrase", number % 3)),
            ("conversation", hash("root", number / 2)),
        ];
        let evidence = items.iter().zip(0..).map(|((kind, item), at)| {
            json!({"family": "content", "kind": kind, "item": item, "exchanges": [format!("req_{number}_{at}")]})
        });
        json!({"account": account, "verdict": "implicated", "evidence": evidence.collect::<Vec<_>>()})
    };
    let verdicts: Vec<_> = members.iter().map(verdict).collect();
    json!({"document": "accounts", "version": 1, "case": "C-large", "accounts": members, "verdicts": verdicts})
}

fn verdict_document(made: &Made, members: usize) -> serde_json::Value {
    let sum = |of: &dyn Fn(&AccountProof) -> u64| made.accounts.iter().map(of).sum::<u64>();
    let entries = made.records.len() as u64;
    let exchanges = sum(&|proof| proof.rows);
    // A bank as large as the one that is built in, in which the group stands first.
    let scores: Vec<f64> = (0..8_000).map(|at| 1.0 + f64::from(at) / 4_000.0).collect();
    let part = json!({
        "formed_by": "content", "formed_on": "even", "accounts": members, "tells": true, "score": 9.5, "families": {"content": 9.5},
        "lowered": null, "peers": 0, "rank": 0, "e_value": 0.0,
    });
    let mut other = part.clone();
    other["formed_on"] = json!("odd");
    let bets = 8_001.0 * (0.6 + 0.25 / 3.0 + 0.15 / 10.0);
    json!({
        "document": "verdict", "version": 1, "program": "0.0.0", "case": "C-large", "accounts_entry": entries,
        "table_entries": entries, "other_sources": 0, "since_us": null, "until_us": null,
        "run": {"accounts": 1_000_000, "exchanges": 100_000_000, "fdr": 0.05, "fdr_suspected": 0.2, "hypotheses": 10,
                "groups_tested": 100, "calibration": "an invented bank", "cannot_see": []},
        "campaign": {
            "status": "discovered", "accounts": members, "exchanges": exchanges, "input_tokens": 900 * exchanges,
            "output_tokens": 2_100 * exchanges, "first_seen": "2026-04-22T00:00:00Z", "last_seen": "2026-06-05T01:00:02Z",
            "confidence": 90, "corroboration": 1, "impact": 9, "e_value": bets, "fdr_at": 0.05, "bank": {"size": 8_000, "rank": 0},
            "families": [], "leak": {"exchanges": exchanges, "low": exchanges, "high": exchanges}, "strengths": [],
            "limitations": [], "would_change": [],
        },
        "judgement": {"parts": [part, other], "strongest": 0,
                      "peers": [{"groups": 8_000, "scores": scores, "families": {"content": scores}}]},
    })
}

/// Puts it together as `case export` does, and signs it.
fn archive(made: &Made, claims: &[u8]) -> Vec<u8> {
    let key = SigningKey::of("stillwatch/large", SignatureKind::Log, &[7; 32]).expect("it is a key");
    let salted = |at: usize, (kind, record): &(Kind, Vec<u8>)| LeafProof {
        index: at as u64,
        kind: kind.number(),
        salt: noise("salt of a record", at),
        record: record.clone(),
        path: Vec::new(),
    };
    let openings: Vec<LeafProof> = made.records.iter().enumerate().map(|(at, record)| salted(at, record)).collect();
    let entries: Vec<_> = openings.iter().map(|one| Entry::of(one.kind, &one.salt, &one.record).to_bytes()).collect();
    let tree = MemoryTree::of(entries.iter().map(|entry| leaf_hash(entry)));
    let head = Checkpoint { origin: "stillwatch/large".to_owned(), size: tree.len(), root: tree.root() };
    let verdict = openings.last().map(|one| one.record[1..].to_vec()).unwrap_or_default();
    let files: BTreeMap<&str, Vec<u8>> = BTreeMap::from([
        ("checkpoint", head.signed(&key).to_bytes()),
        ("claims.json", claims.to_vec()),
        ("entries", entries.concat()),
        ("key.pub", format!("{}\n", key.verifying()).into_bytes()),
        ("records/accounts.jsonl.gz", lines(made.accounts.iter())),
        ("records/openings.jsonl.gz", lines(openings.iter())),
        ("records/rows.jsonl.gz", lines(made.rows.iter())),
        ("report.html", b"<!doctype html>\n<title>Left out</title>\n".to_vec()),
        ("verdict.json", verdict),
        ("verify.html", verifier_page().into_bytes()),
    ]);
    let hex = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hashes: Vec<String> = files.iter().map(|(name, bytes)| format!("    \"{name}\": \"{}\"", hex(bytes))).collect();
    // In the one form in which a manifest is written.
    let manifest = format!(
        "{{\n  \"dossier\": 2,\n  \"program\": \"0.0.0\",\n  \"case\": \"C-large\",\n  \"verdict_entry\": {},\n  \"audience\": \"regulator\",\n  \
         \"text\": \"none\",\n  \"files\": {{\n{}\n  }}\n}}\n",
        tree.len() - 1,
        hashes.join(",\n")
    );
    let text = format!("stillwatch dossier 2\nsha256 {}\n", hex(manifest.as_bytes()));
    let seal = key.sign_text(&text).expect("it is no checkpoint").to_bytes();
    let head = [("manifest.json".to_owned(), manifest.into_bytes()), ("seal".to_owned(), seal)];
    let files = head.into_iter().chain(files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)));
    let files: Vec<_> = files.collect();
    files.iter().for_each(|(name, bytes)| println!("{:>14} bytes  {name}", bytes.len()));
    write_archive(&files).expect("it is not too large")
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().unwrap_or_else(|| "large.zip".to_owned());
    let share: f64 = arguments.next().and_then(|share| share.parse().ok()).unwrap_or(1.0);
    // Fewer accounts are in fewer shards, each as full as in the whole.
    let shards = ((SHARDS as f64 * share).round() as usize).max(1);
    let members: Vec<String> = (0..ACCOUNTS * shards / SHARDS).map(|number| format!("acct{number:05}")).collect();
    let mut made = Made::default();
    for day in 0..DAYS {
        for shard in 0..shards {
            let own: Vec<String> = members.iter().skip(shard).step_by(shards).cloned().collect();
            (0..FILES).for_each(|part| made.file((day, shard, part), &own));
        }
    }
    let verdict = verdict_document(&made, members.len());
    let accounts = accounts_document(&members);
    made.records.push((Kind::Verdict, document_record(accounts.to_string().as_bytes())));
    made.records.push((Kind::Verdict, document_record(verdict.to_string().as_bytes())));
    let days: BTreeSet<u64> = made.accounts.iter().map(|proof| proof.entry).collect();
    println!(
        "{} accounts, {} counts in {} batches, {} exchanges shown",
        members.len(),
        made.accounts.len(),
        days.len(),
        made.rows.len()
    );
    // The claims follow from the rest: the check says which.
    let claims = verify(&archive(&made, b"[]\n"), None).claims;
    let mut text = serde_json::to_vec_pretty(&claims).expect("it is JSON");
    text.push(b'\n');
    let bytes = archive(&made, &text);
    std::fs::write(&out, &bytes).expect("the archive is written");
    let start = Instant::now();
    let told = verify(&bytes, None);
    let seconds = start.elapsed().as_secs_f64();
    told.lines.iter().for_each(|line| println!("{}  {}", if line.holds { "ok " } else { "NO " }, line.text));
    println!(
        "{out}: {} bytes; checked in {seconds:.1} seconds; {}",
        bytes.len(),
        if told.holds() { "holds" } else { "does not hold" }
    );
}
