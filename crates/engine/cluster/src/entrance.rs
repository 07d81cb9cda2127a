//! Who is let to the door: so many connections at a time, and none that says nothing.
//!
//! A connection costs a descriptor before anybody knows who it is. One that sends nothing for a while is closed, and
//! beyond a bound new ones are closed at once, so that callers who say nothing do not keep out those who do.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use futures::Stream;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tonic::transport::server::Connected;

/// Connections at a time: well below the 1,024 descriptors that many systems give a process.
const MOST: usize = 512;

/// Connections at a time that have not said anything yet.
const MOST_SILENT: usize = 128;

/// How long a connection may say nothing at its beginning.
const SILENCE: Duration = Duration::from_secs(5);

/// Connections that have said something and are not served yet.
const WAITING: usize = 64;

/// The connections that come to a listener and say something, for as long as the stream is.
pub(crate) fn entrants(listener: TcpListener) -> impl Stream<Item = io::Result<Entrant>> + use<> {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let (all, silent) = (Arc::new(Semaphore::new(MOST)), Arc::new(Semaphore::new(MOST_SILENT)));
    tokio::spawn(async move {
        while !sender.is_closed() {
            let Ok((stream, _)) = listener.accept().await else {
                // Too many open files, say: the next try may do better.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let places = (Arc::clone(&all).try_acquire_owned(), Arc::clone(&silent).try_acquire_owned());
            let (Ok(place), Ok(quiet)) = places else { continue };
            let sender = sender.clone();
            // Each on its own: one that is slow does not keep the others.
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let mut first = [0];
                let said = tokio::time::timeout(SILENCE, stream.peek(&mut first)).await;
                drop(quiet);
                if matches!(said, Ok(Ok(1))) {
                    let _ = sender.send(Ok(Connection { stream, _kept: place })).await;
                }
            });
        }
    });
    futures::stream::poll_fn(move |context| receiver.poll_recv(context))
}

/// A connection that has said something.
pub(crate) type Entrant = Connection<TcpStream, OwnedSemaphorePermit>;

/// A stream that a server takes, with what is to go when it goes.
pub(crate) struct Connection<S, K = ()> {
    stream: S,
    _kept: K,
}

impl<S> Connection<S> {
    pub(crate) const fn new(stream: S) -> Self {
        Self { stream, _kept: () }
    }
}

impl<S, K> Connected for Connection<S, K> {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl<S: AsyncRead + Unpin, K: Unpin> AsyncRead for Connection<S, K> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin, K: Unpin> AsyncWrite for Connection<S, K> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[test]
    fn the_silent_do_not_keep_out_who_speaks() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let place = listener.local_addr().unwrap();
            let mut entrants = Box::pin(entrants(listener));
            let mut silent = Vec::new();
            for _ in 0..2 * MOST_SILENT {
                silent.push(TcpStream::connect(place).await.unwrap());
            }
            // All places of the silent are taken; they are free again after a while.
            let spoken = async {
                loop {
                    let mut caller = TcpStream::connect(place).await.unwrap();
                    let _ = caller.write_all(b"PRI").await;
                    if let Ok(Some(Ok(entrant))) = tokio::time::timeout(SILENCE / 10, entrants.next()).await {
                        return entrant;
                    }
                }
            };
            tokio::time::timeout(2 * SILENCE, spoken).await.expect("who speaks is let in");
        });
    }
}
