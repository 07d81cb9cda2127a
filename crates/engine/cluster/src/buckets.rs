//! Object stores for the engine: a bucket is opened when its URL is first met.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::DefaultObjectStoreRegistry;
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::object_store::ObjectStore;
use url::Url;

/// Local files, and any bucket that the environment has credentials for.
///
/// Every session has one, here and on a cluster, so that no bucket has to be named before a plan that reads it.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    opened: DefaultObjectStoreRegistry,
}

impl ObjectStoreRegistry for Buckets {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.opened.register_store(url, store)
    }

    fn deregister_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        self.opened.deregister_store(url)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        let known = self.opened.get_store(url);
        if known.is_ok() || !record::remote::is_remote(url.as_str()) {
            return known;
        }
        let store = record::remote::open(url.as_str()).map_err(|error| DataFusionError::External(error.into()))?;
        self.opened.register_store(url, Arc::clone(&store));
        Ok(store)
    }
}
