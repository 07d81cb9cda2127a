//! One-time passwords by time, RFC 6238: HMAC-SHA-1, six digits, thirty seconds. It is what every authenticator takes.

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha1::Sha1;

/// Seconds of a step.
const STEP: u64 = 30;
/// How many steps a clock may be off, to either side.
const SKEW: u64 = 1;
/// Six digits.
const DIGITS: u32 = 1_000_000;
/// The alphabet of RFC 4648, base 32.
const ALPHABET: [u8; 32] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The code of a step; `None` for a secret that is none, which does not happen.
fn code(secret: &[u8], step: u64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest.last()? & 0x0f);
    let bytes: [u8; 4] = digest.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes) & 0x7fff_ffff)
}

/// The step of a code that holds now and is of a later step than the last that was used: a code holds once.
pub fn step_of(secret: &[u8], given: &str, now_s: u64, last: u64) -> Option<u64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let is_code = given.len() == 6 && given.bytes().all(|byte| byte.is_ascii_digit());
    let given: u32 = given.parse().ok().filter(|_| is_code)?;
    let now = now_s / STEP;
    let steps = now.saturating_sub(SKEW)..=now.saturating_add(SKEW);
    let holds = |step: &u64| *step > last && code(secret, *step).map(|code| code % DIGITS) == Some(given);
    steps.rev().find(holds)
}

/// A secret as people type it and authenticators read it.
pub fn base32(bytes: &[u8]) -> String {
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0_u32);
    let letter = |value: u32| ALPHABET.get(value as usize & 31).map_or('A', |byte| char::from(*byte));
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

/// The address that authenticators take, often as a picture.
pub fn address(who: &str, secret: &str) -> String {
    let mut name = String::new();
    for byte in who.bytes() {
        match byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            true => name.push(char::from(byte)),
            false => name.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("otpauth://totp/Stillwatch:{name}?secret={secret}&issuer=Stillwatch&algorithm=SHA1&digits=6&period=30")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// The values for SHA-1 of appendix B of RFC 6238: eight digits of the same number.
    const VECTORS: [(u64, u32); 6] = [
        (59, 94_287_082),
        (1_111_111_109, 7_081_804),
        (1_111_111_111, 14_050_471),
        (1_234_567_890, 89_005_924),
        (2_000_000_000, 69_279_037),
        (20_000_000_000, 65_353_130),
    ];

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (at, expected) in VECTORS {
            assert_eq!(code(SECRET, at / STEP).map(|code| code % 100_000_000), Some(expected), "at {at}");
            let six = format!("{:06}", expected % DIGITS);
            assert_eq!(step_of(SECRET, &six, at, 0), Some(at / STEP), "at {at}");
        }
    }

    #[test]
    fn a_code_holds_once_and_for_a_while() {
        let (at, code) = (1_234_567_890, "005924");
        let step = at / STEP;
        for (now, holds) in [(at - 2 * STEP, false), (at - STEP, true), (at + STEP, true), (at + 2 * STEP, false)] {
            assert_eq!(step_of(SECRET, code, now, 0).is_some(), holds, "at {now}");
        }
        assert_eq!(step_of(SECRET, " 005 924 ", at, step - 1), Some(step));
        assert_eq!(step_of(SECRET, code, at, step), None, "it was used");
        for bad in ["", "5924", "+05924", "0059245", "00592४", "abcdef"] {
            assert_eq!(step_of(SECRET, bad, at, 0), None, "{bad}");
        }
    }

    #[test]
    fn secrets_are_written_as_rfc_4648_has_it() {
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(
            address("ann@example.com", "MY"),
            "otpauth://totp/Stillwatch:ann%40example.com?secret=MY&issuer=Stillwatch&algorithm=SHA1&digits=6&period=30"
        );
    }
}
