//! Values that two accounts can have in common.

/// The kind of a value that can be seen on more than one account. The numbers are stored in files; those that are missing
/// were never stored and may not be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ObservableKind {
    /// Payment instrument.
    Payment = 1,
    /// Device fingerprint at registration.
    Device = 2,
    /// Telephone number.
    Phone = 3,
    /// E-mail address with its plus tag and dots removed, so that aliases of one mailbox are equal.
    Mailbox = 5,
    /// Source address of requests.
    Ip = 9,
    /// A fixed piece of prompts.
    Frame = 13,
    /// The beginning of a conversation, up to the turn with which the model has said enough to be told apart.
    Root = 16,
    /// A piece of an answer that the provider gave.
    Answer = 17,
    /// A signature under reasoning that the provider minted.
    Signature = 18,
    /// Two words of a prompt that stand together.
    Phrase = 19,
}

impl ObservableKind {
    /// All kinds in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Payment,
        Self::Device,
        Self::Phone,
        Self::Mailbox,
        Self::Ip,
        Self::Frame,
        Self::Root,
        Self::Answer,
        Self::Signature,
        Self::Phrase,
    ];

    /// The name in files and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Device => "device",
            Self::Phone => "phone",
            Self::Mailbox => "mailbox",
            Self::Ip => "ip",
            Self::Frame => "frame",
            Self::Root => "conversation",
            Self::Answer => "answer",
            Self::Signature => "signature",
            Self::Phrase => "phrase",
        }
    }

    /// The kind with that number, as stored in files.
    #[must_use]
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}
