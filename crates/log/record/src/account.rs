//! What is known of an account from its registration.

use serde::Deserialize;

use crate::fields;

/// One account record. Any identifying value may be in the clear or a keyed hash with a scheme prefix
/// (`sha256:…`): equal values are the same thing either way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Account {
    /// The account.
    #[serde(deserialize_with = "fields::needed_ident")]
    pub account: String,
    /// When it was registered: microseconds since 1970-01-01T00:00:00Z.
    #[serde(rename = "created_at", deserialize_with = "fields::time_us")]
    pub created_at_us: Option<i64>,
    /// The organisation it declares: a visible tie between its accounts.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub organization: Option<String>,
    /// E-mail address.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub phone: Option<String>,
    /// Payment instrument.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub payment: Option<String>,
    /// Device fingerprint at registration.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub device: Option<String>,
    /// Address it was registered from.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub signup_ip: Option<String>,
    /// Declared country. Never evidence.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub country: Option<String>,
    /// What was verified: `email`, `payment`, `phone`, `identity`; `business` or `organization` where it belongs to the
    /// organisation that it declares.
    #[serde(deserialize_with = "fields::labels")]
    pub verified: Vec<String>,
    /// Plan: `free`, `payg`, `enterprise`, …
    #[serde(deserialize_with = "fields::owned_ident")]
    pub plan: Option<String>,
    /// Kind: `individual`, `organization`, `education`, …
    #[serde(deserialize_with = "fields::owned_ident")]
    pub kind: Option<String>,
    /// Who referred it.
    #[serde(deserialize_with = "fields::owned_ident")]
    pub referrer: Option<String>,
}

/// One enforcement act: what was done to an account, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Action {
    /// When: microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// The account.
    pub account: String,
    /// What was done: `ban`, `cap`, `verify`, …
    pub action: String,
}
