//! A Parquet file's bytes, on disk or in an object store.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Once;

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::ChunkReader;
use parquet::file::reader::Length;

#[cfg(feature = "store")]
use crate::store::CachedObject;
#[cfg(feature = "store")]
use crate::store::Object;

/// Once a process: panics inside [`guarded`] are not told on standard error, since the caller tells what is wrong.
static QUIET: Once = Once::new();

thread_local! {
    /// How many steps of this thread are guarded.
    static GUARDED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Where a table is. An object store is asked once, when it is found; then it can be opened any number of times.
#[derive(Debug, Clone)]
pub struct TablePlace(Place);

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    #[cfg(feature = "store")]
    Object(Object),
}

impl TablePlace {
    /// Finds a local file, or an object by its URL.
    ///
    /// # Errors
    /// An I/O error where the store cannot be asked or has no such object. Whether a local file is there is known when it
    /// is opened.
    pub fn find(place: &Path) -> io::Result<Self> {
        #[cfg(feature = "store")]
        if let Some(url) = place.to_str().filter(|text| crate::remote::is_remote(text)) {
            let objects = crate::store::list(url, |_| true).map_err(io::Error::other)?;
            let object = objects.into_iter().next().ok_or(io::ErrorKind::NotFound)?;
            return Ok(Self(Place::Object(object)));
        }
        Ok(Self(Place::File(place.to_owned())))
    }

    /// Opens the table.
    ///
    /// # Errors
    /// An I/O error where a local file cannot be opened.
    pub fn open(&self) -> io::Result<TableFile> {
        match &self.0 {
            Place::File(path) => File::open(path).map(TableFile::of_file),
            #[cfg(feature = "store")]
            Place::Object(object) => Ok(TableFile::of_object(CachedObject::new(object.clone()))),
        }
    }
}

/// A table's bytes, on disk or in an object store.
#[derive(Debug)]
pub struct TableFile(Content);

#[derive(Debug)]
enum Content {
    File(File),
    #[cfg(feature = "store")]
    Object(CachedObject),
}

impl TableFile {
    pub(crate) fn of_file(file: File) -> Self {
        Self(Content::File(file))
    }

    #[cfg(feature = "store")]
    pub(crate) fn of_object(object: CachedObject) -> Self {
        Self(Content::Object(object))
    }
}

/// Runs a step of the Parquet library, which panics on some damaged files: a panic there is the file's error.
///
/// # Errors
/// What the step says, or that the file is damaged.
pub fn guarded<T, E: Display>(step: impl FnOnce() -> std::result::Result<T, E>) -> std::result::Result<T, String> {
    QUIET.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if GUARDED.get() == 0 {
                told(panic);
            }
        }));
    });
    GUARDED.set(GUARDED.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(step));
    GUARDED.set(GUARDED.get() - 1);
    match result {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the file is damaged (copy it again, or restore it)".to_owned()),
    }
}

impl Length for TableFile {
    fn len(&self) -> u64 {
        match &self.0 {
            Content::File(file) => Length::len(file),
            #[cfg(feature = "store")]
            Content::Object(object) => object.size_bytes(),
        }
    }
}

impl ChunkReader for TableFile {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(match &self.0 {
            Content::File(file) => Box::new(file.get_read(start)?),
            #[cfg(feature = "store")]
            Content::Object(object) => Box::new(object.reader_at(start)),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match &self.0 {
            Content::File(file) => file.get_bytes(start, length),
            #[cfg(feature = "store")]
            Content::Object(object) => Ok(object.range(start, length)?),
        }
    }
}
