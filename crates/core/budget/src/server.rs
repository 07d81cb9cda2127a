//! The server of leases, by its URL.

use crate::lease::LeaseServer;
use crate::lease::UrlError;

/// The server that a URL names. Nothing is asked yet. `now_us` is the clock of this node, in microseconds since
/// 1970-01-01T00:00:00Z.
///
/// # Errors
/// [`UrlError`] where the URL is none, asks for TLS, or this build cannot ask such a server.
pub fn lease_server(url: &str, now_us: fn() -> u64) -> Result<Box<dyn LeaseServer + Send>, UrlError> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if scheme.eq_ignore_ascii_case("rediss") || scheme.eq_ignore_ascii_case("valkeys") {
        return Err(UrlError(
            "the client has no TLS (write redis://, over a network that you trust or through a TLS tunnel that ends on this \
             machine)",
        ));
    }
    by_url(url, now_us)
}

#[cfg(feature = "redis")]
fn by_url(url: &str, now_us: fn() -> u64) -> Result<Box<dyn LeaseServer + Send>, UrlError> {
    Ok(Box::new(crate::redis::RedisServer::new(url, now_us)?))
}

#[cfg(not(feature = "redis"))]
fn by_url(_: &str, _: fn() -> u64) -> Result<Box<dyn LeaseServer + Send>, UrlError> {
    Err(UrlError("this build cannot ask a Redis-protocol server (build it with the feature redis)"))
}
