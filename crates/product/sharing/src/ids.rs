//! Ids of version 5 (RFC 9562, section 5.5): the same name has the same id.

/// A name space: sixteen bytes.
pub type Space = [u8; 16];

/// The name space of URLs (RFC 9562, section 6.6).
const URL: Space = [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

/// The id of a name in a name space.
pub fn named(space: &Space, name: &[u8]) -> String {
    let bytes = bytes(space, name);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut rest = hex.as_str();
    let mut parts = Vec::new();
    for length in [8, 4, 4, 4] {
        let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts.join("-")
}

fn bytes(space: &Space, name: &[u8]) -> [u8; 16] {
    let mut hash = sha1_smol::Sha1::from(space);
    hash.update(name);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.digest().bytes()).for_each(|(to, from)| *to = from);
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = *version & 0x0f | 0x50;
    *variant = *variant & 0x3f | 0x80;
    bytes
}

/// The name space of our ids.
pub fn own() -> Space {
    bytes(&URL, b"https://stillwatch.example/share/1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // RFC 9562, appendix A.4.
        let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(named(&dns, b"www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
