//! What is sent to an authority.

use cms::cert::x509::spki::AlgorithmIdentifierOwned;
use der::Decode;
use der::Encode;
use der::asn1::Int;
use der::asn1::OctetString;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::form::Imprint;
use crate::form::Request;
use crate::form::SHA_256;

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// Bytes of a nonce.
const NONCE_BYTES: usize = 8;

/// Asks for a time-stamp of a SHA-256 hash. A nonce ties the answer to the query, so that no old answer is taken for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    hash: [u8; HASH_BYTES],
    nonce: Vec<u8>,
}

impl Query {
    /// A new one, with a random nonce.
    ///
    /// # Errors
    /// [`ErrorKind::Unknown`] where the system gives no random bytes.
    pub fn new(hash: [u8; HASH_BYTES]) -> Result<Self, Error> {
        let mut nonce = [0; NONCE_BYTES];
        let failed = |error| Error::new(ErrorKind::Unknown, format!("the system gives no random bytes: {error}"));
        getrandom::fill(&mut nonce).map_err(failed)?;
        // A positive number of eight bytes in its only form.
        if let Some(first) = nonce.first_mut() {
            *first = *first & 0x3f | 0x40;
        }
        Ok(Self { hash, nonce: nonce.to_vec() })
    }

    /// The hash that is asked about.
    #[must_use]
    pub const fn hash(&self) -> &[u8; HASH_BYTES] {
        &self.hash
    }

    /// The nonce, as the bytes of a number.
    #[must_use]
    pub fn nonce(&self) -> &[u8] {
        &self.nonce
    }

    /// Its bytes, as an authority takes them (`application/timestamp-query`). The authority is asked for its certificates.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] where it cannot be written.
    pub fn to_der(&self) -> Result<Vec<u8>, Error> {
        let failed = || Error::malformed("the query");
        let request = Request {
            version: 1,
            imprint: Imprint {
                algorithm: AlgorithmIdentifierOwned { oid: SHA_256, parameters: Some(der::Any::null()) },
                hash: OctetString::new(self.hash).map_err(failed())?,
            },
            policy: None,
            nonce: Some(Int::new(&self.nonce).map_err(failed())?),
            wants_certificates: true,
            extensions: None,
        };
        request.to_der().map_err(failed())
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] where it is none, or none of a SHA-256 hash with a nonce.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        let request = Request::from_der(bytes).map_err(Error::malformed("the query"))?;
        let hash = <[u8; HASH_BYTES]>::try_from(request.imprint.hash.as_bytes());
        match (hash, request.nonce) {
            (Ok(hash), Some(nonce)) if request.imprint.algorithm.oid == SHA_256 => {
                Ok(Self { hash, nonce: nonce.as_bytes().to_vec() })
            }
            _ => Err(Error::new(ErrorKind::Malformed, "the query is not of a SHA-256 hash with a nonce")),
        }
    }
}
