//! An account with all that is known of it.

use profile::Profile;
use record::Account;
use record::ObservableKind;
use sketch::HashKey;

/// An account: its profile, and its registration where there is a record of it.
#[derive(Debug, Clone, Default)]
pub struct Entity {
    /// The account's id.
    pub account: String,
    /// The fold of its exchanges.
    pub profile: Box<Profile>,
    /// Its registration.
    pub identity: Identity,
}

/// Registration values as hashes; zero is "none".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity {
    /// The organisation that the provider has verified it to belong to: its accounts are one customer.
    pub organization: u64,
    /// The organisation that it says it belongs to, verified or not. Saying so costs nothing, and clears nobody.
    pub declared: u64,
    /// Payment instrument.
    pub payment: u64,
    /// Device fingerprint.
    pub device: u64,
    /// Telephone number.
    pub phone: u64,
    /// Mailbox: the e-mail address without its plus tag, and without dots where they say nothing.
    pub mailbox: u64,
    /// Domain of the e-mail address.
    pub email_domain: u64,
    /// Shape of the e-mail address: its runs of letters, digits and signs with their lengths, and its domain.
    pub mail_shape: u64,
    /// Programme that gave it its place: education, research, start-ups.
    pub programme: u64,
    /// Address of registration.
    pub signup_ip: u64,
    /// Who referred it.
    pub referrer: u64,
    /// Registration, microseconds since 1970; zero is unknown.
    pub created_at_us: i64,
    /// Whether there is an account record at all.
    pub known: bool,
}

impl Identity {
    /// The registration that an account record tells, hashed under a key: that of the hashes in the log, with which an
    /// address of registration is compared.
    #[must_use]
    pub fn new(account: &Account, key: &HashKey) -> Self {
        let hash = |value: &Option<String>| {
            value.as_deref().filter(|value| !value.is_empty()).map_or(0, |value| key.value(value))
        };
        let (mailbox, email_domain) = account.email.as_deref().map_or((0, 0), |email| mailbox_and_domain(email, key));
        let words = account.kind.iter().chain(&account.plan).chain(&account.referrer);
        let programme = words.flat_map(|word| PROGRAMMES.iter().filter(|name| word.to_lowercase().contains(**name)));
        let declared = hash(&account.organization);
        let is_verified = account.verified.iter().any(|step| ORGANIZATION_VERIFIED.contains(&step.as_str()));
        Self {
            organization: if is_verified { declared } else { 0 },
            declared,
            payment: hash(&account.payment),
            device: hash(&account.device),
            phone: hash(&account.phone),
            mailbox,
            email_domain,
            mail_shape: account.email.as_deref().map_or(0, |email| mail_shape(email, key)),
            programme: programme.map(|name| key.value(name)).next().unwrap_or(0),
            signup_ip: hash(&account.signup_ip),
            referrer: hash(&account.referrer),
            created_at_us: account.created_at_us.unwrap_or(0),
            known: true,
        }
    }

    /// The values that only one person or company should hold, with their kinds.
    #[must_use]
    pub fn personal(&self) -> [(ObservableKind, u64); 4] {
        [
            (ObservableKind::Payment, self.payment),
            (ObservableKind::Device, self.device),
            (ObservableKind::Phone, self.phone),
            (ObservableKind::Mailbox, self.mailbox),
        ]
    }
}

/// Steps of verification by which a provider knows that an account belongs to the organisation that it declares.
const ORGANIZATION_VERIFIED: [&str; 3] = ["business", "organization", "organisation"];

/// Domains of mailboxes that are the same with dots and without. Elsewhere `j.smith` and `js.mith` are two people.
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// Words that name a programme in a kind, a plan or a referrer.
const PROGRAMMES: [&str; 5] = ["education", "student", "research", "startup", "nonprofit"];

/// Hash of an address's shape; zero for a hashed address.
fn mail_shape(email: &str, key: &HashKey) -> u64 {
    let Some((local, domain)) = email.rsplit_once('@') else { return 0 };
    let class = |c: char| match c {
        '0'..='9' => '9',
        c if c.is_alphabetic() => 'a',
        c => c,
    };
    let shape: String = local.chars().map(class).collect();
    key.value(&format!("{shape}@{}", domain.to_lowercase()))
}

/// Hashes of the mailbox behind an address and of its domain. A hashed address is its own mailbox, without domain.
fn mailbox_and_domain(email: &str, key: &HashKey) -> (u64, u64) {
    match email.rsplit_once('@') {
        None => (key.value(email), 0),
        Some((local, domain)) => {
            let domain = domain.to_lowercase();
            let mut name = local.split_once('+').map_or(local, |(name, _)| name).to_lowercase();
            if DOTLESS.contains(&domain.as_str()) {
                name.retain(|letter| letter != '.');
            }
            (key.value(&format!("{name}@{domain}")), key.value(&domain))
        }
    }
}
