//! What a party keeps between two steps, as bytes. It has the party's items in the clear, and a starter's secret.

use curve25519_dalek::Scalar;
use zeroize::Zeroizing;

use crate::bytes::Reader;
use crate::bytes::put_number;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::group::MAX_ITEM_BYTES;
use crate::group::MAX_POINTS;
use crate::message::MAX_MESSAGE_BYTES;
use crate::message::Message;
use crate::message::MessageDigest;
use crate::session::Answerer;
use crate::session::Starter;

/// The longest state.
pub const MAX_STATE_BYTES: usize = MAX_MESSAGE_BYTES + MAX_POINTS * (MAX_ITEM_BYTES + 4) + 1_024;

const STARTER: &[u8] = b"stillwatch intersection 1 starter\n";
const ANSWERER: &[u8] = b"stillwatch intersection 1 answerer\n";
/// The length that stands for padding.
const PADDING: usize = u32::MAX as usize;

/// A party between two steps.
#[derive(Debug)]
pub enum Kept {
    /// It waits for the answer.
    Starter(Starter),
    /// It waits for the closing.
    Answerer(Answerer),
}

impl Kept {
    /// As it is kept. The bytes are overwritten in memory when they are dropped.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let (message, items) = match self {
            Self::Starter(starter) => (starter.offer.to_bytes(), &starter.items),
            Self::Answerer(answerer) => (Message::of_answer(answerer.answer.clone()).to_bytes(), &answerer.items),
        };
        // All at once: what grows leaves copies of itself behind.
        let length = items.iter().flatten().map(|item| item.len() + 4).sum::<usize>() + 4 * items.len();
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + message.len() + 256));
        match self {
            Self::Starter(starter) => {
                bytes.extend_from_slice(STARTER);
                bytes.extend_from_slice(starter.secret.as_bytes());
                bytes.push(u8::from(starter.bound.is_some()));
                bytes.extend_from_slice(&starter.bound.unwrap_or([0; 64]));
            }
            Self::Answerer(answerer) => {
                bytes.extend_from_slice(ANSWERER);
                bytes.extend_from_slice(&answerer.starter_public);
            }
        }
        put_number(&mut bytes, message.len());
        bytes.extend_from_slice(&message);
        for item in items {
            put_number(&mut bytes, item.as_ref().map_or(PADDING, Vec::len));
            bytes.extend_from_slice(item.as_deref().unwrap_or_default());
        }
        bytes
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`ErrorKind::State`] where it is damaged.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let damaged = |_| Error::new(ErrorKind::State, "the message in it is damaged (start anew)");
        if let Some(rest) = bytes.strip_prefix(STARTER) {
            let mut reader = Reader::new(rest, ErrorKind::State);
            let secret = Zeroizing::new(reader.array::<32>()?);
            let secret = Option::<Scalar>::from(Scalar::from_canonical_bytes(*secret));
            let secret = Zeroizing::new(secret.ok_or_else(|| reader.error("its secret is damaged (start anew)"))?);
            let is_bound = reader.array::<1>()? == [1];
            let bound = Some(reader.array::<64>()?).filter(|_: &MessageDigest| is_bound);
            let offer = message(&mut reader)?.offer().map_err(damaged)?;
            let items = items(&mut reader, offer.points.len())?;
            return Ok(Self::Starter(Starter { secret, offer, items, bound }));
        }
        let Some(rest) = bytes.strip_prefix(ANSWERER) else {
            return Err(Error::new(ErrorKind::State, "it is no state of an intersection (name the file of --state)"));
        };
        let mut reader = Reader::new(rest, ErrorKind::State);
        let starter_public = reader.array()?;
        let answer = message(&mut reader)?.answer().map_err(damaged)?;
        let items = items(&mut reader, answer.points.len())?;
        Ok(Self::Answerer(Answerer { answer, starter_public, items }))
    }
}

fn message(reader: &mut Reader<'_>) -> Result<Message, Error> {
    let length = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
    let bytes = reader.take(length)?;
    Message::parse(bytes).map_err(|error| reader.error(format!("the message in it is damaged: {error}")))
}

fn items(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Option<Vec<u8>>>, Error> {
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(match usize::try_from(reader.number()?).unwrap_or(PADDING) {
            PADDING => None,
            length => Some(reader.take(length)?.to_vec()),
        });
    }
    reader.end().map(|()| items)
}
