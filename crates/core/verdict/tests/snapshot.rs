//! Laws of snapshots: what is written reads back, what is damaged is refused, and lookups find what was put in.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use verdict::ErrorKind;
use verdict::Families;
use verdict::Family;
use verdict::SnapshotAccount;
use verdict::SnapshotBuilder;
use verdict::SnapshotCampaign;
use verdict::SnapshotWindow;
use verdict::Standing;
use verdict::Tier;
use verdict::VerdictSnapshot;

fn campaign(id: &str, tier: Tier, corroboration: u8) -> SnapshotCampaign {
    SnapshotCampaign {
        id: id.to_owned(),
        tier,
        corroboration,
        families: [Family::Continuity, Family::Content].into_iter().take(usize::from(corroboration)).collect(),
        confidence: 80,
        budget_key: id.to_owned(),
    }
}

fn account(name: &str, standing: Option<Standing>, tier: Tier, campaigns: &[&str]) -> SnapshotAccount {
    SnapshotAccount {
        account: name.to_owned(),
        standing,
        tier,
        corroboration: 2,
        families: if standing.is_some() { [Family::Content].into_iter().collect() } else { Families::default() },
        confidence: 80,
        campaigns: campaigns.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// The snapshot that is kept in git.
fn example() -> SnapshotBuilder {
    let window = SnapshotWindow { start_us: 1_776_000_000_000_000, end_us: 1_777_000_000_000_000 };
    let mut builder = SnapshotBuilder::new(1_777_000_600_000_000, window);
    builder.campaign(campaign("C-first", Tier::Discovered, 2));
    builder.campaign(SnapshotCampaign { budget_key: "C-older".to_owned(), ..campaign("C-second", Tier::Suspected, 1) });
    builder.campaign(campaign("L-0000000a", Tier::Lead, 0));
    builder.account(account("acct_2", Some(Standing::Implicated), Tier::Discovered, &["C-first", "C-second"]));
    builder.account(account("acct_10", Some(Standing::Watch), Tier::Suspected, &["C-second"]));
    builder.account(account("compte_é", None, Tier::Lead, &["L-0000000a"]));
    builder
}

fn fixture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1.verdicts")
}

#[test]
fn the_first_version_stays_readable() {
    // To make the file of a new version, write `example().build().unwrap().to_bytes()` there once.
    let kept = VerdictSnapshot::read_file(&fixture()).unwrap();
    let made = example().build().unwrap();
    assert_eq!(kept.id(), made.id());
    assert_eq!(kept.to_bytes(), fs::read(fixture()).unwrap());
    assert_eq!(kept.made_at_us(), 1_777_000_600_000_000);
    assert_eq!(kept.window().end_us, 1_777_000_000_000_000);
    let account = kept.account("acct_2").unwrap();
    assert_eq!((account.standing(), account.tier()), (Some(Standing::Implicated), Tier::Discovered));
    let budgets: Vec<&str> = account.campaigns().map(|campaign| campaign.budget_key.as_str()).collect();
    assert_eq!(budgets, ["C-first", "C-older"]);
    assert_eq!(kept.members("C-second").map(|member| member.name()).collect::<Vec<_>>(), ["acct_10", "acct_2"]);
    assert!(kept.account("acct_1").is_none() && kept.campaign("C-none").is_none());
    assert_eq!(kept.members("C-none").count(), 0);
}

#[test]
fn any_changed_bit_and_any_cut_is_refused() {
    let bytes = example().build().unwrap().to_bytes();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(VerdictSnapshot::from_bytes(&changed).is_err(), "byte {at}, bit {bit}");
        }
        assert!(VerdictSnapshot::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert_eq!(VerdictSnapshot::from_bytes(&longer).unwrap_err().kind(), ErrorKind::Damaged);
    let mut later = bytes.clone();
    later[8] = 2;
    assert_eq!(VerdictSnapshot::from_bytes(&later).unwrap_err().kind(), ErrorKind::Version);
    assert_eq!(VerdictSnapshot::from_bytes(b"{}").unwrap_err().kind(), ErrorKind::NotASnapshot);
    let missing = VerdictSnapshot::read_file(Path::new("/nowhere/at/all")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Unreadable);
    assert!(missing.to_string().contains("/nowhere/at/all"));
}

/// A change of an account.
type Change = &'static dyn Fn(&mut SnapshotAccount);

#[test]
fn nobody_is_held_to_be_more_than_the_law_allows() {
    let refused = |change: Change| {
        let mut builder = example();
        let mut one = account("acct_3", Some(Standing::Implicated), Tier::Discovered, &["C-first"]);
        change(&mut one);
        builder.account(one);
        builder.build().map(|_| ()).map_err(|error| (error.kind(), error.to_string()))
    };
    assert_eq!(refused(&|_| ()), Ok(()));
    let wrong: [(&str, Change); 9] = [
        ("without evidence of its own", &|one| one.families = Families::default()),
        ("without a discovered campaign", &|one| one.tier = Tier::Suspected),
        ("of which nothing is claimed", &|one| (one.standing, one.tier) = (Some(Standing::Watch), Tier::Lead)),
        ("has no standing", &|one| one.standing = None),
        ("which the snapshot does not hold", &|one| one.campaigns = vec!["C-none".to_owned()]),
        ("in one campaign twice", &|one| one.campaigns.push("C-first".to_owned())),
        ("above 100", &|one| one.confidence = 101),
        ("there twice", &|one| one.account = "acct_2".to_owned()),
        ("empty", &|one| one.account = String::new()),
    ];
    for (words, change) in wrong {
        let (kind, text) = refused(change).unwrap_err();
        assert_eq!(kind, ErrorKind::Contradiction, "{text}");
        assert!(text.contains(words), "{text}");
    }
    let (kind, _) = refused(&|one| one.account = "x".repeat(1025)).unwrap_err();
    assert_eq!(kind, ErrorKind::TooLarge);
}

/// A fact of an account as a model holds it: standing, tier and campaigns.
type Fact = (Option<Standing>, Tier, Vec<String>);

fn facts() -> impl Strategy<Value = BTreeMap<String, Fact>> {
    let standing = prop_oneof![
        Just((None, Tier::Lead)),
        Just((Some(Standing::Watch), Tier::Suspected)),
        Just((Some(Standing::Watch), Tier::Discovered)),
        Just((Some(Standing::Implicated), Tier::Discovered)),
    ];
    let ids = (0..20).map(|number| format!("C-{number}")).collect::<Vec<_>>();
    let campaigns = prop::sample::subsequence(ids, 0..4).prop_shuffle();
    let fact = (standing, campaigns).prop_map(|((standing, tier), campaigns)| (standing, tier, campaigns));
    prop::collection::btree_map("[a-z0-9é\\n]{1,12}", fact, 0..200)
}

fn built<'a>(facts: impl Iterator<Item = (&'a String, &'a Fact)>, backwards: bool) -> VerdictSnapshot {
    let mut builder = SnapshotBuilder::new(5, SnapshotWindow { start_us: -3, end_us: 4 });
    let mut campaigns: Vec<u8> = (0..20).collect();
    let mut facts: Vec<_> = facts.collect();
    if backwards {
        campaigns.reverse();
        facts.reverse();
    }
    campaigns.iter().for_each(|number| builder.campaign(campaign(&format!("C-{number}"), Tier::Discovered, 2)));
    for (name, (standing, tier, campaigns)) in facts {
        let ids: Vec<&str> = campaigns.iter().map(String::as_str).collect();
        builder.account(account(name, *standing, *tier, &ids));
    }
    builder.build().unwrap()
}

proptest! {
    /// The slow model is a map from names to facts.
    #[test]
    fn lookups_are_those_of_a_map_and_order_never_shows(facts in facts(), stranger in "[a-z]{1,12}") {
        let made = built(facts.iter(), false);
        let other = built(facts.iter(), true);
        prop_assert_eq!(made.to_bytes(), other.to_bytes());
        let read = VerdictSnapshot::from_bytes(&made.to_bytes()).unwrap();
        prop_assert_eq!(read.id(), made.id());
        prop_assert_eq!(read.to_bytes(), made.to_bytes());
        for snapshot in [&made, &read] {
            prop_assert_eq!(snapshot.accounts().len(), facts.len());
            for (name, (standing, tier, campaigns)) in &facts {
                let found = snapshot.account(name).unwrap();
                prop_assert_eq!((found.name(), found.standing(), found.tier()), (name.as_str(), *standing, *tier));
                prop_assert_eq!(&found.campaigns().map(|one| one.id.clone()).collect::<Vec<_>>(), campaigns);
            }
            for number in 0..20 {
                let id = format!("C-{number}");
                let named = facts.iter().flat_map(|(name, fact)| {
                    fact.2.iter().filter(|one| **one == id).map(|_| name.as_str())
                });
                let members: Vec<&str> = snapshot.members(&id).map(|member| member.name()).collect();
                prop_assert_eq!(members, named.collect::<Vec<_>>());
            }
            prop_assert_eq!(snapshot.account(&stranger).is_some(), facts.contains_key(&stranger));
        }
    }
}
