//! What comes from an authority is an adversary's until it is checked.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first thing that is not as it should be"
)]

use timestamp::ErrorKind;
use timestamp::Query;
use timestamp::check;
use timestamp::read_certificates;

#[test]
fn a_query_is_read_as_it_was_written() {
    let query = Query::new([7; 32]).unwrap();
    let bytes = query.to_der().unwrap();
    assert_eq!(Query::from_der(&bytes).unwrap(), query);
    assert_ne!(Query::new([7; 32]).unwrap().nonce(), query.nonce(), "each query has a nonce of its own");
    for end in 0..bytes.len() {
        assert!(Query::from_der(&bytes[..end]).is_err());
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    assert_eq!(check(b"", &[]).unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(check(&vec![0x30; 2 << 20], &[]).unwrap_err().kind(), ErrorKind::Malformed);
    // Status 2, rejection, with a word to it: SEQUENCE { SEQUENCE { 2, SEQUENCE { "no" } } }.
    let denied = [0x30, 0x0b, 0x30, 0x09, 0x02, 0x01, 0x02, 0x30, 0x04, 0x0c, 0x02, b'n', b'o'];
    let error = check(&denied, &[]).unwrap_err();
    assert!(error.kind() == ErrorKind::Denied && error.to_string().contains("no"), "{error}");
    // Status 0 without a time-stamp.
    assert_eq!(check(&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00], &[]).unwrap_err().kind(), ErrorKind::Denied);
}

#[test]
fn what_is_no_certificate_is_refused() {
    for bad in ["", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(read_certificates(bad.as_bytes()).unwrap_err().kind(), ErrorKind::Malformed, "{bad:?}");
    }
}
