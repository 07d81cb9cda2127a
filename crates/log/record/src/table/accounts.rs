//! Rows to accounts.

use std::borrow::Cow;

use super::columns::Finder;
use super::columns::Names;
use super::columns::Text;
use super::columns::Time;
use crate::Account;

/// The columns of a batch of accounts.
pub(super) struct AccountColumns {
    account: Text,
    created_at: Time,
    organization: Text,
    email: Text,
    phone: Text,
    payment: Text,
    device: Text,
    signup_ip: Text,
    country: Text,
    verified: Names,
    plan: Text,
    kind: Text,
    referrer: Text,
}

impl AccountColumns {
    /// Finds the columns; an error names the one that is missing or of a wrong type.
    pub(super) fn find(finder: &mut Finder<'_>) -> Result<Self, String> {
        Ok(Self {
            account: finder.needed_text("account")?,
            created_at: finder.time("created_at")?,
            organization: finder.text("organization", &[])?,
            email: finder.text("email", &[])?,
            phone: finder.text("phone", &[])?,
            payment: finder.text("payment", &[])?,
            device: finder.text("device", &[])?,
            signup_ip: finder.text("signup_ip", &[])?,
            country: finder.text("country", &[])?,
            verified: finder.names("verified", &[])?,
            plan: finder.text("plan", &[])?,
            kind: finder.text("kind", &[])?,
            referrer: finder.text("referrer", &[])?,
        })
    }

    /// The account of one row.
    pub(super) fn account(&self, row: usize) -> Result<Account, String> {
        let text = |column: &Text| Ok::<_, String>(column.ident(row)?.map(Cow::into_owned));
        Ok(Account {
            account: self.account.needed(row)?.into_owned(),
            created_at_us: self.created_at.time_us(row)?,
            organization: text(&self.organization)?,
            email: text(&self.email)?,
            phone: text(&self.phone)?,
            payment: text(&self.payment)?,
            device: text(&self.device)?,
            signup_ip: text(&self.signup_ip)?,
            country: text(&self.country)?,
            verified: self.verified.names(row)?.into_iter().map(Cow::into_owned).collect(),
            plan: text(&self.plan)?,
            kind: text(&self.kind)?,
            referrer: text(&self.referrer)?,
        })
    }
}
