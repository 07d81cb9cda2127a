//! Where a table's bytes come from.

use std::fs::File;
use std::io::Read;

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::ChunkReader;
use parquet::file::reader::Length;

#[cfg(feature = "store")]
use crate::store::CachedObject;

/// A table on disk or in an object store.
pub(crate) enum TableFile {
    File(File),
    #[cfg(feature = "store")]
    Object(CachedObject),
}

impl Length for TableFile {
    fn len(&self) -> u64 {
        match self {
            Self::File(file) => Length::len(file),
            #[cfg(feature = "store")]
            Self::Object(object) => object.size_bytes(),
        }
    }
}

impl ChunkReader for TableFile {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(match self {
            Self::File(file) => Box::new(file.get_read(start)?),
            #[cfg(feature = "store")]
            Self::Object(object) => Box::new(object.reader_at(start)),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self {
            Self::File(file) => file.get_bytes(start, length),
            #[cfg(feature = "store")]
            Self::Object(object) => Ok(object.range(start, length)?),
        }
    }
}
