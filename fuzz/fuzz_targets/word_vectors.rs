//! Any bytes as a table of word vectors, and as a text for it: a table or an error with its line, and vectors of unit
//! length or of none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sketch::Embedder;
use sketch::WordVectors;
use sketch::sketch_text;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match WordVectors::read(bytes) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(vectors) => {
            let hashed = sketch_text(&text).features;
            let vector = vectors.embed(&text, &hashed);
            let length: i32 = vector.iter().map(|x| i32::from(*x) * i32::from(*x)).sum();
            assert!(length == 0 || (100 * 100..=150 * 150).contains(&length), "{length}");
            assert_eq!(vector, vectors.embed(&text, &hashed));
        }
    }
});
