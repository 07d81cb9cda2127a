#![allow(clippy::unwrap_used, reason = "tests may panic")]

use campaign::AccountEvidence;
use campaign::AccountVerdict;
use record::Account;
use record::ObservableKind;
use sketch::HashKey;
use verdict::Family;
use verdict::Standing;
use verdict::ViewKind;

use super::NewTier;
use super::Newcomers;

fn implicated(account: &str, campaign: &str, values: &[(ObservableKind, &str)], key: &HashKey) -> AccountVerdict {
    let evidence = values.iter().map(|(kind, value)| AccountEvidence {
        family: Family::Identity,
        detector: ViewKind::Frames,
        kind: kind.as_str(),
        item: format!("{:016x}", key.value(value)),
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

fn account(name: &str, device: &str, phone: &str, ip: &str) -> Account {
    let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Account {
        account: name.to_owned(),
        device: value(device),
        phone: value(phone),
        signup_ip: value(ip),
        ..Account::default()
    }
}

fn swept(key: &HashKey) -> Newcomers {
    Newcomers::of(&[
        implicated("m1", "C-1", &[(ObservableKind::Device, "d1"), (ObservableKind::Ip, "192.0.2.1")], key),
        implicated("m2", "C-1", &[(ObservableKind::Device, "d1"), (ObservableKind::Phone, "p1")], key),
        implicated("m3", "C-2", &[(ObservableKind::Phone, "p2")], key),
        AccountVerdict { verdict: Standing::Watch, ..implicated("w", "C-3", &[(ObservableKind::Phone, "p3")], key) },
    ])
}

#[test]
fn a_registration_is_marked_by_what_it_shares_with_one_campaign() {
    let key = HashKey::default();
    let mut newcomers = swept(&key);
    newcomers.count((0..999).map(|at| account(&format!("honest{at}"), "", "", "")), &key);
    // Members are no reference, and an account counts once.
    newcomers.count([account("m1", "d1", "", "192.0.2.1")], &key);
    let tier =
        |device: &str, phone: &str, ip: &str| newcomers.answer(&account("n", device, phone, ip), &key, 0.01).tier;
    assert_eq!(tier("", "", ""), NewTier::Ordinary);
    assert_eq!(tier("d2", "p9", "192.0.2.9"), NewTier::Ordinary);
    assert_eq!(tier("", "", "192.0.2.1"), NewTier::Look, "an address is shared by strangers too");
    assert_eq!(tier("d1", "", ""), NewTier::Verify);
    assert_eq!(tier("", "p3", ""), NewTier::Ordinary, "nothing is asserted of who is watched");
    let answer = newcomers.answer(&account("n", "d1", "p2", "192.0.2.1"), &key, 0.01);
    assert_eq!((answer.reference, answer.chance), (999, 0.001));
    let told: Vec<_> = answer.shared.iter().map(|one| (one.campaign.as_str(), one.kind, one.accounts)).collect();
    let device = ("C-1", ObservableKind::Device, 2);
    assert_eq!(told, [device, ("C-1", ObservableKind::Ip, 1), ("C-2", ObservableKind::Phone, 1)]);
}

#[test]
fn where_it_cannot_be_said_to_be_rare_nobody_is_asked_for_verification() {
    let key = HashKey::default();
    let mut few = swept(&key);
    few.count((0..50).map(|at| account(&format!("honest{at}"), "", "", "")), &key);
    let answer = few.answer(&account("n", "d1", "p1", ""), &key, 0.01);
    assert_eq!((answer.tier, answer.reference), (NewTier::Look, 50));
    // A device that honest people have too: a computer of a library.
    let mut shared = swept(&key);
    shared.count((0..1_000).map(|at| account(&format!("honest{at}"), if at < 30 { "d1" } else { "" }, "", "")), &key);
    let answer = shared.answer(&account("n", "d1", "", ""), &key, 0.01);
    assert_eq!(answer.tier, NewTier::Look);
    assert!((answer.chance - 31.0 / 1_001.0).abs() < 1e-12);
}

/// Honest accounts draw what they share from one distribution, the reference and the newcomer alike. Over many worlds, those who are
/// asked for verification are no more than the rate, whatever the share of honest accounts that have such a value.
#[test]
fn honest_newcomers_are_asked_for_verification_at_most_at_the_rate() {
    let (rate, worlds) = (0.05, 2_000);
    let key = HashKey::default();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for share in [0.01, 0.03, 0.05, 0.08, 0.3] {
        let mut asked = 0;
        for _ in 0..worlds {
            let mut honest = |name: &str| {
                let (device, phone) = (draw() < share, draw() < share / 4.0);
                account(name, if device { "d1" } else { "" }, if phone { "p1" } else { "" }, "")
            };
            let newcomer = honest("n");
            let reference: Vec<Account> = (0..60).map(|at| honest(&format!("honest{at}"))).collect();
            let mut newcomers = swept(&key);
            newcomers.count(reference, &key);
            asked += usize::from(newcomers.answer(&newcomer, &key, rate).tier == NewTier::Verify);
        }
        let seen = f64::from(u32::try_from(asked).unwrap()) / f64::from(worlds);
        let margin = 3.0 * (rate * (1.0 - rate) / f64::from(worlds)).sqrt();
        assert!(seen <= rate + margin, "{seen} of honest newcomers where {share} have such a device");
    }
}
