//! How skilled an adversary is and what it is after.

use serde::Deserialize;

/// How skilled an adversary is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Level {
    /// One account, one script.
    T0,
    /// An own pool: a template or a few, shared cards, little care.
    T1,
    /// A proxy pool: mixed traffic, rotation, sticky sessions, failover.
    T2,
    /// An own pool that shares nothing, says nothing twice and keeps people's hours.
    T3,
    /// Real users' sessions, relayed: nothing in what is asked tells.
    T4,
}

impl Level {
    /// The level's name in the truth file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Level::T0 => "T0",
            Level::T1 => "T1",
            Level::T2 => "T2",
            Level::T3 => "T3",
            Level::T4 => "T4",
        }
    }
}

/// What a campaign collects; the names are those of the hunt's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Capability {
    SoftwareEngineering,
    Agentic,
    Reasoning,
    DataAnalysis,
    Grading,
    Vision,
    Safety,
    General,
}

impl Capability {
    /// The capability's name, which is also its list of work items.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Capability::SoftwareEngineering => "software_engineering",
            Capability::Agentic => "agentic",
            Capability::Reasoning => "reasoning",
            Capability::DataAnalysis => "data_analysis",
            Capability::Grading => "grading",
            Capability::Vision => "vision",
            Capability::Safety => "safety",
            Capability::General => "general",
        }
    }
}
