//! The three messages, as bytes.
//!
//! A line that names the message, then its fields one after another. Lists of points have their length before them, and
//! lengths are numbers of 32 bits, the lowest byte first. A message is refused unless every byte of it is as it would be written.

use sha2::Digest;
use sha2::Sha512;

use crate::bytes::Reader;
use crate::bytes::put_points;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::group::ENCODED_BYTES;
use crate::group::Encoded;
use crate::group::LEAST_POINTS;
use crate::group::MAX_POINTS;
use crate::group::SessionId;
use crate::proof::Proof;

/// The longest message: an answer with two lists of [`MAX_POINTS`].
pub const MAX_MESSAGE_BYTES: usize = 2 * MAX_POINTS * ENCODED_BYTES + 1_024;

const OFFER: &[u8] = b"stillwatch intersection 1 offer\n";
const ANSWER: &[u8] = b"stillwatch intersection 1 answer\n";
const CLOSING: &[u8] = b"stillwatch intersection 1 closing\n";

/// The digest of a message.
pub type MessageDigest = [u8; 64];

/// The digest of a message.
pub fn digest(message: &[u8]) -> MessageDigest {
    Sha512::new_with_prefix(b"stillwatch intersection 1 message\0").chain_update(message).finalize().into()
}

/// A message whose form is right. Whether its points are points and its proof holds is found out where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message(pub(crate) Body);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Offer(Offer),
    Answer(Answer),
    Closing(Closing),
}

/// The first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub session: SessionId,
    /// The starter's scalar times the generator.
    pub public: Encoded,
    /// The starter's items, ascending.
    pub points: Vec<Encoded>,
}

/// The second message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub session: SessionId,
    pub offer: MessageDigest,
    /// The answerer's scalar times the generator.
    pub public: Encoded,
    /// The answerer's items, ascending.
    pub points: Vec<Encoded>,
    /// The points of the offer times the answerer's scalar, in the offer's order.
    pub returned: Vec<Encoded>,
    pub proof: Proof,
}

/// The third message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub session: SessionId,
    pub answer: MessageDigest,
    /// The points of the answer times the starter's scalar, in the answer's order.
    pub returned: Vec<Encoded>,
    pub proof: Proof,
}

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] that says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(Error::refused(format!("it is longer than {MAX_MESSAGE_BYTES} bytes (compare in parts)")));
        }
        let reader = |rest| Reader::new(rest, ErrorKind::Refused);
        let body = if let Some(rest) = bytes.strip_prefix(OFFER) {
            Offer::parse(reader(rest)).map(Body::Offer)
        } else if let Some(rest) = bytes.strip_prefix(ANSWER) {
            Answer::parse(reader(rest)).map(Body::Answer)
        } else if let Some(rest) = bytes.strip_prefix(CLOSING) {
            Closing::parse(reader(rest)).map(Body::Closing)
        } else {
            Err(Error::refused("it is no message of an intersection (name the file that the other provider sent)"))
        };
        body.map(Self)
    }

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Body::Offer(offer) => offer.to_bytes(),
            Body::Answer(answer) => sealed(answer.statement(), &answer.proof),
            Body::Closing(closing) => sealed(closing.statement(), &closing.proof),
        }
    }

    /// What the message is.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match &self.0 {
            Body::Offer(_) => "offer",
            Body::Answer(_) => "answer",
            Body::Closing(_) => "closing",
        }
    }

    pub(crate) const fn of_answer(answer: Answer) -> Self {
        Self(Body::Answer(answer))
    }

    pub(crate) fn offer(self) -> Result<Offer, Error> {
        match self.0 {
            Body::Offer(offer) => Ok(offer),
            _ => Err(self.misplaced("offer")),
        }
    }

    pub(crate) fn answer(self) -> Result<Answer, Error> {
        match self.0 {
            Body::Answer(answer) => Ok(answer),
            _ => Err(self.misplaced("answer")),
        }
    }

    pub(crate) fn closing(self) -> Result<Closing, Error> {
        match self.0 {
            Body::Closing(closing) => Ok(closing),
            _ => Err(self.misplaced("closing")),
        }
    }

    fn misplaced(&self, wanted: &str) -> Error {
        let text = format!("it is the {} of an intersection, and this step takes the {wanted}", self.name());
        Error::new(ErrorKind::Mixed, text)
    }
}

impl Offer {
    fn parse(mut reader: Reader<'_>) -> Result<Self, Error> {
        let offer = Self { session: reader.array()?, public: reader.array()?, points: ascending(&mut reader)? };
        reader.end().map(|()| offer)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [OFFER, &self.session, &self.public].concat();
        put_points(&mut bytes, &self.points);
        bytes
    }
}

impl Answer {
    fn parse(mut reader: Reader<'_>) -> Result<Self, Error> {
        let answer = Self {
            session: reader.array()?,
            offer: reader.array()?,
            public: reader.array()?,
            points: ascending(&mut reader)?,
            returned: reader.points(check_count)?,
            proof: Proof::parse(reader.array()?, reader.array()?)?,
        };
        reader.end().map(|()| answer)
    }

    /// All of it before its proof.
    pub fn statement(&self) -> Vec<u8> {
        statement_of_answer(&self.session, &self.offer, &self.public, &self.points, &self.returned)
    }
}

/// An answer before its proof.
pub fn statement_of_answer(
    session: &SessionId,
    offer: &MessageDigest,
    public: &Encoded,
    points: &[Encoded],
    returned: &[Encoded],
) -> Vec<u8> {
    let mut bytes = [ANSWER, session, offer, public].concat();
    put_points(&mut bytes, points);
    put_points(&mut bytes, returned);
    bytes
}

impl Closing {
    fn parse(mut reader: Reader<'_>) -> Result<Self, Error> {
        let closing = Self {
            session: reader.array()?,
            answer: reader.array()?,
            returned: reader.points(check_count)?,
            proof: Proof::parse(reader.array()?, reader.array()?)?,
        };
        reader.end().map(|()| closing)
    }

    /// All of it before its proof.
    pub fn statement(&self) -> Vec<u8> {
        statement_of_closing(&self.session, &self.answer, &self.returned)
    }
}

/// A closing before its proof.
pub fn statement_of_closing(session: &SessionId, answer: &MessageDigest, returned: &[Encoded]) -> Vec<u8> {
    let mut bytes = [CLOSING, session, answer].concat();
    put_points(&mut bytes, returned);
    bytes
}

/// A statement with its proof behind it.
pub fn sealed(mut statement: Vec<u8>, proof: &Proof) -> Vec<u8> {
    statement.extend_from_slice(&proof.to_bytes());
    statement
}

/// Points of a party's items: each once, in an order that says nothing.
fn ascending(reader: &mut Reader<'_>) -> Result<Vec<Encoded>, Error> {
    let points = reader.points(check_count)?;
    match points.windows(2).position(|pair| matches!(pair, [a, b] if a >= b)) {
        None => Ok(points),
        Some(at) => Err(reader.error(format!(
            "point {} is repeated, or is not in ascending order (the message was not made by this protocol)",
            at + 1
        ))),
    }
}

/// A list has the length of a size class.
fn check_count(count: usize) -> Result<(), Error> {
    if count.is_power_of_two() && (LEAST_POINTS..=MAX_POINTS).contains(&count) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "it has a list of {count} points, and a list has a power of two from {LEAST_POINTS} to {MAX_POINTS} \
         (larger sets are compared in parts)"
    )))
}
