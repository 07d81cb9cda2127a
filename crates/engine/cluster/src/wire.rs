//! What every connection inside a cluster carries and how long it waits.
//!
//! Ballista opens its own connections and lets us configure or exchange their endpoints, but not add a header of ours.
//! The one header that an endpoint can set is the user agent, so build and token travel in it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::extension::EndpointOverrideFn;
use tokio::net::TcpListener;
use tonic::transport::Endpoint;
use tonic::transport::Server;
use tonic::transport::server::Router;

use crate::address::Address;
use crate::build::Build;
use crate::entrance::entrants;
use crate::error::Error;
use crate::tls::Tls;
use crate::tls::TlsFiles;
use crate::tunnel::Tunnels;

/// Long enough for a busy machine, short enough for whoever waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A peer that does not answer pings is gone, even if its host never said so.
const PING_EVERY: Duration = Duration::from_secs(5);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

const PRODUCT: &str = "stillwatch/";
const TOKEN: &str = "token/";

/// A secret that all parts of a cluster share.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Arc<str>);

/// Fewer characters than this can be guessed.
const MIN_TOKEN: usize = 16;

impl Token {
    /// Takes a secret, without the space around it.
    ///
    /// # Errors
    /// [`Error`] where it is too short or cannot be sent.
    pub fn new(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '+' | '=' | '-');
        if text.len() < MIN_TOKEN || text.len() > 256 || !text.chars().all(is_good) {
            return Err(Error::usage(format!(
                "the cluster's token is not {MIN_TOKEN} to 256 letters, digits or any of . _ ~ + = - (make one with \
                 `openssl rand -hex 32`)"
            )));
        }
        Ok(Self(text.into()))
    }

    /// Compares in a time that does not depend on where they differ.
    fn is(&self, other: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.as_bytes());
        let differences = ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b));
        ours.len() == theirs.len() && differences == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What the parts of one cluster have in common and nobody else has.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// A secret that each call carries; nothing is asked for where `None`.
    pub token: Option<Token>,
    /// Certificates for TLS on every connection; nothing is encrypted where `None`.
    pub tls: Option<TlsFiles>,
}

/// Who a part is to the others.
#[derive(Clone)]
pub(crate) struct Wire {
    pub build: Build,
    token: Option<Token>,
    secure: Option<(Tls, Tunnels)>,
}

/// Why a caller is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No token, or another one.
    Token,
    /// Another build; its name where it has one.
    Build(Option<Build>),
}

impl Wire {
    /// Needs a runtime, on which connections live.
    pub(crate) fn new(keys: &Keys) -> Result<Self, Error> {
        let secure = match &keys.tls {
            None => None,
            Some(files) => {
                let tls = Tls::read(files)?;
                let tunnels = Tunnels::new(tls.connector.clone()).map_err(|error| {
                    Error::Cluster(format!("no folder for the sockets of TLS: {error} (set TMPDIR)"))
                })?;
                Some((tls, tunnels))
            }
        };
        Ok(Self { build: Build::ours(), token: keys.token.clone(), secure })
    }

    /// An endpoint of another part.
    pub(crate) fn endpoint(&self, to: &Address) -> Result<Endpoint, Box<dyn StdError + Send + Sync>> {
        let endpoint = match &self.secure {
            None => Endpoint::from_shared(self.url(to))?,
            Some((_, tunnels)) => Endpoint::from_shared(format!("unix://{}", tunnels.socket(to)?.display()))?,
        };
        Ok(self.dress(endpoint)?)
    }

    /// The name by which Ballista is told of a part; [`Self::dresser`] makes of it what it is.
    pub(crate) fn url(&self, address: &Address) -> String {
        format!("http://{address}")
    }

    /// What Ballista is to do with each endpoint of its own.
    pub(crate) fn dresser(&self) -> EndpointOverrideFn {
        let wire = self.clone();
        Arc::new(move |endpoint| {
            if wire.secure.is_none() {
                return Ok(wire.dress(endpoint)?);
            }
            let authority = endpoint.uri().authority().map_or("", |authority| authority.as_str());
            wire.endpoint(&authority.parse()?)
        })
    }

    /// Why a part could not be reached, where that is known better here than to whoever tried.
    pub(crate) fn failure(&self, to: &Address) -> Option<String> {
        self.secure.as_ref().and_then(|(_, tunnels)| tunnels.failure(to))
    }

    /// A server that notices when a caller is gone.
    pub(crate) fn server() -> Server {
        let server = Server::builder().http2_keepalive_interval(Some(PING_EVERY));
        server.http2_keepalive_timeout(Some(PING_TIMEOUT))
    }

    /// Serves whoever comes in.
    pub(crate) async fn serve(&self, router: Router, listener: TcpListener) -> Result<(), tonic::transport::Error> {
        match &self.secure {
            None => router.serve_with_incoming(entrants(listener)).await,
            Some((tls, _)) => router.serve_with_incoming(tls.callers(listener)).await,
        }
    }

    fn dress(&self, endpoint: Endpoint) -> Result<Endpoint, tonic::transport::Error> {
        let endpoint = endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_TIMEOUT)
            .keep_alive_while_idle(true);
        endpoint.user_agent(self.agent())
    }

    fn agent(&self) -> String {
        let build = self.build.as_str();
        match &self.token {
            Some(Token(token)) => format!("{PRODUCT}{build} {TOKEN}{token}"),
            None => format!("{PRODUCT}{build}"),
        }
    }

    /// Whether a caller with this user agent is one of us.
    pub(crate) fn admit(&self, agent: &str) -> Result<(), Refusal> {
        let word = |prefix: &str| agent.split(' ').find_map(|word| word.strip_prefix(prefix));
        // The token first: a stranger is not told what we are.
        if let Some(token) = &self.token
            && !word(TOKEN).is_some_and(|given| token.is(given))
        {
            return Err(Refusal::Token);
        }
        match word(PRODUCT).and_then(Build::parse) {
            Some(build) if build == self.build => Ok(()),
            other => Err(Refusal::Build(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_build_with_the_same_token_is_admitted() {
        let token = |text: &str| Some(Token::new(text).unwrap());
        let wire = |token| Wire::new(&Keys { token, tls: None }).unwrap();
        let (ours, theirs) = (wire(token("0123456789abcdef")), wire(token("0123456789abcdeX")));
        let open = wire(None);
        assert_eq!(ours.admit(&format!("{} tonic/0.14", ours.agent())), Ok(()));
        assert_eq!(open.admit(&open.agent()), Ok(()));
        assert_eq!(ours.admit(&theirs.agent()), Err(Refusal::Token));
        assert_eq!(ours.admit(&open.agent()), Err(Refusal::Token));
        assert_eq!(ours.admit(""), Err(Refusal::Token));
        // A token that is not asked for is no obstacle.
        assert_eq!(open.admit(&ours.agent()), Ok(()));
        let other = Build::parse("0.0.9").unwrap();
        assert_eq!(open.admit("stillwatch/0.0.9"), Err(Refusal::Build(Some(other))));
        assert_eq!(open.admit("tonic/0.14.9"), Err(Refusal::Build(None)));
    }

    #[test]
    fn a_token_is_long_and_is_not_shown() {
        assert!(Token::new("short").is_err());
        assert!(Token::new("with a space in the middle").is_err());
        let token = Token::new(" 0123456789abcdef\n").unwrap();
        assert!(token.is("0123456789abcdef"));
        assert!(!format!("{token:?}").contains("0123"));
    }
}
