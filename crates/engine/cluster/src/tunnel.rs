//! Outgoing TLS.
//!
//! Ballista connects by itself, to an endpoint that we may exchange for another. So each part that it is to reach has a
//! socket in a folder that only this user can enter, and what comes into the socket goes on through TLS. (The TLS of
//! Ballista's own transport would switch on features of the crates that everything here is built upon.)

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::UnixListener as StdListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::net::UnixListener;
use tokio::net::UnixStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::address::Address;

const CONNECT: Duration = Duration::from_secs(5);

/// Sockets, each the near end of a way to another part.
#[derive(Clone)]
pub(crate) struct Tunnels {
    connector: TlsConnector,
    folder: Arc<tempfile::TempDir>,
    /// Where they work: whoever asks for a way may be on a runtime that ends before the way does.
    runtime: Handle,
    ways: Arc<Mutex<BTreeMap<String, Way>>>,
}

#[derive(Clone)]
struct Way {
    socket: PathBuf,
    failure: Arc<Mutex<Option<String>>>,
}

impl Tunnels {
    /// Needs a runtime, on which the ways live.
    pub(crate) fn new(connector: TlsConnector) -> io::Result<Self> {
        // Made by `mkdtemp`, so that nobody else can enter it.
        let folder = Arc::new(tempfile::Builder::new().prefix("stillwatch-").tempdir()?);
        Ok(Self { connector, folder, runtime: Handle::current(), ways: Arc::default() })
    }

    /// The socket that leads to a part.
    pub(crate) fn socket(&self, to: &Address) -> io::Result<PathBuf> {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(way) = ways.get(&to.to_string()) {
            return Ok(way.socket.clone());
        }
        let way = Way { socket: self.folder.path().join(ways.len().to_string()), failure: Arc::default() };
        let listener = StdListener::bind(&way.socket)?;
        listener.set_nonblocking(true)?;
        let _entered = self.runtime.enter();
        let listener = UnixListener::from_std(listener)?;
        self.runtime.spawn(lead(listener, to.clone(), self.connector.clone(), Arc::clone(&way.failure)));
        ways.insert(to.to_string(), way.clone());
        Ok(way.socket)
    }

    /// Why the way to a part failed the last time, if it did.
    pub(crate) fn failure(&self, to: &Address) -> Option<String> {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        ways.get(&to.to_string())?.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn lead(listener: UnixListener, to: Address, connector: TlsConnector, failure: Arc<Mutex<Option<String>>>) {
    loop {
        let Ok((near, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (to, connector, failure) = (to.clone(), connector.clone(), Arc::clone(&failure));
        tokio::spawn(async move {
            let result = carry(near, &to, &connector).await;
            let reason = result.err().map(|error| error.to_string());
            *failure.lock().unwrap_or_else(PoisonError::into_inner) = reason;
        });
    }
}

/// Carries one connection until either end is done with it. Closing the near end is how its user learns of a failure.
async fn carry(mut near: UnixStream, to: &Address, connector: &TlsConnector) -> io::Result<()> {
    let name = ServerName::try_from(to.host.clone()).map_err(io::Error::other)?;
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no answer in time");
    let far = timeout(CONNECT, TcpStream::connect((to.host.as_str(), to.port))).await.map_err(late)??;
    far.set_nodelay(true)?;
    let mut far = timeout(CONNECT, connector.connect(name, far)).await.map_err(late)??;
    copy_bidirectional(&mut near, &mut far).await.map(|_| ())
}
