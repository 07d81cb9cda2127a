//! The profile: a bounded, mergeable summary of an entity's exchanges.

use observation::Capability;
use observation::Cue;
use observation::Cues;
use observation::Observation;
use record::time::DAY_US;
use record::time::HOUR_US;
use sketch::DecodeError;
use sketch::Embedding;
use sketch::Histogram;
use sketch::Reader;
use sketch::Sample;
use sketch::Span;
use sketch::Writer;
use sketch::hash::mix;

/// Version of the serialised form, its first byte. Version 4 has the form of version 3, and other hashes of texts.
pub const FORMAT_VERSION: u8 = 4;

/// The cues that version 1 counted.
const CUES_V1: usize = 3;

/// The counts of how requests ended, in versions 1 and 2.
const ENDINGS_V2: usize = 5;

/// Hours of a day.
pub const HOURS: usize = 24;

/// Days over which days are looked for: a hunt covers months, not centuries.
const MAX_DAYS: i64 = 3_660;

/// What is kept of an entity's exchanges: about 6 KiB for thirty of them, at most 16 KiB for any number.
///
/// Every field is a sum, a minimum, a maximum or a [`Sample`], so the fold law holds field by field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Number of exchanges.
    pub exchanges: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// First and last exchange, microseconds since 1970; `None` for none.
    pub seen_us: Option<(i64, i64)>,
    /// Exchanges by hour of the day in UTC.
    pub hours: [u32; HOURS],
    /// Exchanges by [`Capability`].
    pub capabilities: [u32; Capability::ALL.len()],
    /// Exchanges that carry each [`observation::Cue`].
    pub cues: [u32; Cue::COUNT],
    /// Days with an exchange.
    pub days: Sample<64>,
    /// Source addresses.
    pub ips: Sample<32>,
    /// Client tuples.
    pub client_tuples: Sample<8>,
    /// User agents.
    pub user_agents: Sample<8>,
    /// Harnesses.
    pub harnesses: Sample<16>,
    /// Conversations.
    pub conversations: Sample<32>,
    /// The caller's own users.
    pub end_users: Sample<32>,
    /// Prompts, by their exact text.
    pub prompts: Sample<64>,
    /// Frames of prompts.
    pub frames: Sample<128>,
    /// Kernel mean embedding of prompts.
    pub embedding: Embedding,
    /// Exchanges that ask for reasoning and were declined.
    pub declined_reasoning: u32,
    /// Beginnings of conversations, with the time of the first and last exchange in each.
    pub roots: Sample<64, Span>,
    /// Beginnings of conversations with an exchange that was refused for its rate or its key.
    pub refused_roots: Sample<16, Span>,
    /// Quotes of prompts.
    pub quotes: Sample<128>,
    /// Quotes of answers that were served.
    pub answers: Sample<128>,
    /// Signatures that were minted.
    pub minted: Sample<32>,
    /// Signatures that were presented.
    pub presented: Sample<32>,
    /// Phrases of prompts.
    pub phrases: Sample<128>,
    /// Models, with the time of first and last use.
    pub models: Sample<8, Span>,
    /// TLS fingerprints.
    pub ja4s: Sample<8>,
    /// Autonomous systems of source addresses: the number itself, not a hash.
    pub asns: Sample<8>,
}

impl Profile {
    /// Adds one exchange.
    pub fn observe(&mut self, seen: &Observation<'_>) {
        self.exchanges = self.exchanges.saturating_add(1);
        self.input_tokens = self.input_tokens.saturating_add(seen.input_tokens.unwrap_or(0));
        self.output_tokens = self.output_tokens.saturating_add(seen.output_tokens.unwrap_or(0));
        self.seen_us = Some(match self.seen_us {
            None => (seen.at_us, seen.at_us),
            Some((first, last)) => (first.min(seen.at_us), last.max(seen.at_us)),
        });
        bump(&mut self.hours, seen.at_us.div_euclid(HOUR_US).rem_euclid(HOURS as i64) as usize);
        let cues = Cues(seen.cues);
        if seen.prompt != 0 {
            bump(&mut self.capabilities, cues.capability() as usize);
            for cue in 0..Cue::COUNT {
                if seen.cues >> cue & 1 == 1 {
                    bump(&mut self.cues, cue);
                }
            }
            let declined = cues.has(Cue::Reasoning) && cues.has(Cue::Declined);
            self.declined_reasoning = self.declined_reasoning.saturating_add(u32::from(declined));
        }
        self.days.add(mix(seen.at_us.div_euclid(DAY_US) as u64), 1);
        add(&mut self.ips, seen.ip);
        add(&mut self.client_tuples, seen.client_tuple);
        add(&mut self.user_agents, seen.user_agent);
        add(&mut self.harnesses, seen.harness);
        add(&mut self.conversations, seen.conversation);
        add(&mut self.end_users, seen.end_user);
        add(&mut self.prompts, seen.prompt);
        for frame in seen.frames {
            add(&mut self.frames, *frame);
        }
        self.embedding.add(seen.features);
        self.observe_continuity(seen);
        for phrase in seen.phrases {
            add(&mut self.phrases, *phrase);
        }
        add(&mut self.ja4s, seen.ja4);
        add(&mut self.asns, seen.asn.unwrap_or(0));
    }

    /// What shows whether work moves between accounts.
    fn observe_continuity(&mut self, seen: &Observation<'_>) {
        let now = Span::once(seen.at_us);
        if seen.model != 0 {
            self.models.add(seen.model, now);
        }
        if seen.root != 0 {
            self.roots.add(seen.root, now);
            if matches!(seen.status, Some(401 | 403 | 429)) {
                self.refused_roots.add(seen.root, now);
            }
        }
        for quote in seen.quotes {
            add(&mut self.quotes, *quote);
        }
        for quote in seen.answer {
            add(&mut self.answers, *quote);
        }
        add(&mut self.minted, seen.minted);
        add(&mut self.presented, seen.presented);
    }

    /// Adds all that `other` saw.
    pub fn merge(&mut self, other: &Self) {
        self.exchanges = self.exchanges.saturating_add(other.exchanges);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.seen_us = match (self.seen_us, other.seen_us) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (mine, theirs) => mine.or(theirs),
        };
        sum(&mut self.hours, &other.hours);
        sum(&mut self.capabilities, &other.capabilities);
        sum(&mut self.cues, &other.cues);
        self.days.merge(&other.days);
        self.ips.merge(&other.ips);
        self.client_tuples.merge(&other.client_tuples);
        self.user_agents.merge(&other.user_agents);
        self.harnesses.merge(&other.harnesses);
        self.conversations.merge(&other.conversations);
        self.end_users.merge(&other.end_users);
        self.prompts.merge(&other.prompts);
        self.frames.merge(&other.frames);
        self.embedding.merge(&other.embedding);
        self.declined_reasoning = self.declined_reasoning.saturating_add(other.declined_reasoning);
        self.roots.merge(&other.roots);
        self.refused_roots.merge(&other.refused_roots);
        self.quotes.merge(&other.quotes);
        self.answers.merge(&other.answers);
        self.minted.merge(&other.minted);
        self.presented.merge(&other.presented);
        self.phrases.merge(&other.phrases);
        self.models.merge(&other.models);
        self.ja4s.merge(&other.ja4s);
        self.asns.merge(&other.asns);
    }

    /// Exchanges by day, as days since 1970 in UTC, ascending: of the days that the sample kept.
    pub fn daily(&self) -> impl Iterator<Item = (i64, u32)> + '_ {
        let day = |at_us: i64| at_us.div_euclid(DAY_US);
        let (first, last) = self.seen_us.map_or((0, -1), |(first, last)| (day(first), day(last)));
        (first.max(last.saturating_sub(MAX_DAYS))..=last).filter_map(|day| Some((day, self.days.get(mix(day as u64))?)))
    }

    /// Exchanges that carried a text of the caller.
    #[must_use]
    pub const fn prompted(&self) -> u64 {
        self.embedding.texts()
    }

    /// The serialised form: [`FORMAT_VERSION`], then every field in order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(FORMAT_VERSION);
        for value in [self.exchanges, self.input_tokens, self.output_tokens] {
            out.unsigned(value);
        }
        let (first, last) = self.seen_us.unwrap_or((0, -1));
        out.signed(first);
        out.signed(last.wrapping_sub(first));
        for counts in [&self.hours[..], &self.capabilities, &self.cues] {
            for count in counts {
                out.unsigned(u64::from(*count));
            }
        }
        self.days.encode(&mut out);
        self.ips.encode(&mut out);
        self.client_tuples.encode(&mut out);
        self.user_agents.encode(&mut out);
        self.harnesses.encode(&mut out);
        self.conversations.encode(&mut out);
        self.end_users.encode(&mut out);
        self.prompts.encode(&mut out);
        self.frames.encode(&mut out);
        self.embedding.encode(&mut out);
        out.unsigned(u64::from(self.declined_reasoning));
        self.roots.encode(&mut out);
        self.refused_roots.encode(&mut out);
        self.quotes.encode(&mut out);
        self.answers.encode(&mut out);
        self.minted.encode(&mut out);
        self.presented.encode(&mut out);
        self.phrases.encode(&mut out);
        self.models.encode(&mut out);
        self.ja4s.encode(&mut out);
        self.asns.encode(&mut out);
        out.into_bytes()
    }

    /// Reads what [`Profile::to_bytes`] wrote, in this or an earlier version.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes are of a later version, end early, hold an impossible value, or go on.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let version = input.u8()?;
        if !(1..=FORMAT_VERSION).contains(&version) {
            return Err(DecodeError::Impossible("profile version"));
        }
        let cues = if version == 1 { CUES_V1 } else { Cue::COUNT };
        let mut profile = Self {
            exchanges: input.unsigned()?,
            input_tokens: input.unsigned()?,
            output_tokens: input.unsigned()?,
            ..Self::default()
        };
        let first = input.signed()?;
        let last = first.wrapping_add(input.signed()?);
        profile.seen_us = (last >= first).then_some((first, last));
        // Versions 1 and 2 counted how requests ended, and those of one message. Nothing read it.
        if version <= 2 {
            skip_counts(&mut input, ENDINGS_V2)?;
        }
        let counts =
            profile.hours.iter_mut().chain(&mut profile.capabilities).chain(profile.cues.iter_mut().take(cues));
        for count in counts {
            *count = count_from(&mut input)?;
        }
        if version <= 2 {
            skip_counts(&mut input, 1)?;
        }
        profile.days = Sample::decode(&mut input)?;
        profile.ips = Sample::decode(&mut input)?;
        profile.client_tuples = Sample::decode(&mut input)?;
        profile.user_agents = Sample::decode(&mut input)?;
        profile.harnesses = Sample::decode(&mut input)?;
        profile.conversations = Sample::decode(&mut input)?;
        profile.end_users = Sample::decode(&mut input)?;
        profile.prompts = Sample::decode(&mut input)?;
        profile.frames = Sample::decode(&mut input)?;
        profile.embedding = Embedding::decode(&mut input)?;
        if version <= 2 {
            // Sizes and latencies of answers, which nothing read.
            Histogram::decode(&mut input)?;
            Histogram::decode(&mut input)?;
        }
        if version >= 2 {
            profile.decode_v2(&mut input)?;
        }
        if input.remaining() > 0 { Err(DecodeError::Impossible("tail of a profile")) } else { Ok(profile) }
    }
}

impl Profile {
    /// What version 2 added.
    fn decode_v2(&mut self, input: &mut Reader<'_>) -> Result<(), DecodeError> {
        self.declined_reasoning = count_from(input)?;
        self.roots = Sample::decode(input)?;
        self.refused_roots = Sample::decode(input)?;
        self.quotes = Sample::decode(input)?;
        self.answers = Sample::decode(input)?;
        self.minted = Sample::decode(input)?;
        self.presented = Sample::decode(input)?;
        self.phrases = Sample::decode(input)?;
        self.models = Sample::decode(input)?;
        self.ja4s = Sample::decode(input)?;
        self.asns = Sample::decode(input)?;
        Ok(())
    }
}

fn skip_counts(input: &mut Reader<'_>, count: usize) -> Result<(), DecodeError> {
    (0..count).try_for_each(|_| count_from(input).map(drop))
}

fn count_from(input: &mut Reader<'_>) -> Result<u32, DecodeError> {
    u32::try_from(input.unsigned()?).map_err(|_| DecodeError::Impossible("count"))
}

/// Adds a value's hash, unless it is "none".
fn add<const K: usize>(sample: &mut Sample<K>, hash: u64) {
    if hash != 0 {
        sample.add(hash, 1);
    }
}

fn bump<const N: usize>(counts: &mut [u32; N], place: usize) {
    if let Some(count) = counts.get_mut(place) {
        *count = count.saturating_add(1);
    }
}

fn sum<const N: usize>(mine: &mut [u32; N], theirs: &[u32; N]) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine = mine.saturating_add(*theirs);
    }
}
