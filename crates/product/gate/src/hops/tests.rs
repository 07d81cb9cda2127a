use super::*;

fn address(peer: &str, chain: &[&str]) -> String {
    let trusted: Vec<IpNet> = ["10.0.0.0/8", "2001:db8::/32"].map(|network| network.parse().unwrap()).to_vec();
    let mut headers = HeaderMap::new();
    for value in chain {
        headers.append("x-forwarded-for", value.parse().unwrap());
    }
    client_address(peer.parse().unwrap(), &headers, "x-forwarded-for", &trusted).to_string()
}

#[test]
fn the_first_address_that_is_not_trusted_counts() {
    for (peer, chain, expected) in [
        ("203.0.113.7", &[][..], "203.0.113.7"),
        ("203.0.113.7", &["198.51.100.1"], "203.0.113.7"),
        ("10.1.1.1", &[], "10.1.1.1"),
        ("10.1.1.1", &["198.51.100.1"], "198.51.100.1"),
        ("10.1.1.1", &["192.0.2.66, 198.51.100.1, 10.2.2.2"], "198.51.100.1"),
        ("10.1.1.1", &["192.0.2.66", "198.51.100.1:443 ,10.2.2.2"], "198.51.100.1"),
        ("10.1.1.1", &["198.51.100.1, unknown"], "10.1.1.1"),
        ("::ffff:10.1.1.1", &["[2001:db8::5]:443"], "2001:db8::5"),
        ("10.1.1.1", &["2001:470::9, [2001:db8::5]"], "2001:470::9"),
    ] {
        assert_eq!(address(peer, chain), expected, "{peer} {chain:?}");
    }
}
