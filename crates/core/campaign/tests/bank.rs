//! The file of a bank.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use campaign::Bank;
use campaign::Class;
use campaign::SizeClass;
use verdict::Family;
use verdict::ViewKind;

const SMALL: &str = r#"{"bank":1,"sections":2}
{"kind":"own","ties":"frames","size":"dozens","open":false,"groups":3,"all":[2.5,1.0],"families":{"content":[2.0]}}
{"kind":"built-in","ties":"frames","size":"dozens","open":false,"groups":2,"all":[4.0],"families":{}}
"#;

const FRAMES: Class = Class { ties: ViewKind::Frames, size: SizeClass::Dozens, open: false };

#[test]
fn groups_of_both_kinds_are_compared_with() {
    let bank = Bank::from_lines(SMALL.as_bytes()).unwrap();
    let peers = bank.peers(FRAMES).unwrap();
    assert_eq!((bank.len(), peers.len(), peers.own(), peers.is_like_size), (5, 5, 3, true));
    assert_eq!((peers.all().above(3.0), peers.all().above(0.5), peers.all().above(0.0)), (1, 3, 5));
    assert_eq!(peers.of_family(Family::Content).unwrap().above(1.0), 1);
    assert_eq!(peers.of_family(Family::Client).unwrap().above(0.1), 0, "a family that was not seen scores nothing");
}

#[test]
fn where_a_size_is_rare_the_next_smaller_one_stands_in() {
    let bank = Bank::from_lines(SMALL.as_bytes()).unwrap();
    let large = bank.peers(Class { size: SizeClass::Hundreds, ..FRAMES }).unwrap();
    assert_eq!((large.len(), large.is_like_size), (5, false));
    assert!(bank.peers(Class { size: SizeClass::Handful, ..FRAMES }).is_none(), "a larger one never does");
    assert!(bank.peers(Class { open: true, ..FRAMES }).is_none());
}

#[test]
fn joined_in_any_order_and_read_again_it_is_the_same() {
    let one = Bank::from_lines(SMALL.as_bytes()).unwrap();
    let other = Bank::from_lines(
        br#"{"bank":1,"sections":1}
{"kind":"own","ties":"phrases","size":"handful","open":true,"groups":1,"all":[0.31],"families":{"rhythm":[0.31]}}"#,
    )
    .unwrap();
    let joined = one.clone().merged(other.clone()).to_lines().unwrap();
    assert_eq!(joined, other.merged(one).to_lines().unwrap());
    assert_eq!(Bank::from_lines(&joined).unwrap().to_lines().unwrap(), joined);
}

#[test]
fn a_damaged_file_is_refused_with_the_line() {
    let fault = |text: &str| Bank::from_lines(text.as_bytes()).unwrap_err().to_string();
    assert!(fault("").contains("line 1 of the bank: it is empty"));
    assert!(fault("{\"bank\":9,\"sections\":0}").contains("version 9"));
    let cut = SMALL.lines().take(2).collect::<Vec<_>>().join("\n");
    assert!(fault(&cut).contains("2 lines follow, and 1 do: it was cut"));
    assert!(fault(&SMALL.replace("\"groups\":3", "\"groups\":1")).contains("line 2 of the bank: it has more scores"));
    assert!(fault(&SMALL.replace("4.0", "-4.0")).contains("line 3 of the bank: a score is no positive number"));
    assert!(fault(&SMALL.replace("frames", "songs")).contains("line 2"));
}

#[test]
fn the_built_in_bank_can_be_read() {
    let bank = Bank::built_in().unwrap();
    assert!(bank.len() > 1_000, "{}", bank.len());
}
