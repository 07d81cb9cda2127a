//! The two parties and their steps.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::fmt;

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::Scalar;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::random;
use crate::group;
use crate::group::Encoded;
use crate::message;
use crate::message::Message;
use crate::message::MessageDigest;
use crate::message::Offer;
use crate::proof::Proof;

/// What a party knows at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The own items that the other party holds too, sorted.
    pub common: Vec<Vec<u8>>,
    /// The points that the other party sent: its number of items, padded to a size class.
    pub peer_points: usize,
}

/// The party that begins. It keeps a secret until it has the answer.
pub struct Starter {
    pub(crate) secret: Zeroizing<Scalar>,
    pub(crate) offer: Offer,
    /// The item of each point of the offer; `None` for padding.
    pub(crate) items: Vec<Option<Vec<u8>>>,
    /// The one answer that it takes.
    pub(crate) bound: Option<MessageDigest>,
}

impl fmt::Debug for Starter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Starter").finish_non_exhaustive()
    }
}

/// The party that answers. Its secret is gone when its answer is made.
pub struct Answerer {
    pub(crate) answer: message::Answer,
    pub(crate) starter_public: Encoded,
    /// The item of each point of the answer; `None` for padding.
    pub(crate) items: Vec<Option<Vec<u8>>>,
}

impl fmt::Debug for Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answerer").finish_non_exhaustive()
    }
}

/// Begins a session: the starter, and its offer.
///
/// # Errors
/// [`ErrorKind::Usage`] where there are no items, too many, or too long ones; [`ErrorKind::System`].
pub fn start(items: &BTreeSet<Vec<u8>>, threads: usize) -> Result<(Starter, Vec<u8>), Error> {
    let (session, secret) = (random()?, Zeroizing::new(group::random_scalar()?));
    let (points, items) = group::blind(&session, &secret, items, threads)?.into_iter().unzip();
    let public = RistrettoPoint::mul_base(&secret).compress().to_bytes();
    let offer = Offer { session, public, points };
    let message = offer.to_bytes();
    Ok((Starter { secret, offer, items, bound: None }, message))
}

/// Answers an offer: the answerer, and its answer.
///
/// # Errors
/// [`ErrorKind::Refused`] and [`ErrorKind::Mixed`] for the offer; [`ErrorKind::Usage`] for the items; [`ErrorKind::System`].
pub fn answer(items: &BTreeSet<Vec<u8>>, offer: &[u8], threads: usize) -> Result<(Answerer, Vec<u8>), Error> {
    let offer_digest = message::digest(offer);
    let offer = Message::parse(offer)?.offer()?;
    group::decode_one(&offer.public)?;
    let theirs = group::decode(&offer.points, threads)?;
    let (session, secret) = (offer.session, Zeroizing::new(group::random_scalar()?));
    let (points, items): (Vec<_>, _) = group::blind(&session, &secret, items, threads)?.into_iter().unzip();
    let returned = group::multiply(&theirs, &secret, threads);
    let public = RistrettoPoint::mul_base(&secret).compress().to_bytes();
    let statement = message::statement_of_answer(&session, &offer_digest, &public, &points, &returned);
    let proof = Proof::new(&statement, &secret, &theirs, threads)?;
    let message = message::sealed(statement, &proof);
    let answer = message::Answer { session, offer: offer_digest, public, points, returned, proof };
    Ok((Answerer { answer, starter_public: offer.public, items }, message))
}

impl Starter {
    /// What the answer says, and the closing that tells the answerer as much.
    ///
    /// A starter takes one answer only: each answer may ask for as many multiplications by the secret as it has points. Where
    /// the starter is kept in a file, it has to be written again before the closing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Mixed`] for a message of another session, or another answer than the one before;
    /// [`ErrorKind::Refused`]; [`ErrorKind::System`].
    pub fn finish(&mut self, answer: &[u8], threads: usize) -> Result<(Outcome, Vec<u8>), Error> {
        let digest = message::digest(answer);
        let answer = Message::parse(answer)?.answer()?;
        let mixed = |text: &str| Err(Error::new(ErrorKind::Mixed, text));
        if answer.session != self.offer.session || answer.offer != message::digest(&self.offer.to_bytes()) {
            return mixed("it answers another offer (take the answer to the offer of this state)");
        }
        if self.bound.is_some_and(|bound| bound != digest) {
            return mixed("another answer was taken for this offer, and a second is refused (start anew)");
        }
        if answer.returned.len() != self.offer.points.len() {
            return Err(Error::refused("it returns another number of points than the offer has"));
        }
        let own: HashSet<&Encoded> = self.offer.points.iter().collect();
        if answer.points.iter().any(|point| own.contains(point)) {
            return Err(Error::refused("it sends points of the offer back as points of the sender's own values"));
        }
        let public = group::decode_one(&answer.public)?;
        let (theirs, returned) = (group::decode(&answer.points, threads)?, group::decode(&answer.returned, threads)?);
        let own = group::decode(&self.offer.points, threads)?;
        answer.proof.check(&answer.statement(), &public, &own, &returned, threads)?;
        self.bound = Some(digest);

        let sent_back = group::multiply(&theirs, &self.secret, threads);
        let statement = message::statement_of_closing(&self.offer.session, &digest, &sent_back);
        let proof = Proof::new(&statement, &self.secret, &theirs, threads)?;
        let outcome = Outcome { common: common(&self.items, &answer.returned, &sent_back), peer_points: theirs.len() };
        Ok((outcome, message::sealed(statement, &proof)))
    }
}

impl Answerer {
    /// What the closing says.
    ///
    /// # Errors
    /// [`ErrorKind::Mixed`] for a message of another session; [`ErrorKind::Refused`].
    pub fn finish(&self, closing: &[u8], threads: usize) -> Result<Outcome, Error> {
        let closing = Message::parse(closing)?.closing()?;
        let own_message = message::sealed(self.answer.statement(), &self.answer.proof);
        if closing.session != self.answer.session || closing.answer != message::digest(&own_message) {
            let text = "it closes another session (take the closing to the answer of this state)";
            return Err(Error::new(ErrorKind::Mixed, text));
        }
        if closing.returned.len() != self.answer.points.len() {
            return Err(Error::refused("it returns another number of points than the answer has"));
        }
        let public = group::decode_one(&self.starter_public)?;
        let (own, returned) =
            (group::decode(&self.answer.points, threads)?, group::decode(&closing.returned, threads)?);
        closing.proof.check(&closing.statement(), &public, &own, &returned, threads)?;
        let common = common(&self.items, &closing.returned, &self.answer.returned);
        Ok(Outcome { common, peer_points: self.answer.returned.len() })
    }
}

/// The items whose points are among the other party's, each under both scalars.
fn common(items: &[Option<Vec<u8>>], own: &[Encoded], theirs: &[Encoded]) -> Vec<Vec<u8>> {
    let theirs: HashSet<&Encoded> = theirs.iter().collect();
    let pairs = items.iter().zip(own).filter(|(_, point)| theirs.contains(point));
    let mut common: Vec<Vec<u8>> = pairs.filter_map(|(item, _)| item.clone()).collect();
    common.sort_unstable();
    common
}
