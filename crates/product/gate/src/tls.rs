//! TLS towards callers.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::error::Error;

/// Takes connections with a certificate and its key, both in PEM form; HTTP/2 where the caller can.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Error> {
    let told = |name: &str, path: &Path, error: &dyn std::fmt::Display| {
        Error::config(vec![format!("tls.{name}: {}: {error}", path.display())])
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| told("certificate", certificate, &error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| told("key", key, &error))?;
    let builder = ServerConfig::builder_with_provider(default_provider().into()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Error::system(error.to_string()))?;
    let config = builder.with_no_client_auth().with_single_cert(chain, secret);
    let mut config = config.map_err(|error| told("certificate", certificate, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
