//! The Traffic Light Protocol, version 2.0 (FIRST, August 2022): how far something may travel.

use serde::Deserialize;
use serde::Serialize;

/// How far something may travel, the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tlp {
    /// To anybody.
    #[serde(rename = "clear")]
    Clear,
    /// In the community.
    #[serde(rename = "green")]
    Green,
    /// In the organisation and to its clients, who need to know.
    #[serde(rename = "amber")]
    Amber,
    /// In the organisation.
    #[serde(rename = "amber+strict")]
    AmberStrict,
    /// To the people who were told, and nobody else.
    #[serde(rename = "red")]
    Red,
}

impl Tlp {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// Its name in small letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    /// The one with a name; `white` of version 1 is `clear`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        let name = name.strip_prefix("tlp:").unwrap_or(&name);
        if name == "white" { Some(Self::Clear) } else { Self::ALL.into_iter().find(|one| one.as_str() == name) }
    }

    /// The id of its marking definition, which OASIS fixed (cti-stix-common-objects, extension `tlp-2.0`).
    #[must_use]
    pub const fn marking(self) -> &'static str {
        match self {
            Self::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
            Self::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
            Self::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
            Self::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
            Self::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
        }
    }

    /// The one of a marking definition, of this version or of version 1, whose four ids are in the STIX standard.
    #[must_use]
    pub fn of_marking(id: &str) -> Option<Self> {
        match id {
            "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9" => Some(Self::Clear),
            "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da" => Some(Self::Green),
            "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82" => Some(Self::Amber),
            "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed" => Some(Self::Red),
            other => Self::ALL.into_iter().find(|one| one.marking() == other),
        }
    }
}
