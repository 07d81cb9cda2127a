//! Whether answers were served as a key says.

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;

/// The number that a key gives a name: the first eight bytes of HMAC-SHA-256, the first the highest.
fn number(key: &[u8], name: &str) -> u64 {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return 0 };
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Whether a key has one of several answers to one prompt served: that with the smallest number. Of a single one: whether
/// its number is below this share of all numbers.
#[must_use]
pub fn is_assigned(key: &[u8], name: &str, others: &[&str], share: f64) -> bool {
    let own = number(key, name);
    if others.is_empty() {
        return (own as f64) < share * 2f64.powi(64);
    }
    others.iter().all(|other| own < number(key, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_answers_is_served_and_half_of_the_prompts() {
        for pair in 0..50 {
            let (a, b) = (format!("{pair}-a"), format!("{pair}-b"));
            assert_ne!(is_assigned(b"key", &a, &[&b], 0.5), is_assigned(b"key", &b, &[&a], 0.5));
        }
        let served = (0..1_000).filter(|id| is_assigned(b"key", &format!("p{id}"), &[], 0.3)).count();
        assert!((250..350).contains(&served), "{served}");
        // printf p1 | openssl dgst -sha256 -hmac key
        assert_eq!(number(b"key", "p1"), 0x42fa_592c_4bb5_647a);
    }
}
