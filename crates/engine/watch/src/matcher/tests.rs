#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::Int64Array;
use arrow_array::ListArray;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::types::Int64Type;
use campaign::AccountEvidence;
use campaign::AccountVerdict;
use record::ObservableKind;
use verdict::Family;
use verdict::Standing;
use verdict::ViewKind;

use super::Common;
use super::Index;

/// A row: whose it is, its wording and the conversation that it goes on with.
type Row = (String, i64, i64);

fn batch(rows: &[Row]) -> RecordBatch {
    let none = || Arc::new(Int64Array::from(vec![None::<i64>; rows.len()])) as ArrayRef;
    let list = |value: &dyn Fn(&Row) -> i64| {
        let rows = rows.iter().map(|row| Some(vec![Some(value(row))]));
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(rows)) as ArrayRef
    };
    let roots: Int64Array = rows.iter().map(|row| (row.2 != 0).then_some(row.2)).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("account", Arc::new(rows.iter().map(|row| Some(row.0.as_str())).collect::<StringArray>()) as ArrayRef, false),
        ("ip_hash", none(), true),
        ("root", Arc::new(roots) as ArrayRef, true),
        ("presented", none(), true),
        ("frames", list(&|row| row.1), true),
        ("phrases", list(&|_| 1), true),
        ("quotes", list(&|_| 2), true),
    ])
    .unwrap()
}

fn verdict(account: &str, campaign: &str, items: &[(Family, ObservableKind, u64)]) -> AccountVerdict {
    let evidence = items.iter().map(|(family, kind, hash)| AccountEvidence {
        family: *family,
        detector: ViewKind::Frames,
        kind: kind.as_str(),
        item: format!("{hash:016x}"),
        accounts_in_common: 1,
        exchanges: Vec::new(),
    });
    AccountVerdict {
        account: account.to_owned(),
        verdict: Standing::Implicated,
        campaign: campaign.to_owned(),
        campaigns: vec![campaign.to_owned()],
        confidence: 80,
        e_value: 1000.0,
        reasons: Vec::new(),
        evidence: evidence.collect(),
    }
}

/// A campaign of two members with the wording 100 and the conversations 7 and 8.
fn campaign() -> Index {
    let frame = (Family::Content, ObservableKind::Frame, 100);
    Index::of(&[
        verdict("m1", "C-1", &[frame, (Family::Continuity, ObservableKind::Root, 7)]),
        verdict("m2", "C-1", &[frame, (Family::Continuity, ObservableKind::Root, 8)]),
    ])
}

fn honest(count: usize) -> Vec<Row> {
    (0..count).map(|at| (format!("h{at}"), 200 + at as i64, 0)).collect()
}

#[test]
fn who_shows_two_families_after_the_sweep_matches_and_nobody_else_does() {
    let index = campaign();
    let mut common = Common::default();
    let mut before = honest(5_000);
    // One shares the wording only; one did both before the sweep, and the sweep left it out.
    before.extend([("h0".to_owned(), 100, 0), ("h1".to_owned(), 100, 7), ("m1".to_owned(), 100, 7)]);
    index.see(&batch(&before), &mut common);
    let kept = index.calibrate(&common, 5_002, 0.001);
    assert!((kept.chances[&0] - 2.0 / 5_001.0).abs() < 1e-9, "{kept:?}");
    let new = |rows: &[Row], common: &mut Common| index.see(&batch(rows), common);
    new(&[("n1".to_owned(), 100, 0), ("n2".to_owned(), 5, 7), ("m2".to_owned(), 100, 7)], &mut common);
    assert!(index.matched(&common, &kept).is_empty(), "one family is no match");
    // The second family comes in another exchange; h0 has its first from before the sweep.
    new(&[("n1".to_owned(), 9, 8), ("h0".to_owned(), 9, 8)], &mut common);
    let matched = index.matched(&common, &kept);
    assert_eq!(matched.keys().copied().collect::<Vec<_>>(), ["h0", "n1"]);
    assert_eq!(matched["n1"][0].0, "C-1");
    assert_eq!(matched["n1"][0].1.iter().collect::<Vec<_>>(), [Family::Continuity, Family::Content]);
}

#[test]
fn a_campaign_that_honest_accounts_match_too_is_not_matched_against() {
    let index = campaign();
    let mut common = Common::default();
    let mut before = honest(5_000);
    before.extend((0..10).map(|at| (format!("h{at}"), 100, 7)));
    index.see(&batch(&before), &mut common);
    assert!(index.calibrate(&common, 5_002, 0.001).chances.is_empty());
    // Nor one of a log that is too small to say how often honest accounts match it.
    let few = index.calibrate(&Common::default(), 500, 0.001);
    assert!(few.chances.is_empty(), "{few:?}");
}

#[test]
fn rhythm_and_what_others_do_are_no_match() {
    let rhythm = (Family::Rhythm, ObservableKind::Frame, 300);
    let index = Index::of(&[verdict("m1", "C-1", &[rhythm, (Family::Continuity, ObservableKind::Root, 7)])]);
    let mut common = Common::default();
    let kept = index.calibrate(&common, 100_000, 0.001);
    index.see(&batch(&[("n".to_owned(), 300, 7)]), &mut common);
    assert!(index.matched(&common, &kept).is_empty());
}

/// A small generator of numbers: the simulation is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Honest accounts come in clusters (a class, a team) whose members do the same: strong dependence inside a cluster, and one that
/// makes the two families go together. A newcomer is of a cluster like the others'. The share of worlds in which it matches
/// stays within the rate.
#[test]
fn honest_newcomers_match_at_most_at_the_rate() {
    const WORLDS: u64 = 20_000;
    let rate = 0.02;
    let mut numbers = Numbers(11);
    let (mut matched, mut kept_worlds) = (0_u64, 0_u64);
    for _ in 0..WORLDS {
        let index = campaign();
        let mut common = Common::default();
        // Each cluster holds both of the campaign's items, or none: how often differs from world to world.
        let share = 1 + numbers.below(100);
        let cluster = |numbers: &mut Numbers| numbers.below(5_000) < share;
        let clusters: Vec<bool> = (0..40).map(|_| cluster(&mut numbers)).collect();
        let size = 1 + numbers.below(4);
        let accounts: Vec<Row> = clusters
            .iter()
            .enumerate()
            .flat_map(|(at, holds)| {
                let items = if *holds { (100, 7) } else { (5, 9) };
                (0..size).map(move |of| (format!("h{at}-{of}"), items.0, items.1))
            })
            .collect();
        index.see(&batch(&accounts), &mut common);
        let kept = index.calibrate(&common, accounts.len() as u64 + 2, rate);
        kept_worlds += u64::from(!kept.chances.is_empty());
        let items = if cluster(&mut numbers) { (100, 7) } else { (5, 9) };
        index.see(&batch(&[("new".to_owned(), items.0, items.1)]), &mut common);
        matched += u64::from(!index.matched(&common, &kept).is_empty());
    }
    let found = matched as f64 / WORLDS as f64;
    assert!(kept_worlds > WORLDS / 20, "{kept_worlds} worlds say enough");
    assert!(found <= rate, "{found} of newcomers match");
    assert!(matched > 0, "the simulation can fail");
}

#[test]
fn what_is_seen_in_pieces_is_what_is_seen_at_once() {
    let index = campaign();
    let rows: Vec<Row> = vec![("a".to_owned(), 100, 0), ("b".to_owned(), 1, 8), ("a".to_owned(), 1, 7)];
    let mut whole = Common::default();
    index.see(&batch(&rows), &mut whole);
    let mut merged = Common::default();
    for row in rows.into_iter().rev() {
        let mut one = Common::default();
        index.see(&batch(&[row]), &mut one);
        merged.merge(one);
    }
    assert_eq!(whole.of_account.into_iter().collect::<BTreeMap<_, _>>(), merged.of_account.into_iter().collect());
}
