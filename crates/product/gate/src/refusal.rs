//! Why a request is not served, and what the caller is told.

use std::borrow::Cow;
use std::sync::Arc;

use budget::Scope;
use budget::Unit;

/// Time until a budget is full from which on it is futile to wait, in seconds: the clients of the providers wait no longer.
const MOST_WAIT_S: u64 = 60;

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Status of the answer.
    pub(crate) status: u16,
    /// What a program is told.
    pub(crate) reason: Cow<'static, str>,
    /// What a person is told.
    pub(crate) text: Cow<'static, str>,
    /// Where a person may ask; empty where nowhere.
    pub(crate) link: Arc<str>,
    /// Seconds after which it may be tried again; `None` where trying again is futile.
    pub(crate) retry_after_s: Option<u64>,
    /// The budget that is spent.
    pub(crate) budget: Option<Box<Spent>>,
}

/// A budget that is spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spent {
    /// Whose it is.
    pub(crate) scope: Scope,
    /// Its name in the policy.
    pub(crate) name: Box<str>,
    /// What it has too little of.
    pub(crate) unit: Unit,
    /// How much there is in a window.
    pub(crate) limit: u64,
    /// Seconds of a window.
    pub(crate) window_s: u64,
    /// Seconds until it is full again.
    pub(crate) resets_s: u64,
}

impl Refusal {
    /// A refusal that is final.
    pub(crate) fn new(status: u16, reason: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        let (reason, text) = (reason.into(), text.into());
        Self { status, reason, text, link: Arc::from(""), retry_after_s: None, budget: None }
    }

    /// A refusal that may not come again.
    pub(crate) fn for_now(status: u16, reason: &'static str, text: &'static str) -> Self {
        Self { retry_after_s: Some(1), ..Self::new(status, reason, text) }
    }

    /// That of a spent budget.
    pub(crate) fn of_budget(reason: String, text: String, spent: Spent) -> Self {
        let retry_after_s = (spent.resets_s <= MOST_WAIT_S).then_some(spent.resets_s);
        Self { retry_after_s, budget: Some(Box::new(spent)), ..Self::new(429, reason, text) }
    }

    /// The sentence, and where to ask.
    pub(crate) fn message(&self) -> Cow<'_, str> {
        if self.link.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        Cow::Owned(format!("{} See {}", self.text, self.link))
    }

    /// The code in OpenAI's dialect.
    pub(crate) fn code(&self) -> &str {
        match self.status {
            401 => "invalid_api_key",
            403 => "access_restricted",
            429 => "rate_limit_exceeded",
            _ => &self.reason,
        }
    }

    /// The type in OpenAI's dialect.
    pub(crate) const fn openai_type(&self) -> &'static str {
        match self.status {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            400..500 => "invalid_request_error",
            _ => "api_error",
        }
    }

    /// The type in Anthropic's dialect.
    pub(crate) const fn anthropic_type(&self) -> &'static str {
        match self.status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            400..500 => "invalid_request_error",
            503 => "overloaded_error",
            504 => "timeout_error",
            _ => "api_error",
        }
    }
}
