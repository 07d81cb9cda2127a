//! What commands that serve over HTTP have in common.

use std::future::Future;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use console::Tls;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;

use crate::exit::Failure;

/// Threads that serve.
pub fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::Other(format!("no threads can be started: {error}")))
}

/// The certificate and its key, where both are given.
pub fn tls(certificate: Option<&Path>, key: Option<&Path>) -> Option<Tls> {
    certificate.zip(key).map(|(certificate, key)| Tls { certificate: certificate.to_owned(), key: key.to_owned() })
}

/// The scheme of what is served.
pub const fn scheme(tls: Option<&Tls>) -> &'static str {
    if tls.is_some() { "https" } else { "http" }
}

/// Ends at the first Ctrl-C or SIGTERM.
pub fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stop = Mutex::new(Some(stop));
    ctrlc::set_handler(move || {
        // A second signal finds nothing to send.
        drop(stop.lock().unwrap_or_else(PoisonError::into_inner).take());
    })
    .map_err(|error| Failure::Other(format!("signals cannot be heard: {error}")))?;
    Ok(async { drop(stopped.await) })
}
