//! Object stores: listing, reading from front to back, and reading ranges.
//!
//! The store's client is asynchronous and everything else here is not. One small runtime of our own does its work,
//! and callers wait on a channel: waiting inside a runtime of the caller's would otherwise panic.

#[cfg(feature = "parquet")]
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::io::Read;
use std::sync::Arc;
#[cfg(feature = "parquet")]
use std::sync::Mutex;
use std::sync::OnceLock;
#[cfg(feature = "parquet")]
use std::sync::PoisonError;
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::ObjectMeta;
use object_store::ObjectStore;
use object_store::ObjectStoreExt as _;
use object_store::RetryConfig;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use tokio::runtime::Runtime;

use crate::Error;

mod access;

/// Bytes fetched at a time. One such piece is on its way while the one before is read.
const PIECE_BYTES: u64 = 8 * 1024 * 1024;
/// Pieces of a table that are kept: a row group's columns are read side by side, each from a place of its own.
#[cfg(feature = "parquet")]
const CACHED_PIECES: usize = 48;
#[cfg(feature = "parquet")]
const CACHED_PIECE_BYTES: u64 = 1024 * 1024;

/// One object of a store.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    store: Arc<dyn ObjectStore>,
    base: Arc<str>,
    path: Path,
    size_bytes: u64,
}

impl Object {
    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.base, self.path)
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Reads the object from its beginning.
    pub(crate) fn reader(&self) -> Result<ObjectReader, Error> {
        let mut reader = ObjectReader { object: self.clone(), next: 0, coming: None, piece: Bytes::new(), taken: 0 };
        reader.fetch().map_err(|error| failed(&self.url(), &error))?;
        Ok(reader)
    }

    fn start(&self, start: u64, length: u64) -> io::Result<Coming> {
        let end = start.saturating_add(length).min(self.size_bytes);
        let (store, path) = (Arc::clone(&self.store), self.path.clone());
        spawn(async move { store.get_range(&path, start..end).await.map_err(io::Error::from) })
    }
}

type Coming = mpsc::Receiver<io::Result<Bytes>>;

/// Reads an object from its beginning, one piece ahead.
pub(crate) struct ObjectReader {
    object: Object,
    next: u64,
    coming: Option<Coming>,
    piece: Bytes,
    taken: usize,
}

impl ObjectReader {
    fn fetch(&mut self) -> io::Result<()> {
        if self.next < self.object.size_bytes {
            self.coming = Some(self.object.start(self.next, PIECE_BYTES)?);
            self.next = self.next.saturating_add(PIECE_BYTES);
        }
        Ok(())
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() {
            let Some(coming) = self.coming.take() else { return Ok(0) };
            self.piece = coming.recv().map_err(|_| io::Error::other("the object store's thread ended"))??;
            self.taken = 0;
            self.fetch()?;
        }
        let count = copy(self.piece.get(self.taken..).unwrap_or_default(), buffer);
        self.taken += count;
        Ok(count)
    }
}

/// An object for reading at random, through the pieces that were read last.
#[cfg(feature = "parquet")]
#[derive(Debug, Clone)]
pub(crate) struct CachedObject {
    object: Object,
    /// Number and bytes, the latest last.
    pieces: Arc<Mutex<VecDeque<(u64, Bytes)>>>,
}

#[cfg(feature = "parquet")]
impl CachedObject {
    pub(crate) fn new(object: Object) -> Self {
        Self { object, pieces: Arc::default() }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.object.size_bytes
    }

    pub(crate) fn reader_at(&self, start: u64) -> CachedReader {
        CachedReader { object: self.clone(), at: start }
    }

    /// Reads a range; less only at the end of the object.
    pub(crate) fn range(&self, start: u64, length: usize) -> io::Result<Bytes> {
        let mut out = Vec::with_capacity(length);
        self.reader_at(start).take(length as u64).read_to_end(&mut out)?;
        if out.len() < length {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the object ends early"));
        }
        Ok(out.into())
    }

    fn piece(&self, number: u64) -> io::Result<Bytes> {
        let mut pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        let held = pieces.iter().position(|(held, _)| *held == number).and_then(|at| pieces.remove(at));
        let bytes = match held {
            Some((_, bytes)) => bytes,
            None => {
                let coming = self.object.start(number * CACHED_PIECE_BYTES, CACHED_PIECE_BYTES)?;
                coming.recv().map_err(|_| io::Error::other("the object store's thread ended"))??
            }
        };
        if pieces.len() >= CACHED_PIECES {
            pieces.pop_front();
        }
        pieces.push_back((number, bytes.clone()));
        Ok(bytes)
    }
}

/// Reads a cached object onwards from a place.
#[cfg(feature = "parquet")]
pub(crate) struct CachedReader {
    object: CachedObject,
    at: u64,
}

#[cfg(feature = "parquet")]
impl Read for CachedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.object.size_bytes() {
            return Ok(0);
        }
        let piece = self.object.piece(self.at / CACHED_PIECE_BYTES)?;
        let within = usize::try_from(self.at % CACHED_PIECE_BYTES).map_err(io::Error::other)?;
        let count = copy(piece.get(within..).unwrap_or_default(), buffer);
        self.at += count as u64;
        Ok(count)
    }
}

/// Copies as much as fits and says how much that was.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}

/// The objects that a URL names: one, all below a prefix, or those that match a glob.
pub(crate) fn list(url: &str, wanted: fn(&str) -> bool) -> Result<Vec<Object>, Error> {
    let (store, base, path) = open(url)?;
    let fail = |error: object_store::Error| failed(url, &error.into());
    let all = |prefix: &str| -> Result<Vec<ObjectMeta>, Error> {
        let (store, prefix) = (Arc::clone(&store), Path::from(prefix));
        wait(async move { store.list(Some(&prefix)).try_collect().await }).map_err(|e| failed(url, &e))?.map_err(fail)
    };
    let metas = if let Some(wild) = path.find(['*', '?', '[']) {
        let (fixed, _) = path.split_at_checked(wild).unwrap_or((path, ""));
        let folder = fixed.rsplit_once('/').map_or("", |(folder, _)| folder);
        let pattern = glob::Pattern::new(path)
            .map_err(|error| Error::Usage(format!("`{url}` is no glob: {} (quote it for the shell)", error.msg)))?;
        all(folder)?.into_iter().filter(|meta| pattern.matches(meta.location.as_ref())).collect()
    } else {
        let (head_store, head_path) = (Arc::clone(&store), Path::from(path));
        let head = wait(async move { head_store.head(&head_path).await }).map_err(|error| failed(url, &error))?;
        match head {
            Ok(meta) if !path.is_empty() && !path.ends_with('/') => vec![meta],
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {
                all(path)?.into_iter().filter(|meta| wanted(meta.location.as_ref())).collect()
            }
            Err(error) if path.is_empty() => {
                // The bucket itself is no object; some stores say so in words of their own.
                let _ = error;
                all(path)?.into_iter().filter(|meta| wanted(meta.location.as_ref())).collect()
            }
            Err(error) => return Err(fail(error)),
        }
    };
    let base: Arc<str> = base.into();
    let object = |meta: ObjectMeta| Object {
        store: Arc::clone(&store),
        base: Arc::clone(&base),
        path: meta.location,
        size_bytes: meta.size,
    };
    Ok(metas.into_iter().map(object).collect())
}

/// Whether there is any object below a URL.
pub(crate) fn is_folder(url: &str) -> Result<bool, Error> {
    let (store, _, path) = open(url)?;
    let prefix = Path::from(path);
    let first = wait(async move { store.list(Some(&prefix)).try_next().await }).map_err(|error| failed(url, &error))?;
    Ok(first.map_err(|error| failed(url, &error.into()))?.is_some())
}

/// A small object as a whole; `None` where there is none.
pub(crate) fn read(url: &str) -> Result<Option<Vec<u8>>, Error> {
    let (store, _, path) = open(url)?;
    let path = Path::from(path);
    let bytes = wait(async move { store.get(&path).await?.bytes().await }).map_err(|error| failed(url, &error))?;
    match bytes {
        Ok(bytes) => Ok(Some(bytes.to_vec())),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(url, &error.into())),
    }
}

/// How long a store that fails is asked again: long enough for one that says `slow down`, short enough for whoever waits.
fn retries() -> RetryConfig {
    RetryConfig { max_retries: 8, retry_timeout: Duration::from_secs(60), ..RetryConfig::default() }
}

/// The store of a URL, the URL's part before the path, and the path.
pub(crate) fn open(url: &str) -> Result<(Arc<dyn ObjectStore>, String, &str), Error> {
    let wrong = |reason: String| Error::Store { url: access::redacted(url), reason };
    let unknown = || {
        let reason =
            "only `s3://BUCKET/PATH` is read (copy the files, or use the store's S3 interface by AWS_ENDPOINT)";
        wrong(reason.to_owned())
    };
    let rest = url.strip_prefix("s3://").or_else(|| url.strip_prefix("s3a://")).ok_or_else(unknown)?;
    let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
    access::check_bucket(bucket).map_err(wrong)?;
    access::check_environment().map_err(wrong)?;
    let store = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_retry(retries())
        .with_http_connector(access::Bounded::default())
        .build()
        .map_err(|error| failed(url, &error.into()))?;
    Ok((Arc::new(store), format!("s3://{bucket}"), path))
}

pub(crate) fn failed(url: &str, error: &io::Error) -> Error {
    let reason = format!(
        "{} (credentials and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION)",
        access::told(&error.to_string())
    );
    Error::Store { url: access::redacted(url), reason }
}

fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();
    let build = || {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("object-store").enable_all().build()
    };
    RUNTIME.get_or_init(build).as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))
}

fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> io::Result<mpsc::Receiver<T>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    drop(runtime()?.spawn(async move {
        // The reader may be gone, and then no one wants the answer.
        let _ = sender.send(future.await);
    }));
    Ok(receiver)
}

fn wait<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
    spawn(future)?.recv().map_err(|_| io::Error::other("the object store's thread ended"))
}

#[cfg(test)]
mod tests;
