//! Requests to another provider over HTTP, one after another.
//!
//! Beyond this machine only with TLS. What comes is read up to a bound and within a time, and no redirection is followed.

mod error;

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::HeaderMap;
use hyper::Request;
use hyper::StatusCode;
use hyper::Uri;
use hyper::header;
use hyper_rustls::HttpsConnector;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client as Connections;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

pub use error::Error;
pub use error::ErrorKind;
pub use hyper::Method;

/// Time until a connection is there.
const CONNECT: Duration = Duration::from_secs(10);
/// The most of an answer that is no success which is told.
const MAX_TOLD: usize = 300;

/// Another provider's server.
#[derive(Debug)]
pub struct Client {
    base: String,
    authorization: Option<header::HeaderValue>,
    connections: Connections<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Runtime,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path, below the address of the server.
    pub path: &'a str,
    /// The media type that is wanted.
    pub accept: &'a str,
    /// What is sent.
    pub body: Vec<u8>,
    /// The most bytes that are taken in answer.
    pub most: usize,
    /// The longest time until the answer is there.
    pub patience: Duration,
}

/// An answer that is a success.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Client {
    /// A client of a server, such as `https://sharing.example.com:8490`. Trusted are the authorities of the system, and those of
    /// a file.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where the address, the file or the token cannot be used; [`ErrorKind::System`].
    pub fn new(url: &str, authority: Option<&Path>, authorization: Option<&str>) -> Result<Self, Error> {
        let usage = |text: String| Error::new(ErrorKind::Usage, text);
        let told = || usage(format!("{url} is no address of a server (write https://HOST:PORT)"));
        let base: Uri = url.trim_end_matches('/').parse().map_err(|_| told())?;
        let host = base.host().ok_or_else(told)?;
        match base.scheme_str() {
            Some("https") => {}
            Some("http") if is_local(host) => {}
            Some("http") => return Err(usage(format!("{url} is not on this machine: only https:// is spoken there"))),
            _ => return Err(told()),
        }
        let authorization = authorization.map(|text| {
            let mut value = header::HeaderValue::from_str(text)
                .map_err(|_| usage("the token has signs that no header may have".to_owned()))?;
            value.set_sensitive(true);
            Ok(value)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Error::new(ErrorKind::System, format!("no connection can be made: {error}")))?;
        Ok(Self {
            base: url.trim_end_matches('/').to_owned(),
            authorization: authorization.transpose()?,
            connections: connections(authority)?,
            runtime,
        })
    }

    /// Asks once.
    ///
    /// # Errors
    /// [`ErrorKind::Unreached`] where no answer came in time; [`ErrorKind::Refused`] where it is no success, or too long.
    pub fn ask(&self, ask: &Ask<'_>) -> Result<Told, Error> {
        let url = format!("{}{}", self.base, ask.path);
        let unreached = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Unreached, format!("{url}: {error}"));
        let mut request = Request::builder().method(&ask.method).uri(&url).header(header::ACCEPT, ask.accept);
        if !ask.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        }
        if let Some(value) = &self.authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request.body(Full::from(ask.body.clone()));
        let request = request.map_err(|error| Error::new(ErrorKind::Usage, format!("{url}: {error}")))?;
        let answered = async {
            let answer = self.connections.request(request).await.map_err(|error| unreached(&chain(&error)))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, ask.most).collect().await.map_err(|error| {
                Error::new(
                    ErrorKind::Refused,
                    format!("{url}: the answer ends early, or is longer than {} bytes: {error}", ask.most),
                )
            })?;
            let body = body.to_bytes();
            if parts.status.is_success() {
                return Ok(Told { headers: parts.headers, body });
            }
            Err(Error::new(ErrorKind::Refused, format!("{url}: {}", told_of(parts.status, &body))))
        };
        let answered = self.runtime.block_on(async { timeout(ask.patience, answered).await });
        answered.unwrap_or_else(|_| Err(unreached(&format!("no answer in {} s", ask.patience.as_secs()))))
    }
}

fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn connections(authority: Option<&Path>) -> Result<Connections<HttpsConnector<HttpConnector>, Full<Bytes>>, Error> {
    let mut roots = RootCertStore::empty();
    // Where the system has none, TLS fails and says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authority {
        let told = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Usage, format!("{}: {error}", path.display()));
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| told(&error))? {
            roots.add(certificate.map_err(|error| told(&error))?).map_err(|error| told(&error))?;
        }
    }
    let builder = ClientConfig::builder_with_provider(default_provider().into()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Error::new(ErrorKind::System, error.to_string()))?;
    let tls = builder.with_root_certificates(roots).with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT));
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    Ok(Connections::builder(TokioExecutor::new()).build(connector))
}

/// An error with what it came of.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(one) = source {
        text = format!("{text}: {one}");
        source = one.source();
    }
    text
}

/// What an answer says that is no success.
fn told_of(status: StatusCode, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(MAX_TOLD).collect();
    if text.is_empty() { status.to_string() } else { format!("{status}: {text}") }
}
