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

const SMALL: &str = r#"{"bank":3,"sections":2}
{"kind":"own","ties":"frames","size":"dozens","open":false,"groups":3,"all":[2.5,1.0],"without_strongest":[0.5],"families":{"content":[2.0]}}
{"kind":"built-in","ties":"frames","size":"dozens","open":false,"groups":2,"all":[4.0],"without_strongest":[],"families":{}}
"#;

const FRAMES: Class = Class { ties: ViewKind::Frames, size: SizeClass::Dozens, open: false };

#[test]
fn groups_of_both_kinds_are_compared_with() {
    let bank = Bank::from_lines(SMALL.as_bytes()).unwrap();
    let peers = bank.peers(FRAMES).unwrap();
    assert_eq!((bank.len(), peers.len(), peers.own(), peers.sizes.to_string()), (5, 5, 3, "5 or more".to_owned()));
    assert_eq!((peers.all().above(3.0), peers.all().above(0.5), peers.all().above(0.0)), (1, 3, 5));
    assert_eq!(peers.of_family(Family::Content).unwrap().above(1.0), 1);
    assert_eq!(peers.of_family(Family::Client).unwrap().above(0.1), 0, "a family that was not seen scores nothing");
}

/// A bank with so many groups of frames in each size class.
fn of_sizes(groups: [usize; 4]) -> Bank {
    let sizes = ["handful", "dozens", "scores", "hundreds"];
    let line = |(size, groups): (&str, usize)| {
        format!(
            "{{\"kind\":\"built-in\",\"ties\":\"frames\",\"size\":\"{size}\",\"open\":false,\"groups\":{groups},\"all\":[],\
             \"without_strongest\":[],\"families\":{{}}}}"
        )
    };
    let lines: Vec<String> = sizes.into_iter().zip(groups).filter(|(_, groups)| *groups > 0).map(line).collect();
    Bank::from_lines(format!("{{\"bank\":3,\"sections\":{}}}\n{}", lines.len(), lines.join("\n")).as_bytes()).unwrap()
}

/// What each size class is ranked among, from the smallest on: the sizes and how many groups.
fn ranked_among(bank: &Bank) -> [(String, usize); 4] {
    SizeClass::ALL.map(|size| {
        let peers = bank.peers(Class { size, ..FRAMES }).unwrap();
        (peers.sizes.to_string(), peers.len())
    })
}

fn expected(pools: [(&str, usize); 4]) -> [(String, usize); 4] {
    pools.map(|(sizes, groups)| (sizes.to_owned(), groups))
}

#[test]
fn sizes_with_enough_groups_are_ranked_apart() {
    let bank = of_sizes([28_000, 12_000, 10_000, 11_000]);
    let apart = [("5 to 9", 28_000), ("10 to 29", 12_000), ("30 to 99", 10_000), ("100 or more", 11_000)];
    assert_eq!(ranked_among(&bank), expected(apart));
}

#[test]
fn a_rare_size_is_ranked_together_with_smaller_ones_and_they_with_it() {
    let together = ("10 or more", 10_100);
    assert_eq!(
        ranked_among(&of_sizes([10_000, 9_900, 200, 0])),
        expected([("5 to 9", 10_000), together, together, together])
    );
}

#[test]
fn what_is_left_over_are_small_groups_ranked_among_fewer() {
    let together = ("10 to 99", 10_200);
    assert_eq!(
        ranked_among(&of_sizes([300, 1_200, 9_000, 10_000])),
        expected([("5 to 9", 300), together, together, ("100 or more", 10_000)])
    );
}

#[test]
fn a_small_bank_ranks_all_sizes_together_and_a_kind_of_ties_that_it_lacks_not_at_all() {
    let bank = of_sizes([3, 2, 0, 0]);
    assert_eq!(ranked_among(&bank), expected([("5 or more", 5); 4]));
    assert!(bank.peers(Class { open: true, ..FRAMES }).is_none());
}

#[test]
fn joined_in_any_order_and_read_again_it_is_the_same() {
    let one = Bank::from_lines(SMALL.as_bytes()).unwrap();
    let other = Bank::from_lines(
        br#"{"bank":3,"sections":1}
{"kind":"own","ties":"phrases","size":"handful","open":true,"groups":1,"all":[0.31],"without_strongest":[],"families":{"rhythm":[0.31]}}"#,
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
