//! Who registers: names, addresses of electronic mail, cards, devices.
//!
//! Identifiers of honest and hostile accounts come from the same functions and look alike; what differs is only
//! which of them are shared.

use record::Account;

use crate::rng::{Rng, hex, mix, sub};
use crate::text::write_coined;
use crate::time::{DAY, HOUR, SECOND, Window};

const FIRST: [&str; 48] = [
    "ada", "amir", "anna", "bo", "carla", "chen", "dora", "eli", "emil", "fatou", "femi", "gita", "hana", "henk",
    "ida", "igor", "imani", "jan", "jorge", "kai", "karin", "lars", "leila", "li", "luis", "maja", "marco", "mei",
    "mina", "nils", "noa", "olga", "omar", "pavel", "rita", "rohan", "sara", "sven", "tara", "theo", "uma", "vera",
    "wanda", "yan", "yara", "zainab", "zoe", "otto",
];
const LAST: [&str; 48] = [
    "abara", "adler", "alvarez", "amrein", "banerjee", "bello", "berg", "castro", "chavez", "cole", "costa", "dahl",
    "demir", "diallo", "engel", "farkas", "fischer", "gomez", "haas", "horvat", "ito", "jansen", "kaya", "kim",
    "kowal", "kraus", "lehto", "lima", "lund", "marin", "mehta", "moreau", "murphy", "nagy", "nkosi", "novak", "okoye",
    "ortiz", "park", "patel", "petrov", "quist", "rossi", "sato", "silva", "tanaka", "vance", "weiss",
];
const MAIL_HOSTS: [&str; 14] = [
    "mailhaven.example",
    "postkiste.example",
    "inboxly.example",
    "letterbird.example",
    "courrier.example",
    "webpost.example",
    "quillmail.example",
    "skymail.example",
    "homepost.example",
    "nimbuspost.example",
    "pochta.example",
    "correo.example",
    "harbormail.example",
    "owlpost.example",
];
/// Number of throw-away mail domains in the world.
const THROWAWAY_HOSTS: u64 = 40;

/// A keyed hash as account records carry it.
pub(crate) fn hashed(word: u64) -> String {
    format!("sha256:{:016x}{:016x}", mix(word, 1), mix(word, 2))
}

/// The id of an account; nothing in it tells what the account is.
pub(crate) fn account_id(word: u64) -> String {
    format!("acct_{}", hex(word))
}

/// The id of a key.
pub(crate) fn key_id(word: u64) -> String {
    format!("key_{:012x}", mix(word, 0x6B65) >> 16)
}

/// A throw-away mail domain of the world.
pub(crate) fn throwaway_host(world: u64, number: u64) -> String {
    let mut host = String::new();
    write_coined(&mut Rng::new(mix(sub(world, "throwaway"), number % THROWAWAY_HOSTS)), &mut host);
    host.push_str(".example");
    host
}

/// A domain of somebody's own.
pub(crate) fn own_domain(seed: u64) -> String {
    let mut rng = Rng::of(seed, "domain");
    let mut host = String::new();
    write_coined(&mut rng, &mut host);
    if rng.chance(0.4) {
        host.push('-');
        write_coined(&mut rng, &mut host);
    }
    host.push_str(".example");
    host
}

/// The part of a mail address before the `@`, as people choose it.
pub(crate) fn local_part(rng: &mut Rng) -> String {
    let (first, last) = (rng.word_of(&FIRST), rng.word_of(&LAST));
    match rng.below(8) {
        0 | 1 => format!("{first}.{last}"),
        2 => format!("{first}{last}{}", rng.between(1, 99)),
        3 => format!("{}{last}", first.get(..1).unwrap_or("x")),
        4 => format!("{last}.{first}{}", rng.between(1950, 2009)),
        5 => format!("{first}_{last}"),
        _ => {
            let mut nick = String::new();
            write_coined(rng, &mut nick);
            format!("{nick}{}", rng.between(1, 9_999))
        }
    }
}

/// A mail address at a public host, or now and then at a throw-away one.
pub(crate) fn public_email(world: u64, rng: &mut Rng, throwaway_share: f64) -> String {
    let local = local_part(rng);
    if rng.chance(throwaway_share) {
        return format!("{local}@{}", throwaway_host(world, rng.below(THROWAWAY_HOSTS)));
    }
    format!("{local}@{}", MAIL_HOSTS.get(rng.zipf(MAIL_HOSTS.len())).copied().unwrap_or("mail.example"))
}

/// A device fingerprint: its own, or now and then one that a whole series of devices shows.
pub(crate) fn device(world: u64, rng: &mut Rng) -> String {
    if rng.chance(0.06) {
        return hashed(mix(sub(world, "series device"), rng.zipf(500) as u64));
    }
    hashed(rng.word())
}

/// When an account was registered: inside the window with probability `new`, else in the two years before.
pub(crate) fn registered(window: Window, new: f64, rng: &mut Rng) -> i64 {
    if rng.chance(new) {
        let span = (window.end - window.start - HOUR).max(1);
        return window.start + rng.below(span as u64) as i64;
    }
    let days = rng.exponential(220.0).clamp(0.1, 1_100.0);
    window.start - (days * DAY as f64) as i64 - rng.below(HOUR as u64) as i64
}

/// A registration record of an ordinary person.
pub(crate) fn individual(world: u64, id: u64, window: Window, new: f64, rng: &mut Rng) -> Account {
    let paying = rng.chance(0.82);
    let mut verified = vec!["email".to_owned()];
    if paying {
        verified.push("payment".to_owned());
    }
    let phone = rng.chance(0.45).then(|| hashed(rng.word()));
    if phone.is_some() {
        verified.push("phone".to_owned());
    }
    Account {
        account: account_id(id),
        created_at_us: Some(registered(window, new, rng) / SECOND * SECOND),
        organization: None,
        email: Some(public_email(world, rng, 0.02)),
        phone,
        payment: paying.then(|| hashed(rng.word())),
        device: rng.chance(0.93).then(|| device(world, rng)),
        signup_ip: None,
        country: None,
        verified,
        plan: Some(if paying { "payg" } else { "free" }.to_owned()),
        kind: Some("individual".to_owned()),
        referrer: None,
    }
}

/// Turns a record into that of a seat of a declared organisation.
pub(crate) fn of_organization(account: &mut Account, name: &str, domain: &str, payment: u64, rng: &mut Rng) {
    account.organization = Some(name.to_owned());
    account.email = Some(format!("{}@{domain}", local_part(rng)));
    account.payment = Some(hashed(payment));
    account.phone = None;
    account.plan = Some("enterprise".to_owned());
    account.kind = Some("organization".to_owned());
    account.verified = ["email", "payment", "organization"].map(str::to_owned).to_vec();
}
