//! Who a caller is, as far as trusted proxies tell.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// The address of the caller: the first one from the gate outwards that is no trusted proxy.
///
/// What the caller writes into the header itself stands further out than what the first trusted proxy adds, so that it is
/// never reached.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, name: &str, trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.to_canonical();
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    for text in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        if !is_trusted(address, trusted) {
            return address;
        }
        match hop(text.trim()) {
            Some(before) => address = before.to_canonical(),
            // What cannot be read ends the chain: the last trusted word counts.
            None => return address,
        }
    }
    address
}

/// Whether an address is that of a trusted proxy.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|network| network.contains(&address))
}

/// `203.0.113.7`, `203.0.113.7:443`, `[2001:db8::1]:443`.
fn hop(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.split_once(']')?.0.parse().ok();
    let with_port = || text.rsplit_once(':')?.0.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4);
    text.parse().ok().or_else(bracketed).or_else(with_port)
}

#[cfg(test)]
mod tests;
