//! Object stores for whoever reads more from them than logs.

use std::sync::Arc;

use object_store::ObjectStore;

use crate::Error;
use crate::store;

/// Whether a text names something in an object store.
#[must_use]
pub fn is_remote(text: &str) -> bool {
    text.contains("://") && !text.starts_with("file://")
}

/// The store that a URL is in, with credentials from the environment.
///
/// # Errors
/// [`Error::Store`] where the URL is of no known store, or the environment is not enough to open it.
pub fn open(url: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    store::open(url).map(|(store, _, _)| store)
}

/// Whether there is any object below a URL.
///
/// # Errors
/// [`Error::Store`] where the store cannot be asked.
pub fn is_folder(url: &str) -> Result<bool, Error> {
    store::is_folder(url)
}

/// A small object as a whole; `None` where there is none.
///
/// # Errors
/// [`Error::Store`] where the store cannot be read.
pub fn read(url: &str) -> Result<Option<Vec<u8>>, Error> {
    store::read(url)
}

/// The URLs of all objects below a URL whose names end in `suffix`, sorted.
///
/// # Errors
/// [`Error::Store`] where the store cannot be listed.
pub fn list(url: &str, suffix: &str) -> Result<Vec<String>, Error> {
    let objects = store::list(url, |_| true)?;
    let mut urls: Vec<String> = objects.iter().map(store::Object::url).filter(|url| url.ends_with(suffix)).collect();
    urls.sort();
    Ok(urls)
}
