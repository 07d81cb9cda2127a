//! How often somebody may try to sign in.
//!
//! Failures are counted for a name at an address, for an address, and for a name. The first bound is low, since it is what a guesser
//! meets. That of a name alone is high: else anybody could shut anybody out.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Seconds after which failures are forgotten.
const WINDOW: u64 = 15 * 60;
/// Failures of a name at one address.
const MAX_BOTH: u32 = 5;
/// Failures of an address.
const MAX_ADDRESS: u32 = 50;
/// Failures of a name, from everywhere.
const MAX_NAME: u32 = 100;
/// What is remembered at most. Where it is full, a tenth is forgotten: the oldest.
const MAX_KEYS: usize = 10_000;

/// What failures are counted for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Both(String, Option<IpAddr>),
    Address(Option<IpAddr>),
    Name(String),
}

impl Key {
    const fn most(&self) -> u32 {
        match self {
            Self::Both(..) => MAX_BOTH,
            Self::Address(_) => MAX_ADDRESS,
            Self::Name(_) => MAX_NAME,
        }
    }
}

/// Failures, in memory.
#[derive(Debug, Default)]
pub struct Throttle(BTreeMap<Key, (u32, u64)>);

fn keys(who: &str, address: Option<IpAddr>) -> [Key; 3] {
    // Long names are one name: they are nobody's.
    let who: String = who.trim().to_lowercase().chars().take(200).collect();
    [Key::Both(who.clone(), address), Key::Address(address), Key::Name(who)]
}

impl Throttle {
    /// Counts an attempt before it is looked at; the seconds to wait where it is one too many.
    ///
    /// # Errors
    /// The seconds after which it may be tried again.
    pub fn attempt(&mut self, who: &str, address: Option<IpAddr>, now_s: u64) -> Result<(), u64> {
        let keys = keys(who, address);
        let left = |key: &Key| {
            let (count, began) = self.0.get(key).copied()?;
            let left = (began + WINDOW).saturating_sub(now_s);
            (count >= key.most() && left > 0).then_some(left)
        };
        if let Some(left) = keys.iter().filter_map(left).max() {
            return Err(left);
        }
        for key in keys {
            if !self.0.contains_key(&key) && self.0.len() >= MAX_KEYS {
                self.forget(now_s);
            }
            let entry = self.0.entry(key).or_insert((0, now_s));
            if now_s >= entry.1 + WINDOW {
                *entry = (0, now_s);
            }
            entry.0 = entry.0.saturating_add(1);
        }
        Ok(())
    }

    /// Takes an attempt back that succeeded.
    pub fn succeeded(&mut self, who: &str, address: Option<IpAddr>) {
        let [both, rest @ ..] = keys(who, address);
        self.0.remove(&both);
        for key in rest {
            if let Some(entry) = self.0.get_mut(&key) {
                entry.0 = entry.0.saturating_sub(1);
            }
        }
    }

    fn forget(&mut self, now_s: u64) {
        self.0.retain(|_, (_, began)| now_s < *began + WINDOW);
        if self.0.len() >= MAX_KEYS {
            let mut began: Vec<u64> = self.0.values().map(|(_, began)| *began).collect();
            began.sort_unstable();
            // A part at a time, so that a flood of names does not look at all of them for each; at least one goes.
            let (oldest, mut left) = (began.get(MAX_KEYS / 10).copied().unwrap_or(0), MAX_KEYS / 10);
            self.0.retain(|_, (_, began)| {
                let goes = *began <= oldest && left > 0;
                left -= usize::from(goes);
                !goes
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
    const AWAY: Option<IpAddr> = Some(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST));

    #[test]
    fn a_guesser_waits_and_others_do_not() {
        let mut throttle = Throttle::default();
        for _ in 0..MAX_BOTH {
            assert_eq!(throttle.attempt("ann", HOME, 100), Ok(()));
        }
        assert_eq!(throttle.attempt(" ANN ", HOME, 110), Err(WINDOW - 10));
        assert_eq!(throttle.attempt("ann", AWAY, 110), Ok(()), "ann herself, elsewhere");
        assert_eq!(throttle.attempt("bob", HOME, 110), Ok(()));
        assert_eq!(throttle.attempt("ann", HOME, 100 + WINDOW), Ok(()));
    }

    #[test]
    fn an_address_and_a_name_have_bounds_of_their_own() {
        let mut throttle = Throttle::default();
        let tried = (0..200).filter(|at| throttle.attempt(&format!("name {at}"), HOME, 0).is_ok()).count();
        assert_eq!(tried, MAX_ADDRESS as usize);
        let address = |at: u32| Some(IpAddr::V4(std::net::Ipv4Addr::from(at)));
        let tried = (0..200).filter(|at| throttle.attempt("eve", address(*at), 0).is_ok()).count();
        assert_eq!(tried, MAX_NAME as usize);
    }

    #[test]
    fn who_succeeds_is_not_counted() {
        let mut throttle = Throttle::default();
        for _ in 0..1_000 {
            assert_eq!(throttle.attempt("ann", HOME, 0), Ok(()));
            throttle.succeeded("ann", HOME);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut throttle = Throttle::default();
        for at in 0..30_000_u32 {
            let address = Some(IpAddr::V4(std::net::Ipv4Addr::from(at)));
            let _ = throttle.attempt(&format!("name {at}"), address, u64::from(at / 1_000));
        }
        assert!(throttle.0.len() <= MAX_KEYS, "{}", throttle.0.len());
    }
}
