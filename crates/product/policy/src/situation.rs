//! Everything that a rule may read of one request, as a value of few bits.

use crate::words::Capability;
use crate::words::Channel;
use crate::words::Held;
use crate::words::HeldTier;
use crate::words::Kind;
use crate::words::Network;
use crate::words::Programme;
use crate::words::Purpose;
use crate::words::Verification;
use crate::words::Volume;

/// A set of capabilities, as one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(u8);

impl Capabilities {
    /// Whether a capability is in it.
    #[must_use]
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u8) != 0
    }

    /// Its capabilities.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |capability| self.contains(*capability))
    }

    /// The set with these bits, which must be of capabilities.
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        Self(capabilities.into_iter().fold(0, |bits, capability| bits | 1 << capability as u8))
    }
}

/// Most families that a rule tells apart: there are six, of which rhythm corroborates nothing.
pub const MAX_CORROBORATION: u8 = 5;

/// Everything that a rule may read of one request. A decision depends on nothing else but the policy and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Situation {
    /// What of the account was verified.
    pub verification: Verification,
    /// What the account is.
    pub kind: Kind,
    /// The programme that it was admitted to.
    pub programme: Programme,
    /// Per cent of its organisation that owners from embargoed places hold together, 0 to 100; 0 where nothing is known.
    pub ownership: u8,
    /// Whether the account is in its first day.
    pub is_first_day: bool,
    /// Whether it names its own end users in each request.
    pub forwards_end_users: bool,
    /// How much it used in the last day.
    pub volume: Volume,
    /// What is held of it.
    pub held: Held,
    /// The firmest tier of its campaigns.
    pub tier: HeldTier,
    /// Families that corroborate the campaign of that tier, [`MAX_CORROBORATION`] at most.
    pub corroboration: u8,
    /// Whether work that moved between accounts is part of its own evidence.
    pub continuity: bool,
    /// What the request asks for.
    pub asks: Capabilities,
    /// What the answers are for.
    pub purpose: Purpose,
    /// The way that it comes.
    pub channel: Channel,
    /// Whether a partner says who stands behind it.
    pub is_attested: bool,
    /// Where it comes from.
    pub network: Network,
}

impl Default for Situation {
    /// A verified paying person of whom nothing is held, who asks for text.
    fn default() -> Self {
        Self {
            verification: Verification::Payment,
            kind: Kind::Individual,
            programme: Programme::Nothing,
            ownership: 0,
            is_first_day: false,
            forwards_end_users: false,
            volume: Volume::Low,
            held: Held::Clear,
            tier: HeldTier::Nothing,
            corroboration: 0,
            continuity: false,
            asks: Capabilities::default(),
            purpose: Purpose::Unsaid,
            channel: Channel::Direct,
            is_attested: false,
            network: Network::Open,
        }
    }
}

impl Situation {
    /// The situation as if nothing were held of the account.
    #[must_use]
    pub const fn cleared(self) -> Self {
        Self { held: Held::Clear, tier: HeldTier::Nothing, corroboration: 0, continuity: false, ..self }
    }

    /// A number that no other situation has.
    pub(crate) fn number(self) -> u64 {
        let Self { verification, kind, programme, ownership, is_first_day, forwards_end_users, volume, .. } = self;
        let Self { held, tier, corroboration, continuity, asks, purpose, channel, is_attested, network, .. } = self;
        let parts: [(u64, u32); 16] = [
            (verification as u64, 3),
            (kind as u64, 2),
            (programme as u64, 2),
            (u64::from(ownership), 8),
            (u64::from(is_first_day), 1),
            (u64::from(forwards_end_users), 1),
            (volume as u64, 2),
            (held as u64, 2),
            (tier as u64, 2),
            (u64::from(corroboration), 8),
            (u64::from(continuity), 1),
            (u64::from(asks.bits()), 8),
            (purpose as u64, 3),
            (channel as u64, 1),
            (u64::from(is_attested), 1),
            (network as u64, 2),
        ];
        parts.into_iter().fold(0, |number, (part, bits)| number << bits | part)
    }
}
