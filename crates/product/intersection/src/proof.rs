//! The proof that every point of a list is the one beside it in another list, times the same scalar.
//!
//! Chaum and Pedersen's proof that two discrete logarithms are equal, for a random sum over all pairs at once, made
//! non-interactive by a hash, as in [RFC 9497](https://www.rfc-editor.org/rfc/rfc9497), section 2.2. Claim: with public point
//! `K = k·G`, `outputs[i] = k·inputs[i]` for every `i`. Where it is false, a proof is accepted with a probability of about
//! `2^-252` for each hash that the liar computes. It breaks where the hash can be foreseen; and it says nothing of what `inputs` are.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::Scalar;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use sha2::Digest;
use sha2::Sha512;

use crate::error::Error;
use crate::group::random_scalar;

/// The length of a written proof.
pub const PROOF_BYTES: usize = 64;

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    challenge: Scalar,
    response: Scalar,
}

impl Proof {
    /// Makes it. `statement` is all that was said before it: it has to bind the public point and both lists.
    pub fn new(statement: &[u8], secret: &Scalar, inputs: &[RistrettoPoint], threads: usize) -> Result<Self, Error> {
        let seed = seed(statement);
        let input = weighted_sum(&seed, inputs, threads);
        let output = input * secret;
        let nonce = random_scalar()?;
        let public = RistrettoPoint::mul_base(secret);
        let challenge = challenge(&seed, &[public, input, output, RistrettoPoint::mul_base(&nonce), input * nonce]);
        Ok(Self { challenge, response: nonce - challenge * secret })
    }

    /// Checks it.
    pub fn check(
        &self,
        statement: &[u8],
        public: &RistrettoPoint,
        inputs: &[RistrettoPoint],
        outputs: &[RistrettoPoint],
        threads: usize,
    ) -> Result<(), Error> {
        let seed = seed(statement);
        let (input, output) = (weighted_sum(&seed, inputs, threads), weighted_sum(&seed, outputs, threads));
        let nonce_base = RISTRETTO_BASEPOINT_POINT * self.response + public * self.challenge;
        let nonce_input = input * self.response + output * self.challenge;
        let is_same = inputs.len() == outputs.len()
            && challenge(&seed, &[*public, input, output, nonce_base, nonce_input]) == self.challenge;
        if is_same {
            return Ok(());
        }
        Err(Error::refused(
            "its proof does not hold: the points were not all multiplied by the sender's one scalar, so that what they say \
             of common values could be invented (believe nothing of it, and ask the sender)",
        ))
    }

    /// As it is sent.
    pub fn to_bytes(&self) -> [u8; PROOF_BYTES] {
        let mut bytes = [0; PROOF_BYTES];
        let (challenge, response) = bytes.split_at_mut(PROOF_BYTES / 2);
        challenge.copy_from_slice(self.challenge.as_bytes());
        response.copy_from_slice(self.response.as_bytes());
        bytes
    }

    /// Reads one.
    pub fn parse(challenge: [u8; 32], response: [u8; 32]) -> Result<Self, Error> {
        let read = |bytes| {
            Option::<Scalar>::from(Scalar::from_canonical_bytes(bytes))
                .ok_or_else(|| Error::refused("its proof is not well formed (send or copy it again)"))
        };
        Ok(Self { challenge: read(challenge)?, response: read(response)? })
    }
}

type Seed = [u8; 64];

fn seed(statement: &[u8]) -> Seed {
    Sha512::new_with_prefix(b"stillwatch intersection 1 weights\0").chain_update(statement).finalize().into()
}

/// The sum of the points, each with a weight that nobody knew before all that is claimed was written down.
fn weighted_sum(seed: &Seed, points: &[RistrettoPoint], threads: usize) -> RistrettoPoint {
    let weight = |number: usize| {
        let hash = Sha512::new_with_prefix(seed).chain_update((number as u64).to_le_bytes());
        Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
    };
    let size = points.len().div_ceil(threads.max(1)).max(1);
    let parts: Vec<(usize, &[RistrettoPoint])> = points.chunks(size).enumerate().collect();
    // Everything here is public, so that the time it takes may depend on it.
    let sums = workers::parallel_map(&parts, threads, |(part, points)| {
        let first = part * size;
        RistrettoPoint::vartime_multiscalar_mul((first..first + points.len()).map(weight), points.iter())
    });
    sums.iter().fold(RistrettoPoint::identity(), |sum, one| sum + one)
}

fn challenge(seed: &Seed, points: &[RistrettoPoint]) -> Scalar {
    let mut hash = Sha512::new_with_prefix(b"stillwatch intersection 1 challenge\0").chain_update(seed);
    for point in points {
        hash.update(point.compress().as_bytes());
    }
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}
