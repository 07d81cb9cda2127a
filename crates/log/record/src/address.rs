//! Client addresses as proxies write them, brought to one form, so that one address is one value in every log.

use std::borrow::Cow;
use std::net::IpAddr;
use std::net::Ipv6Addr;

/// The client's address in a header or field: without a port, without brackets, an IPv4 address never as IPv6, and of a
/// list of hops the first public one.
///
/// A hash stays as it is. `None` for what names no machine: `unknown`, or an address whose last part is masked, which
/// would tie together everybody of its network.
pub(crate) fn client_address(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(plain(text, address));
    }
    let hops = || text.split([',', ';']).filter_map(hop);
    let found = hops().find(|address| is_public(*address)).or_else(|| hops().next());
    match found {
        Some(address) => Some(Cow::Owned(address.to_canonical().to_string())),
        None if is_hash(text) => Some(Cow::Borrowed(text)),
        None => None,
    }
}

fn plain(text: &str, address: IpAddr) -> Cow<'_, str> {
    let canonical = address.to_canonical();
    if canonical == address { Cow::Borrowed(text) } else { Cow::Owned(canonical.to_string()) }
}

/// One hop of a chain: `203.0.113.7`, `203.0.113.7:443`, `[2001:db8::1]:443`, `for="…"`.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let text = text.strip_prefix("for=").or_else(|| text.strip_prefix("For=")).unwrap_or(text).trim_matches('"');
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some((address, _)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    let (address, port) = text.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    address.parse().ok()
}

/// Whether an address can be that of a customer, and not of a proxy inside.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()),
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local()),
    }
}

/// Whether a text is a keyed hash of an address: a scheme before a colon, or nothing but hexadecimal digits.
fn is_hash(text: &str) -> bool {
    let digits = text.split_once(':').map_or(text, |(scheme, digits)| if scheme.len() <= 32 { digits } else { "" });
    (8..=256).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        && digits.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::client_address;

    #[test]
    fn an_address_is_one_value_however_it_is_written() {
        for (text, address) in [
            ("203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7 ", "203.0.113.7"),
            ("203.0.113.7:44312", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("10.0.0.1, 203.0.113.7:1", "203.0.113.7"),
            ("unknown, 203.0.113.7", "203.0.113.7"),
            ("203.0.113.7, 198.51.100.1", "203.0.113.7"),
            ("10.0.0.1", "10.0.0.1"),
            ("for=203.0.113.7;proto=https", "203.0.113.7"),
            ("sha256:00ff00ff00ff", "sha256:00ff00ff00ff"),
        ] {
            assert_eq!(client_address(text).as_deref(), Some(address), "{text}");
        }
    }

    #[test]
    fn what_names_no_machine_is_absent() {
        for text in ["", "-", "unknown", "203.0.113.***", "203.0.113.xxx", "203.0.113", "localhost", "[present]"] {
            assert_eq!(client_address(text), None, "{text}");
        }
    }
}
