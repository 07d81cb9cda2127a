//! `HOST:PORT`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A host and a port. The port 0 lets the system choose one where something listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// Whether only programs on this machine can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// Whether it stands for every address of the machine, which nobody can connect to.
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_unspecified())
    }

    /// The same host with another port.
    pub(crate) fn with_port(&self, port: u16) -> Self {
        Self { host: self.host.clone(), port }
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fix = "write HOST:PORT, such as 127.0.0.1:50050 or [::1]:50050";
        let (host, port) = text.rsplit_once(':').ok_or_else(|| format!("`{text}` has no port ({fix})"))?;
        let port = port.parse().map_err(|_| format!("`{port}` is no port ({fix})"))?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_good = match bare {
            Some(inner) => inner.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()),
            None => !host.is_empty() && host.chars().all(is_host),
        };
        if !is_good {
            return Err(format!("`{host}` is no host ({fix})"));
        }
        Ok(Self { host: bare.unwrap_or(host).to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_read() {
        for text in ["127.0.0.1:0", "localhost:50050", "[::1]:1", "a-b.example:65535"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for text in ["", "localhost", "localhost:", ":1", "a:70000", "a b:1", "http://a:1", "::1:1", "[a]:1"] {
            assert!(text.parse::<Address>().unwrap_err().contains("HOST:PORT"), "{text}");
        }
    }

    #[test]
    fn who_can_reach_it_is_known() {
        let address = |text: &str| text.parse::<Address>().unwrap();
        assert!(address("127.0.0.1:1").is_loopback() && address("localhost:1").is_loopback());
        assert!(address("[::1]:1").is_loopback() && !address("10.0.0.1:1").is_loopback());
        assert!(!address("0.0.0.0:1").is_loopback() && address("0.0.0.0:1").is_unspecified());
        assert!(address("[::]:1").is_unspecified());
    }
}
