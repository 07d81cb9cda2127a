//! Values by which accounts are tied: their kinds, and who has them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

/// Kinds of values that are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndicatorKind {
    /// A payment instrument.
    Payment,
    /// A device at registration.
    Device,
    /// A telephone number.
    Phone,
    /// An address of registration.
    SignupAddress,
}

impl IndicatorKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Payment, Self::Device, Self::Phone, Self::SignupAddress];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Device => "device",
            Self::Phone => "phone",
            Self::SignupAddress => "signup-address",
        }
    }

    /// The one with a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// The value of an account record.
    pub(crate) fn value_of(self, record: &record::Account) -> Option<&str> {
        let value = match self {
            Self::Payment => &record.payment,
            Self::Device => &record.device,
            Self::Phone => &record.phone,
            Self::SignupAddress => &record.signup_ip,
        };
        value.as_deref().map(str::trim).filter(|value| !value.is_empty())
    }
}

/// A value in the form in which two providers compare it: trimmed, in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndicatorValue {
    /// What it is.
    pub kind: IndicatorKind,
    /// The value.
    pub value: String,
}

impl IndicatorValue {
    pub(crate) fn new(kind: IndicatorKind, value: &str) -> Self {
        Self { kind, value: value.trim().to_lowercase() }
    }

    /// As bytes that are equal where kind and value are.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{}\0{}", self.kind.as_str(), self.value).into_bytes()
    }

    /// The value of such bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, value) = str::from_utf8(bytes).ok()?.split_once('\0')?;
        Some(Self { kind: IndicatorKind::of(kind)?, value: value.to_owned() })
    }
}

/// The values of some accounts, each with those that have it.
pub(crate) fn holders<'a>(
    accounts: &BTreeSet<String>,
    records: &'a [record::Account],
) -> BTreeMap<IndicatorValue, BTreeSet<&'a str>> {
    let mut holders: BTreeMap<IndicatorValue, BTreeSet<&str>> = BTreeMap::new();
    for record in records.iter().filter(|record| accounts.contains(&record.account)) {
        for kind in IndicatorKind::ALL {
            if let Some(value) = kind.value_of(record) {
                holders.entry(IndicatorValue::new(kind, value)).or_default().insert(&record.account);
            }
        }
    }
    holders
}
