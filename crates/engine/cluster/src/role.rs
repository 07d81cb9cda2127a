//! What the scheduler and the executors have in common as processes: where they listen, their threads, their end.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::address::Address;
use crate::error::Error;
use crate::wire::Keys;

/// How often a role looks whether it is to stop.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// Refuses to listen where strangers can reach it, unless they are kept out or the user says that there are none.
pub(crate) fn check_place(role: &str, bind: &Address, keys: &Keys, is_network_trusted: bool) -> Result<(), Error> {
    if bind.is_loopback() || keys.tls.is_some() || is_network_trusted {
        return Ok(());
    }
    Err(Error::usage(format!(
        "the {role} would listen at {bind}, beyond this machine, where others could hear and call it (give every part \
         --tls-cert, --tls-key and --tls-ca; or run them inside WireGuard or a mutual-TLS mesh and say \
         --network-is-trusted; see docs/cluster.md)"
    )))
}

/// The threads of a role.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    let build = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    build.map_err(|error| Error::bug(format!("no threads: {error}")))
}

/// Ends when `stop` is set.
pub(crate) async fn stopped(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(STOP_CHECK).await;
    }
}

/// Listens at an address, and says which port that became.
pub(crate) async fn listen(role: &str, bind: &Address) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |error: std::io::Error| {
        Error::Cluster(format!("the {role} cannot listen at {bind}: {error} (give another --bind HOST:PORT)"))
    };
    let listener = TcpListener::bind((bind.host.as_str(), bind.port)).await.map_err(failed)?;
    let place = listener.local_addr().map_err(failed)?;
    Ok((listener, place))
}
