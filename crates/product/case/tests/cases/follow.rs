//! The store and the ledger hold the same acts, wherever a run was stopped.

use std::fs;
use std::path::Path;

use case::Ask;
use case::Desk;
use case::Error;
use case::ErrorKind;
use case::LogMark;
use case::Sqlite;
use case::Store;
use case::Stored;
use journal::Kind;
use journal::document_of;
use journal::document_record;
use ledger::Ledger;
use ledger::Reader;

use crate::world::CAMPAIGNS;
use crate::world::act;
use crate::world::found;

const CASE: &str = CAMPAIGNS[0].0;

/// The acts of the ledger, with their entries.
fn in_ledger(data_dir: &Path) -> Vec<(u64, Vec<u8>)> {
    let log = Reader::open(&data_dir.join("ledger")).unwrap();
    let kinds = log.kinds().unwrap();
    let mut acts = Vec::new();
    log.for_each_record(&mut |index, record| {
        if kinds[index as usize] == Kind::Act.number() {
            acts.push((index, document_of(record).unwrap().to_vec()));
        }
        Ok(())
    })
    .unwrap();
    acts
}

fn in_store(data_dir: &Path) -> Vec<(u64, Vec<u8>)> {
    let all = Sqlite::open(&data_dir.join("cases.sqlite")).unwrap().all().unwrap();
    let mut acts: Vec<_> = all.into_iter().map(|act| (act.entry.expect("it has an entry"), act.body)).collect();
    acts.sort();
    acts
}

/// A store that is stopped at a place.
struct Stopped {
    store: Sqlite,
    before_ledger: bool,
}

impl Store for Stopped {
    fn add(&mut self, act: &Stored) -> Result<(), Error> {
        self.store.add(act)
    }
    fn acts_of(&mut self, case: &str) -> Result<Vec<Stored>, Error> {
        self.store.acts_of(case)
    }
    fn all(&mut self) -> Result<Vec<Stored>, Error> {
        self.store.all()
    }
    fn pending(&mut self) -> Result<Vec<Stored>, Error> {
        let pending = self.store.pending()?;
        if self.before_ledger && !pending.is_empty() {
            return Err(case::Act::from_bytes(b"stopped").unwrap_err());
        }
        Ok(pending)
    }
    fn mark(&mut self) -> Result<LogMark, Error> {
        self.store.mark()
    }
    fn recorded(&mut self, acts: &[Stored], mark: &LogMark) -> Result<(), Error> {
        if !acts.is_empty() {
            return Err(case::Act::from_bytes(b"stopped").unwrap_err());
        }
        self.store.recorded(acts, mark)
    }
}

#[test]
fn what_a_stopped_run_left_is_done_once() {
    for before_ledger in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        found(folder.path());
        let mut desk = Desk::open(folder.path(), None).unwrap();
        act(&mut desk, CASE, "ann", Ask::Open).unwrap();
        drop(desk);
        let store = Sqlite::open(&folder.path().join("cases.sqlite")).unwrap();
        let mut stopped = Desk::with(Box::new(Stopped { store, before_ledger }), folder.path()).unwrap();
        act(&mut stopped, CASE, "ann", Ask::Note("kept all the same".to_owned())).unwrap_err();
        drop(stopped);
        assert_eq!(in_ledger(folder.path()).len(), if before_ledger { 1 } else { 2 });
        let mut desk = Desk::open(folder.path(), None).unwrap();
        assert_eq!(desk.case(CASE).unwrap().unwrap().version, 2);
        act(&mut desk, CASE, "ann", Ask::Note("and after it".to_owned())).unwrap();
        assert_eq!(in_ledger(folder.path()).len(), 3);
        assert_eq!(in_ledger(folder.path()), in_store(folder.path()));
    }
}

#[test]
fn an_older_copy_of_the_store_learns_what_the_ledger_has() {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path());
    let mut desk = Desk::open(folder.path(), None).unwrap();
    for (id, _) in CAMPAIGNS {
        act(&mut desk, id, "ann", Ask::Open).unwrap();
        act(&mut desk, id, "ann", Ask::Note(format!("of {id}"))).unwrap();
    }
    let cases = desk.cases().unwrap();
    drop(desk);
    for name in ["cases.sqlite", "cases.sqlite-wal", "cases.sqlite-shm"] {
        let _ = fs::remove_file(folder.path().join(name));
    }
    assert_eq!(Desk::open(folder.path(), None).unwrap().cases().unwrap(), cases);
    assert_eq!(in_ledger(folder.path()), in_store(folder.path()));
}

#[test]
fn what_differs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path());
    let mut desk = Desk::open(folder.path(), None).unwrap();
    let case = act(&mut desk, CASE, "ann", Ask::Open).unwrap();
    drop(desk);
    // The same number of the same case, with other words, in the ledger.
    let forged = String::from_utf8(case.acts[0].to_bytes().unwrap()).unwrap().replace("ann", "eve");
    let mut log = Ledger::open(&folder.path().join("ledger")).unwrap();
    log.append(Kind::Act.number(), &document_record(forged.as_bytes())).unwrap();
    log.commit().unwrap();
    let told = Desk::open(folder.path(), None).unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Disagree, "{told}");
    assert!(told.to_string().contains(CASE), "{told}");
}

#[test]
fn another_ledger_or_an_earlier_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, aside) = (folder.path().join("ledger"), folder.path().join("aside"));
    found(folder.path());
    let copy = |from: &Path, to: &Path| {
        fs::create_dir_all(to).unwrap();
        let status = std::process::Command::new("cp").arg("-r").arg(from.join(".")).arg(to).status().unwrap();
        assert!(status.success());
    };
    copy(&ledger, &aside);
    act(&mut Desk::open(folder.path(), None).unwrap(), CASE, "ann", Ask::Open).unwrap();
    fs::remove_dir_all(&ledger).unwrap();
    let told = Desk::open(folder.path(), None).unwrap_err();
    assert!(told.kind() == ErrorKind::Disagree && told.to_string().contains("is gone"), "{told}");
    copy(&aside, &ledger);
    let told = Desk::open(folder.path(), None).unwrap_err();
    assert!(told.kind() == ErrorKind::Disagree && told.to_string().contains("entries and had"), "{told}");
    fs::remove_dir_all(&ledger).unwrap();
    found(folder.path());
    let told = Desk::open(folder.path(), None).unwrap_err();
    assert!(told.kind() == ErrorKind::Disagree && told.to_string().contains("another ledger"), "{told}");
}

#[test]
fn without_a_ledger_acts_wait_for_one() {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path());
    act(&mut Desk::open(folder.path(), None).unwrap(), CASE, "ann", Ask::Open).unwrap();
    let acts = in_ledger(folder.path());
    let other = tempfile::tempdir().unwrap();
    let mut store = Sqlite::open(&other.path().join("cases.sqlite")).unwrap();
    store.add(&Stored { case: CASE.to_owned(), number: 1, body: acts[0].1.clone(), entry: None }).unwrap();
    drop(store);
    assert_eq!(Desk::open(other.path(), None).unwrap().cases().unwrap().len(), 1);
    found(other.path());
    drop(Desk::open(other.path(), None).unwrap());
    assert_eq!(in_ledger(other.path()), in_store(other.path()));
}
