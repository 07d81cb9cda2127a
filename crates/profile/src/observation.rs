//! One exchange as the columnar form holds it.

/// The columns of one exchange that the fold reads. Hashes are 63 bits from [`sketch::hash`]; zero is "none".
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Observation<'a> {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// Hash of the source address.
    pub ip: u64,
    /// Hash of user agent, header fingerprint and JA4 together.
    pub client_tuple: u64,
    /// Hash of the user agent alone.
    pub user_agent: u64,
    /// Hash of tools and parameters together.
    pub harness: u64,
    /// Hash of the conversation's id.
    pub conversation: u64,
    /// Hash of the caller's own user.
    pub end_user: u64,
    /// Hash of the new text of the caller in this exchange.
    pub prompt: u64,
    /// Frames of that text, ascending.
    pub frames: &'a [u64],
    /// Features of that text: a unit vector in 127ths, or empty.
    pub features: &'a [i8],
    /// What the text asks for, as bits of [`crate::Cues`].
    pub cues: u32,
    /// Phrases of that text, ascending.
    pub phrases: &'a [u64],
    /// Quotes of that text, ascending.
    pub quotes: &'a [u64],
    /// Quotes of the answer, ascending.
    pub answer: &'a [u64],
    /// Hash of the conversation's beginning: all up to the turn with which the model's turns have 80 bytes.
    pub root: u64,
    /// Hash of the signature under the reasoning in the answer.
    pub minted: u64,
    /// Hash of the last signature that the request presents.
    pub presented: u64,
    /// Hash of the model's name.
    pub model: u64,
    /// Hash of the TLS fingerprint alone.
    pub ja4: u64,
    /// Number of the autonomous system of the source address.
    pub asn: u64,
    /// Number of messages in the request.
    pub turns: u32,
    /// HTTP status; zero where it is not known.
    pub status: u16,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Time to the end of the answer; `None` where it is not known.
    pub latency_ms: Option<u64>,
}
