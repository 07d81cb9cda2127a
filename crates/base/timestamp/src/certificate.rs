//! Certificates: whose, and whether one that is trusted vouches for it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cms::cert::x509::Certificate as Parsed;
use cms::cert::x509::ext::pkix::ExtendedKeyUsage;
use der::Decode;
use der::Encode;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::UnixTime;
use webpki::ALL_VERIFICATION_ALGS;
use webpki::EndEntityCert;
use webpki::KeyUsage;
use webpki::anchor_from_trusted_cert;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::form::TIME_STAMPING;

/// [`TIME_STAMPING`] as `webpki` takes it.
const TIME_STAMPING_BYTES: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub(crate) parsed: Parsed,
    der: Vec<u8>,
}

impl Certificate {
    pub(crate) fn of(parsed: Parsed) -> Result<Self, Error> {
        let der = parsed.to_der().map_err(Error::malformed("a certificate"))?;
        Ok(Self { parsed, der })
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        let parsed = Parsed::from_der(bytes).map_err(Error::malformed("the certificate"))?;
        Ok(Self { parsed, der: bytes.to_vec() })
    }

    /// Its bytes.
    #[must_use]
    pub fn to_der(&self) -> &[u8] {
        &self.der
    }

    /// Whose it is, as it says itself.
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate.subject.to_string()
    }

    /// Whether it may sign time-stamps and nothing else, as RFC 3161 asks (section 2.3).
    fn is_for_time_stamps(&self) -> bool {
        match self.parsed.tbs_certificate.get::<ExtendedKeyUsage>() {
            Ok(Some((is_critical, usage))) => is_critical && usage.0 == [TIME_STAMPING],
            _ => false,
        }
    }

    /// Whether it was valid at a time, one of `trusted` vouches for it, and it is for time-stamps. `others` may stand between them.
    pub(crate) fn check_trust(&self, trusted: &[Self], others: &[Self], seconds: u64) -> Result<(), Error> {
        let refused = |why: &str| Err(Error::new(ErrorKind::Untrusted, format!("{}: {why}", self.subject())));
        if !self.is_for_time_stamps() {
            return refused("its certificate is not for time-stamps alone");
        }
        if trusted.contains(self) {
            let validity = &self.parsed.tbs_certificate.validity;
            let (from, to) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
            let at = Duration::from_secs(seconds);
            return if from <= at && at <= to { Ok(()) } else { refused("its certificate was not valid at that time") };
        }
        let own = CertificateDer::from(self.der.as_slice());
        let named: Vec<CertificateDer<'_>> = trusted.iter().map(|one| CertificateDer::from(one.to_der())).collect();
        let anchors: Vec<_> = named.iter().filter_map(|one| anchor_from_trusted_cert(one).ok()).collect();
        let between: Vec<CertificateDer<'_>> = others.iter().map(|one| CertificateDer::from(one.to_der())).collect();
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let usage = KeyUsage::required(TIME_STAMPING_BYTES);
        let chain = EndEntityCert::try_from(&own).and_then(|end| {
            end.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &between, time, usage, None, None).map(drop)
        });
        chain.or_else(|error| refused(&format!("no trusted certificate vouches for it ({error})")))
    }
}

/// The certificates of a file: several in PEM, or one in DER.
///
/// # Errors
/// [`ErrorKind::Malformed`] where there is none.
pub fn read_certificates(bytes: &[u8]) -> Result<Vec<Certificate>, Error> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Certificate::from_der(bytes).map(|one| vec![one]) };
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let none = || Error::new(ErrorKind::Malformed, "a certificate in PEM has no end");
        let (body, after) = after.split_once(END).ok_or_else(none)?;
        let digits: String = body.split_whitespace().collect();
        let der = STANDARD.decode(digits).map_err(Error::malformed("the certificate"))?;
        found.push(Certificate::from_der(&der)?);
        rest = after;
    }
    match found.is_empty() {
        true => Err(Error::new(ErrorKind::Malformed, "there is no certificate in it (PEM or DER is read)")),
        false => Ok(found),
    }
}
