//! What is known of an account from its registration.

/// One account record. Any identifying value may be in the clear or a keyed hash with a scheme prefix
/// (`sha256:…`): equal values are the same thing either way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub account: String,
    /// When it was registered: microseconds since 1970-01-01T00:00:00Z.
    pub created_at_us: Option<i64>,
    /// The organisation it declares: a visible tie between its accounts.
    pub organization: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Payment instrument.
    pub payment: Option<String>,
    /// Device fingerprint at registration.
    pub device: Option<String>,
    /// Address it was registered from.
    pub signup_ip: Option<String>,
    /// Declared country. Never evidence.
    pub country: Option<String>,
    /// What was verified: `email`, `payment`, `phone`, `identity`, `organization`.
    pub verified: Vec<String>,
    /// Plan: `free`, `payg`, `enterprise`, …
    pub plan: Option<String>,
    /// Kind: `individual`, `organization`, `education`, …
    pub kind: Option<String>,
    /// Who referred it.
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
