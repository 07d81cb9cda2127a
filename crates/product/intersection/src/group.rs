//! Points of ristretto255 ([RFC 9496](https://www.rfc-editor.org/rfc/rfc9496)).
//!
//! The group has prime order, so that no point of low order exists but the identity, and each point has one encoding: the
//! library refuses every other. The identity is refused here.

use std::collections::BTreeSet;

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use sha2::Digest;
use sha2::Sha512;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::random;

/// The length of an encoded point.
pub const ENCODED_BYTES: usize = 32;
/// The fewest points that are sent: fewer items are padded to it.
pub const LEAST_POINTS: usize = 1 << 10;
/// The most points of one party.
pub const MAX_POINTS: usize = 1 << 18;
/// The longest item, in bytes.
pub const MAX_ITEM_BYTES: usize = 4_096;

/// A point as it is sent.
pub type Encoded = [u8; ENCODED_BYTES];

/// A point that is sent, and the item that it was made of; none for padding.
pub type Blinded = (Encoded, Option<Vec<u8>>);

/// What a session is told by: random bytes of its starter.
pub type SessionId = [u8; 32];

/// The number of points that are sent for a number of items: the next power of two, and [`LEAST_POINTS`] at least. `None`
/// where there are more items than [`MAX_POINTS`].
#[must_use]
pub fn size_class(items: usize) -> Option<usize> {
    let class = items.max(LEAST_POINTS).checked_next_power_of_two()?;
    (class <= MAX_POINTS).then_some(class)
}

/// A random scalar that is not zero.
pub fn random_scalar() -> Result<Scalar, Error> {
    loop {
        let scalar = Scalar::from_bytes_mod_order_wide(&random()?);
        if scalar != Scalar::ZERO {
            return Ok(scalar);
        }
    }
}

/// The own items as points times the own scalar, sorted by their encodings.
pub fn blind(
    session: &SessionId,
    secret: &Scalar,
    items: &BTreeSet<Vec<u8>>,
    threads: usize,
) -> Result<Vec<Blinded>, Error> {
    let usage = |text: String| Error::new(ErrorKind::Usage, text);
    if items.is_empty() {
        return Err(usage("there is no value to compare".to_owned()));
    }
    if items.iter().any(|item| item.len() > MAX_ITEM_BYTES) {
        return Err(usage(format!("a value is longer than {MAX_ITEM_BYTES} bytes (leave it out)")));
    }
    let points = size_class(items.len()).ok_or_else(|| {
        usage(format!("there are {} values, more than {MAX_POINTS} (compare them in parts)", items.len()))
    })?;
    let padding: [u8; 32] = random()?;
    let padding = (items.len()..points).map(|number| Source::Padding(padding, number as u64));
    let sources: Vec<Source<'_>> = items.iter().map(|item| Source::Item(item)).chain(padding).collect();
    let blinded =
        workers::parallel_map(&sources, threads, |source| (source.point(session) * secret).compress().to_bytes());
    let mut sent: Vec<_> = blinded.into_iter().zip(sources.iter().map(Source::item)).collect();
    // The encodings are as random as the scalar is, so that their order tells nothing of the items.
    sent.sort_unstable();
    Ok(sent)
}

enum Source<'a> {
    Item(&'a [u8]),
    Padding([u8; 32], u64),
}

impl Source<'_> {
    /// Its point. Items and padding are hashed apart, so that nobody's item is another's padding.
    fn point(&self, session: &SessionId) -> RistrettoPoint {
        let hash = match self {
            Self::Item(item) => {
                Sha512::new_with_prefix(b"stillwatch intersection 1 item\0").chain_update(session).chain_update(item)
            }
            Self::Padding(seed, number) => Sha512::new_with_prefix(b"stillwatch intersection 1 padding\0")
                .chain_update(session)
                .chain_update(seed)
                .chain_update(number.to_le_bytes()),
        };
        RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
    }

    fn item(&self) -> Option<Vec<u8>> {
        match self {
            Self::Item(item) => Some(item.to_vec()),
            Self::Padding(..) => None,
        }
    }
}

/// Points that the other party sent.
pub fn decode(points: &[Encoded], threads: usize) -> Result<Vec<RistrettoPoint>, Error> {
    let numbered: Vec<(usize, &Encoded)> = points.iter().enumerate().collect();
    workers::try_parallel_map(&numbered, threads, |(number, point)| {
        decode_one(point).map_err(|error| Error::refused(format!("point {number}: {error}")))
    })
}

/// A point that the other party sent.
pub fn decode_one(encoded: &Encoded) -> Result<RistrettoPoint, Error> {
    match CompressedRistretto(*encoded).decompress() {
        Some(point) if !point.is_identity() => Ok(point),
        Some(_) => {
            Err(Error::refused("the identity is no point of an item (the message was not made by this protocol)"))
        }
        None => Err(Error::refused("it encodes no point (the message is damaged, or was not made by this protocol)")),
    }
}

/// Each point times a scalar, in the same order.
pub fn multiply(points: &[RistrettoPoint], secret: &Scalar, threads: usize) -> Vec<Encoded> {
    workers::parallel_map(points, threads, |point| (point * secret).compress().to_bytes())
}
