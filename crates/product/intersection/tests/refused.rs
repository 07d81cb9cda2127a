//! What a party does not take from the other.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeSet;

use intersection::ErrorKind;
use intersection::Kept;
use intersection::MAX_ITEM_BYTES;
use intersection::MAX_POINTS;
use intersection::Starter;
use intersection::answer;
use intersection::start;

const THREADS: usize = 2;
/// Where the count of an offer's points is: behind its line, the session and the public point.
const COUNT: usize = 32 + 64;
/// Where its points are.
const POINTS: usize = COUNT + 4;
/// Where the answerer's points are in an answer: behind its line, the session, the offer's digest, the public point and the count.
const ANSWERED: usize = 33 + 32 + 64 + 32 + 4;
/// Where the returned points are in an answer whose lists have the least length.
const RETURNED: usize = ANSWERED + 1_024 * 32 + 4;
/// Where the returned points are in a closing.
const CLOSED: usize = 34 + 32 + 64 + 4;

fn items(numbers: std::ops::Range<u32>) -> BTreeSet<Vec<u8>> {
    numbers.map(|number| format!("phone\0{number}").into_bytes()).collect()
}

fn refused(error: &intersection::Error, kind: ErrorKind, words: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

fn offer_is_refused(offer: &[u8], words: &str) {
    refused(&answer(&items(0..3), offer, THREADS).unwrap_err(), ErrorKind::Refused, words);
}

/// A starter, and the answer to its offer.
fn answered() -> (Starter, Vec<u8>) {
    let (starter, offer) = start(&items(0..10), THREADS).unwrap();
    (starter, answer(&items(5..20), &offer, THREADS).unwrap().1)
}

fn swap(message: &mut [u8], at: usize) {
    let (first, second) = message[at..at + 64].split_at_mut(32);
    first.swap_with_slice(second);
}

#[test]
fn points_that_are_none() {
    let offer = start(&items(0..10), THREADS).unwrap().1;
    let with = |at: usize, point: [u8; 32]| {
        let mut offer = offer.clone();
        offer[at..at + 32].copy_from_slice(&point);
        offer
    };
    // The identity is the one point of low order that the group has.
    offer_is_refused(&with(POINTS, [0; 32]), "the identity");
    offer_is_refused(&with(64, [0; 32]), "the identity");
    let last = offer.len() - 32;
    // Above the order of the field, so that it is a second encoding of a number below it.
    offer_is_refused(&with(last, [255; 32]), "point 1023: it encodes no point");
    // An odd number of the field: negative, as the standard calls it, and so no encoding.
    let mut odd = [255; 32];
    odd[31] = 0x3f;
    offer_is_refused(&with(last, odd), "point 1023: it encodes no point");
    let first: [u8; 32] = offer[POINTS..POINTS + 32].try_into().unwrap();
    offer_is_refused(&with(POINTS + 32, first), "point 1 is repeated");
}

#[test]
fn lists_of_another_length() {
    let offer = start(&items(0..10), THREADS).unwrap().1;
    for count in [0, 1, 1_000, 1_023, u32::try_from(MAX_POINTS).unwrap() * 2, u32::MAX] {
        let mut offer = offer.clone();
        offer[COUNT..POINTS].copy_from_slice(&count.to_le_bytes());
        offer_is_refused(&offer, "a list has a power of two");
    }
    offer_is_refused(&offer[..offer.len() - 1], "it ends early");
    offer_is_refused(&[&offer[..], b"x"].concat(), "1 bytes follow");
    offer_is_refused(&vec![b'x'; intersection::MAX_MESSAGE_BYTES + 1], "it is longer than");
    offer_is_refused(b"", "no message of an intersection");
}

#[test]
fn an_answer_that_was_changed() {
    let is_refused = |change: &dyn Fn(&mut Vec<u8>), words: &str| {
        let (mut starter, mut answered) = answered();
        change(&mut answered);
        refused(&starter.finish(&answered, THREADS).unwrap_err(), ErrorKind::Refused, words);
    };
    is_refused(&|answer| swap(answer, RETURNED), "its proof does not hold");
    is_refused(&|answer| answer.copy_within(RETURNED..RETURNED + 32, RETURNED + 32), "its proof does not hold");
    is_refused(&|answer| answer[RETURNED..RETURNED + 32].fill(0), "the identity");
    is_refused(&|answer| answer.copy_within(ANSWERED..ANSWERED + 32, 33 + 32 + 64), "its proof does not hold");
    is_refused(&|answer| swap(answer, ANSWERED), "not in ascending order");
    is_refused(
        &|answer| {
            let last = answer.len() - 1;
            answer[last] ^= 0x80;
        },
        "its proof is not well formed",
    );
    is_refused(
        &|answer| {
            let last = answer.len() - 32;
            answer[last] ^= 1;
        },
        "its proof does not hold",
    );
}

#[test]
fn points_of_the_offer_sent_back_as_own() {
    let (mut starter, offer) = start(&items(0..10), THREADS).unwrap();
    let mut answered = answer(&items(5..20), &offer, THREADS).unwrap().1;
    answered[ANSWERED..ANSWERED + 1_024 * 32].copy_from_slice(&offer[POINTS..]);
    refused(&starter.finish(&answered, THREADS).unwrap_err(), ErrorKind::Refused, "sends points of the offer back");
}

#[test]
fn a_closing_that_says_other_values_are_common() {
    let (mut starter, offer) = start(&items(0..10), THREADS).unwrap();
    let (answerer, answered) = answer(&items(5..20), &offer, THREADS).unwrap();
    let closing = starter.finish(&answered, THREADS).unwrap().1;
    assert_eq!(answerer.finish(&closing, THREADS).unwrap().common.len(), 5);

    // Without the proof, each of these would move a common value to another, or invent some: the starter knows the points
    // of its own items under both scalars from the answer.
    let mut moved = closing.clone();
    moved[CLOSED..CLOSED + 1_024 * 32].rotate_left(32);
    let mut invented = closing.clone();
    invented[CLOSED..CLOSED + 1_024 * 32].copy_from_slice(&answered[RETURNED..RETURNED + 1_024 * 32]);
    for lie in [moved, invented] {
        refused(&answerer.finish(&lie, THREADS).unwrap_err(), ErrorKind::Refused, "its proof does not hold");
    }
}

#[test]
fn messages_of_another_session_or_step() {
    let (mut starter, offer) = start(&items(0..10), THREADS).unwrap();
    let (answerer, answered) = answer(&items(5..20), &offer, THREADS).unwrap();
    let (other, second) = answer(&items(5..20), &offer, THREADS).unwrap();
    let foreign = self::answered().1;

    refused(&starter.finish(&foreign, THREADS).unwrap_err(), ErrorKind::Mixed, "answers another offer");
    refused(&starter.finish(&offer, THREADS).unwrap_err(), ErrorKind::Mixed, "this step takes the answer");
    // The session's name, and another set of points: as if somebody had changed the offer on its way.
    let mut changed = start(&items(0..10), THREADS).unwrap().1;
    changed[32..64].copy_from_slice(&offer[32..64]);
    let to_changed = answer(&items(5..20), &changed, THREADS).unwrap().1;
    refused(&starter.finish(&to_changed, THREADS).unwrap_err(), ErrorKind::Mixed, "answers another offer");
    let closing = starter.finish(&answered, THREADS).unwrap().1;
    refused(&starter.finish(&second, THREADS).unwrap_err(), ErrorKind::Mixed, "a second is refused");
    refused(&other.finish(&closing, THREADS).unwrap_err(), ErrorKind::Mixed, "closes another session");
    refused(&answerer.finish(&answered, THREADS).unwrap_err(), ErrorKind::Mixed, "this step takes the closing");
    refused(&answer(&items(0..3), &closing, THREADS).unwrap_err(), ErrorKind::Mixed, "this step takes the offer");

    // What was taken is remembered by a state that is kept.
    let Kept::Starter(mut kept) = Kept::parse(&Kept::Starter(starter).to_bytes()).unwrap() else { panic!() };
    refused(&kept.finish(&second, THREADS).unwrap_err(), ErrorKind::Mixed, "a second is refused");
}

#[test]
fn own_items_that_cannot_be_used() {
    let usage = |items: &BTreeSet<Vec<u8>>, words: &str| {
        refused(&start(items, THREADS).unwrap_err(), ErrorKind::Usage, words);
    };
    usage(&BTreeSet::new(), "no value");
    usage(&BTreeSet::from([vec![b'x'; MAX_ITEM_BYTES + 1]]), "longer than");
    usage(&items(0..u32::try_from(MAX_POINTS).unwrap() + 1), "compare them in parts");
}

#[test]
fn a_state_that_is_damaged() {
    let bytes = Kept::Starter(answered().0).to_bytes();
    for cut in [0, 10, 50, 200, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(Kept::parse(&bytes[..cut]).unwrap_err().kind(), ErrorKind::State);
    }
    assert_eq!(Kept::parse(&[&bytes[..], b"x"].concat()).unwrap_err().kind(), ErrorKind::State);
}
