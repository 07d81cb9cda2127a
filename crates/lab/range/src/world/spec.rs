//! Who may be in a world: the tables of its file.

use serde::Deserialize;

use super::level::{Capability, Level};
use super::volume::Volume;
use crate::disguise::Disguise;
use crate::text::Language;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorldFile {
    /// The name of the world.
    pub(super) name: String,
    /// What the world is for.
    pub(super) about: String,
    /// The first day, as a text or as a date of TOML.
    pub(super) start: toml::Value,
    /// Days that the log covers.
    pub(super) days: u32,
    /// Whether the log keeps the text of answers.
    #[serde(default = "yes")]
    pub(super) answers: bool,
    /// Which generator writes the texts.
    #[serde(default)]
    pub(super) voice: TextVoice,
    /// Its honest customers.
    #[serde(default)]
    pub(super) population: Vec<Population>,
    /// Its campaigns.
    #[serde(default)]
    pub(super) campaign: Vec<CampaignSpec>,
    /// Those who want honest customers accused.
    #[serde(default)]
    pub(super) framing: Vec<FramingSpec>,
    /// New models.
    #[serde(default)]
    pub(super) release: Vec<ReleaseSpec>,
    /// Honest accounts that are banned.
    #[serde(default)]
    pub(super) ban: Vec<BanSpec>,
}

/// A kind of honest customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    /// One of the kinds in [`super::kind::HONEST_KINDS`].
    pub(crate) kind: String,
    /// Number of accounts before scaling.
    pub(crate) accounts: u32,
    /// Exchanges an account; the kind's own law by default.
    pub(crate) exchanges: Option<Volume>,
    /// Accounts that belong together: a class, a firm, an agency; the kind's own size by default.
    pub(crate) size: Option<u32>,
    /// Share of the traffic that is what the kind is known for; the kind's own by default.
    pub(crate) share: Option<f64>,
    /// Share of accounts that register inside the window.
    #[serde(default = "default_new")]
    pub(crate) new: f64,
    /// The language people write.
    #[serde(default)]
    pub(crate) language: Language,
}

/// A collection campaign.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignSpec {
    /// Name in the truth file.
    pub(crate) name: String,
    /// How skilled it is.
    pub(crate) level: Level,
    /// The invented organisation behind it.
    pub(crate) entity: String,
    /// Number of accounts before scaling.
    pub(crate) accounts: u32,
    /// Exchanges an account.
    #[serde(default = "default_campaign_volume")]
    pub(crate) exchanges: Volume,
    /// Share of the traffic that is other people's ordinary use.
    #[serde(default)]
    pub(crate) cover: f64,
    /// What it collects.
    pub(crate) capability: Capability,
    /// Day of the window on which it begins, counted from 0.
    #[serde(default)]
    pub(crate) start_day: u32,
    /// How many days it lasts; to the end of the window by default.
    pub(crate) days: Option<u32>,
    /// Whether each account gets an honest twin.
    #[serde(default = "yes")]
    pub(crate) twins: bool,
    /// Number of templates; drawn by default.
    pub(crate) templates: Option<u32>,
    /// How many independent rewriters word a T3 campaign's prompts; 0 sends its templates as they are.
    pub(crate) rewriters: Option<u32>,
    /// Each account of a T3 campaign makes the same small number of exchanges on each of its days.
    #[serde(default)]
    pub(crate) quota: bool,
    /// Days over which a T3 campaign comes up to its full activity.
    #[serde(default)]
    pub(crate) ramp_days: u32,
    /// Share of the collection whose prompt holds an earlier answer word for word; by level if not given.
    pub(crate) feedback: Option<f64>,
    /// Share of a T4 campaign's conversations of two turns or more that move to another account.
    pub(crate) migration: Option<f64>,
    /// A T4 relay takes the marks of its software off.
    #[serde(default)]
    pub(crate) clean: bool,
    /// Day on which all accounts in use are banned.
    pub(crate) ban_day: Option<u32>,
    /// Share of the accounts that are held back until then.
    pub(crate) reserve: Option<f64>,
    /// Share of the collection that moves to a released model within a day.
    #[serde(default)]
    pub(crate) pivot: f64,
    /// Exchanges that try one elicitation wording each before the campaign is scaled.
    #[serde(default)]
    pub(crate) sweep: u32,
    /// Whether a few fixed prompts measure the quality of answers day after day.
    #[serde(default)]
    pub(crate) canaries: bool,
    /// Name of the account pool; campaigns that give the same name run on the same accounts.
    pub(crate) pool: Option<String>,
    /// Share of its accounts that a later campaign on a pool has in common with the first.
    pub(crate) overlap: Option<f64>,
    /// Number of pools with ties and exits of their own.
    pub(crate) pools: Option<u32>,
    /// What is done to its texts so that they are not known again.
    pub(crate) disguise: Option<Disguise>,
    /// Whether all its accounts declare one organisation, which nobody has verified.
    #[serde(default)]
    pub(crate) declared: bool,
}

impl CampaignSpec {
    /// Whether each account has a client, exits and names of its own.
    pub(crate) fn hides(&self) -> bool {
        self.level == Level::T3 || (self.level == Level::T4 && self.clean)
    }

    /// Whether work is dealt by a relay.
    pub(crate) fn relays(&self) -> bool {
        matches!(self.level, Level::T2 | Level::T4)
    }
}

/// An adversary who imitates an honest kind so that it be accused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FramingSpec {
    /// The kind that is imitated; its first firm is the victim.
    pub(crate) target: String,
    /// Number of accounts before scaling.
    pub(crate) accounts: u32,
    /// Exchanges an account.
    #[serde(default = "default_campaign_volume")]
    pub(crate) exchanges: Volume,
    /// What it pretends to collect.
    #[serde(default = "default_capability")]
    pub(crate) capability: Capability,
    /// Day of the window on which it begins, counted from 0.
    #[serde(default)]
    pub(crate) start_day: u32,
    /// How many days it lasts; to the end of the window by default.
    pub(crate) days: Option<u32>,
}

/// A new model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseSpec {
    /// Its name.
    pub(crate) model: String,
    /// Day of the window on which it comes out, counted from 0.
    pub(crate) day: u32,
}

/// Honest accounts that are banned at times that mean nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BanSpec {
    /// A kind of the world.
    pub(crate) kind: String,
    /// How many of its accounts, whatever the scale.
    pub(crate) accounts: u32,
}

/// Which generator writes the texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextVoice {
    /// Sentence grammars.
    #[default]
    First,
    /// Sentences put together from clauses; shares no word list and no code with the first.
    Second,
}

const fn yes() -> bool {
    true
}

const fn default_new() -> f64 {
    0.12
}

const fn default_campaign_volume() -> Volume {
    Volume::Range(20, 60)
}

const fn default_capability() -> Capability {
    Capability::Reasoning
}
