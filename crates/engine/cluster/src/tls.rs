//! TLS between the parts: each shows a certificate of one authority, and looks at the other's.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use futures::StreamExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::server::TlsStream;

use crate::entrance::Connection;
use crate::entrance::Entrant;
use crate::entrance::entrants;
use crate::error::Error;

/// How long a caller may take to show who it is.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Callers that have shown it and are not served yet.
const WAITING: usize = 64;

/// Files in PEM form.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Our certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The authority whose certificates are trusted.
    pub authority: PathBuf,
}

/// What is needed on either end of a connection.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    pub connector: TlsConnector,
}

impl Tls {
    pub(crate) fn read(files: &TlsFiles) -> Result<Self, Error> {
        let failed = |path: &Path, reason: &dyn std::fmt::Display| {
            Error::usage(format!("{}: {reason} (give a PEM file, as openssl writes it)", path.display()))
        };
        let certificates = |path: &Path| -> Result<Vec<CertificateDer<'static>>, Error> {
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
            let certificates: Vec<_> = read.map_err(|error| failed(path, &error))?;
            if certificates.is_empty() { Err(failed(path, &"it holds no certificate")) } else { Ok(certificates) }
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&files.authority)? {
            roots.add(certificate).map_err(|error| failed(&files.authority, &error))?;
        }
        let roots = Arc::new(roots);
        let chain = certificates(&files.certificate)?;
        let key = || PrivateKeyDer::from_pem_file(&files.key).map_err(|error| failed(&files.key, &error));
        let provider = Arc::new(default_provider());
        let wrong = |error: &dyn std::fmt::Display| failed(&files.certificate, error);
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .build()
            .map_err(|error| failed(&files.authority, &error))?;
        let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&error))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain.clone(), key()?)
            .map_err(|error| wrong(&error))?;
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&error))?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key()?)
            .map_err(|error| wrong(&error))?;
        server.alpn_protocols = vec![b"h2".to_vec()];
        client.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(server)), connector: TlsConnector::from(Arc::new(client)) })
    }

    /// The callers at a door that have shown a certificate of the authority.
    pub(crate) fn callers(&self, listener: TcpListener) -> impl Stream<Item = io::Result<Caller>> + use<> {
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let acceptor = self.acceptor.clone();
        let mut entrants = Box::pin(entrants(listener));
        tokio::spawn(async move {
            while let Some(Ok(entrant)) = entrants.next().await {
                if sender.is_closed() {
                    return;
                }
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                // Each on its own: one that is slow to show who it is does not keep the others.
                tokio::spawn(async move {
                    let guest = entrant.guest();
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(entrant)).await {
                        // A certificate of the authority was shown.
                        guest.admit();
                        let _ = sender.send(Ok(Connection::new(stream))).await;
                    }
                });
            }
        });
        futures::stream::poll_fn(move |context| receiver.poll_recv(context))
    }
}

/// A connection whose other end has shown a certificate.
pub(crate) type Caller = Connection<TlsStream<Entrant>>;
