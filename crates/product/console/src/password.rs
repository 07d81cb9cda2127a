//! Passwords, as Argon2id hashes.
//!
//! The parameters are those that OWASP's Password Storage Cheat Sheet names first for Argon2id: 19 MiB, two passes, one lane. A hash
//! says which it was made with, so that others may be chosen later.

use argon2::Argon2;
use argon2::PasswordHasher;
use argon2::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;

use crate::error::Error;
use crate::kept::random;

/// The fewest characters of a password (NIST SP 800-63B asks for eight where there is a second factor, and for fifteen without).
const LEAST: usize = 12;
/// The most bytes of a password, so that nobody makes the hash of a large text.
pub const MOST: usize = 1_024;

/// The hash of a password, as a PHC string.
///
/// # Errors
/// [`Error`] where it is too short or too long.
pub fn hash(password: &str) -> Result<String, Error> {
    if password.chars().count() < LEAST || password.len() > MOST {
        let text = format!("a password has {LEAST} characters or more, and {MOST} bytes at most (write a sentence)");
        return Err(Error::usage(text));
    }
    let salt = random::<16>()?;
    let made: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| Error::io("the password cannot be hashed", error))?;
    Ok(made.to_string())
}

/// Whether a password is that of a hash. Takes as long for every wrong one.
pub fn is_of(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The hash of no password that anybody has, to be checked where there is no user of a name: it takes the same time.
pub const OF_NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_password_is_known_again() {
        let made = hash("a sentence that is long").unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert!(is_of("a sentence that is long", &made) && !is_of("a sentence that is lonG", &made));
        assert_ne!(made, hash("a sentence that is long").unwrap(), "each has a salt of its own");
        assert!(hash("short").is_err() && hash(&"x".repeat(MOST + 1)).is_err());
    }

    #[test]
    fn nobody_is_checked_with_the_same_work() {
        let one = PasswordHash::new(OF_NOBODY).unwrap();
        let other = hash("a sentence that is long").unwrap();
        let other = PasswordHash::new(&other).unwrap();
        assert_eq!(
            (one.algorithm, one.version, one.params.to_string()),
            (other.algorithm, other.version, other.params.to_string())
        );
        assert_eq!(one.hash.map(|hash| hash.as_bytes().len()), other.hash.map(|hash| hash.as_bytes().len()));
        let began = Instant::now();
        assert!(!is_of("anything at all", OF_NOBODY));
        assert!(began.elapsed().as_micros() > 500, "it was not computed");
    }
}
