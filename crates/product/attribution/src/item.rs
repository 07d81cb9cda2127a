//! The items of evidence, their families, and what it would cost somebody else to lay them.

use serde::Serialize;

/// Items of one family are strongly dependent, so that a family counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Who registered, and who pays.
    Identity,
    /// From where exchanges come.
    Network,
    /// When people work.
    Rhythm,
    /// What moves with the organisation's releases.
    Timeline,
    /// What is said that only its people know.
    Wording,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Identity, Self::Network, Self::Rhythm, Self::Timeline, Self::Wording];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Network => "network",
            Self::Rhythm => "rhythm",
            Self::Timeline => "timeline",
            Self::Wording => "wording",
        }
    }

    /// Whether everybody at one place shows it. Such a family may support a claim, and is none of the two that it needs.
    #[must_use]
    pub const fn tells_place_only(self) -> bool {
        matches!(self, Self::Rhythm)
    }

    /// The items of the family.
    pub fn items(self) -> impl Iterator<Item = ItemKind> {
        ItemKind::ALL.into_iter().filter(move |item| item.family() == self)
    }
}

/// An item of evidence for one organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Accounts whose verified mail address is of its domains.
    MailVerified,
    /// Accounts whose mail address is spelled with its domains, and was not verified.
    MailSpelled,
    /// Accounts with a card, device or telephone that is known to be its own.
    Instrument,
    /// Accounts with exchanges from its networks.
    ExchangeNetwork,
    /// Accounts that were registered from its networks.
    SignupNetwork,
    /// Accounts with exchanges from networks in which it rents machines out.
    RentedNetwork,
    /// Accounts with exchanges from an address that an earlier case gave to it.
    KnownAddress,
    /// Exchanges in its working hours.
    Hours,
    /// Less traffic on its holidays.
    Holidays,
    /// Shifts in the week before a release of which nobody outside knew.
    ReleaseAhead,
    /// Shifts on a release and in the two days after it.
    ReleaseAfter,
    /// Accounts that said a code name before it was public.
    CodeNameUnpublished,
    /// Accounts that said a code name that was public.
    CodeNamePublic,
}

impl ItemKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::MailVerified,
        Self::MailSpelled,
        Self::Instrument,
        Self::ExchangeNetwork,
        Self::SignupNetwork,
        Self::RentedNetwork,
        Self::KnownAddress,
        Self::Hours,
        Self::Holidays,
        Self::ReleaseAhead,
        Self::ReleaseAfter,
        Self::CodeNameUnpublished,
        Self::CodeNamePublic,
    ];

    /// Its family.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::MailVerified | Self::MailSpelled | Self::Instrument => Family::Identity,
            Self::ExchangeNetwork | Self::SignupNetwork | Self::RentedNetwork | Self::KnownAddress => Family::Network,
            Self::Hours | Self::Holidays => Family::Rhythm,
            Self::ReleaseAhead | Self::ReleaseAfter => Family::Timeline,
            Self::CodeNameUnpublished | Self::CodeNamePublic => Family::Wording,
        }
    }

    /// What it says, in words.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::MailVerified => "verified mail addresses of its domains",
            Self::MailSpelled => "mail addresses spelled with its domains, not verified",
            Self::Instrument => "cards, devices or telephones known to be its own",
            Self::ExchangeNetwork => "exchanges from its own networks",
            Self::SignupNetwork => "registrations from its own networks",
            Self::RentedNetwork => "exchanges from networks in which it rents machines out",
            Self::KnownAddress => "exchanges from an address that an earlier case gave to it",
            Self::Hours => "traffic in its working hours",
            Self::Holidays => "less traffic on its holidays",
            Self::ReleaseAhead => "shifts in the week before its releases, when nobody outside knew of them",
            Self::ReleaseAfter => "shifts on its releases and in the two days after",
            Self::CodeNameUnpublished => "its code names, said before they were public",
            Self::CodeNamePublic => "its code names, which were public",
        }
    }

    /// What it takes to lay it from outside.
    #[must_use]
    pub const fn price(self) -> &'static str {
        match self {
            Self::MailVerified => "a mailbox at the organisation for each account",
            Self::MailSpelled => "nothing: anybody can write an address",
            Self::Instrument => "its card, device or telephone",
            Self::ExchangeNetwork | Self::SignupNetwork => "a machine inside its network",
            Self::RentedNetwork => "the rent of a machine",
            Self::KnownAddress => "that address, or the rent of it once it was given up",
            Self::Hours => "idle capacity outside these hours",
            Self::Holidays => "idle capacity on these days",
            Self::ReleaseAhead => "knowledge of a date that is not public",
            Self::ReleaseAfter => "reading the news",
            Self::CodeNameUnpublished => "knowledge of a word that is not public",
            Self::CodeNamePublic => "reading the news",
        }
    }

    /// Whether anybody outside can lay it for money alone. Such an item supports a claim and never carries it.
    #[must_use]
    pub const fn is_forgeable(self) -> bool {
        match self {
            Self::MailVerified
            | Self::Instrument
            | Self::ExchangeNetwork
            | Self::SignupNetwork
            | Self::ReleaseAhead
            | Self::CodeNameUnpublished => false,
            Self::MailSpelled
            | Self::RentedNetwork
            | Self::KnownAddress
            | Self::Hours
            | Self::Holidays
            | Self::ReleaseAfter
            | Self::CodeNamePublic => true,
        }
    }

    /// Whether it is a count of accounts, each of which shows it or does not.
    #[must_use]
    pub const fn is_of_accounts(self) -> bool {
        !matches!(self, Self::Hours | Self::Holidays | Self::ReleaseAhead | Self::ReleaseAfter)
    }
}
