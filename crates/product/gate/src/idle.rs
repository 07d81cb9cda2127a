//! A bound of the time between two pieces of a body.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep_until;

/// A bound of the time between two pieces. The timer is set anew when it runs out, not at every piece.
#[derive(Debug)]
pub(crate) struct Idle {
    most: Duration,
    last: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Idle {
    pub(crate) fn new(most: Duration) -> Self {
        Self { most, last: Instant::now(), timer: None }
    }

    /// A piece came.
    pub(crate) fn touch(&mut self) {
        self.last = Instant::now();
    }

    /// Ready when nothing came for too long.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let until = self.last + self.most;
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if self.last.elapsed() >= self.most {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
    }
}
