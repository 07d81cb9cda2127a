//! What an authority answers, and the check of it (RFC 3161, section 2.4.2; RFC 5652, section 5.4).

use cms::cert::CertificateChoices;
use cms::signed_data::SignedData;
use cms::signed_data::SignerIdentifier;
use cms::signed_data::SignerInfo;
use der::Any;
use der::Choice;
use der::Decode;
use der::DecodeValue;
use der::Encode;
use der::Tag;
use der::Tagged;
use der::asn1::ObjectIdentifier;
use der::asn1::OctetString;
use jiff::Timestamp;
use ring::digest;
use ring::signature;
use ring::signature::UnparsedPublicKey;
use ring::signature::VerificationAlgorithm;

use crate::certificate::Certificate;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::form;
use crate::form::Info;
use crate::form::Response;
use crate::form::SigningCertificate;
use crate::query::HASH_BYTES;

/// Bytes of the longest answer that is read.
const MAX_RESPONSE: usize = 1 << 20;

/// A time-stamp whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    at: Timestamp,
    policy: String,
    serial: String,
    hash: [u8; HASH_BYTES],
    nonce: Option<Vec<u8>>,
    signer: Certificate,
    others: Vec<Certificate>,
}

impl Stamp {
    /// When the authority saw the hash.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The hash that it saw.
    #[must_use]
    pub const fn hash(&self) -> &[u8; HASH_BYTES] {
        &self.hash
    }

    /// The nonce of the query that was answered.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// The policy under which it was given, as numbers with points.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Its number at the authority, in hexadecimal digits.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The certificate that signed it. Nothing is known of it before [`Self::check_trust`].
    #[must_use]
    pub const fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// Whether one of these certificates signed it, or vouches for the one that did, at the time of the stamp.
    ///
    /// # Errors
    /// [`ErrorKind::Untrusted`].
    pub fn check_trust(&self, trusted: &[Certificate]) -> Result<(), Error> {
        let seconds = u64::try_from(self.at.as_second()).unwrap_or(0);
        self.signer.check_trust(trusted, &self.others, seconds)
    }
}

fn refused(kind: ErrorKind, text: &str) -> Error {
    Error::new(kind, text)
}

/// Checks an answer: that a time-stamp was granted, and that the signature under it is that of the certificate which the answer
/// names. `known` are certificates that may sign, beside those of the answer.
///
/// # Errors
/// [`Error`] with the first thing that is not as it should be.
pub fn check(response: &[u8], known: &[Certificate]) -> Result<Stamp, Error> {
    if response.len() > MAX_RESPONSE {
        return Err(refused(ErrorKind::Malformed, "the answer is longer than a mebibyte, which none is"));
    }
    let response = Response::from_der(response).map_err(Error::malformed("the answer"))?;
    let token = match (response.status.status, response.token) {
        (0 | 1, Some(token)) => token,
        (status, _) => {
            let words = response.status.words.unwrap_or_default().join("; ");
            let text = format!("the authority gave no time-stamp (status {status}): {words:?}");
            return Err(Error::new(ErrorKind::Denied, text));
        }
    };
    let malformed = || Error::malformed("the time-stamp");
    if token.content_type != form::SIGNED_DATA {
        return Err(refused(ErrorKind::Malformed, "the time-stamp is not signed data"));
    }
    let signed: SignedData = token.content.decode_as().map_err(malformed())?;
    let content = signed.encap_content_info.econtent.as_ref();
    let content = content.filter(|_| signed.encap_content_info.econtent_type == form::TST_INFO);
    let content: OctetString = content
        .ok_or_else(|| refused(ErrorKind::Malformed, "what is signed is no time-stamp"))?
        .decode_as()
        .map_err(malformed())?;
    let [signer] = signed.signer_infos.0.as_slice() else {
        return Err(refused(ErrorKind::Malformed, "a time-stamp has one signer"));
    };
    let mut certificates = Vec::new();
    for choice in signed.certificates.iter().flat_map(|set| set.0.iter()) {
        if let CertificateChoices::Certificate(one) = choice {
            certificates.push(Certificate::of(one.clone())?);
        }
    }
    let own = certificates.iter().chain(known).find(|one| is_of(&signer.sid, one)).cloned();
    let own = own.ok_or_else(|| {
        refused(
            ErrorKind::Untrusted,
            "the certificate of the signer is not in the answer (name it with the trusted ones)",
        )
    })?;
    check_signature(signer, content.as_bytes(), &own)?;
    let info = Info::from_der(content.as_bytes()).map_err(malformed())?;
    let hash = <[u8; HASH_BYTES]>::try_from(info.imprint.hash.as_bytes());
    let (Ok(hash), form::SHA_256, 1) = (hash, info.imprint.algorithm.oid, info.version) else {
        return Err(refused(ErrorKind::Mismatch, "the time-stamp is not of a SHA-256 hash"));
    };
    Ok(Stamp {
        at: time_of(&info.time)?,
        policy: info.policy.to_string(),
        serial: info.serial.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
        hash,
        nonce: info.nonce.map(|nonce| nonce.as_bytes().to_vec()),
        signer: own,
        others: certificates,
    })
}

/// A time in UTC, with or without a fraction of a second: `20260424030640.5Z`.
fn time_of(value: &Any) -> Result<Timestamp, Error> {
    let none = || refused(ErrorKind::Malformed, "the time of the time-stamp is none");
    let text = std::str::from_utf8(value.value()).map_err(|_| none())?;
    let (digits, rest) = text.split_at_checked(14).ok_or_else(none)?;
    let is_time = value.tag() == Tag::GeneralizedTime && digits.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = rest.strip_suffix('Z').filter(|_| is_time).ok_or_else(none)?;
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let (date, clock) =
        ([part(0, 4), part(4, 6), part(6, 8)].join("-"), [part(8, 10), part(10, 12), part(12, 14)].join(":"));
    format!("{date}T{clock}{fraction}Z").parse().map_err(|_| none())
}

fn is_of(signer: &SignerIdentifier, certificate: &Certificate) -> bool {
    let own = &certificate.parsed.tbs_certificate;
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(id) => id.issuer == own.issuer && id.serial_number == own.serial_number,
        SignerIdentifier::SubjectKeyIdentifier(id) => {
            matches!(own.get::<cms::cert::x509::ext::pkix::SubjectKeyIdentifier>(), Ok(Some((_, known))) if known == *id)
        }
    }
}

/// The one value of an attribute that is signed.
fn attribute<'a, T: Choice<'a> + DecodeValue<'a>>(signer: &'a SignerInfo, oid: ObjectIdentifier) -> Option<T> {
    let mut all = signer.signed_attrs.iter().flat_map(|all| all.iter()).filter(|one| one.oid == oid);
    match (all.next(), all.next()) {
        (Some(one), None) if one.values.len() == 1 => one.values.get(0)?.decode_as().ok(),
        _ => None,
    }
}

fn hash_of(oid: ObjectIdentifier) -> Option<&'static digest::Algorithm> {
    match oid {
        form::SHA_256 => Some(&digest::SHA256),
        form::SHA_384 => Some(&digest::SHA384),
        form::SHA_512 => Some(&digest::SHA512),
        _ => None,
    }
}

/// Whether the certificate signed the content, and the attributes say that it did.
fn check_signature(signer: &SignerInfo, content: &[u8], own: &Certificate) -> Result<(), Error> {
    let wrong =
        |what: &str| Err(Error::new(ErrorKind::Signature, format!("the signature of the time-stamp is wrong: {what}")));
    let Some(hash) = hash_of(signer.digest_alg.oid) else {
        let text = format!("the time-stamp is signed with a hash that is not known: {}", signer.digest_alg.oid);
        return Err(Error::new(ErrorKind::Unknown, text));
    };
    if attribute::<ObjectIdentifier>(signer, form::CONTENT_TYPE) != Some(form::TST_INFO) {
        return wrong("it is not of a time-stamp");
    }
    let stated: Option<OctetString> = attribute(signer, form::MESSAGE_DIGEST);
    if stated.is_none_or(|stated| stated.as_bytes() != digest::digest(hash, content).as_ref()) {
        return wrong("it is of another content");
    }
    if !names(signer, own) {
        return wrong("it does not name the certificate by its hash");
    }
    let signed = signer.signed_attrs.as_ref().map(Encode::to_der).transpose();
    let signed = signed.map_err(Error::malformed("the time-stamp"))?.unwrap_or_default();
    let key = &own.parsed.tbs_certificate.subject_public_key_info;
    let algorithm = algorithm_of(key, signer.digest_alg.oid).filter(|_| is_plain(signer)).ok_or_else(|| {
        let text = format!("the time-stamp is signed in a way that is not known: {}", signer.signature_algorithm.oid);
        Error::new(ErrorKind::Unknown, text)
    })?;
    let key = UnparsedPublicKey::new(algorithm, key.subject_public_key.raw_bytes());
    match key.verify(&signed, signer.signature.as_bytes()) {
        Ok(()) => Ok(()),
        Err(_) => wrong("another key made it, or it was changed"),
    }
}

/// Whether the signed attributes name the certificate, so that no other with the same key can take its place (RFC 5816).
fn names(signer: &SignerInfo, own: &Certificate) -> bool {
    let named = |oid: ObjectIdentifier, usual: &'static digest::Algorithm| {
        let attribute: Option<SigningCertificate> = attribute(signer, oid);
        let first = attribute?.certificates.into_iter().next()?;
        let hash = match &first.algorithm {
            None => usual,
            Some(algorithm) => hash_of(algorithm.oid)?,
        };
        Some(first.hash.as_bytes() == digest::digest(hash, own.to_der()).as_ref())
    };
    let by_sha_2 = named(form::SIGNING_CERTIFICATE_V2, &digest::SHA256);
    let by_sha_1 = || named(form::SIGNING_CERTIFICATE, &digest::SHA1_FOR_LEGACY_USE_ONLY);
    by_sha_2.or_else(by_sha_1) == Some(true)
}

/// Whether it is signed by RSA with the older padding, or on a curve, with the hash that it names.
fn is_plain(signer: &SignerInfo) -> bool {
    let (way, hash) = (signer.signature_algorithm.oid, signer.digest_alg.oid);
    way == form::RSA || form::SIGNATURES.contains(&(way, hash))
}

/// How a key of a kind signs with a hash.
fn algorithm_of(
    key: &cms::cert::x509::spki::SubjectPublicKeyInfoOwned,
    hash: ObjectIdentifier,
) -> Option<&'static dyn VerificationAlgorithm> {
    let curve = key.algorithm.parameters.as_ref().and_then(|one| one.decode_as::<ObjectIdentifier>().ok());
    match (key.algorithm.oid, curve, hash) {
        (form::RSA, _, form::SHA_256) => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        (form::RSA, _, form::SHA_384) => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        (form::RSA, _, form::SHA_512) => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        (form::ELLIPTIC, Some(form::P_256), form::SHA_256) => Some(&signature::ECDSA_P256_SHA256_ASN1),
        (form::ELLIPTIC, Some(form::P_256), form::SHA_384) => Some(&signature::ECDSA_P256_SHA384_ASN1),
        (form::ELLIPTIC, Some(form::P_384), form::SHA_256) => Some(&signature::ECDSA_P384_SHA256_ASN1),
        (form::ELLIPTIC, Some(form::P_384), form::SHA_384) => Some(&signature::ECDSA_P384_SHA384_ASN1),
        _ => None,
    }
}
