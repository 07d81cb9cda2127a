//! A Parquet file's bytes, on disk or in an object store.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::ChunkReader;
use parquet::file::reader::Length;

#[cfg(feature = "store")]
use crate::store::CachedObject;

/// A table on disk or in an object store.
#[derive(Debug)]
pub struct TableFile(Place);

/// Where the bytes are.
#[derive(Debug)]
enum Place {
    File(File),
    #[cfg(feature = "store")]
    Object(CachedObject),
}

impl TableFile {
    /// Opens a local file, or an object by its URL.
    ///
    /// # Errors
    /// An I/O error where it cannot be opened, or the store cannot be asked.
    pub fn open(place: &Path) -> io::Result<Self> {
        #[cfg(feature = "store")]
        if let Some(url) = place.to_str().filter(|text| crate::remote::is_remote(text)) {
            let objects = crate::store::list(url, |_| true).map_err(io::Error::other)?;
            let object = objects.into_iter().next().ok_or(io::ErrorKind::NotFound)?;
            return Ok(Self(Place::Object(CachedObject::new(object))));
        }
        File::open(place).map(Self::of_file)
    }

    pub(crate) fn of_file(file: File) -> Self {
        Self(Place::File(file))
    }

    #[cfg(feature = "store")]
    pub(crate) fn of_object(object: CachedObject) -> Self {
        Self(Place::Object(object))
    }
}

impl Length for TableFile {
    fn len(&self) -> u64 {
        match &self.0 {
            Place::File(file) => Length::len(file),
            #[cfg(feature = "store")]
            Place::Object(object) => object.size_bytes(),
        }
    }
}

impl ChunkReader for TableFile {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(match &self.0 {
            Place::File(file) => Box::new(file.get_read(start)?),
            #[cfg(feature = "store")]
            Place::Object(object) => Box::new(object.reader_at(start)),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match &self.0 {
            Place::File(file) => file.get_bytes(start, length),
            #[cfg(feature = "store")]
            Place::Object(object) => Ok(object.range(start, length)?),
        }
    }
}
