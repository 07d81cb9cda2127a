//! The file of an organisation as it is written, before it is checked.

use serde::Deserialize;
use toml::Spanned;

use crate::entity::InstrumentKind;
use crate::source::Source;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) domain: Vec<RawDomain>,
    #[serde(default)]
    pub(crate) network: Vec<RawNetwork>,
    #[serde(default)]
    pub(crate) subsidiary: Vec<RawSubsidiary>,
    pub(crate) hours: Option<RawHours>,
    #[serde(default)]
    pub(crate) release: Vec<RawRelease>,
    #[serde(default)]
    pub(crate) code_name: Vec<RawCodeName>,
    #[serde(default)]
    pub(crate) infrastructure: Vec<RawInstrument>,
    #[serde(default)]
    pub(crate) source: Vec<Spanned<Source>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDomain {
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) contested_by: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNetwork {
    pub(crate) cidr: Spanned<String>,
    #[serde(default)]
    pub(crate) rented_out: bool,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) contested_by: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSubsidiary {
    pub(crate) name: Spanned<String>,
    pub(crate) share: Spanned<f64>,
    #[serde(default)]
    pub(crate) domains: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) networks: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) contested_by: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHours {
    pub(crate) time_zone: Spanned<String>,
    pub(crate) from: Spanned<String>,
    pub(crate) to: Spanned<String>,
    pub(crate) days: Spanned<Vec<String>>,
    #[serde(default)]
    pub(crate) holidays: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) contested_by: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRelease {
    pub(crate) name: Spanned<String>,
    pub(crate) at: Spanned<String>,
    pub(crate) announced: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) contested_by: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCodeName {
    pub(crate) word: Spanned<String>,
    pub(crate) public_since: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) contested_by: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawInstrument {
    pub(crate) kind: InstrumentKind,
    pub(crate) value: Spanned<String>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) contested_by: Vec<String>,
}
