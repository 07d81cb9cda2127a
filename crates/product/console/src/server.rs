//! Listens, with bounds on connections, headers and time, and with TLS where it is to be reached from elsewhere.

use std::fs;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::api::sessions::Peer;
use crate::error::Error;
use crate::state::State;

/// Connections at a time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 512;
/// How long the headers of a request may take, and a greeting of TLS.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of the headers of a request.
const MAX_HEADERS: usize = 64 << 10;

/// A certificate and its key, as files in PEM form.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate and those that vouch for it.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// A server that is not yet bound.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    tls: Option<TlsConfig>,
}

struct TlsConfig(TlsAcceptor);

impl std::fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsConfig")
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    tls: Option<TlsConfig>,
    /// Where.
    pub address: SocketAddr,
}

impl Server {
    /// A server for an address such as `127.0.0.1:0`. Beyond this machine it listens only with TLS, and where there is a token.
    ///
    /// # Errors
    /// [`Error`] where the address is none, or may not be listened on so.
    pub fn new(listen: &str, tls: Option<&Tls>, state: &State) -> Result<Self, Error> {
        Self::guarded(listen, tls, || {
            let no_token = state.tokens().list()?.iter().all(|token| token.revoked.is_some());
            let is_nobody_known = no_token && state.users().list()?.is_empty();
            Ok(is_nobody_known.then_some(
                "there is no token and no user yet, so that nobody could use it (make one: stillwatch token create, or \
                 stillwatch user add)",
            ))
        })
    }

    /// A server for an address. Beyond this machine it listens only with TLS, and where nothing is missing that callers are known
    /// by.
    ///
    /// # Errors
    /// [`Error`] where the address is none, or may not be listened on so; those of `missing`.
    pub fn guarded(
        listen: &str,
        tls: Option<&Tls>,
        missing: impl FnOnce() -> Result<Option<&'static str>, Error>,
    ) -> Result<Self, Error> {
        let told = || Error::usage(format!("--listen {listen} is no address (write 127.0.0.1:8480)"));
        let address: SocketAddr = listen.parse().map_err(|_| told())?;
        if !is_local(address.ip()) {
            if tls.is_none() {
                let text = format!(
                    "{listen} can be reached from elsewhere: give --tls-cert and --tls-key, or listen on 127.0.0.1"
                );
                return Err(Error::usage(text));
            }
            if let Some(text) = missing()? {
                return Err(Error::usage(text));
            }
        }
        Ok(Self { address, tls: tls.map(acceptor).transpose()? })
    }

    /// Binds.
    ///
    /// # Errors
    /// [`Error`] where the address is taken.
    pub async fn bind(self) -> Result<Listening, Error> {
        let taken = |error| Error::io(format!("cannot listen on {}", self.address), error);
        let listener = TcpListener::bind(self.address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Listening { listener, tls: self.tls, address })
    }
}

fn is_local(address: IpAddr) -> bool {
    address.is_loopback()
}

fn acceptor(files: &Tls) -> Result<TlsConfig, Error> {
    let read = |path: &Path| fs::read(path).map_err(|error| Error::usage(format!("{}: {error}", path.display())));
    let unfit = |path: &Path, error: &dyn std::fmt::Display| {
        Error::usage(format!("{}: {error} (give a certificate and its key in PEM form)", path.display()))
    };
    let certificates = read(&files.certificate)?;
    let certificates = CertificateDer::pem_slice_iter(&certificates).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| unfit(&files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|error| unfit(&files.key, &error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unfit(&files.certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| unfit(&files.certificate, &error))?;
    Ok(TlsConfig(TlsAcceptor::from(Arc::new(config))))
}

impl Listening {
    /// Serves until `stop` is done; what is being answered then is cut off.
    ///
    /// # Errors
    /// [`Error`] where no more connections can be accepted.
    pub async fn serve(self, router: Router, state: State, stop: impl Future<Output = ()>) -> Result<(), Error> {
        self.serve_counted(router, state.metrics().connections.clone(), stop).await;
        Ok(())
    }

    /// As [`Listening::serve`], for paths that are none of the API.
    pub async fn serve_plain(self, router: Router, stop: impl Future<Output = ()>) {
        self.serve_counted(router, Gauge::default(), stop).await;
    }

    async fn serve_counted(self, router: Router, connections: Gauge<i64, AtomicI64>, stop: impl Future<Output = ()>) {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let accept = async {
            loop {
                let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
                let Ok((stream, from)) = self.listener.accept().await else {
                    // No file descriptors, or a caller that went: the next may come all the same.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let (router, connections) = (router.clone(), connections.clone());
                let tls = self.tls.as_ref().map(|tls| tls.0.clone());
                tokio::spawn(async move {
                    connections.inc();
                    serve_one(stream, tls, router, Peer(from.ip())).await;
                    connections.dec();
                    drop(place);
                });
            }
        };
        tokio::select! {
            () = accept => {}
            () = stop => {}
        }
    }
}

async fn serve_one(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, peer: Peer) {
    let _ = stream.set_nodelay(true);
    match tls {
        None => speak(stream, router, peer).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(PATIENCE, tls.accept(stream)).await {
                speak(stream, router, peer).await;
            }
        }
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router, peer: Peer) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(MAX_HEADERS);
    // What a caller does wrong is answered, or is a connection that ends.
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}
