//! The file as it is written, before it is checked.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::config_budgets::RawBudgets;
use crate::config_doors::RawDoors;
use crate::mode::Caps;
use crate::mode::FailureMode;
use crate::mode::GateMode;

/// A length of time, such as `30s`.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Span(String);

impl Span {
    pub(crate) fn read(&self, key: &str, faults: &mut Vec<String>) -> Duration {
        let span = self.0.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok());
        span.filter(|span| !span.is_zero()).unwrap_or_else(|| {
            faults.push(format!("{key}: {:?} is no length of time, such as 30s or 2h", self.0));
            Duration::from_secs(1)
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    pub(crate) listen: SocketAddr,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) cores: Option<usize>,
    pub(crate) mode: GateMode,
    pub(crate) secret: PathBuf,
    pub(crate) tls: Option<RawTls>,
    pub(crate) upstream_ca: Option<PathBuf>,
    #[serde(default)]
    pub(crate) routes: Vec<RawRoute>,
    #[serde(default)]
    pub(crate) accounts: RawAccounts,
    #[serde(default)]
    pub(crate) hops: RawHops,
    #[serde(default)]
    pub(crate) policy: RawFolder,
    #[serde(default)]
    pub(crate) verdicts: RawVerdicts,
    #[serde(default)]
    pub(crate) limits: RawLimits,
    #[serde(default)]
    pub(crate) information: RawInformation,
    #[serde(default)]
    pub(crate) refusals: RawRefusals,
    pub(crate) budgets: Option<RawBudgets>,
    pub(crate) spool: Option<RawSpool>,
    pub(crate) doors: Option<RawDoors>,
    #[serde(default)]
    pub(crate) decisions: RawFolder,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRoute {
    pub(crate) path: String,
    pub(crate) upstream: String,
    pub(crate) failure: FailureMode,
    #[serde(default = "direct")]
    pub(crate) channel: String,
}

fn direct() -> String {
    "direct".to_owned()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawAccounts {
    pub(crate) keys: Option<PathBuf>,
    pub(crate) unknown: Unknown,
    pub(crate) header: Option<String>,
    pub(crate) records: Option<PathBuf>,
}

/// What is done with a key that is not in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unknown {
    #[default]
    Hash,
    Refuse,
}

impl Unknown {
    pub(crate) const fn refuses(self) -> bool {
        matches!(self, Self::Refuse)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawHops {
    pub(crate) trusted: Vec<String>,
    pub(crate) address_header: String,
    pub(crate) country_header: Option<String>,
    pub(crate) ja4_header: Option<String>,
}

impl Default for RawHops {
    fn default() -> Self {
        Self {
            trusted: Vec::new(),
            address_header: "x-forwarded-for".to_owned(),
            country_header: None,
            ja4_header: None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawFolder {
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawVerdicts {
    pub(crate) snapshot: Option<PathBuf>,
    pub(crate) max_age: Option<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawLimits {
    pub(crate) connections: usize,
    pub(crate) in_flight: usize,
    pub(crate) in_flight_per_account: u32,
    pub(crate) header_bytes: usize,
    pub(crate) headers: usize,
    pub(crate) streams: u32,
    pub(crate) inspect_bytes: usize,
    pub(crate) capture_bytes: usize,
    pub(crate) held_bytes: usize,
    pub(crate) header_timeout: Span,
    pub(crate) body_timeout: Span,
    pub(crate) answer_timeout: Span,
    pub(crate) token_timeout: Span,
    pub(crate) drain: Span,
}

impl Default for RawLimits {
    fn default() -> Self {
        let span = |text: &str| Span(text.to_owned());
        Self {
            connections: 10_000,
            in_flight: 20_000,
            in_flight_per_account: 1_000,
            header_bytes: 64 << 10,
            headers: 100,
            streams: 200,
            inspect_bytes: 32 << 20,
            capture_bytes: 1 << 20,
            held_bytes: 256 << 20,
            header_timeout: span("30s"),
            body_timeout: span("30s"),
            answer_timeout: span("10m"),
            token_timeout: span("2m"),
            drain: span("10m"),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawInformation {
    pub(crate) everyone: Caps,
    pub(crate) limited: Caps,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawRefusals {
    pub(crate) link: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSpool {
    pub(crate) folder: PathBuf,
    #[serde(default = "file_bytes")]
    pub(crate) file_bytes: u64,
    #[serde(default = "file_age")]
    pub(crate) file_age: Span,
    #[serde(default = "queue")]
    pub(crate) queue: usize,
    #[serde(default = "yes")]
    pub(crate) texts: bool,
    #[serde(default)]
    pub(crate) identifiers: Identifiers,
}

/// How identifying values are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Identifiers {
    #[default]
    Keyed,
    Clear,
}

impl Identifiers {
    pub(crate) const fn are_clear(self) -> bool {
        matches!(self, Self::Clear)
    }
}

fn file_bytes() -> u64 {
    64 << 20
}

fn file_age() -> Span {
    Span("1m".to_owned())
}

fn queue() -> usize {
    8192
}

fn yes() -> bool {
    true
}
