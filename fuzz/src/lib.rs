//! What each fuzz target does with its input: the body of the target, as a function.
//!
//! The targets in `fuzz_targets` call these functions on what the fuzzer makes up. `tests/seeds.rs` calls them on the
//! seeds and on small changes of them, which needs no fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use campaign::Bank;
use campaign::Class;
use campaign::Registry;
use campaign::SizeClass;
use jiff::Timestamp;
use profile::Profile;
use range::World;
use record::Account;
use record::Format;
use record::Reject;
use record::native;
use sketch::Embedder;
use sketch::FRAMES;
use sketch::HashKey;
use sketch::WordVectors;
use verdict::VerdictSnapshot;

/// Any bytes but Parquet as a log: found by its content, and read as each format. Records come out as exchanges or as
/// rejects that name their place; what is written of an exchange in the native form reads back as itself.
pub fn blocks(bytes: &[u8]) {
    // The target `table` is for these.
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the log");
    let log = folder.path().join("log");
    fs::write(&log, bytes).expect("a log");
    let formats = [None].into_iter().chain(Format::ALL.map(Some));
    for format in formats {
        let Some((lines, _)) = read_log(&log, format) else { continue };
        if lines.is_empty() {
            continue;
        }
        let again = folder.path().join("again.jsonl");
        fs::write(&again, &lines).expect("a log");
        let (second, rejects) = read_log(&again, Some(Format::Native)).expect("what was written is a log");
        assert_eq!(rejects, Vec::<String>::new(), "what was written is refused");
        assert_eq!(String::from_utf8_lossy(&lines), String::from_utf8_lossy(&second), "exchanges changed on the way");
    }
}

/// The file's exchanges in the native form and the reasons of its rejects; `None` where it is no log.
fn read_log(log: &Path, format: Option<Format>) -> Option<(Vec<u8>, Vec<String>)> {
    let name = log.display().to_string();
    let inputs = record::expand(std::slice::from_ref(&name)).expect("the file is there");
    let [input] = inputs.as_slice() else { panic!("one file is {} inputs", inputs.len()) };
    let (mut lines, mut rejects) = (Vec::new(), Vec::new());
    for block in input.open(format).ok()? {
        block.ok()?.read(&mut |record| match record {
            Ok(exchange) => native::write_exchange(&exchange, &mut lines),
            Err(reject) => {
                assert_eq!(reject.file, name);
                assert!(reject.line > 0 && !reject.reason.is_empty());
                rejects.push(reject.reason);
            }
        });
    }
    Some((lines, rejects))
}

/// Any text as a map: it is read, or refused with the file's name; and records of no known format are read with it as
/// exchanges or as rejects with a reason.
pub fn map(text: &str) {
    let name = "own.toml".to_owned();
    let maps = match record::Maps::with(&[(name.clone(), text.to_owned())]) {
        Ok(maps) => maps,
        Err(error) => return assert!(error.to_string().contains(&name), "{error}"),
    };
    let folder = tempfile::tempdir().expect("a folder for the log");
    let log = folder.path().join("log");
    // A record that holds every kind of value under names that the seeds use, and the map's own text as a record.
    let record = r#"{"id":1,"when":"2026-04-22 00:00:01","who":{"team":"t","list":[{"x":"y"}]},"said":"hello","n":-1.5,"flag":true}"#;
    fs::write(&log, format!("{record}\n{{\"when\":1776000000,\"said\":{text:?}}}\n")).expect("a log");
    let inputs = record::expand(&[log.display().to_string()]).expect("the file is there");
    for block in inputs.iter().filter_map(|input| input.open_mapped(None, &maps).ok()).flatten().map_while(Result::ok) {
        block.read(&mut |record| match record {
            Ok(exchange) => assert!(!exchange.id.is_empty() && !exchange.account.is_empty()),
            Err(reject) => check(&reject),
        });
    }
}

/// Any bytes but Parquet as account records: each comes out as an account or as a reject that names its place; what
/// is written of an account reads back as itself.
pub fn accounts(bytes: &[u8]) {
    // The target `table` is for these.
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the accounts");
    let Some((accounts, _)) = read_accounts(&folder.path().join("accounts"), bytes) else { return };
    let mut lines = Vec::new();
    accounts.iter().for_each(|account| native::write_account(account, &mut lines));
    let (second, rejects) =
        read_accounts(&folder.path().join("again.jsonl"), &lines).expect("what was written is a file");
    assert_eq!(rejects, Vec::<String>::new(), "what was written is refused");
    let mut again = Vec::new();
    second.iter().for_each(|account| native::write_account(account, &mut again));
    assert_eq!(String::from_utf8_lossy(&lines), String::from_utf8_lossy(&again), "accounts changed on the way");
}

/// The accounts and the reasons of the rejects; `None` where the file holds no records.
fn read_accounts(path: &Path, bytes: &[u8]) -> Option<(Vec<Account>, Vec<String>)> {
    fs::write(path, bytes).expect("a file of accounts");
    let name = path.display().to_string();
    let inputs = record::expand(std::slice::from_ref(&name)).expect("the file is there");
    let [input] = inputs.as_slice() else { panic!("one file is {} inputs", inputs.len()) };
    let (mut accounts, mut rejects) = (Vec::new(), Vec::new());
    let result = record::read_accounts(input, &mut |record| match record {
        Ok(account) => accounts.push(account),
        Err(reject) => {
            assert_eq!(reject.file, name);
            assert!(reject.line > 0 && !reject.reason.is_empty());
            rejects.push(reject.reason);
        }
    });
    result.ok().map(|()| (accounts, rejects))
}

/// Any bytes but Parquet as enforcement acts: each comes out as an act of a named account, or as a reject with its
/// place.
pub fn actions(bytes: &[u8]) {
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the acts");
    let path = folder.path().join("acts.jsonl");
    fs::write(&path, bytes).expect("a file of acts");
    let name = path.display().to_string();
    let inputs = record::expand(std::slice::from_ref(&name)).expect("the file is there");
    for input in &inputs {
        let _ = record::read_actions(input, &mut |record| match record {
            Ok(act) => assert!(!act.account.is_empty()),
            Err(reject) => assert!(reject.line > 0 && !reject.reason.is_empty()),
        });
    }
}

/// Any bytes as a Parquet log and as Parquet accounts: exchanges, accounts, rejects, or an error for the file. The
/// library below panics at some damaged files. A panic that is caught and told as the file's error is an answer; one
/// that comes out is a crash.
pub fn table(bytes: &[u8]) {
    if !bytes.starts_with(b"PAR1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the table");
    let table = folder.path().join("table");
    fs::write(&table, bytes).expect("a table");
    let inputs = record::expand(&[table.display().to_string()]).expect("the file is there");
    let [input] = inputs.as_slice() else { panic!("one file is {} inputs", inputs.len()) };
    let mut line = Vec::new();
    for block in input.open(None).into_iter().flatten().map_while(Result::ok) {
        block.read(&mut |record| match record {
            Ok(exchange) => {
                line.clear();
                native::write_exchange(&exchange, &mut line);
            }
            Err(reject) => check(&reject),
        });
    }
    // An error is for the whole file and says so.
    let _ = record::read_accounts(input, &mut |record| drop(record.inspect_err(check)));
}

fn check(reject: &Reject) {
    assert!(reject.line > 0 && !reject.reason.is_empty(), "{reject:?}");
}

/// Any text as a time: the path by hand agrees with the library.
pub fn time(text: &str) {
    let found = record::parse_time_us(text);
    match text.parse::<Timestamp>() {
        Ok(time) => assert_eq!(found, record::in_range_us(time.as_microsecond())),
        Err(_) => assert_eq!(found, None),
    }
}

/// Any bytes as a profile: what parses is written to bytes that parse to the same, and merges.
pub fn profile(bytes: &[u8]) {
    let Ok(parsed) = Profile::from_bytes(bytes) else { return };
    let written = parsed.to_bytes();
    let again = Profile::from_bytes(&written).expect("what was written parses");
    assert_eq!(again, parsed);
    assert_eq!(again.to_bytes(), written);
    let mut merged = Profile::default();
    merged.merge(&parsed);
    assert_eq!(merged, parsed, "merging into nothing changes nothing");
    merged.merge(&parsed);
    assert_eq!(Profile::from_bytes(&merged.to_bytes()).as_ref(), Ok(&merged));
}

/// Any text has few frames, ascending, none zero and of 63 bits, and features of unit length or none.
pub fn sketch_text(text: &str) {
    let sketch = sketch::sketch_text(text, &HashKey::public());
    let frames = sketch.frames();
    assert!(frames.len() <= FRAMES);
    assert!(frames.is_sorted_by(|a, b| a < b), "{frames:?}");
    assert!(frames.iter().all(|frame| (1..1 << 63).contains(frame)), "{frames:?}");
    assert_eq!(frames.is_empty(), sketch.words < 3);
    assert_eq!(sketch.hash == 0, text.is_empty());
    assert!(sketch.words as usize <= text.len());
    let squared: i64 = sketch.features.iter().map(|feature| i64::from(*feature).pow(2)).sum();
    // 127 squared, give or take half a step in each of 64 dimensions.
    assert!(squared == 0 || (15_000..17_400).contains(&squared), "{squared}");
    assert_eq!(sketch, sketch::sketch_text(text, &HashKey::public()));
}

/// Any bytes as a table of word vectors, and as a text for it: a table or an error with its line, and vectors of unit
/// length or of none.
pub fn word_vectors(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match WordVectors::read(bytes) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(vectors) => {
            let hashed = sketch::sketch_text(&text, &HashKey::public()).features;
            let vector = vectors.embed(&text, &hashed);
            let length: i32 = vector.iter().map(|x| i32::from(*x) * i32::from(*x)).sum();
            assert!(length == 0 || (100 * 100..=150 * 150).contains(&length), "{length}");
            assert_eq!(vector, vectors.embed(&text, &hashed));
        }
    }
}

/// Any bytes as a bank: what parses is written to bytes that parse to the same, and no e-value is above what its size
/// supports.
pub fn bank(bytes: &[u8]) {
    let Ok(bank) = Bank::from_lines(bytes) else { return };
    let written = bank.to_lines().expect("a bank has a form");
    let again = Bank::from_lines(&written).expect("what was written parses");
    assert_eq!(again.to_lines().expect("a bank has a form"), written);
    for (ties, open, peers) in bank.pools() {
        for size in SizeClass::ALL {
            assert!(bank.peers(Class { ties, size, open }).is_some(), "the pools of a kind of ties hold every size");
        }
        for score in [-1.0, 0.0, 0.5, 4.0, f64::MAX] {
            let e_value = peers.all().e_value(score);
            assert!((0.0..=peers.all().largest_e_value()).contains(&e_value), "{e_value}");
            assert!(peers.all().above(score) <= peers.len());
        }
    }
}

/// Any bytes as a registry of campaigns: what parses is written to bytes that parse to the same, and settles ids, one
/// for each group.
pub fn registry(bytes: &[u8]) {
    let Ok(mut registry) = Registry::from_json(bytes) else { return };
    let written = registry.to_json().expect("a registry has a JSON form");
    assert_eq!(Registry::from_json(&written).expect("what was written parses"), registry);
    let group = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let found = [group(&["a", "b"]), group(&["c"])];
    let (ids, _) = registry.settle(&found, 0);
    assert_eq!(ids.len(), found.len());
    assert_ne!(ids.first(), ids.last());
    let (again, events) = registry.settle(&found, 0);
    assert_eq!(again, ids, "the same groups keep their ids");
    assert!(events.is_empty() || events.iter().all(|event| matches!(event, campaign::Event::Rested { .. })));
}

/// Any bytes as a verdict snapshot, and as the body of one whose checksum is right: what is read is written to bytes that
/// read to the same, every account is found by its name, and nobody is implicated without evidence of its own.
pub fn snapshot(bytes: &[u8]) {
    for bytes in [bytes.to_vec(), VerdictSnapshot::sealed(bytes.get(52..).unwrap_or(bytes))] {
        let Ok(snapshot) = VerdictSnapshot::from_bytes(&bytes) else { continue };
        let written = snapshot.to_bytes();
        let again = VerdictSnapshot::from_bytes(&written).expect("what was written reads");
        assert_eq!(again.to_bytes(), written);
        for account in snapshot.accounts() {
            let found = again.account(account.name()).expect("an account is found by its name");
            assert_eq!(found.campaigns().count(), account.campaigns().count());
            assert!(found.standing() != Some(verdict::Standing::Implicated) || !found.families().is_empty());
        }
    }
}

/// Any text as a world: a world or an error in words.
pub fn world(text: &str) {
    match World::parse(text, "a file") {
        Ok(world) => drop((world.name().to_owned(), world.about().to_owned())),
        Err(error) => assert!(error.to_string().starts_with("a file"), "{error}"),
    }
}

/// Any bytes as what a time-stamping authority answers, as a query, and as certificates: what is accepted is of the hash that was signed.
pub fn stamp(bytes: &[u8]) {
    if let Ok(stamp) = timestamp::check(bytes, &[]) {
        // The fuzzer has no key: whatever it makes of the seed and is accepted says what the seed says.
        assert_eq!(stamp.at().to_string(), "2026-11-27T00:19:09.151Z", "a signature was made up");
        assert!(stamp.check_trust(&[]).is_err(), "nobody is trusted");
    }
    if let Ok(query) = timestamp::Query::from_der(bytes) {
        let again = query.to_der().and_then(|bytes| timestamp::Query::from_der(&bytes));
        assert_eq!(again.as_ref(), Ok(&query), "what was written parses");
    }
    drop(timestamp::read_certificates(bytes));
}

/// Any bytes as what is read of a ledger: notes, checkpoints, keys, proofs and records, each of which has one form only.
pub fn ledger(bytes: &[u8]) {
    if let Ok(note) = ledger::Note::parse(bytes) {
        let again = ledger::Note::parse(&note.to_bytes()).expect("what was written parses");
        assert_eq!(again, note);
        if let Ok(checkpoint) = ledger::Checkpoint::parse(&note.text) {
            assert_eq!(checkpoint.text(), note.text);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(key) = ledger::VerifyingKey::parse(text) {
            assert_eq!(key.to_string(), text.trim_end_matches('\n'));
        }
        if let Ok(proof) = text.parse::<ledger::LogProof>() {
            assert_eq!(proof.to_string(), text);
        }
    }
    if let Ok(batch) = journal::Batch::from_bytes(bytes) {
        assert_eq!(batch.to_bytes(), bytes);
    }
    if let Ok(gone) = journal::Gone::from_bytes(bytes) {
        assert_eq!(gone.to_bytes(), bytes);
    }
    drop(journal::decode(bytes));
    drop(serde_json::from_slice::<journal::ExchangeProof>(bytes).map(|proof| proof.check()));
}

/// Any bytes as an archive of a case: refused in words, or of the one form that its files have.
pub fn archive(bytes: &[u8]) {
    match dossier::read_archive(bytes) {
        Ok(files) => assert_eq!(dossier::write_archive(&files).expect("it was no larger"), bytes),
        Err(error) => assert!(error.to_string().contains("archive"), "{error}"),
    }
    assert!(!dossier::verify(bytes, None).lines.is_empty());
}

/// Any bytes as a backup, and packed as one: a data directory of the files that it tells of, or nothing at all.
pub fn backup(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, place) = (folder.path().join("file"), folder.path().join("place"));
    let packed = zstd::encode_all(bytes, 1).expect("it fits in memory");
    for content in [bytes, &packed] {
        fs::write(&file, content).expect("a file");
        let checked = backup::check(&file, &workers::Silent::default());
        match backup::restore(&file, &place, &workers::Silent::default()) {
            Ok(restored) => {
                let checked = checked.expect("what is restored is whole");
                assert_eq!((restored.files, restored.bytes), (checked.files, checked.bytes));
                assert_eq!(files_below(&place), restored.files);
                fs::remove_dir_all(&place).expect("it is ours");
            }
            Err(error) => assert!(!error.to_string().is_empty() && !place.exists()),
        }
        assert_eq!(files_below(folder.path()), 1, "nothing is left beside it");
    }
}

fn files_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

/// Any bytes as the body of a request at the gate: what comes out is JSON, and asks for nothing that the limit forbids.
pub fn limited_body(bytes: &[u8]) {
    let caps = gate::Caps { max_top_logprobs: Some(2), max_n: Some(1), refuse_logit_bias_with_logprobs: false };
    for no_logprobs in [false, true] {
        let Some(edited) = gate::limited_body(bytes, no_logprobs, caps) else { continue };
        serde_json::from_slice::<serde_json::Value>(&edited).expect("what was rewritten is JSON");
        assert_eq!(gate::limited_body(&edited, no_logprobs, caps), None, "the limit holds for what was rewritten");
    }
}

/// Any bytes as a gateway's question at a door: it is read or it is none, and shows no more text than it is long.
pub fn door_question(bytes: &[u8]) {
    assert!(gate::question_text_bytes(bytes).is_none_or(|texts| texts <= bytes.len()), "text that did not come");
}

/// Any text as the file of an organisation: read, or refused with the file's name, a line and a fix.
pub fn entity(text: &str) {
    match attribution::parse_entity("a file", text) {
        Ok(entity) => {
            let facts = entity.domains.iter().map(|fact| &fact.standing);
            let all = facts.chain(entity.networks.iter().map(|fact| &fact.standing));
            assert!(all.into_iter().all(|standing| standing.independent > 0), "a fact without a source was taken");
        }
        Err(error) => assert!(error.faults().iter().all(|fault| fault.starts_with("a file: line ")), "{error}"),
    }
}

/// Any text as a question to the table of exchanges: it is read, and what is written of it reads as the same; or it is refused with the
/// characters that are meant.
pub fn question(text: &str) {
    match query::Query::parse(text) {
        Ok(question) => {
            assert!(question.terms.len() <= query::MAX_TERMS);
            let written = question.to_string();
            match query::Query::parse(&written) {
                Ok(again) => assert_eq!(again, question),
                // A question may grow as it is written: a character becomes an escape.
                Err(_) => assert!(written.len() > query::MAX_QUERY_BYTES, "{written}"),
            }
        }
        Err(error) => {
            let count = text.chars().count();
            let is_inside = error.place().is_none_or(|place| place.start < place.end && place.start <= count);
            assert!(is_inside && !error.to_string().is_empty(), "{error}");
        }
    }
}

/// Any bytes as what another provider shares: values of our own form, each once, or refused in words.
pub fn shared(bytes: &[u8]) {
    let at = "2026-05-01T00:00:00.000Z";
    match sharing::parse("a sender", at, bytes) {
        Ok(inbound) => {
            let mut sorted = inbound.indicators.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(sorted, inbound.indicators);
            assert!(sorted.iter().all(|one| one.keyed_hash.len() == 16), "a value that is no hash was taken");
            assert!(inbound.passed_over.len() <= 32, "a sender fills the counts with names");
        }
        Err(error) => assert!(error.to_string().starts_with("it "), "{error}"),
    }
}

/// Any bytes as a message of a private set intersection, and as what a party keeps between two of them: what is read is
/// written and is the same bytes.
pub fn intersection(bytes: &[u8]) {
    if let Ok(message) = intersection::Message::parse(bytes) {
        assert_eq!(message.to_bytes(), bytes, "a message that would be written otherwise was read");
    }
    if let Ok(kept) = intersection::Kept::parse(bytes) {
        let written = kept.to_bytes();
        let again = intersection::Kept::parse(&written).expect("what is written can be read");
        assert_eq!(again.to_bytes(), written);
    }
}
