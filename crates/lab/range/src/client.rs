//! The software that asks: user agents, TLS fingerprints and header tuples.
//!
//! One catalogue for everybody. A tuple is a product, its version and its system; products and versions follow a law
//! close to Zipf's, so that any one tuple is shared by many strangers and says little.

use crate::rng::{Rng, mix};

/// What a client shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tuple {
    /// The `User-Agent` header.
    pub(crate) user_agent: String,
    /// JA4 fingerprint of the TLS client hello.
    pub(crate) ja4: String,
    /// Fingerprint of the other headers.
    pub(crate) headers: String,
}

/// What sort of software is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stack {
    /// Browsers, for the console.
    Browser,
    /// Client libraries and plain HTTP clients.
    Library,
    /// The popular coding agent.
    Agent,
    /// The evaluation harness that benchmark runners share.
    Bench,
}

const BROWSERS: [&str; 4] = ["Halyard", "Corvid", "Pelagic", "Quartz"];
const LIBRARIES: [(&str, &str); 9] = [
    ("larkspur-python", "python"),
    ("larkspur-node", "node"),
    ("python-httpx", "python"),
    ("okhttp", "jvm"),
    ("chainweave", "python"),
    ("curl", "native"),
    ("go-http-client", "go"),
    ("larkspur-go", "go"),
    ("reqwest", "native"),
];
const DESKTOPS: [&str; 7] = [
    "Linux x86_64",
    "Linux aarch64",
    "Macintosh arm64",
    "Windows NT 10.0; Win64; x64",
    "Macintosh x86_64",
    "FreeBSD amd64",
    "Windows NT 10.0; arm64",
];
const PHONES: [&str; 3] = ["Mobile arm64; rv 15", "Mobile arm64; rv 14", "Mobile arm64; rv 17"];

/// Draws the tuple of one installation.
pub(crate) fn draw(stack: Stack, rng: &mut Rng) -> Tuple {
    let desktop = DESKTOPS.get(rng.zipf(DESKTOPS.len())).copied().unwrap_or_default();
    match stack {
        Stack::Browser => {
            let name = BROWSERS.get(rng.zipf(BROWSERS.len())).copied().unwrap_or_default();
            let version = 141 - rng.zipf(14) as u64;
            let system = if rng.chance(0.4) { rng.word_of(&PHONES) } else { desktop };
            tuple(
                format!("{name}/{version}.0 ({system})"),
                mix(name.len() as u64, version / 4),
                &format!("{name}{system}"),
            )
        }
        Stack::Library => {
            let (name, runtime) = LIBRARIES.get(rng.zipf(LIBRARIES.len())).copied().unwrap_or_default();
            let minor = 40 - rng.zipf(30);
            let patch = rng.zipf(4);
            let build = 12 - rng.zipf(5);
            let agent = format!("{name}/1.{minor}.{patch} {runtime}/3.{build} ({desktop})");
            tuple(agent, mix(runtime.len() as u64, build as u64), &format!("{name}{minor}{build}{desktop}"))
        }
        Stack::Agent => {
            let minor = 96 - rng.zipf(25);
            let runtime = 24 - 2 * rng.zipf(3);
            let agent = format!("tern-cli/2.1.{minor} (external, cli) node/{runtime} ({desktop})");
            tuple(agent, mix(77, runtime as u64), &format!("tern{runtime}{desktop}"))
        }
        Stack::Bench => {
            let minor = 9 - rng.zipf(4);
            let agent = format!("benchworks/0.4.{minor} python-httpx/1.28.1 ({desktop})");
            tuple(agent, mix(31, 0), &format!("bench{minor}"))
        }
    }
}

fn tuple(user_agent: String, tls: u64, headers: &str) -> Tuple {
    let tls = mix(tls, 0x6A34);
    let ja4 = format!(
        "t13d{:02}{:02}h2_{:012x}_{:012x}",
        12 + tls % 8,
        8 + (tls >> 8) % 10,
        (tls >> 16) & 0xFFFF_FFFF_FFFF,
        mix(tls, 1) >> 16,
    );
    let headers = format!("{:08x}", mix(crate::rng::label(headers), 9) >> 32);
    Tuple { user_agent, ja4, headers }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn strangers_share_tuples_and_the_tail_is_long() {
        let mut counts: HashMap<String, u32> = HashMap::new();
        for seed in 0..5_000 {
            *counts.entry(draw(Stack::Library, &mut Rng::new(seed)).user_agent).or_default() += 1;
        }
        let most = counts.values().max().copied().unwrap();
        assert!(most > 15, "the commonest tuple has {most} of 5,000");
        assert!(counts.len() > 300, "only {} tuples", counts.len());
    }
}
