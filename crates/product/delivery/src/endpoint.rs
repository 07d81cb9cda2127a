//! A webhook: where it is, how it is asked, and what it is shown that a message is ours.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use http::Method;
use http::Request;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::ring::default_provider;

use crate::error::Error;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The shortest secret, in bytes: that of Standard Webhooks.
const MIN_SECRET: usize = 24;
/// What the text of a secret in Base64 begins with.
const PREFIX: &str = "whsec_";

/// A webhook.
pub struct Endpoint {
    uri: Uri,
    secret: Vec<u8>,
    tls: ClientConfig,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the secret, nor a path or query that may hold one.
        f.debug_struct("Endpoint").field("host", &self.host()).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// A webhook at an address, and the text of its secret: 24 bytes at least, or `whsec_` and as many in Base64.
    ///
    /// Without TLS it may only be on this machine. Any other address may be named, private ones too: whoever configures the
    /// program may send to their own network. An answer cannot lead elsewhere, since redirects are not followed.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unfit`]
    pub fn new(url: &str, secret: &str) -> Result<Self, Error> {
        let uri: Uri = url.parse().map_err(|error| Error::unfit(format!("the webhook's address is none: {error}")))?;
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        match uri.scheme_str() {
            _ if host.is_empty() || has_user => {
                return Err(Error::unfit("the webhook's address is https://HOST/PATH, without a name of a user"));
            }
            Some("https") => {}
            Some("http") if is_here => {}
            _ => {
                let text = "the webhook's address begins with https:// (http:// is for this machine alone: \
                            a notice names an account)";
                return Err(Error::unfit(text));
            }
        }
        let mut roots = RootCertStore::empty();
        // Where the system has none, each attempt fails and says so.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let builder = ClientConfig::builder_with_provider(default_provider().into());
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| Error::unfit(error.to_string()))?;
        let tls = builder.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { uri, secret: secret_of(secret)?, tls })
    }

    /// The host, as it may be told.
    #[must_use]
    pub fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// Sends a body under an id, once. Only an answer of the class 2xx says that it was taken; nothing else of it is read.
    ///
    /// # Errors
    /// Why it was not taken, in words.
    pub fn post(&self, id: &str, now_s: i64, body: Vec<u8>) -> Result<(), String> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.uri.clone())
            .header("content-type", "application/json")
            .header("user-agent", concat!("stillwatch/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("idempotency-key", id)
            .header("webhook-timestamp", now_s)
            .header("webhook-signature", signature(&self.secret, id, now_s, &body))
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("no runtime can be made: {error}"))?;
        runtime.block_on(async {
            let mut tcp = HttpConnector::new();
            tcp.enforce_http(false);
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(self.tls.clone())
                .https_or_http()
                .enable_http1()
                .wrap_connector(tcp);
            let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
            let answer = tokio::time::timeout(PATIENCE, client.request(request)).await;
            let answer = answer.map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?;
            let status = answer.map_err(|error| told(&error))?.status();
            match status.is_success() {
                true => Ok(()),
                false if status.is_redirection() => Err(format!("it answered {status}, and is not followed elsewhere")),
                false => Err(format!("it answered {status}")),
            }
        })
    }
}

/// What a message is signed with: `v1,` and the Base64 of HMAC-SHA-256 over `ID.TIME.BODY`.
#[must_use]
pub fn signature(secret: &[u8], id: &str, now_s: i64, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{id}.{now_s}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn secret_of(text: &str) -> Result<Vec<u8>, Error> {
    let text = text.trim();
    let secret = match text.strip_prefix(PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| Error::unfit("the secret after whsec_ is no Base64"))?,
        None => text.as_bytes().to_vec(),
    };
    if secret.len() < MIN_SECRET {
        let text = format!("the secret of the webhook has {} bytes, and needs {MIN_SECRET} at least", secret.len());
        return Err(Error::unfit(text));
    }
    Ok(secret)
}

/// An error with those that it came from.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The example of the Standard Webhooks libraries' own tests.
        let secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn notices_cross_a_network_by_tls_alone() {
        let secret = "a secret of twenty-four bytes";
        for fit in [
            "https://hooks.example/x?y",
            "http://127.0.0.1:1/x",
            "http://[::1]:1/",
            "http://localhost/x",
            "https://10.0.0.1/",
        ] {
            assert!(Endpoint::new(fit, secret).is_ok(), "{fit}");
        }
        for unfit in [
            "http://hooks.example/",
            "http://127.0.0.1.example/",
            "ftp://127.0.0.1/",
            "hooks.example",
            "https://u:p@hooks.example/",
            "",
        ] {
            assert!(Endpoint::new(unfit, secret).is_err(), "{unfit}");
        }
        for unfit in ["short", "whsec_c2hvcnQ=", "whsec_!", ""] {
            assert!(Endpoint::new("https://hooks.example/", unfit).is_err(), "{unfit}");
        }
    }
}
