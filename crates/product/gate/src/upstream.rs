//! Connections to the upstream, kept for each thread by itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::HttpsConnector;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioTimer;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::error::Error;
use crate::sent::Sent;

/// Time until a connection is there.
const CONNECT: Duration = Duration::from_secs(10);
/// Time after which an idle connection is closed: shorter than what servers commonly wait.
const IDLE: Duration = Duration::from_secs(45);

/// What requests are sent with.
pub(crate) type Upstream = Client<HttpsConnector<HttpConnector>, Sent>;

/// How the upstream's certificates are checked.
pub(crate) fn tls(ca: Option<&Path>) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = RootCertStore::empty();
    // Where the system has none, TLS to the upstream fails and says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let told =
            |error: &dyn std::fmt::Display| Error::config(vec![format!("upstream_ca: {}: {error}", path.display())]);
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| told(&error))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| told(&error))?;
            roots.add(certificate).map_err(|error| told(&error))?;
        }
    }
    let builder = ClientConfig::builder_with_provider(default_provider().into()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Error::system(error.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// The connections of one thread.
pub(crate) fn client(tls: &ClientConfig) -> Upstream {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    // Without it a small piece waits up to 40 ms for the acknowledgement of the one before.
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector)
}
