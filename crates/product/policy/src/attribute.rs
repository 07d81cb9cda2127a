//! The attributes of a situation, by the names that rules know them by.

use crate::situation::Capabilities;
use crate::situation::Situation;
use crate::words::Capability;
use crate::words::words;

words! {
    /// Something that a rule may read.
    Attribute {
        /// What of the account was verified.
        Verification = "principal.verification",
        /// What the account is.
        Kind = "principal.kind",
        /// Its programme.
        Programme = "principal.programme",
        /// Who owns its organisation.
        Ownership = "principal.organisation",
        /// Whether it is in its first day.
        FirstDay = "principal.firstDay",
        /// Whether it names its end users.
        ForwardsEndUsers = "principal.forwardsEndUsers",
        /// How much it used.
        Volume = "principal.volume",
        /// What is held of it: standing, tier, corroboration and continuity, which depend on each other.
        Verdict = "principal.verdict",
        /// What the request asks for.
        Asks = "context.asks",
        /// What the answers are for.
        Purpose = "context.purpose",
        /// The way that it comes.
        Channel = "context.channel",
        /// Whether a partner says who stands behind it.
        Attested = "context.attested",
        /// Where it comes from.
        Place = "context.place",
    }
}

impl Attribute {
    /// The value in a situation, in words.
    #[must_use]
    pub fn value(self, situation: &Situation) -> String {
        let Situation { verification, kind, programme, ownership, volume, held, tier, .. } = situation;
        match self {
            Self::Verification => verification.as_str().to_owned(),
            Self::Kind => kind.as_str().to_owned(),
            Self::Programme => programme.as_str().to_owned(),
            Self::Ownership => format!("{ownership} per cent from embargoed places"),
            Self::FirstDay => situation.is_first_day.to_string(),
            Self::ForwardsEndUsers => situation.forwards_end_users.to_string(),
            Self::Volume => volume.as_str().to_owned(),
            Self::Verdict => {
                let continuity = if situation.continuity { ", continuity" } else { "" };
                let families = situation.corroboration;
                format!("{}, tier {}, {families} families{continuity}", held.as_str(), tier.as_str())
            }
            Self::Asks if situation.asks == Capabilities::default() => "text".to_owned(),
            Self::Asks => situation.asks.iter().map(Capability::as_str).collect::<Vec<_>>().join(" and "),
            Self::Purpose => situation.purpose.as_str().to_owned(),
            Self::Channel => situation.channel.as_str().to_owned(),
            Self::Attested => situation.is_attested.to_string(),
            Self::Place => situation.network.as_str().to_owned(),
        }
    }
}
