//! One thread: a listener of its own on the common address, its connections, and its upstream connections.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use socket2::Domain;
use socket2::Protocol;
use socket2::Socket;
use socket2::Type;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::answer::Answer;
use crate::config::Config;
use crate::config::Limits;

/// Connections that the system keeps until they are taken.
const BACKLOG: i32 = 1024;

/// A listener that shares its address with those of the other threads: the system deals the connections.
pub(crate) fn listener(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// How connections are served.
fn server(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.header_bytes)
        .max_headers(limits.headers);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Some(limits.header_timeout))
        .keep_alive_timeout(limits.header_timeout);
    server
}

/// Serves until `stop` says so, and then until every request is over, or the time for that is.
pub(crate) async fn run<Handler, Served>(
    config: &Config,
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    mut stop: watch::Receiver<bool>,
    handler: Handler,
) -> io::Result<()>
where
    Handler: Fn(IpAddr, Request<Incoming>) -> Served + Clone + Send + 'static,
    Served: Future<Output = Response<Answer>> + Send + 'static,
{
    let listener = TcpListener::from_std(listener)?;
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(config.limits.connections));
    let server = server(&config.limits);
    loop {
        let stopped = async {
            let _ = stop.wait_for(|is_over| *is_over).await;
        };
        let accepted = async {
            // Those that find no place wait with the system, and are not lost.
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let ((stream, peer), place) = tokio::select! {
            biased;
            () = stopped => break,
            (accepted, place) = accepted => match accepted {
                Ok(accepted) => (accepted, place),
                Err(_) => {
                    // Out of descriptors, or the caller is gone already.
                    sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        // Without it a small piece waits up to 40 ms for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let (handler, server, tls) = (handler.clone(), server.clone(), tls.clone());
        let watcher = graceful.watcher();
        let handshake = config.limits.header_timeout;
        tokio::spawn(async move {
            let _place = place;
            let service = service_fn(move |request: Request<Incoming>| {
                let served = handler(peer.ip(), request);
                async move { Ok::<_, std::convert::Infallible>(served.await) }
            });
            match tls {
                None => {
                    let connection = server.serve_connection(TokioIo::new(stream), service);
                    let _ = watcher.watch(connection.into_owned()).await;
                }
                Some(tls) => {
                    let Some(stream) = shaken(&tls, stream, handshake).await else { return };
                    let connection = server.serve_connection(TokioIo::new(stream), service);
                    let _ = watcher.watch(connection.into_owned()).await;
                }
            }
        });
    }
    drop(listener);
    drain(graceful, config).await;
    Ok(())
}

async fn shaken(
    tls: &TlsAcceptor,
    stream: TcpStream,
    most: Duration,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    timeout(most, tls.accept(stream)).await.ok()?.ok()
}

async fn drain(graceful: GracefulShutdown, config: &Config) {
    let _ = timeout(config.limits.drain, graceful.shutdown()).await;
}
