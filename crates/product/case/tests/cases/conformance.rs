//! What every store does alike.

use std::sync::Barrier;

use case::ErrorKind;
use case::LogMark;
use case::Sqlite;
use case::Store;
use case::Stored;

fn stored(case: &str, number: u64, entry: Option<u64>) -> Stored {
    Stored { case: case.to_owned(), number, body: format!("{case} {number} \u{202e}\0").into_bytes(), entry }
}

/// Everything, on a store that is empty. `open` opens the same one each time.
fn conforms(open: &(dyn Fn() -> Box<dyn Store> + Sync)) {
    let mut store = open();
    assert_eq!((store.all().unwrap(), store.mark().unwrap()), (Vec::new(), LogMark::default()));
    // By case and number, in the order of bytes and not of a language.
    for (case, number) in [("b", 1), ("a", 1), ("a", 2), ("B", 1), ("é", 1)] {
        store.add(&stored(case, number, None)).unwrap();
    }
    let all = [("B", 1), ("a", 1), ("a", 2), ("b", 1), ("é", 1)].map(|(case, number)| stored(case, number, None));
    assert_eq!(store.all().unwrap(), all);
    assert_eq!(store.pending().unwrap(), all);
    assert_eq!(store.acts_of("a").unwrap(), all[1..3]);
    assert_eq!(store.acts_of("none").unwrap(), []);
    let twice = store.add(&Stored { body: b"other".to_vec(), ..stored("a", 2, None) }).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Conflict);
    assert!(twice.to_string().contains("version 2"), "{twice}");
    // Entries of some, and one that was not there.
    let mark = LogMark { key: "a+key".to_owned(), size: 1 << 40 };
    store.recorded(&[stored("a", 1, Some(7)), stored("c", 1, Some(1 << 40))], &mark).unwrap();
    assert_eq!(store.pending().unwrap().len(), 4);
    drop(store);
    let mut store = open();
    assert_eq!(store.mark().unwrap(), mark);
    assert_eq!(store.acts_of("a").unwrap(), [stored("a", 1, Some(7)), stored("a", 2, None)]);
    assert_eq!(store.acts_of("c").unwrap(), [stored("c", 1, Some(1 << 40))]);
    store.recorded(&[], &LogMark { size: 0, ..mark }).unwrap();
    assert_eq!(store.mark().unwrap().size, 0);
    one_of_many_wins(open);
}

/// Of those that write the same number at the same moment one wins, and the others are told.
fn one_of_many_wins(open: &(dyn Fn() -> Box<dyn Store> + Sync)) {
    const WRITERS: usize = 4;
    let barrier = Barrier::new(WRITERS);
    for round in 1..=10 {
        let write = |body: String| {
            let mut store = open();
            barrier.wait();
            store.add(&Stored { body: body.into_bytes(), ..stored("race", round, None) })
        };
        let told: Vec<_> = std::thread::scope(|scope| {
            let write = &write;
            let running: Vec<_> = (0..WRITERS).map(|at| scope.spawn(move || write(format!("writer {at}")))).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let won: Vec<usize> = (0..WRITERS).filter(|at| told[*at].is_ok()).collect();
        assert_eq!(won.len(), 1, "{told:?}");
        assert!(
            told.iter().flat_map(|one| one.as_ref().err()).all(|error| error.kind() == ErrorKind::Conflict),
            "{told:?}"
        );
        let kept = open().acts_of("race").unwrap();
        assert_eq!(kept.last().unwrap().body, format!("writer {}", won[0]).into_bytes());
    }
}

#[test]
fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.sqlite");
    conforms(&|| Box::new(Sqlite::open(&file).unwrap()));
    crate::appeals::conforms(Box::new(Sqlite::open(&folder.path().join("appeals.sqlite")).unwrap()));
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.sqlite");
    Sqlite::open(&file).unwrap().add(&stored("a", 1, None)).unwrap();
    for entry in folder.path().read_dir().unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", entry.path().display());
    }
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.sqlite");
    std::fs::write(&file, "not a database, but long enough to be taken for the head of one".repeat(40)).unwrap();
    assert_eq!(Sqlite::open(&file).unwrap_err().kind(), ErrorKind::Io);
}

/// The tests' server; without it there is nothing to test.
#[cfg(feature = "postgres")]
#[test]
fn postgres_conforms() {
    let Ok(url) = std::env::var("STILLWATCH_TEST_POSTGRES") else { return };
    let open = || -> Box<dyn Store> { Box::new(case::Postgres::open(&url).unwrap()) };
    drop(open());
    let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    client.batch_execute("TRUNCATE stillwatch_act, stillwatch_ledger_mark").unwrap();
    conforms(&open);
    client.batch_execute("TRUNCATE stillwatch_act, stillwatch_ledger_mark").unwrap();
    crate::appeals::conforms(open());
}

#[cfg(feature = "postgres")]
#[test]
fn a_bad_url_is_refused_without_its_password() {
    for url in [
        "http://user:hunter2@host/",
        "postgres://user:hunter2@127.0.0.1:1/x",
        "postgres://u:hunter2@h/x?sslmode=require",
    ] {
        let error = case::Postgres::open(url).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
