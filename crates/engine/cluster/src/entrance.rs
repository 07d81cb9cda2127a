//! Who is let to the door: so many connections at a time, and none that does not show who it is.
//!
//! A connection costs a descriptor before anybody knows who it is. One that sends nothing for a while is closed, and so is
//! one that speaks, and idles or answers pings, without a call that shows the token or a certificate. Beyond a bound of such
//! connections new ones are closed at once, so that strangers do not keep out those who belong here.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
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
use tokio::time::Instant;
use tokio::time::Sleep;
use tonic::transport::server::Connected;

/// Connections at a time: well below the 1,024 descriptors that many systems give a process.
const MOST: usize = 512;

/// Connections at a time that have not shown yet who they are.
const MOST_STRANGERS: usize = 128;

/// How long a connection may say nothing at its beginning.
const SILENCE: Duration = Duration::from_secs(5);

/// How long a connection may be before it has shown who it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that have said something and are not served yet.
const WAITING: usize = 64;

/// The connections that come to a listener and say something, for as long as the stream is.
pub(crate) fn entrants(listener: TcpListener) -> impl Stream<Item = io::Result<Entrant>> + use<> {
    entrants_within(PATIENCE, listener)
}

fn entrants_within(patience: Duration, listener: TcpListener) -> impl Stream<Item = io::Result<Entrant>> + use<> {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let (all, strangers) = (Arc::new(Semaphore::new(MOST)), Arc::new(Semaphore::new(MOST_STRANGERS)));
    tokio::spawn(async move {
        while !sender.is_closed() {
            let Ok((stream, _)) = listener.accept().await else {
                // Too many open files, say: the next try may do better.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let places = (Arc::clone(&all).try_acquire_owned(), Arc::clone(&strangers).try_acquire_owned());
            let (Ok(place), Ok(stranger)) = places else { continue };
            let sender = sender.clone();
            // Each on its own: one that is slow does not keep the others.
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let mut first = [0];
                let deadline = Instant::now() + patience;
                let said = tokio::time::timeout(SILENCE, stream.peek(&mut first)).await;
                if matches!(said, Ok(Ok(1))) {
                    let guest = Guest { stranger: Arc::new(Mutex::new(Some(stranger))) };
                    let deadline = Some(Box::pin(tokio::time::sleep_until(deadline)));
                    let _ = sender.send(Ok(Connection { stream, guest, deadline, _kept: place })).await;
                }
            });
        }
    });
    futures::stream::poll_fn(move |context| receiver.poll_recv(context))
}

/// A connection that has said something.
pub(crate) type Entrant = Connection<TcpStream, OwnedSemaphorePermit>;

/// Whether a connection has shown who it is. Each call on it carries one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guest {
    /// The place among strangers, until it has.
    stranger: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Guest {
    /// It has: it may stay, and its place among strangers is free.
    pub(crate) fn admit(&self) {
        self.stranger.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn is_stranger(&self) -> bool {
        self.stranger.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// A stream that a server takes, with what is to go when it goes.
pub(crate) struct Connection<S, K = ()> {
    stream: S,
    guest: Guest,
    /// When it is closed, if it has not shown who it is; `None` where it has.
    deadline: Option<Pin<Box<Sleep>>>,
    _kept: K,
}

impl<S> Connection<S> {
    /// A stream of one that has shown who it is.
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, guest: Guest::default(), deadline: None, _kept: () }
    }
}

impl<S, K> Connection<S, K> {
    /// What lets it stay.
    pub(crate) fn guest(&self) -> Guest {
        self.guest.clone()
    }

    /// Whether its time is over. Has the task woken when it will be.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let Some(deadline) = &mut self.deadline else { return false };
        if !self.guest.is_stranger() {
            self.deadline = None;
            return false;
        }
        deadline.as_mut().poll(context).is_ready()
    }
}

impl<S, K> Connected for Connection<S, K> {
    type ConnectInfo = Guest;

    fn connect_info(&self) -> Guest {
        self.guest()
    }
}

impl<S: AsyncRead + Unpin, K: Unpin> AsyncRead for Connection<S, K> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
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
            for _ in 0..2 * MOST_STRANGERS {
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

    /// What a connection reads that speaks once and then says nothing, and whether it was closed for that.
    async fn read_of(entrant: &mut Entrant) -> io::Result<usize> {
        use tokio::io::AsyncReadExt;
        let mut all = [0; 64];
        let mut count = 0;
        loop {
            match entrant.read(&mut all).await? {
                0 => return Ok(count),
                more => count += more,
            }
        }
    }

    #[test]
    fn who_speaks_and_never_shows_who_they_are_is_closed_and_others_stay() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let place = listener.local_addr().unwrap();
            let patience = Duration::from_millis(300);
            let mut entrants = Box::pin(entrants_within(patience, listener));
            let mut callers = Vec::new();
            let mut inside = Vec::new();
            for _ in 0..2 {
                let mut caller = TcpStream::connect(place).await.unwrap();
                caller.write_all(b"PRI").await.unwrap();
                inside.push(entrants.next().await.unwrap().unwrap());
                callers.push(caller);
            }
            let [stranger, member] = inside.as_mut_slice() else { unreachable!() };
            member.guest().admit();
            let (left, stays) = (read_of(stranger), tokio::time::timeout(3 * patience, read_of(member)));
            let (left, stays) = tokio::join!(left, stays);
            assert_eq!(left.unwrap_err().kind(), io::ErrorKind::TimedOut);
            assert!(stays.is_err(), "who has shown who they are was closed");
        });
    }
}
