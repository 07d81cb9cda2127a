//! Addresses. Only private and benchmark ranges and documentation or private AS numbers are used.
//!
//! Homes lie in `10.0.0.0/8`, one `/14` an access provider; mobile carriers put many customers behind few addresses
//! of `100.64.0.0/10`; clouds and VPN hosts lie in `198.18.0.0/15`. A residential proxy has no range of its own: its
//! exits are homes.

use crate::rng::{Rng, mix};

/// Number of access providers.
const PROVIDERS: u64 = 64;
/// Exits of a residential proxy service.
pub(crate) const EXITS: u64 = 40_000;
/// Country and offset from UTC in hours, by provider, counted round.
const COUNTRIES: [(&str, i64); 16] = [
    ("US", -6),
    ("DE", 1),
    ("BR", -3),
    ("IN", 5),
    ("GB", 0),
    ("JP", 9),
    ("FR", 1),
    ("SG", 8),
    ("NG", 1),
    ("MX", -6),
    ("PL", 1),
    ("ID", 7),
    ("US", -8),
    ("CA", -5),
    ("KE", 3),
    ("AU", 10),
];

/// One source address with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// The address as text.
    pub(crate) ip: String,
    /// Its autonomous system.
    pub(crate) asn: u32,
    /// Its country.
    pub(crate) country: &'static str,
}

/// A place on earth with an access provider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    provider: u64,
}

impl Place {
    /// Draws a place; big providers come often.
    pub(crate) fn draw(rng: &mut Rng) -> Place {
        Place { provider: rng.zipf(PROVIDERS as usize) as u64 }
    }

    fn entry(self) -> (&'static str, i64) {
        COUNTRIES.get((self.provider % COUNTRIES.len() as u64) as usize).copied().unwrap_or(("US", 0))
    }

    /// The country.
    pub(crate) fn country(self) -> &'static str {
        self.entry().0
    }

    /// Hours ahead of UTC.
    pub(crate) fn offset(self) -> i64 {
        self.entry().1
    }

    /// A home or office line here; the same number is the same line.
    pub(crate) fn line(self, number: u64) -> Address {
        let host = mix(number, self.provider) % (1 << 18);
        address((10 << 24) | (self.provider << 18) | host, access_asn(self.provider), self.country())
    }

    /// A mobile exit here, shared by many strangers.
    pub(crate) fn mobile(self, number: u64) -> Address {
        let carrier = self.provider / 2;
        let host = mix(number, carrier) % 512;
        address((100 << 24) | (64 << 16) | (carrier << 17) | host, 4_200_000_000 + carrier as u32, self.country())
    }
}

/// An address of a cloud.
pub(crate) fn cloud(cloud: u64, number: u64) -> Address {
    let cloud = cloud % 12;
    let host = mix(number, cloud) % (1 << 12);
    let country = COUNTRIES.get((cloud % 8) as usize).map_or("US", |entry| entry.0);
    address((198 << 24) | (18 << 16) | (cloud << 12) | host, 64_496 + cloud as u32, country)
}

/// An exit of a VPN service: a few hundred addresses that thousands of strangers share.
pub(crate) fn vpn(service: u64, number: u64) -> Address {
    let service = service % 4;
    let host = mix(number, service) % 240;
    let country = COUNTRIES.get((host % 16) as usize).map_or("US", |entry| entry.0);
    address((198 << 24) | (19 << 16) | (service << 12) | host, 65_540 + service as u32, country)
}

/// An exit of a residential proxy service: somebody's home line.
pub(crate) fn residential_exit(service: u64, number: u64) -> Address {
    let draw = mix(mix(service, 0x9E51), number);
    Place { provider: draw % PROVIDERS }.line(mix(draw, 1))
}

fn access_asn(provider: u64) -> u32 {
    if provider < 16 { 65_536 + provider as u32 % 4 + 12 } else { 4_200_001_000 + provider as u32 }
}

fn address(bits: u64, asn: u32, country: &'static str) -> Address {
    let [_, _, _, _, a, b, c, d] = bits.to_be_bytes();
    Address { ip: format!("{a}.{b}.{c}.{d}"), asn, country }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_in_ranges_that_belong_to_nobody() {
        let mut rng = Rng::new(3);
        for number in 0..2_000 {
            let place = Place::draw(&mut rng);
            assert!(place.line(number).ip.starts_with("10."));
            assert!(residential_exit(1, number).ip.starts_with("10."));
            let mobile: Vec<u32> = place.mobile(number).ip.split('.').map(|part| part.parse().unwrap()).collect();
            assert!(mobile[0] == 100 && (64..128).contains(&mobile[1]), "{mobile:?}");
            assert!(cloud(number, number).ip.starts_with("198.18."));
            assert!(vpn(number, number).ip.starts_with("198.19."));
            for asn in [place.line(number).asn, place.mobile(number).asn, cloud(number, 1).asn, vpn(number, 1).asn] {
                assert!(matches!(asn, 64_496..=64_511 | 65_536..=65_551 | 4_200_000_000..), "{asn}");
            }
        }
    }
}
