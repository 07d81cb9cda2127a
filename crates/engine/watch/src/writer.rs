//! The thread that writes the write-ahead log.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::Sender;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::TrySendError;
use std::sync::mpsc::channel;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use crate::error::Error;
use crate::segment::Segment;
use crate::settings::Durability;

/// Submissions that wait at most.
const MAX_WAITING: usize = 64;
/// Bytes that are written before those who wait are told.
const MAX_GROUP_BYTES: usize = 64 * 1024 * 1024;

/// What is sent to the thread.
enum Order {
    Write(Submission),
    /// Begins a new file; the number of the one before, when it is closed.
    Rotate(Sender<Result<u64, Error>>),
}

struct Submission {
    frame: Vec<u8>,
    reply: Sender<Result<(), Error>>,
}

/// Hands frames to the thread.
#[derive(Debug)]
pub(crate) struct Writer {
    orders: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<()>>,
    /// Bytes of all files of the log.
    bytes: Arc<AtomicU64>,
    max_bytes: u64,
}

/// How the log is written.
#[derive(Debug, Clone)]
pub(crate) struct WriterOptions {
    pub folder: PathBuf,
    /// The number of the file to begin with.
    pub first: u64,
    pub durability: Durability,
    /// Bytes after which a file is closed.
    pub segment_bytes: u64,
    /// Bytes of all files beyond which nothing more is taken.
    pub max_bytes: u64,
    /// Bytes of the files that are there.
    pub there_bytes: u64,
}

impl Writer {
    /// Begins a file and the thread. `closed` is told the number of each file that is closed.
    pub fn begin(options: WriterOptions, closed: impl Fn(u64) + Send + 'static) -> Result<Self, Error> {
        let segment = Segment::begin(&options.folder, options.first)?;
        let bytes = Arc::new(AtomicU64::new(options.there_bytes + segment.bytes));
        let (orders, receiver) = sync_channel(MAX_WAITING);
        let max_bytes = options.max_bytes;
        let log = Log { options, segment, bytes: Arc::clone(&bytes), closed: Box::new(closed), waiting: Vec::new() };
        let thread = thread::Builder::new().name("wal".to_owned()).spawn(move || log.run(&receiver));
        let thread = thread.map_err(|error| Error::lost(format!("no thread can be begun: {error}")))?;
        Ok(Self { orders: Some(orders), thread: Some(thread), bytes, max_bytes })
    }

    /// Writes a frame. When this returns, it is as safe as the mode of durability says. `waits` for a place in the queue, or
    /// fails with [`crate::ErrorKind::Full`].
    pub fn write(&self, frame: Vec<u8>, waits: bool) -> Result<(), Error> {
        let (reply, answer) = channel();
        let order = Order::Write(Submission { frame, reply });
        while self.bytes.load(Ordering::Relaxed) > self.max_bytes {
            if !waits {
                return Err(Error::full());
            }
            thread::sleep(Duration::from_millis(50));
        }
        let Some(orders) = &self.orders else { return Err(Error::stopped()) };
        if waits {
            orders.send(order).map_err(|_| Error::stopped())?;
        } else {
            orders.try_send(order).map_err(|error| match error {
                TrySendError::Full(_) => Error::full(),
                TrySendError::Disconnected(_) => Error::stopped(),
            })?;
        }
        answer.recv().map_err(|_| Error::stopped())?
    }

    /// Closes the file that is being written, and returns its number.
    pub fn rotate(&self) -> Result<u64, Error> {
        let (reply, answer) = channel();
        let orders = self.orders.as_ref().ok_or_else(Error::stopped)?;
        orders.send(Order::Rotate(reply)).map_err(|_| Error::stopped())?;
        answer.recv().map_err(|_| Error::stopped())?
    }

    /// Bytes of all files of the log.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Files of so many bytes are gone.
    pub fn freed(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread has.
struct Log {
    options: WriterOptions,
    segment: Segment,
    bytes: Arc<AtomicU64>,
    closed: Box<dyn Fn(u64) + Send>,
    /// Who waits for what is written and not yet safe.
    waiting: Vec<Sender<Result<(), Error>>>,
}

impl Log {
    fn run(mut self, orders: &Receiver<Order>) {
        let mut due: Option<Instant> = None;
        loop {
            let order = match due {
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => orders.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match order {
                Ok(Order::Write(first)) => {
                    let rotate = self.write_group(first, orders);
                    if due.is_none() && !self.waiting.is_empty() {
                        due = Some(Instant::now() + self.wait());
                    }
                    if let Some(reply) = rotate {
                        self.settle();
                        let _ = reply.send(self.rotate());
                    } else if self.segment.bytes >= self.options.segment_bytes {
                        self.settle();
                        let _ = self.rotate();
                    }
                }
                Ok(Order::Rotate(reply)) => {
                    self.settle();
                    let _ = reply.send(self.rotate());
                }
                Err(RecvTimeoutError::Timeout) => self.settle(),
                Err(RecvTimeoutError::Disconnected) => {
                    self.settle();
                    return;
                }
            }
            if self.waiting.is_empty() || due.is_some_and(|due| due <= Instant::now()) {
                self.settle();
                due = None;
            }
        }
    }

    /// How long frames may wait for the disk.
    const fn wait(&self) -> Duration {
        match self.options.durability {
            Durability::Buffer | Durability::Each => Duration::ZERO,
            Durability::Group { every_ms } => Duration::from_millis(every_ms),
        }
    }

    /// Writes what waits in the queue at once. An order to begin a new file ends the group.
    fn write_group(&mut self, first: Submission, orders: &Receiver<Order>) -> Option<Sender<Result<u64, Error>>> {
        let (mut group, mut rotate) = (vec![first], None);
        let mut bytes = group.iter().map(|one| one.frame.len()).sum::<usize>();
        while bytes < MAX_GROUP_BYTES {
            match orders.try_recv() {
                Ok(Order::Write(next)) => {
                    bytes += next.frame.len();
                    group.push(next);
                }
                Ok(Order::Rotate(reply)) => {
                    rotate = Some(reply);
                    break;
                }
                Err(_) => break,
            }
        }
        let frames: Vec<&[u8]> = group.iter().map(|one| one.frame.as_slice()).collect();
        match self.segment.append(&frames) {
            Ok(()) => {
                self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                self.waiting.extend(group.into_iter().map(|one| one.reply));
            }
            Err(error) => {
                let text = error.to_string();
                group.iter().for_each(|one| drop(one.reply.send(Err(Error::lost(text.clone())))));
            }
        }
        rotate
    }

    /// Makes safe what was written, and tells those who wait.
    fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let synced = match self.options.durability {
            Durability::Buffer => Ok(()),
            Durability::Group { .. } | Durability::Each => self.segment.sync(),
        };
        let failed = synced.err().map(|error| error.to_string());
        for reply in self.waiting.drain(..) {
            let _ = reply.send(failed.as_ref().map_or(Ok(()), |text| Err(Error::lost(text.clone()))));
        }
    }

    fn rotate(&mut self) -> Result<u64, Error> {
        // The file is read again when it is closed, and is then on disk whatever the mode.
        self.segment.sync()?;
        let number = self.segment.number;
        self.segment = Segment::begin(&self.options.folder, number + 1)?;
        self.bytes.fetch_add(self.segment.bytes, Ordering::Relaxed);
        (self.closed)(number);
        Ok(number)
    }
}
