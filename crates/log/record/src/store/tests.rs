use object_store::memory::InMemory;

use super::*;

/// An object of these bytes in a store in memory.
fn object(bytes: Vec<u8>) -> Object {
    let store = Arc::new(InMemory::new());
    let (path, size_bytes) = (Path::from("logs/a.jsonl"), bytes.len() as u64);
    let (to, at) = (Arc::clone(&store), path.clone());
    wait(async move { to.put(&at, bytes.into()).await }).unwrap().unwrap();
    Object { store, base: "s3://example".into(), path, size_bytes }
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index * 7 % 251) as u8).collect()
}

#[test]
fn an_object_is_read_from_front_to_back_in_pieces() {
    let expected = bytes(PIECE_BYTES as usize * 2 + 17);
    let object = object(expected.clone());
    assert_eq!(object.url(), "s3://example/logs/a.jsonl");
    let mut found = Vec::new();
    object.reader().unwrap().read_to_end(&mut found).unwrap();
    assert!(found == expected);
}

#[test]
fn waiting_inside_a_runtime_does_not_panic() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut found = Vec::new();
        object(bytes(10)).reader().unwrap().read_to_end(&mut found).unwrap();
        assert_eq!(found, bytes(10));
    });
}

#[cfg(feature = "parquet")]
#[test]
fn ranges_are_read_through_the_cache() {
    let piece = CACHED_PIECE_BYTES as usize;
    let expected = bytes(piece * 3 + 5);
    let cached = CachedObject::new(object(expected.clone()));
    for (start, length) in [(0, 4), (piece - 2, 4), (piece * 3, 5), (10, piece * 2)] {
        let found = cached.range(start as u64, length).unwrap();
        assert!(found[..] == expected[start..start + length], "{start} {length}");
    }
    assert!(cached.range(piece as u64 * 3, 6).is_err());
}

#[test]
fn a_store_that_is_not_known_is_an_error_that_names_the_way() {
    let error = list("gs://example/logs", |_| true).unwrap_err().to_string();
    assert!(error.contains("only `s3://BUCKET/PATH` is read"), "{error}");
}
