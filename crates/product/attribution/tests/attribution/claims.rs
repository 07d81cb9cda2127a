//! What is claimed of small logs, and what is refused.

use attribution::ItemKind;
use attribution::NONE;
use attribution::SEVERAL;
use attribution::as_contract;
use attribution::text;
use attribution::words::LIKELY;
use attribution::words::WORDS;
use attribution::words::word;

use crate::town::Town;
use crate::town::of;
use crate::town::organisation;

#[test]
fn two_families_that_cannot_be_forged_name_who_it_is() {
    let entities = [organisation("One", 1, 2), organisation("Two", 2, 2)];
    let mut town = Town::new();
    town.mail(0..8, "org1.example", true);
    town.address(10..20, "198.51.1");
    let told = town.judge(&entities);
    assert_eq!(told.named, ["One"]);
    assert!(of(&told, "One").posterior >= LIKELY && of(&told, NONE).posterior < LIKELY, "{}", text(&told));
    assert!(of(&told, "Two").posterior < 0.2);
    let sum: f64 = told.hypotheses.iter().map(|one| one.alone).sum();
    assert!((0.9..1.1).contains(&sum), "{sum}");
    // The form of the contract has every hypothesis, and each item with its ratio and its chance.
    let contract = as_contract(&told);
    assert_eq!(contract.len(), 4);
    let evidence = contract.iter().find(|one| one.entity == "One").unwrap().evidence.join("\n");
    assert!(evidence.contains("8 of 40 accounts") && evidence.contains("honest groups of this log"), "{evidence}");
    assert!(evidence.contains("2 independent sources"), "{evidence}");
}

#[test]
fn nobody_hides_behind_forgeable_evidence_of_themselves() {
    let entities = [organisation("One", 1, 2)];
    let mut town = Town::new();
    town.mail(0..8, "org1.example", true);
    town.mail(20..40, "org1.example", false);
    town.address(10..18, "198.51.1");
    town.address(20..40, "203.0.1");
    assert_eq!(town.judge(&entities).named, ["One"]);
}

#[test]
fn one_family_alone_names_nobody() {
    let entities = [organisation("One", 1, 2)];
    let mut town = Town::new();
    town.address(0..40, "198.51.1");
    let told = town.judge(&entities);
    assert!(told.named.is_empty(), "{}", text(&told));
    assert!(
        of(&told, "One").refused[0].contains("one family alone (network) that cannot be laid"),
        "{:?}",
        of(&told, "One").refused
    );
}

#[test]
fn the_same_few_people_are_one_family_and_not_two() {
    let entities = [organisation("One", 1, 2)];
    let mut town = Town::new();
    town.mail(0..4, "org1.example", true);
    town.address(0..4, "198.51.1");
    let told = town.judge(&entities);
    assert!(told.named.is_empty(), "{}", text(&told));
    // One account, whatever it shows, says nothing of a group.
    let mut town = Town::new();
    town.mail(0..1, "org1.example", true);
    town.address(10..20, "198.51.1");
    assert!(town.judge(&entities).named.is_empty());
}

#[test]
fn who_is_framed_is_not_named() {
    let entities = [organisation("One", 1, 2), organisation("Two", 2, 2)];
    let mut town = Town::new();
    // All that can be had for money: spelled addresses, rented machines, office hours, a stop on the day of the release.
    town.mail(0..40, "org1.example", false);
    town.address(0..40, "203.0.1");
    town.office();
    town.stop(17);
    let told = town.judge(&entities);
    assert!(told.named.is_empty() && of(&told, "One").posterior < LIKELY, "{}", text(&told));
    let why = of(&told, "One").refused.join("\n");
    assert!(why.contains("can be laid from outside") && why.contains("nothing: anybody can write"), "{why}");
    // Nor where a few accounts of its people were stolen for the pool: what is free corroborates nothing.
    town.address(0..6, "198.51.1");
    let told = town.judge(&entities);
    assert!(told.named.is_empty() && of(&told, "One").posterior < LIKELY, "{}", text(&told));
    assert!(of(&told, "One").refused[0].contains("and of the others"), "{:?}", of(&told, "One").refused);
}

#[test]
fn working_hours_alone_name_nobody_and_are_no_second_family() {
    let entities = [organisation("One", 1, 2)];
    let mut town = Town::new();
    town.office();
    let told = town.judge(&entities);
    assert!(told.named.is_empty());
    assert!(of(&told, "One").refused[0].contains("they tell a place"), "{:?}", of(&told, "One").refused);
    town.address(0..20, "198.51.1");
    let told = town.judge(&entities);
    assert!(told.named.is_empty(), "{}", text(&told));
}

#[test]
fn a_customer_that_is_common_in_the_log_is_no_evidence() {
    let entities = [organisation("One", 1, 2)];
    let mut town = Town::new();
    town.mail(0..8, "org1.example", true);
    town.address(10..20, "198.51.1");
    // Strangers of whom a third are of the same organisation and its network.
    for at in (40..640).step_by(3) {
        town.mail(at..at + 1, "org1.example", true);
        town.address(at..at + 1, "198.51.1");
    }
    assert!(town.judge(&entities).named.is_empty());
}

#[test]
fn facts_of_one_source_hold_a_claim_to_seventy() {
    let mut town = Town::new();
    town.mail(0..8, "org1.example", true);
    town.address(10..20, "198.51.1");
    town.say(25..32, "as in secret1word, please");
    let told = town.judge(&[organisation("One", 1, 1)]);
    let one = of(&told, "One");
    assert!(one.posterior <= 0.7 + 1e-9, "{}", one.posterior);
    assert!(one.refused.iter().any(|why| why.contains("ONE independent source")), "{:?}", one.refused);
    assert!(of(&town.judge(&[organisation("One", 1, 2)]), "One").posterior > 0.9);
}

#[test]
fn two_laboratories_on_one_pool_each_get_their_share() {
    let entities = [organisation("One", 1, 2), organisation("Two", 2, 2), organisation("Three", 3, 2)];
    let mut town = Town::new();
    town.mail(0..6, "org1.example", true);
    town.address(6..14, "198.51.1");
    town.mail(20..26, "org2.example", true);
    town.address(26..34, "198.51.2");
    town.say(14..20, "as in secret1word");
    town.say(34..40, "as in secret2word");
    let told = town.judge(&entities);
    assert!(of(&told, SEVERAL).named, "{}", text(&told));
    assert_eq!(told.named, ["One", "Two"]);
    let shares: Vec<(&str, usize)> = told.shares.iter().map(|one| (one.entity.as_str(), one.accounts)).collect();
    assert_eq!(shares, [("One", 20), ("Two", 20)]);
    assert!(of(&told, "Three").posterior < 0.2);
}

#[test]
fn a_shift_before_an_unannounced_release_is_counted_with_other_dates() {
    let entities = [organisation("One", 1, 2)];
    let mut town = Town::new();
    // The release is on 21 May, which is day 17.
    town.stop(16);
    let told = town.judge(&entities);
    let item = of(&told, "One").items.iter().find(|one| one.item == ItemKind::ReleaseAhead).unwrap();
    assert!(item.chance_of_dates.unwrap() < 0.1 && item.e_value > 3.0, "{item:?}");
    let mut town = Town::new();
    town.stop(24);
    let told = town.judge(&entities);
    let item = of(&told, "One").items.iter().find(|one| one.item == ItemKind::ReleaseAhead).unwrap();
    assert!(item.e_value < 1.0, "{item:?}");
}

#[test]
fn nothing_to_go_by_is_said_so() {
    let told = Town::new().judge(&[organisation("One", 1, 2)]);
    assert!(told.named.is_empty());
    assert!(of(&told, NONE).posterior > LIKELY, "{}", text(&told));
    assert!(of(&told, "One").refused[0].contains("nothing is more frequent"), "{:?}", of(&told, "One").refused);
}

#[test]
fn words_have_the_ranges_of_the_directive() {
    assert_eq!(
        WORDS.map(|one| (one.from, one.to)),
        [(1, 5), (5, 20), (20, 45), (45, 55), (55, 80), (80, 95), (95, 99)]
    );
    for (probability, expected) in
        [(0.0, "almost no chance"), (0.049, "almost no chance"), (0.05, "very unlikely"), (0.5, "roughly even chance")]
    {
        assert_eq!(word(probability).word, expected, "{probability}");
    }
    assert_eq!((word(0.55).word, word(0.8).word, word(1.0).word), ("likely", "very likely", "almost certain"));
}
