//! The fold law, the bounds of the serialised form, and the fixtures of its versions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use observation::Observer;
use profile::Profile;

use proptest::prelude::*;
use record::Client;
use record::Exchange;
use record::Message;
use record::Request;
use record::Response;
use record::Role;
use sketch::hash::mix;

/// One invented exchange; everything that varies comes from the numbers.
fn exchange(id: u32, hour: u32, topic: u8, ip: u8) -> Exchange<'static> {
    let text = format!("please write a python function that sorts {topic} kinds of garden tools by their weight {id}");
    Exchange {
        id: Cow::Owned(format!("req_{id}")),
        at_us: i64::from(hour) * 3_600_000_000 + i64::from(id),
        account: Cow::Borrowed("acct_1"),
        conversation: Some(Cow::Owned(format!("conv_{}", id % 9))),
        client: Client {
            ip: Some(Cow::Owned(format!("203.0.113.{ip}"))),
            user_agent: Some(Cow::Borrowed("tool/1.2")),
            ja4: Some(Cow::Owned(format!("t13d_{}", topic % 4))),
            asn: Some(64_500 + u32::from(ip % 5)),
            ..Client::default()
        },
        request: Request {
            system: Some(Cow::Owned(format!("You are helper {}.", topic % 3))),
            model: Some(Cow::Owned(format!("m-{}", hour / 300))),
            messages: messages(id, text),
            ..Request::default()
        },
        response: Response {
            status: Some(if id.is_multiple_of(17) { 429 } else { 200 }),
            input_tokens: Some(100 + u64::from(id)),
            output_tokens: Some(u64::from(topic) * 10),
            latency_ms: Some(u64::from(hour)),
            stop_reason: id.is_multiple_of(11).then_some(Cow::Borrowed("refusal")),
            content: Some(Cow::Owned(answer(id))),
            signature: Some(Cow::Owned(format!("signature {id}"))),
        },
        ..Exchange::default()
    }
}

/// An answer long enough to be somebody's.
fn answer(id: u32) -> String {
    let digits = ["nil", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let number: Vec<&str> = format!("{id:05}").bytes().map(|digit| digits[usize::from(digit - b'0')]).collect();
    let number = number.join(" ");
    format!(
        "sort the spades by {number} and the rakes by weight, {number}, then put {number} tools of the shed in a row"
    )
}

/// A third of the requests go on with a conversation, a third send an earlier answer back.
fn messages(id: u32, text: String) -> Vec<Message<'static>> {
    let of = |role, text| Message { role, text: Cow::Owned(text), ..Message::default() };
    match id % 3 {
        0 => vec![of(Role::User, text)],
        1 => {
            let signature = Some(Cow::Owned(format!("signature {}", id / 2)));
            let turn = Message { signature, ..of(Role::Assistant, answer(id / 2)) };
            vec![of(Role::User, format!("begin {}", id / 2)), turn, of(Role::User, text)]
        }
        _ => vec![of(Role::User, format!("{text}: {}", answer(id / 2)))],
    }
}

fn observe(profile: &mut Profile, exchange: &Exchange<'_>) {
    let features = Observer::default().observe(exchange);
    profile.observe(&features.observation(exchange));
}

fn fold(exchanges: &[Exchange<'_>]) -> Profile {
    let mut profile = Profile::default();
    exchanges.iter().for_each(|exchange| observe(&mut profile, exchange));
    profile
}

prop_compose! {
    fn exchanges()(seeds in proptest::collection::vec((0_u32..5_000, 0_u32..900, any::<u8>(), any::<u8>()), 0..120)) -> Vec<Exchange<'static>> {
        seeds.into_iter().map(|(id, hour, topic, ip)| exchange(id, hour, topic, ip)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_and_any_split_give_the_same_bytes(all in exchanges(), cuts in proptest::collection::vec(0_usize..120, 0..4), turn in 0_usize..120) {
        let whole = fold(&all).to_bytes();
        let mut turned = all.clone();
        turned.rotate_left(turn % all.len().max(1));
        turned.reverse();
        prop_assert_eq!(&fold(&turned).to_bytes(), &whole);
        let mut edges: Vec<usize> = cuts.into_iter().map(|cut| cut.min(all.len())).chain([0, all.len()]).collect();
        edges.sort_unstable();
        let mut merged = Profile::default();
        for edge in edges.windows(2).rev() {
            let part = Profile::from_bytes(&fold(&all[edge[0]..edge[1]]).to_bytes()).unwrap();
            merged.merge(&part);
        }
        prop_assert_eq!(merged.to_bytes(), whole);
    }

    #[test]
    fn the_profile_agrees_with_counting_by_hand(all in exchanges()) {
        let profile = fold(&all);
        let mut ips: BTreeMap<&str, u32> = BTreeMap::new();
        let mut hours = [0_u32; 24];
        for exchange in &all {
            *ips.entry(exchange.client.ip.as_deref().unwrap()).or_default() += 1;
            hours[(exchange.at_us / 3_600_000_000 % 24) as usize] += 1;
        }
        prop_assert_eq!(profile.exchanges, all.len() as u64);
        prop_assert_eq!(profile.hours, hours);
        prop_assert_eq!(profile.input_tokens, all.iter().map(|e| e.response.input_tokens.unwrap()).sum::<u64>());
        if profile.ips.is_exact() {
            prop_assert_eq!(profile.ips.len(), ips.len());
            prop_assert_eq!(profile.ips.iter().map(|(_, count)| count).sum::<u32>() as usize, all.len());
        }
        prop_assert_eq!(profile.seen_us, all.iter().map(|e| e.at_us).min().zip(all.iter().map(|e| e.at_us).max()));
    }

    #[test]
    fn noise_is_never_a_profile_and_never_a_panic(noise in any::<Vec<u8>>(), cut in 0_usize..2_000) {
        let _ = Profile::from_bytes(&noise);
        let whole = fold(&[exchange(1, 2, 3, 4), exchange(5, 6, 7, 8)]).to_bytes();
        if cut < whole.len() {
            prop_assert!(Profile::from_bytes(&whole[..cut]).is_err());
        }
        prop_assert!(Profile::from_bytes(&[whole, vec![0]].concat()).is_err());
    }
}

#[test]
fn a_typical_account_is_below_eight_kibibytes_and_the_largest_below_sixteen() {
    let typical: Vec<_> = (0..30).map(|id| exchange(id, id * 20, (id % 7) as u8, (id % 5) as u8)).collect();
    let size = fold(&typical).to_bytes().len();
    assert!(size < 8192, "{size} bytes for thirty exchanges");
    let mut largest = Profile::default();
    let mut text = String::new();
    for id in 0..20_000_u32 {
        text.clear();
        for word in 0..80 {
            let hash = mix(u64::from(id / 3 * 100 + word));
            let letter = char::from(b'a' + (hash % 26) as u8).to_string();
            let _ = write!(text, "{} ", letter.repeat(1 + (hash >> 8) as usize % 9));
        }
        let mut one = exchange(id, id % 5_000, (id % 251) as u8, (id % 250) as u8);
        one.client.user_agent = Some(Cow::Owned(format!("tool/{id}")));
        one.request.system = Some(Cow::Owned(format!("system {id}")));
        one.end_user = Some(Cow::Owned(format!("user {id}")));
        one.request.messages.last_mut().unwrap().text = Cow::Owned(format!("{text} step by step"));
        observe(&mut largest, &one);
    }
    let size = largest.to_bytes().len();
    assert!(largest.roots.len() == 64 && largest.quotes.len() == 128 && largest.declined_reasoning > 0);
    assert!(size < 16_384, "{size} bytes for twenty thousand exchanges");
}

#[test]
fn version_one_is_still_read() {
    let profile = fold(&(0..12).map(|id| exchange(id, id * 3, id as u8, id as u8)).collect::<Vec<_>>());
    let read = Profile::from_bytes(&stored(1)).unwrap();
    assert_eq!((read.exchanges, read.hours, read.ips.len()), (12, profile.hours, 12));
    assert!(read.roots.is_empty() && read.phrases.is_empty(), "what version 1 did not keep is empty");
}

/// The bytes of a profile of twelve exchanges, as a version wrote them.
fn stored(version: u8) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/profile-v{version}.bin", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn version_two_is_still_read() {
    let [two, three] = [2, 3].map(|version| Profile::from_bytes(&stored(version)).unwrap());
    assert_eq!(two, three, "what version 3 left out was read by nothing");
}

#[test]
fn version_three_is_still_read() {
    let mut read = Profile::from_bytes(&stored(3)).unwrap();
    let now = fold(&(0..12).map(|id| exchange(id, id * 3, id as u8, id as u8)).collect::<Vec<_>>());
    assert!(read.roots != now.roots && read.roots.len() == now.roots.len(), "version 4 has other hashes of as many");
    // Beside the hashes of conversations and answers nothing has changed.
    (read.roots, read.refused_roots) = (now.roots.clone(), now.refused_roots.clone());
    (read.quotes, read.answers) = (now.quotes.clone(), now.answers.clone());
    assert_eq!(read, now);
}

#[test]
fn version_four_is_read_and_written() {
    let profile = fold(&(0..12).map(|id| exchange(id, id * 3, id as u8, id as u8)).collect::<Vec<_>>());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/profile-v4.bin");
        std::fs::write(path, profile.to_bytes()).unwrap();
    }
    let stored = stored(4);
    assert_eq!(Profile::from_bytes(&stored).unwrap().to_bytes(), stored);
    assert_eq!(profile.to_bytes(), stored, "the fold of the same exchanges has changed: bump the version");
}
